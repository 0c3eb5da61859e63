package asyncapi

import "github.com/scampgen/scampgen/asyncapi/source"

// A checker holds the values of a contract against the specification: first the shape of each, by the tables in
// shape_*.go, then the rules in rule_*.go, which look at several places at once. It leaves
// schemas and amqp bindings to the decoder, which reports what is wrong with them as it reads them.
type checker struct {
	*decoder
	version version
	seen    map[visit]bool
	foreign bool // in the binding of another protocol, whose references are not followed
}

// A visit is an object held against an entry of objects. Many references may lead to one; it is reported on once.
type visit struct {
	value  *source.Value
	object string
}

// check reports what breaks the specification in a contract whose version is known.
func check(root *source.Value, d *decoder) {
	c := &checker{decoder: d, version: releaseOf(d.document.Version), seen: map[visit]bool{}}
	c.place(root, "a contract", one("contract"))
	for _, r := range rules {
		if r.in.has(c.version) {
			r.check(c, root)
		}
	}
	d.readPending()
}

// wrong reports what is wrong with a value.
func (c *checker) wrong(v *source.Value, message, hint string) {
	c.report(source.Mistake, v, message, hint)
}

// wrongName reports what is wrong with the name of a field.
func (c *checker) wrongName(f source.Field, message, hint string) {
	c.reportName(source.Mistake, f, message, hint)
}

func (c *checker) reportName(severity source.Severity, f source.Field, message, hint string) {
	c.problems.Add(source.Problem{
		Position: f.Position, Severity: severity, Path: f.Value.Pointer(), Message: message, Hint: hint,
	})
}
