package spec

import "github.com/scampgen/scampgen/asyncapi/source"

// A checker holds the values of a contract against the specification: first the fields of each object, by the tables of objects,
// then the rules, which look at several objects at once. It leaves the content of schemas and of amqp bindings to those who read them.
type checker struct {
	refs     *source.Resolver
	problems *source.Report
	version  Version
	seen     map[visit]bool
	foreign  bool // in the binding of another protocol, whose references are not followed
	found    Schemas
}

// A visit is an object held against an entry of objects. Many references may lead to one; it is reported on once.
type visit struct {
	value  *source.Value
	object string
}

// Schemas are the values that stand where the specification has a schema and does not name its format: those of parameters and of
// headers, also where no message leads to them.
type Schemas struct{ Schemas, Headers []*source.Value }

// Check reports what breaks the specification in a contract of a version. It returns the schemas that it has met.
func Check(root *source.Value, v Version, refs *source.Resolver, problems *source.Report) Schemas {
	c := &checker{refs: refs, problems: problems, version: v, seen: map[visit]bool{}}
	c.value(root, "a contract", one("contract"))
	for _, r := range rules {
		if r.in.has(c.version) {
			r.check(c, root)
		}
	}
	return c.found
}

// wrong reports what is wrong with a value.
func (c *checker) wrong(v *source.Value, message, hint string) {
	c.problems.Add(v.Problem(source.Mistake, message, hint))
}

// wrongName reports what is wrong with the name of a field.
func (c *checker) wrongName(f source.Field, message, hint string) {
	c.problems.Add(f.Problem(source.Mistake, message, hint))
}
