package source

// A Location is where something stands in a contract.
type Location struct {
	Position
	Path string // its JSON pointer, without "#": /channels/orders/address
}

// Problem returns a problem with what stands at l.
func (l Location) Problem(severity Severity, message, hint string) Problem {
	return Problem{Position: l.Position, Severity: severity, Path: l.Path, Message: message, Hint: hint}
}

// Location returns where v stands.
func (v *Value) Location() Location { return Location{v.Position, v.Pointer()} }

// KeyLocation returns where the name stands that v has, its own location when it has none.
func (v *Value) KeyLocation() Location { return Location{v.KeyPosition(), v.Pointer()} }

// Location returns where the name of f stands.
func (f Field) Location() Location { return Location{f.Position, f.Value.Pointer()} }

// Problem returns a problem with v.
func (v *Value) Problem(severity Severity, message, hint string) Problem {
	return v.Location().Problem(severity, message, hint)
}

// Problem returns a problem with the name of f.
func (f Field) Problem(severity Severity, message, hint string) Problem {
	return f.Location().Problem(severity, message, hint)
}
