package spec

import "github.com/scampgen/scampgen/asyncapi/source"

// A checker checks the values of a contract: first the fields of each object, by the tables, then
// the rules, which look at several objects at once.
type checker struct {
	refs     *source.Resolver
	problems *source.Report
	version  Version
	seen     map[visit]bool
	found    Found
}

// A visit is one object, checked against one entry of objects. Many references may lead to it; its
// problems are reported once.
type visit struct {
	value  *source.Value
	object string
}

// Found is what a check has found in a contract, each once.
type Found struct {
	// Schemas and Headers are the schemas of parameters and of headers, whose format the contract
	// does not name. They include those that no message uses.
	Schemas, Headers []*source.Value
	Unused           []Unused
	Extensions       []Extension // not those of schemas and bindings
}

// Check reports what breaks the specification in a contract of a version. It returns what it found.
func Check(root *source.Value, v Version, refs *source.Resolver, problems *source.Report) Found {
	c := &checker{refs: refs, problems: problems, version: v, seen: map[visit]bool{}}
	c.value(root, "a contract", inline("contract"))
	for _, r := range rules {
		if r.in.has(c.version) {
			r.check(c, root)
		}
	}
	return c.found
}

// mistake reports what is wrong with a value.
func (c *checker) mistake(v *source.Value, message, hint string) {
	c.problems.Add(v.Problem(source.Mistake, message, hint))
}

// mistakeInName reports what is wrong with the name of a field.
func (c *checker) mistakeInName(f source.Field, message, hint string) {
	c.problems.Add(f.Problem(source.Mistake, message, hint))
}
