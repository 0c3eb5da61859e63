package spec

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A difference is one between the tables and the official JSON schemas that is meant to be.
type difference struct {
	in     versionRange   // each of these versions shows it, and no other
	fact   *regexp.Regexp // matches all that a comparison says
	reason string
}

var differences = []difference{
	{
		always, regexp.MustCompile(`^contract\.asyncapi: choices: ours -, `),
		"ReadVersion checks the version before the tables apply",
	},
	{
		only2, regexp.MustCompile(`^(.*\.bindings|components\.\w+(Bindings|Traits)\{\}): reference: ours or a reference, official -$`),
		"the text of the specification allows a reference, and the official parser follows references before it validates",
	},
	{
		fromTo(v24, v24), regexp.MustCompile(`^(components\.serverV|server\.v)ariables\{\}: reference: ours or a reference, official -$`),
		"the text of the specification allows a reference, and so does the JSON schema since 2.5",
	},
	{
		only2, regexp.MustCompile(`^components\.\w+: names: ours \S+, official -$`),
		"the text of the specification wants these names in all of components; others get a warning",
	},
	{
		fromTo(v23, v26), regexp.MustCompile(`^components\.channels: names: ours \S+, official uri-template$`),
		"the text of the specification wants these names in all of components; others get a warning",
	},
	{
		always, regexp.MustCompile(`^contract\.servers: names: ours \S+, official -$`),
		"the text of the specification wants these names; others get a warning",
	},
	{
		only2, regexp.MustCompile(`\.tags: unique: ours name, official items$`),
		"the text of the specification wants each name once, which the JSON schema cannot say",
	},
	{
		always, regexp.MustCompile(`\.parameters\{\}: kinds: ours object, official -$`),
		"the JSON schema of a parameter says what fields it has, and forgets to say that it is an object",
	},
	{
		fromTo(v21, v21), regexp.MustCompile(`^message trait\.examples\[\]: fields are listed: ours false, official true$`),
		"the JSON schemas of 2.2 to 2.5 do not list these fields any more",
	},
	{
		only3, regexp.MustCompile(`^message\.traits\[\]: more: ours -, official array$`),
		"a trait in an array with parameters is not in the text of the specification",
	},
	{
		only3, regexp.MustCompile(`^info\.x-(linkedin|x): is a field: ours false, official true$`),
		"an extension of the official catalogue, which is not checked, like all extensions",
	},
	{
		only3, regexp.MustCompile(`^\w+ bindings\.(mercure|mqtt5): is a field: ours true, official false$`),
		"the text of the specification lists the protocol",
	},
	{
		only3, regexp.MustCompile(`^(message|operation) bindings\.pulsar: is a field: ours true, official false$`),
		"the text of the specification lists the protocol",
	},
	{
		fromTo(v31, v31), regexp.MustCompile(`^(channel|message) bindings\.ros2: is a field: ours true, official false$`),
		"the specification of the binding has all four objects",
	},
}

// The tables and the official JSON schemas say the same of every object in every version, except for
// the differences.
func TestOfficial(t *testing.T) {
	forms := officialForms(t)
	shown := map[*difference]map[Version]bool{}
	for version, official := range forms {
		for _, fact := range factsOf(objects, version, official) {
			d := differenceOf(fact, version)
			if d == nil {
				t.Errorf("%s: %s", version, fact)
				continue
			}
			if shown[d] == nil {
				shown[d] = map[Version]bool{}
			}
			shown[d][version] = true
		}
	}
	for i := range differences {
		d := &differences[i]
		for version := range forms {
			if d.in.has(version) && !shown[d][version] {
				t.Errorf("%s no longer shows the difference %s", version, d.fact)
			}
		}
	}
}

// officialForms returns the form of a contract in the official JSON schema of each version.
func officialForms(t *testing.T) map[Version]form {
	t.Helper()
	forms := map[Version]form{}
	for _, text := range versions {
		if v := versionOf(text); forms[v].object == nil {
			forms[v] = readOfficial(t, text)
		}
	}
	return forms
}

// factsOf returns in what the tables of objects differ from an official form.
func factsOf(tables map[string]object, version Version, official form) []string {
	c := &comparison{done: map[string]bool{}}
	c.forms("contract", ours{tables, version}.form(inline("contract")), official)
	return c.facts
}

// differenceOf returns the difference that a fact shows, nil when it shows none.
func differenceOf(fact string, version Version) *difference {
	for i, d := range differences {
		if d.in.has(version) && d.fact.MatchString(fact) {
			return &differences[i]
		}
	}
	return nil
}

// A mutant changes one fact of the tables. Each kind of fact has one.
type mutant struct {
	name   string
	object string
	change func(o *object)
}

