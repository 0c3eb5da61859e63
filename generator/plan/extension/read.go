package extension

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// A Reader reads values of the contract that have a form of ours. A value that is not of the form is reported, and read
// as if it were absent.
type Reader struct {
	Report *report.Report
}

// Text returns the string v, "" when v is nil.
func (r Reader) Text(v *source.Value, path string) string {
	if v == nil {
		return ""
	}
	if v.Kind != source.String {
		r.Report.Mistake(v.Position, path, fmt.Sprintf("wanted a string, found %s", v.Kind), "")
		return ""
	}
	return v.Text
}

// Texts returns the strings of v, which is one string or a list of them.
func (r Reader) Texts(v *source.Value, path string) []string {
	if v == nil {
		return nil
	}
	if v.Kind != source.Array {
		return []string{r.Text(v, path)}
	}
	var all []string
	for i, item := range v.Items {
		all = append(all, r.Text(item, path+"/"+strconv.Itoa(i)))
	}
	return all
}

// OneOf returns the string v, which must be one of the words, or "" when v is nil.
func (r Reader) OneOf(v *source.Value, path string, allowed ...string) string {
	text := r.Text(v, path)
	if text != "" && !slices.Contains(allowed, text) {
		r.Report.Mistake(v.Position, path, fmt.Sprintf("%q is not known here", text), source.DidYouMean(text, allowed))
		return ""
	}
	return text
}

// Truth returns the boolean v, nil when it is none.
func (r Reader) Truth(v *source.Value, path string) *bool {
	if v.Kind != source.Bool {
		r.Report.Mistake(v.Position, path, fmt.Sprintf("wanted true or false, found %s", v.Kind), "")
		return nil
	}
	return new(v.Text == "true")
}

// Positive returns the whole number v from 1 to high, or 0 when v is nil.
func (r Reader) Positive(v *source.Value, path string, high int64) int {
	if v == nil {
		return 0
	}
	n, ok := v.Integer()
	if !ok || n < 1 || n > high {
		r.Report.Mistake(v.Position, path, fmt.Sprintf("wanted a whole number from 1 to %d, found %s", high, found(v)), "")
		return 0
	}
	return int(n)
}

// found names what v is: a number by its digits, anything else by its kind.
func found(v *source.Value) string {
	if v.Kind == source.Number {
		return v.Text
	}
	return v.Kind.String()
}

// KnownFields reports fields of v that are none of names.
func (r Reader) KnownFields(v *source.Value, path string, names ...string) {
	for _, f := range v.Fields {
		if !slices.Contains(names, f.Name) {
			r.Report.Mistake(f.Position, path+"/"+f.Name, fmt.Sprintf("there is no field %q here", f.Name), source.DidYouMean(f.Name, names))
		}
	}
}
