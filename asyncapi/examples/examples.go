// Package examples checks the examples and defaults of a contract against their schemas. It needs
// only a Document, so any command can run it.
//
// The package is not stable: it can be imported, but may change in any release.
package examples

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// A checker checks the examples and defaults of a contract against their schemas.
type checker struct {
	isMajor3 bool // the contract is of AsyncAPI 3
	problems *source.Report
	written  *schema.Definitions
	compiler *jsonschema.Compiler
	left     int  // steps that checking may still take
	patterns int  // instructions that the patterns may still have
	unsure   bool // a pattern was asked that package regexp does not have, or that is too large
}

// An example is a value that a schema is to allow.
type example struct {
	schema   *schema.Schema
	value    *source.Value
	what     string
	inSchema bool // it is in the schema itself
}

const exampleDocument = "contract:///schemas.json"

// Check returns a problem for each example and default that its schema does not allow. Those that
// the official validator refuses are mistakes, all others are warnings.
func Check(d *asyncapi.Document) source.Problems {
	found := examplesOf(d)
	if len(found) == 0 {
		return nil
	}
	c := &checker{
		isMajor3: d.Major() == 3, problems: &source.Report{}, written: schema.NewDefinitions(), left: mostSteps, patterns: schema.MaxPatterns,
	}
	c.checkAll(found)
	return c.problems.Problems()
}

func (c *checker) checkAll(examples []example) {
	for _, e := range examples {
		c.written.Add(e.schema)
	}
	if c.written.References > mostReferences {
		c.warn(examples[0].value, "checking examples and defaults against so many schemas would take too long: all are left out")
		return
	}
	c.compiler = jsonschema.NewCompiler()
	c.compiler.DefaultDraft(jsonschema.Draft7)
	c.compiler.UseRegexpEngine(c.regexp)
	if err := c.compiler.AddResource(exampleDocument, c.written.Document()); err != nil {
		panic(err) // we wrote the document, and add it once
	}
	for _, e := range examples {
		if !c.check(e) {
			return
		}
	}
}

// warn reports that examples are left out.
func (c *checker) warn(at *source.Value, message string) {
	c.problems.Add(at.Problem(source.Warning, message, "shorten it, or take it out"))
}

// examplesOf returns all examples and defaults, sorted by position.
func examplesOf(d *asyncapi.Document) []example {
	var all []example
	for s := range d.AllSchemas() {
		if s.Default != nil {
			all = append(all, example{s, s.Default, "the default", true})
		}
		for _, e := range s.Examples {
			all = append(all, example{s, e, "the example", true})
		}
	}
	for m := range d.AllMessages() {
		for _, e := range m.Examples {
			if e.Payload != nil && m.Payload != nil {
				all = append(all, example{m.Payload, e.Payload, "the payload of the example", false})
			}
			if e.Headers != nil && m.Headers != nil {
				all = append(all, example{m.Headers, e.Headers, "the headers of the example", false})
			}
		}
	}
	slices.SortFunc(all, func(x, y example) int {
		return cmp.Or(
			cmp.Compare(x.value.File, y.value.File), cmp.Compare(x.value.Line, y.value.Line),
			cmp.Compare(x.value.Column, y.value.Column), cmp.Compare(x.schema.Path, y.schema.Path),
		)
	})
	return all
}

// check reports what is wrong with one example. It returns false when no more of them can be checked.
func (c *checker) check(e example) bool {
	work := &stepCount{left: min(mostStepsEach, c.left)}
	before := work.left
	done := work.schema(e.schema, e.value, 0)
	c.left -= before - work.left
	switch {
	case c.left <= 0:
		c.warn(e.value, "checking all examples and defaults would take too long: this one and those after it are left out")
		return false
	case !done && leadsToItself(e.schema, map[*schema.Schema]bool{}):
		c.problems.Add(e.value.Problem(source.Warning, e.what+" is not checked: its schema is a part of itself for the same value, so that checking would never end", "take the reference out that leads back to the schema"))
		return true
	case !done:
		c.warn(e.value, "checking "+e.what+" would take too long: left out")
		return true
	}
	schema, err := c.compiler.Compile(exampleDocument + c.written.Pointer(e.schema))
	if err != nil {
		return true // a schema is wrong, which has been reported
	}
	c.unsure = false
	invalid, found := errors.AsType[*jsonschema.ValidationError](schema.Validate(e.value.Plain()))
	if found && !c.unsure {
		c.invalid(e, invalid)
	}
	return true
}

// mostProblems is how many problems of one example are reported.
const mostProblems = 20

