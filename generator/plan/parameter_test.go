package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/generator/plan"
)

// parametersOf writes what the messages of a plan have as parameters, one message a line.
func parametersOf(p *plan.Plan) string {
	var b strings.Builder
	for _, c := range p.Clients {
		for _, m := range c.Messages {
			fmt.Fprintf(&b, "%s.%s", c.Package.Name, m.GoName)
			if m.Parameters != nil {
				fmt.Fprintf(&b, " %s", m.Parameters.GoName)
				for _, f := range m.Parameters.Fields {
					fmt.Fprintf(&b, " %s", f.GoName)
				}
			}
			if m.HandlesParameters {
				b.WriteString(" handled")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// TestParameters decides which parameters the methods of clients have.
func TestParameters(t *testing.T) {
	const m = ` messages: {M: {payload: {type: object, properties: {a: {type: string}}}}},`
	topic := func(more string) string {
		return ` bindings: {amqp: {is: routingKey, exchange: {name: x, type: topic}` + more + `}}}`
	}
	for name, c := range map[string]struct{ channels, want, note string }{
		"a queue that is given": {
			`one: {address: 's.{a}',` + m + topic(""),
			"sa.M Parameters A handled\n", "",
		},
		"two addresses with the same parameters": {
			`one: {address: 's.{a}',` + m + topic(", x-queue: q") + "\n  two: {address: 't.{a}'," + strings.ReplaceAll(m, "M:", "N:") + topic(", x-queue: q"),
			"q.M Parameters A handled\nq.N Parameters A handled\n", "",
		},
		"a message of two addresses": {
			`one: {address: 's.{a}', messages: {M: &m {payload: {type: object}}},` + topic("") + "\n  two: {address: 't.{a}', messages: {M: *m}," + topic("") + `
operations:
  a: {action: receive, channel: {$ref: '#/channels/one'}, bindings: {amqp: {x-queue: q}}}
  b: {action: receive, channel: {$ref: '#/channels/one'}, bindings: {amqp: {x-queue: r}}}
  c: {action: receive, channel: {$ref: '#/channels/two'}, bindings: {amqp: {x-queue: q}}}
  d: {action: receive, channel: {$ref: '#/channels/two'}, bindings: {amqp: {x-queue: r}}}`,
			"q.M\nr.M\nsa.M Parameters A\nta.M Parameters A\n", "the message comes with several routing keys",
		},
		"several keys": {
			`one: {address: 's.{a}',` + m + topic(", x-queue: q, x-routing-key: ['s.{a}', 't.{a}']"),
			"q.M Parameters A\n", "the handler of M gets no parameters: the queue also takes messages with other routing keys",
		},
		"further bindings": {
			`one: {address: 's.{a}',` + m + topic(", x-queue: {name: q, x-bindings: [{exchange: amq.topic, routingKey: '#'}]}"),
			"q.M Parameters A\n", "with other routing keys",
		},
		"dead letters": {
			`one: {address: 's.{a}',` + m + topic(", x-queue: q") + "\n  retry: {address: retry," + strings.ReplaceAll(m, "M:", "R:") +
				" bindings: {amqp: {is: queue, queue: {name: retry, x-dead-letter: q}}}}",
			"q.M Parameters A\nretry.R\n", "with other routing keys",
		},
		"the value is in the message": {
			`one: {address: 's.{a}', parameters: {a: {location: $message.payload#/a}},` + m + topic(""),
			"sa.M\n", "",
		},
		"the value is in the message and beside it": {
			`one: {address: 's.{a}.{b}', parameters: {a: {location: $message.payload#/a}, b: {}},` + m + topic(""),
			"sab.M Parameters B handled\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustBuild(t, header3+"channels:\n  "+c.channels+"\n")
			if diff := cmp.Diff(c.want, parametersOf(p)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			notes := fmt.Sprint(p.Notes)
			if c.note == "" && strings.Contains(notes, "parameters") || !strings.Contains(notes, c.note) {
				t.Errorf("notes %v", notes)
			}
		})
	}
}

// TestSchemaThatContainsItself looks for a property where parts of allOf lead to each other.
func TestSchemaThatContainsItself(t *testing.T) {
	parts := strings.Repeat("{$ref: '#/components/schemas/A'}, ", 20)
	_, problems := build(t, header3+`channels:
  one: {address: 's.{a}', parameters: {a: {location: $message.payload#/a/b/c}}, messages: {M: {payload: {$ref: '#/components/schemas/A'}}}}
components: {schemas: {A: {allOf: [`+parts+`], properties: {a: {allOf: [`+parts+`]}}}}}
`, plan.Options{})
	if !strings.Contains(problems.Error(), `parameter "a" is not taken from $message.payload#/a/b/c`) {
		t.Errorf("the problems are %v", problems)
	}
}

// TestConflictingParameters reports names that the code of a package has twice.
func TestConflictingParameters(t *testing.T) {
	for parameters, want := range map[string]string{
		"{producer: {x-go-name: P}, Producer: {x-go-name: P}}": "parameter \"producer\" and parameter \"Producer\"",
		"{producer: {enum: ['\u200b']}}":                       "cannot be made a Go name",
		"{producer: {x-go-name: lower, enum: [x]}}":            "\"lower\" is not an exported Go name",
	} {
		address := "s"
		for _, name := range []string{"producer", "Producer"} {
			if strings.Contains(parameters, name+":") {
				address += ".{" + name + "}"
			}
		}
		contract := header3 + "channels:\n  s: {address: '" + address + "', x-go-name: s, parameters: " + parameters + ", messages: {M: {payload: {type: object}}}}\n"
		if p, problems := build(t, contract, plan.Options{}); p != nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("%s: the problems are %v", parameters, problems)
		}
	}
}
