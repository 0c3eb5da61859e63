package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Reader reads values of known types. A value of another type is reported, and read as if it were
// absent.
type Reader struct {
	Report Reporter
	Refs   *Resolver // follows references in the fields of objects; nil: a reference is an object
	// Lenient reads what is probably meant, with a warning: names that differ only in case, "_",
	// "-" and ":", and values that are none of the choices.
	Lenient bool
}

// A Reporter collects problems.
type Reporter interface{ Add(problems ...Problem) }

// Read returns v when it is of a type. Otherwise it reports v and returns nil. It returns nil when
// v is nil.
func (r Reader) Read(v *Value, t Type) *Value {
	return r.read(v, Row{Is: t})
}

func (r Reader) read(v *Value, row Row) *Value {
	if v == nil {
		return nil
	}
	severity := Mistake
	if r.Lenient && !row.Strict {
		severity = Warning
	}
	wrong := func(v *Value, wanted, found, hint string) {
		r.Report.Add(v.Problem(severity, fmt.Sprintf("%s must be %s, found %s", v.subject(), wanted, found), hint))
	}
	t := row.Is
	switch t.kind {
	case textsType, textOrTextsType:
		return r.texts(v, t, wrong)
	case choiceType:
		return r.choice(v, t, wrong)
	}
	if !t.has(v) {
		wrong(v, t.String(), t.found(v), cmp.Or(t.hint, t.unquoted(v)))
		return nil
	}
	if t.most > 0 && v.Kind == String && int64(len(v.Text)) > t.most {
		wrong(v, fmt.Sprintf("a string of %d bytes at most", t.most), fmt.Sprintf("%d bytes", len(v.Text)), t.hint)
	}
	return v
}

// has reports whether v is of a type that is neither a choice nor a list of strings.
func (t Type) has(v *Value) bool {
	switch t.kind {
	case textType:
		return v.Kind == String
	case wordType:
		return v.Kind == String && v.Text != ""
	case flagType:
		return v.Kind == Bool
	case integerType:
		n, ok := v.Integer()
		return ok && t.least <= n && n <= t.most
	case decimalType:
		return v.Kind == Number
	case countType:
		return v.isCount()
	case mapType:
		return v.Kind == Object
	case listType:
		return v.Kind == Array
	case textOrMapType:
		return v.Kind == String || v.Kind == Object
	default:
		return true
	}
}

