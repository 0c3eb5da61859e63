package asyncapi

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// An exampleCheck holds the examples and defaults of a contract against their schemas.
type exampleCheck struct {
	schemas  *jsonSchemas
	compiler *jsonschema.Compiler // nil when the schemas cannot be compiled
	costs    map[*Schema]int
	severity Severity
	problems *Problems
}

const exampleDocument = "contract:///schemas.json"

// checkExamples reports examples and defaults that their schemas do not allow. Those that the official validator refuses are
// mistakes; what it does not look at is a warning: 3.x, schemas within schemas, and numbers and booleans written as strings.
func (d *decoder) checkExamples() {
	c := &exampleCheck{
		schemas: &jsonSchemas{map[*Schema]string{}, map[string]any{}}, costs: map[*Schema]int{}, problems: d.problems,
	}
	if d.major == 3 {
		c.severity = Warning
	}
	examples := d.examples()
	for _, e := range examples {
		c.schemas.definition(e.schema)
	}
	if len(examples) == 0 || !c.compile() {
		return
	}
	for _, e := range examples {
		c.check(e)
	}
}

// An exampleOf is a value that a schema is to allow.
type exampleOf struct {
	schema *Schema
	value  *Value
	path   string
	what   string

	inSchema bool // it stands in the schema itself
}

// examples returns all examples and defaults, sorted by position.
func (d *decoder) examples() []exampleOf {
	var all []exampleOf
	for _, s := range d.schemas {
		if s.Default != nil {
			all = append(all, exampleOf{s, s.Default, s.Path + "/default", "the default", true})
		}
		for _, e := range s.Examples {
			all = append(all, exampleOf{s, e, s.Path + "/examples", "the example", true})
		}
	}
	for _, m := range d.messages {
		for _, e := range m.Examples {
			if e.Payload != nil && m.Payload != nil {
				all = append(all, exampleOf{m.Payload, e.Payload, m.Path + "/examples", "the example's payload", false})
			}
			if e.Headers != nil && m.Headers != nil {
				all = append(all, exampleOf{m.Headers, e.Headers, m.Path + "/examples", "the example's headers", false})
			}
		}
	}
	slices.SortFunc(all, func(x, y exampleOf) int {
		return cmp.Or(cmp.Compare(x.value.File, y.value.File), cmp.Compare(x.value.Line, y.value.Line), cmp.Compare(x.value.Column, y.value.Column), cmp.Compare(x.path, y.path))
	})
	return all
}

// compile prepares the validator. It returns false for schemas that the validator does not take; they are checked elsewhere.
func (c *exampleCheck) compile() bool {
	c.compiler = jsonschema.NewCompiler()
	c.compiler.DefaultDraft(jsonschema.Draft7)
	c.compiler.UseRegexpEngine(lenientRegexp)
	return c.compiler.AddResource(exampleDocument, map[string]any{"definitions": c.schemas.definitions}) == nil
}

func (c *exampleCheck) check(e exampleOf) {
	if c.tooDear(e) {
		return
	}
	schema, err := c.compiler.Compile(exampleDocument + c.schemas.definition(e.schema))
	if err != nil {
		return
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](schema.Validate(e.value.plain()))
	if !ok {
		return
	}
	severity := c.severity
	if e.inSchema && (strings.Contains(e.path, "/properties/") || e.value.Kind == String) {
		severity = Warning
	}
	leaf := firstLeaf(invalid)
	at := e.value.within(leaf.InstanceLocation)
	*c.problems = append(*c.problems, Problem{
		Position: at.Position, Severity: severity, Path: e.path,
		Message: fmt.Sprintf("%s is not as its schema says%s: %s", e.what, exampleAt(leaf.InstanceLocation), leafText(leaf)),
	})
}

// mostSteps and deepestValue bound what checking one example can cost: a small hostile schema can ask for a number of steps
// that doubles with each of its levels, and one within itself with each level of the example.
const (
	mostSteps    = 10_000
	deepestValue = 16
)

// tooDear says whether checking e might take longer than anybody waits.
func (c *exampleCheck) tooDear(e exampleOf) bool {
	return c.cost(e.schema) > mostSteps || e.value.depth() > deepestValue
}

// cost returns how many ways there are down from s, at most somewhat more than mostSteps.
func (c *exampleCheck) cost(s *Schema) int {
	if known, ok := c.costs[s]; ok {
		return known
	}
	c.costs[s] = 1 // what s is within itself
	sum := 1
	for _, part := range s.parts() {
		if sum += c.cost(part); sum > mostSteps {
			break
		}
	}
	c.costs[s] = sum
	return sum
}

// depth returns how deep arrays and objects are nested in v.
func (v *Value) depth() int {
	deepest := 0
	for _, item := range v.Items {
		deepest = max(deepest, item.depth())
	}
	for _, f := range v.Fields {
		deepest = max(deepest, f.Value.depth())
	}
	return deepest + 1
}

// within returns the value at the end of a path of names and indexes.
func (v *Value) within(path []string) *Value {
	for _, token := range path {
		next := v.Get(token)
		for i, item := range v.Items {
			if fmt.Sprint(i) == token {
				next = item
			}
		}
		if next == nil {
			return v
		}
		v = next
	}
	return v
}

// exampleAt says where in an example something is wrong.
func exampleAt(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return " at /" + strings.Join(path, "/")
}

// firstLeaf returns the first error that has no cause of its own.
func firstLeaf(err *jsonschema.ValidationError) *jsonschema.ValidationError {
	for len(err.Causes) > 0 {
		err = err.Causes[0]
	}
	return err
}

// leafText returns what is wrong, without the place.
func leafText(leaf *jsonschema.ValidationError) string {
	text := leaf.Error()
	if _, line, ok := strings.Cut(text, "\n- at '"); ok {
		text = line
	}
	if _, reason, ok := strings.Cut(text, "': "); ok {
		text = reason
	}
	return strings.Join(strings.Fields(text), " ")
}

// A lenientPattern is a pattern that package regexp does not have: it matches everything.
type lenientPattern string

func (p lenientPattern) MatchString(string) bool { return true }

func (p lenientPattern) String() string { return string(p) }

func lenientRegexp(pattern string) (jsonschema.Regexp, error) {
	if compiled, err := regexp.Compile(pattern); err == nil {
		return compiled, nil
	}
	return lenientPattern(pattern), nil
}
