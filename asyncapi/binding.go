package asyncapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A binding reads the fields of one object of an amqp binding. In 3.x it holds to the
// specification, as the official validator does. In 2.x nobody ever checked amqp
// bindings, so what is wrong there is a warning, and what is meant is read.
type binding struct {
	*decoder
	value *source.Value
	what  string                  // for messages: "amqp channel binding"
	open  bool                    // fields that are not known are allowed, as in exchange and queue
	known []string                // fields that have been asked for
	hints map[string]string       // what to do about fields that are in other versions or objects
	read  []string                // names of the fields that were taken for them
	plain map[string]source.Field // by their plain names; made when needed
}

// binding returns the object of the protocol amqp in a field "bindings", nil when there is none.
func (d *decoder) binding(bindings *source.Value, what string) *binding {
	object, ok := d.refs.Resolve(bindings)
	if !ok || object.Kind != source.Object {
		return nil
	}
	protocols := &binding{decoder: d, value: object, what: "bindings", open: true}
	amqp := protocols.field("amqp")
	if amqp == nil {
		return nil
	}
	b := &binding{decoder: d, value: amqp, what: what}
	if amqp.Kind != source.Object {
		b.wrong(amqp, fmt.Sprintf("the %s must be an object, found %s", what, amqp.Kind), "")
		return nil
	}
	return b
}

// wrong reports what breaks the binding's specification.
func (b *binding) wrong(v *source.Value, message, hint string) {
	severity := source.Mistake
	if b.major == 2 {
		severity = source.Warning
	}
	b.report(severity, v, message, hint)
}

// field returns the value of a field. In 2.x names in snake_case, other case or as Ruby symbols are taken too.
func (b *binding) field(name string) *source.Value {
	b.known = append(b.known, name)
	if v := b.value.Get(name); v != nil {
		b.read = append(b.read, name)
		return b.refs.Field(b.value, name)
	}
	if b.major != 2 {
		return nil
	}
	f, ok := b.alike(name)
	if !ok || slices.Contains(b.read, f.Name) {
		return nil
	}
	b.read = append(b.read, f.Name)
	b.reportName(source.Warning, f, fmt.Sprintf("%q is read as %q", f.Name, name), fmt.Sprintf("write %q", name))
	return b.refs.Field(b.value, f.Name)
}

// alike returns the first field whose name differs from a name in nothing that people write differently.
func (b *binding) alike(name string) (source.Field, bool) {
	if b.plain == nil {
		b.plain = make(map[string]source.Field, len(b.value.Fields))
		for _, f := range slices.Backward(b.value.Fields) {
			b.plain[plainName(f.Name)] = f
		}
	}
	f, ok := b.plain[plainName(name)]
	return f, ok
}

func (b *binding) reportName(severity source.Severity, f source.Field, message, hint string) {
	b.problems.Add(source.Problem{
		Position: f.Position, Severity: severity, Path: f.Value.Pointer(), Message: message, Hint: hint,
	})
}

// plainName returns a name without what people write differently.
func plainName(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune("_-:", r) {
			return -1
		}
		return r
	}, name))
}

// rest reports the fields that nothing has asked for, other than extensions.
func (b *binding) rest() {
	for _, f := range b.value.Fields {
		if slices.Contains(b.read, f.Name) || source.IsExtension(f.Name) {
			continue
		}
		message, severity := fmt.Sprintf("%q is no field of the %s", f.Name, b.what), source.Mistake
		if b.open || b.major == 2 {
			message, severity = message+" and is ignored", source.Warning
		}
		b.reportName(severity, f, message, cmp.Or(b.hints[f.Name], source.DidYouMean(f.Name, b.known)))
	}
}

func (b *binding) expect(name string, want source.Kind) *source.Value {
	v := b.field(name)
	if v == nil || v.Kind == want {
		return v
	}
	b.wrong(v, fmt.Sprintf("%q must be %s, found %s", name, want.WithArticle(), v.Kind), "")
	return nil
}

func (b *binding) text(name string) string {
	if v := b.expect(name, source.String); v != nil {
		return v.Text
	}
	return ""
}

// name reads the name of a queue or exchange: at most 255 bytes, as AMQP carries them.
func (b *binding) name() (name string, has bool) {
	v := b.expect("name", source.String)
	if v == nil {
		return "", false
	}
	if len(v.Text) > 255 {
		b.wrong(v, fmt.Sprintf("the name has %d bytes, AMQP allows 255", len(v.Text)), "")
	}
	return v.Text, true
}

// oneOf reads a string that must be one of several. In 2.x ":routing_key" is read as "routingKey", and
// what is none of them is returned as it is.
func (b *binding) oneOf(name string, choices ...string) string {
	v := b.expect(name, source.String)
	if v == nil || slices.Contains(choices, v.Text) {
		if v == nil {
			return ""
		}
		return v.Text
	}
	if b.major == 2 {
		for _, c := range choices {
			if plainName(v.Text) == plainName(c) {
				b.report(source.Warning, v, fmt.Sprintf("%q is read as %q", v.Text, c), fmt.Sprintf("write %q", c))
				return c
			}
		}
	}
	b.wrong(v, fmt.Sprintf("%q must be one of %s, found %q", name, strings.Join(choices, ", "), v.Text), source.Nearest(v.Text, choices))
	return v.Text
}

func (b *binding) flag(name string) *bool {
	v := b.expect(name, source.Bool)
	if v == nil {
		return nil
	}
	return new(v.Text == "true")
}

// integer reads an integer from least to most.
func (b *binding) integer(name string, least, most int64) *int {
	v := b.expect(name, source.Number)
	if v == nil {
		return nil
	}
	n, ok := v.Integer()
	if !ok || n < least || n > most {
		b.wrong(v, fmt.Sprintf("%q must be an integer from %d to %d, found %s", name, least, most, v.Text), "")
		return nil
	}
	return new(int(n))
}

// texts reads a list of strings. A string alone is a list of one: 5 of 11 public contracts with cc write it so.
func (b *binding) texts(name string, alone bool) []string {
	v := b.field(name)
	switch {
	case v == nil:
		return nil
	case v.Kind == source.String:
		if !alone {
			b.wrong(v, fmt.Sprintf("%q must be an array of strings, found a string", name), fmt.Sprintf("write [%q]", v.Text))
		}
		return []string{v.Text}
	case v.Kind != source.Array:
		b.wrong(v, fmt.Sprintf("%q must be an array of strings, found %s", name, v.Kind), "")
		return nil
	}
	var texts []string
	for _, item := range v.Items {
		if item.Kind != source.String {
			b.wrong(item, fmt.Sprintf("%q must be an array of strings, found %s in it", name, item.Kind), "")
			continue
		}
		texts = append(texts, item.Text)
	}
	return texts
}

// version reads and checks the version of the binding.
func (b *binding) version() string {
	v := b.expect("bindingVersion", source.String)
	if v == nil {
		return ""
	}
	read := []string{"0.3.0"}
	if b.major == 2 {
		read = []string{"0.1.0", "0.2.0", "0.3.0", "latest"}
	}
	if !slices.Contains(read, v.Text) {
		b.wrong(v, fmt.Sprintf("version %q of the %s is not read", v.Text, b.what), "write "+strings.Join(read, ", ")+", or leave bindingVersion out")
	}
	return v.Text
}
