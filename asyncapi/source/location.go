package source

// A Location is where something is in a contract.
type Location struct {
	Position
	Path string // its JSON pointer, without "#": /channels/orders/address
}

// Problem returns a problem at l.
func (l Location) Problem(severity Severity, message, hint string) Problem {
	return Problem{Position: l.Position, Severity: severity, Path: l.Path, Message: message, Hint: hint}
}

// Location returns the location of v.
func (v *Value) Location() Location { return Location{v.Position, v.Pointer()} }

// KeyLocation returns the location of the name of v, or of v itself when it has no name.
func (v *Value) KeyLocation() Location { return Location{v.KeyPosition(), v.Pointer()} }

// Location returns the location of the name of f.
func (f Field) Location() Location { return Location{f.Position, f.Value.Pointer()} }

// Problem returns a problem with v.
func (v *Value) Problem(severity Severity, message, hint string) Problem {
	return v.Location().Problem(severity, message, hint)
}

// Problem returns a problem with the name of f.
func (f Field) Problem(severity Severity, message, hint string) Problem {
	return f.Location().Problem(severity, message, hint)
}
