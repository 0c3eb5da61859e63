package names

import (
	"fmt"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// A Constant is a text of an enum outside payloads: of a server's variable or a parameter.
type Constant struct {
	GoName string
	Value  string
}

// Constants returns the constants of an enum of texts, in the contract's order: the type's name
// with the value, or with the name that x-enum-varnames among extensions gives it. Of two with one
// name the second gets a number. Values said twice are one. texts are the values as they are used;
// if nil, they are used as they are.
func Constants(r extension.Reader, n Namer, typeName string, extensions source.Extensions, values []*source.Value, texts []string) []Constant {
	given := r.Value(extensions, extension.EnumNames)
	words := given.Texts()
	if words != nil && len(words) != len(values) {
		r.Report.Add(given.Problem(source.Mistake, fmt.Sprintf("%d names for %d values", len(words), len(values)), "give each value a name, in the same order"))
		return nil
	}
	var all []Constant
	seen, taken := make(map[string]bool, len(values)), make(map[string]bool, len(values))
	for i, v := range values {
		text := v.Text
		if texts != nil {
			text = texts[i]
		}
		if seen[text] {
			continue
		}
		seen[text] = true
		word := SpellSymbols(text)
		if words != nil {
			word = words[i]
		}
		if word = n.Exported(word); word == "" {
			r.Report.Add(v.Problem(source.Mistake, fmt.Sprintf("value %q cannot be made a Go name", text), "name the values with "+extension.EnumNames))
			continue
		}
		all = append(all, Constant{free(typeName+word, taken), text})
	}
	return all
}

// free returns name, with a number if it is among taken, and adds it to them.
func free(name string, taken map[string]bool) string {
	made := name
	for i := 2; taken[made]; i++ {
		made = name + strconv.Itoa(i)
	}
	taken[made] = true
	return made
}
