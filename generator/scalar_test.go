package generator

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// scalarSchemas has for each kind of scalar a schema that becomes it, and an example.
var scalarSchemas = map[types.RefKind][2]string{
	types.Raw:         {`{}`, `{"a":[1,null]}`},
	types.Bool:        {`{type: boolean}`, `true`},
	types.String:      {`{type: string, maxLength: 3}`, `"a\"b"`},
	types.Int32:       {`{type: integer, format: int32, minimum: -7}`, `-7`},
	types.Int64:       {`{type: integer, multipleOf: 3}`, `9007199254740993`},
	types.Uint32:      {`{type: integer, format: uint32}`, `4294967295`},
	types.Uint64:      {`{type: integer, format: uint64, minimum: 3}`, `18446744073709551615`},
	types.Float32:     {`{type: number, format: float}`, `0.5`},
	types.Float64:     {`{type: number, exclusiveMinimum: 0}`, `0.1`},
	types.Bytes:       {`{type: string, format: byte}`, `"aGk="`},
	types.Time:        {`{type: string, format: date-time}`, `"2026-11-27T10:00:00.5+01:00"`},
	types.Date:        {`{type: string, format: date}`, `"2026-11-27"`},
	types.UUID:        {`{type: string, format: uuid}`, `"2eb8aa08-aa98-11ea-b4aa-73b441d16380"`},
	types.Duration:    {`{type: string, format: duration}`, `"P1DT2H"`},
	types.Decimal:     {`{type: number, format: decimal, minimum: 1}`, `1.10`},
	types.DecimalText: {`{type: string, format: decimal}`, `"1.10"`},
}

// TestScalars walks the kinds of scalars: each, in each place where a value can be, comes back from
// generated code as it was.
func TestScalars(t *testing.T) {
	module := newModule(t, "example.com/golden")
	contract := filepath.Join(module, "contract.yaml")
	put(t, contract, scalarContract(t))
	doc, _ := asyncapi.Load(contract, source.Options{})
	planned, problems := plan.Build(doc, Config{}.planOptions(outputFolder{}))
	if problems != nil {
		t.Fatal(problems)
	}
	for kind := range scalarSchemas {
		all, _ := planned.Type(fmt.Sprintf("Kind%d", kind))
		if len(all.Fields) == 0 || all.Fields[0].Type.Kind != kind {
			t.Errorf("the schema of kind %d becomes another one: %+v", kind, all)
		}
	}
	output, problems, err := Generate(Config{Contract: contract, Out: filepath.Join(module, "out"), Tests: true})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	for _, file := range output.Files {
		put(t, filepath.Join(module, "out", file.Name), string(file.Content))
	}
	command := exec.Command("go", "test", "./out/messages")
	command.Dir = module
	if said, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// scalarContract is a contract with a message for each kind of scalar, and one that is such a scalar.
func scalarContract(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("asyncapi: 3.0.0\ninfo: {title: Scalars, version: 1.0.0}\nchannels:\n  scalars:\n    address: scalars\n    messages:\n")
	for kind := range types.Named { // those that come before it
		schema, example := scalarSchemas[kind][0], scalarSchemas[kind][1]
		if schema == "" {
			t.Errorf("kind %d has no schema here", kind)
			continue
		}
		fmt.Fprintf(&b, `      Kind%[1]d:
        payload:
          type: object
          required: [a-must, d-list]
          properties:
            a-must: %[2]s
            b-may: %[2]s
            c-null: {anyOf: [%[2]s, {type: 'null'}]}
            d-list: {type: array, items: %[2]s}
            e-map: {type: object, additionalProperties: %[2]s}
        examples:
        - payload: {"a-must": %[3]s, "d-list": []}
        - payload: {"a-must": %[3]s, "b-may": %[3]s, "c-null": null, "d-list": [%[3]s, %[3]s, %[3]s], "e-map": {"x": %[3]s, "y": %[3]s}}
        - payload: {"a-must": %[3]s, "c-null": %[3]s, "d-list": [%[3]s], "e-map": {}}
`, kind, schema, example)
		if kind != types.Raw {
			fmt.Fprintf(&b, "      Bare%[1]d:\n        payload: %[2]s\n        examples: [{payload: %[3]s}]\n", kind, schema, example)
		}
	}
	return b.String()
}