var mutants = []mutant{
	{"a field is missing", "server", func(o *object) { o.fields = o.fields[1:] }},
	{"a field too many", "tag", func(o *object) { o.fields = append(o.fields, field{"color", always, optional, text}) }},
	{"a field is not required", "info", row("title", func(f *field) { f.presence = optional })},
	{"a field is required", "reply", row("channel", func(f *field) { f.presence = required })},
	{"a field comes too late", "channel", row("servers", func(f *field) { f.in.from++ })},
	{"a field stays too long", "operation", row("operationId", func(f *field) { f.in.to = v30 })},
	{"another kind", "message", row("deprecated", func(f *field) { f.is = text })},
	{"one kind too few", "channel", row("address", func(f *field) { f.is = valueType{kinds: of(source.Null)} })},
	{"a choice is missing", "operation", row("action", func(f *field) { f.is = choice("send") })},
	{"a choice too many", "security by HTTP API key", row("in", func(f *field) { f.is = choice("header", "query", "cookie", "body") })},
	{"no format", "contact", row("email", func(f *field) { f.is = text })},
	{"another format", "license", row("url", func(f *field) { f.is = formatted(email) })},
	{"no reference", "message", row("correlationId", func(f *field) { f.is.reference = forbidden })},
	{"a reference", "contract", row("info", func(f *field) { f.is.reference = allowed })},
	{"an object where only a reference is allowed", "reply", row("channel", func(f *field) { f.is.reference = allowed })},
	{"another object", "operation", row("reply", func(f *field) { f.is.object = "reply address" })},
	{"another item", "server variable", row("examples", func(f *field) { f.is = listOf(boolean) })},
	{"items may repeat", "server variable", row("enum", func(f *field) { f.is = texts })},
	{"items may not repeat", "server variable", row("examples", func(f *field) { f.is = setOf(text) })},
	{"other values of a map", "token flow", row("scopes", func(f *field) { f.is = mapOf(boolean) })},
	{"other names of a map", "components", row("tags", func(f *field) { f.is.keys = addressTemplate })},
	{"any names of a map", "components", row("securitySchemes", func(f *field) { f.is.keys = nil })},
	{"no schema", "message", row("payload", func(f *field) { f.is = text })},
	{"no headers", "message trait", row("headers", func(f *field) { f.is = notNull })},
	{"no binding", "channel bindings", func(o *object) { o.fields = append(slices.Clone(o.fields[1:]), field{"amqp", always, optional, text}) }},
	{"other fields are allowed", "channel", func(o *object) { o.open = always }},
	{"other fields are not allowed", "channel bindings", func(o *object) { o.open = versionRange{} }},
	{"no extensions", "tag", func(o *object) { o.noExtensions = true }},
	{"extensions", "message example", func(o *object) { o.noExtensions = false }},
	{"none of the fields is required", "message example", func(o *object) { o.anyOf = anyOf{} }},
	{"one of other fields is required", "message example", func(o *object) { o.anyOf.fields = []string{"name", "payload"} }},
	{"a variant is missing", "security scheme", func(o *object) { o.variants = o.variants[1:] }},
	{"a variant comes too early", "security scheme", func(o *object) {
		o.variants = slices.Clone(o.variants)
		o.variants[4].in = always // "plain"
	}},
	{"a type is missing", "security scheme", func(o *object) {
		o.fields = []field{{"type", always, required, choice("userPassword", "apiKey")}}
	}},
	{"a variant is another", "security by HTTP", func(o *object) { o.variants = []variant{{"scheme", "bearer", always, "security by API key"}} }},
	{"no variant", "message", func(o *object) { o.variants = nil }},
}

// row returns the change of the first row of a field.
func row(name string, change func(f *field)) func(o *object) {
	return func(o *object) {
		o.fields = slices.Clone(o.fields)
		i := slices.IndexFunc(o.fields, func(f field) bool { return f.name == name })
		change(&o.fields[i])
	}
}

// Every change of a fact in the tables is found.
func TestOfficialFindsMutants(t *testing.T) {
	forms := officialForms(t)
	for _, m := range mutants {
		tables := maps.Clone(objects)
		o := tables[m.object]
		m.change(&o)
		tables[m.object] = o
		found := ""
		for version, official := range forms {
			for _, fact := range factsOf(tables, version, official) {
				if differenceOf(fact, version) == nil {
					found = version.String() + ": " + fact
				}
			}
		}
		if found == "" {
			t.Errorf("%s: %s is not found", m.object, m.name)
		}
		t.Logf("%s: %s: %s", m.object, m.name, found)
	}
}