// unquoted returns a hint if v is a string and would be of the type without quotation marks.
func (t Type) unquoted(v *Value) string {
	if v.Kind != String {
		return ""
	}
	bare := *v
	bare.Kind = Number
	if v.Text == "true" || v.Text == "false" {
		bare.Kind = Bool
	}
	if bare.Kind == Number && !isDigits(v.Text) || !t.has(&bare) {
		return ""
	}
	return "write " + v.Text + ", without quotation marks"
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// found describes v in a message: a number by its digits where another number is wanted, an empty
// string as one, and anything else by its kind.
func (t Type) found(v *Value) string {
	switch {
	case (t.kind == integerType || t.kind == countType) && v.Kind == Number:
		return v.Text
	case t.kind == wordType && v.Kind == String:
		return "an empty one"
	}
	return v.Kind.String()
}

// choice reads a string that must be one of several.
func (r Reader) choice(v *Value, t Type, wrong func(v *Value, wanted, found, hint string)) *Value {
	switch {
	case v.Kind != String:
		wrong(v, t.String(), v.Kind.String(), t.hint)
		return nil
	case slices.Contains(t.choices, v.Text):
		return v
	}
	if r.Lenient {
		for _, c := range t.choices {
			if plainName(v.Text) == plainName(c) {
				r.Report.Add(v.Problem(Warning, fmt.Sprintf("%q is read as %q", v.Text, c), fmt.Sprintf("write %q", c)))
				return v.WithText(c)
			}
		}
	}
	wrong(v, t.String(), fmt.Sprintf("%q", v.Text), cmp.Or(t.hint, Nearest(v.Text, t.choices)))
	if r.Lenient {
		return v
	}
	return nil
}

// texts reads a list of strings. A single string is read as a list of one, and reported if the type
// does not allow that.
func (r Reader) texts(v *Value, t Type, wrong func(v *Value, wanted, found, hint string)) *Value {
	switch {
	case v.Kind == String:
		if t.kind == textsType {
			wrong(v, t.String(), v.Kind.String(), fmt.Sprintf("write [%q]", v.Text))
		}
		return v
	case v.Kind != Array:
		wrong(v, t.String(), v.Kind.String(), t.hint)
		return nil
	}
	for _, item := range v.Items {
		if item.Kind != String {
			wrong(item, String.WithArticle(), item.Kind.String(), "")
		}
	}
	return v
}

// Texts returns the strings of a value that is one string or a list.
func (v *Value) Texts() []string {
	if v == nil {
		return nil
	}
	if v.Kind == String {
		return []string{v.Text}
	}
	var texts []string
	for _, item := range v.Items {
		if item.Kind == String {
			texts = append(texts, item.Text)
		}
	}
	return texts
}

// subject names v as the subject of a message: by its key, or as an item.
func (v *Value) subject() string {
	switch {
	case v.parent == nil:
		return "the file"
	case v.parent.Kind == Array:
		return fmt.Sprintf("item %s of %s", v.Key(), v.parent.subject())
	default:
		return fmt.Sprintf("%q", v.Key())
	}
}

// Object reads an object by a table. It reports fields that the table does not have, and values
// that are not of their types. Extensions are ignored unless the table has a row for them. It
// returns no fields when v is nil, or, after reporting it, when v is not an object.
func (r Reader) Object(v *Value, t *Table) Fields {
	f := Fields{t, map[string]*Value{}}
	if v = r.Read(v, Map); v == nil {
		return f
	}
	l := &lookup{reader: r, object: v, taken: map[string]bool{}}
	for _, row := range t.Rows {
		found := l.field(row.Name)
		if found == nil && row.Required && !v.HasNearly(row.Name, t.names()) {
			r.Report.Add(v.Problem(Mistake, fmt.Sprintf("%s must have %q", t.Title, row.Name), ""))
		}
		if value := r.read(found, row); value != nil {
			f.values[row.Name] = value
		}
	}
	r.unknown(v, t, l.taken)
	return f
}

// Field returns the field of an object, nil when there is none.
func (r Reader) Field(object *Value, name string) *Value {
	l := &lookup{reader: r, object: object, taken: map[string]bool{}}
	return l.field(name)
}

// A lookup finds the fields of one object.
type lookup struct {
	reader Reader
	object *Value
	taken  map[string]bool  // names of the fields that were found
	plain  map[string]Field // by their plain names; made when needed
}

// field returns the value of a field. A lenient reader also accepts a name that differs only in
// capitals, "_", "-" and ":".
func (l *lookup) field(name string) *Value {
	if l.reader.Lenient && l.object.Get(name) == nil {
		if l.plain == nil {
			l.plain = plainNames(l.object)
		}
		f, ok := l.plain[plainName(name)]
		if !ok || l.taken[f.Name] {
			return nil
		}
		l.reader.Report.Add(f.Problem(Warning, fmt.Sprintf("%q is read as %q", f.Name, name), fmt.Sprintf("write %q", name)))
		name = f.Name
	}
	l.taken[name] = true
	if l.reader.Refs != nil {
		return l.reader.Refs.Field(l.object, name)
	}
	return l.object.Get(name)
}

// unknown reports the fields of an object that have not been read, except extensions.
func (r Reader) unknown(v *Value, t *Table, taken map[string]bool) {
	names := t.names()
	for _, f := range v.Fields {
		if taken[f.Name] || IsExtension(f.Name) {
			continue
		}
		message, severity := fmt.Sprintf("%q is not a field of %s", f.Name, t.Title), Mistake
		if t.Open || r.Lenient {
			message, severity = message+" and is ignored", Warning
		}
		r.Report.Add(f.Problem(severity, message, cmp.Or(t.hintFor(f.Name), Nearest(f.Name, names), allOf(names))))
	}
}

// hintFor returns the hint for a field that the object does not have, "" when there is none.
func (t *Table) hintFor(name string) string {
	for hinted, hint := range t.Hints {
		if plainName(hinted) == plainName(name) {
			return hint
		}
	}
	return ""
}

// plainNames returns the fields of an object by their plain names. If several have the same, the
// first one counts.
func plainNames(v *Value) map[string]Field {
	all := make(map[string]Field, len(v.Fields))
	for _, f := range slices.Backward(v.Fields) {
		all[plainName(f.Name)] = f
	}
	return all
}

// plainName returns a name in lower case without "_", "-" and ":".
func plainName(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune("_-:", r) {
			return -1
		}
		return r
	}, name))
}