// invalid reports what the validator has found, up to mostProblems.
func (c *checker) invalid(e example, found *jsonschema.ValidationError) {
	var problems source.Problems
	for _, f := range c.findings(e, found) {
		p := f.at.Problem(c.severity(e, f.leaf),
			fmt.Sprintf("the schema does not allow %s: %s", e.what, violation{f.leaf.ErrorKind, f.schema, f.at}.in(f.leaf.InstanceLocation)),
			"see the schema at "+keywordPosition(f.schema, f.leaf.ErrorKind).String())
		if slices.Contains(problems, p) {
			continue
		}
		if problems = append(problems, p); len(problems) == mostProblems {
			break
		}
	}
	slices.SortFunc(problems, func(x, y source.Problem) int {
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column), cmp.Compare(x.Message, y.Message), cmp.Compare(x.Hint, y.Hint))
	})
	c.problems.Add(problems...)
}

// A finding is one error of the validator, with what it is about.
type finding struct {
	leaf    *jsonschema.ValidationError
	at      *source.Value
	schema  *schema.Schema
	keyword string
}

// findings returns the errors that say what is wrong, each once, sorted by what they are about: the
// order in which the validator finds them is random.
func (c *checker) findings(e example, found *jsonschema.ValidationError) []finding {
	var all []finding
	for _, leaf := range leaves(found) {
		keyword := strings.Join(leaf.ErrorKind.KeywordPath(), "/")
		if name, ok := leaf.ErrorKind.(*kind.PropertyNames); ok {
			keyword += " " + name.Property
		}
		all = append(all, finding{leaf, within(e.value, leaf.InstanceLocation), c.written.At(leaf.SchemaURL), keyword})
	}
	compare := func(x, y finding) int {
		return cmp.Or(
			cmp.Compare(x.at.Line, y.at.Line), cmp.Compare(x.at.Column, y.at.Column),
			cmp.Compare(x.schema.File, y.schema.File), cmp.Compare(x.schema.Line, y.schema.Line), cmp.Compare(x.schema.Column, y.schema.Column),
			cmp.Compare(x.keyword, y.keyword),
		)
	}
	slices.SortFunc(all, compare)
	return slices.CompactFunc(all, func(x, y finding) bool { return compare(x, y) == 0 })
}

// severity returns Mistake for what the official validator refuses. The validator does not check
// examples of 3.x, nor those of schemas within schemas and of headers, and accepts a number or a
// boolean that is written as a string.
func (c *checker) severity(e example, leaf *jsonschema.ValidationError) source.Severity {
	if c.isMajor3 || e.inSchema && (!officialPath.MatchString(e.schema.Path) || isQuoted(e.value, leaf)) {
		return source.Warning
	}
	return source.Mistake
}

// officialPath matches the paths of the schemas whose own examples and default the official
// validator checks: components, payloads, and schemas of parameters.
var officialPath = regexp.MustCompile(`^/components/schemas/[^/]+$|/payload$|/schema$`)

// isQuoted reports whether an example is a string instead of a number or a boolean that it spells.
func isQuoted(v *source.Value, leaf *jsonschema.ValidationError) bool {
	wrong, ok := leaf.ErrorKind.(*kind.Type)
	if !ok || v.Kind != source.String || len(leaf.InstanceLocation) > 0 {
		return false
	}
	_, notNumber := strconv.ParseFloat(v.Text, 64)
	_, notBool := strconv.ParseBool(v.Text)
	isNumber := slices.Contains(wrong.Want, "number") || slices.Contains(wrong.Want, "integer")
	return isNumber && notNumber == nil || slices.Contains(wrong.Want, "boolean") && notBool == nil
}

// keywordPosition returns the position of the keyword that is violated, or of its schema.
func keywordPosition(s *schema.Schema, broken jsonschema.ErrorKind) source.Position {
	if words := broken.KeywordPath(); len(words) > 0 {
		return s.At(words[0]).Position
	}
	return s.Position
}

// leaves returns the errors that say what is wrong. If no variant matches, these are the errors of
// the variant that has the value's type, when there is exactly one, and otherwise the error that
// none matches. It looks at each error once.
func leaves(err *jsonschema.ValidationError) []*jsonschema.ValidationError {
	isChoice := false
	switch err.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		isChoice = true
	case *kind.Contains, *kind.PropertyNames, *kind.Not:
		return []*jsonschema.ValidationError{err}
	}
	if len(err.Causes) == 0 {
		return []*jsonschema.ValidationError{err}
	}
	var all []*jsonschema.ValidationError
	ofType := 0
	for _, cause := range err.Causes {
		below := leaves(cause)
		if isChoice && isOtherType(below[0], err) {
			continue
		}
		ofType++
		all = append(all, below...)
	}
	if isChoice && ofType != 1 {
		return []*jsonschema.ValidationError{err}
	}
	return all
}

// isOtherType reports whether found is that the value which err is about has another type.
func isOtherType(found, err *jsonschema.ValidationError) bool {
	_, isType := found.ErrorKind.(*kind.Type)
	return isType && len(found.InstanceLocation) == len(err.InstanceLocation)
}

// within returns the value at the end of a path of names and indexes.
func within(v *source.Value, names []string) *source.Value {
	for _, name := range names {
		next := v.Child(name)
		if next == nil {
			return v
		}
		v = next
	}
	return v
}
