package plan_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// Whatever is in a contract, planning what the reader accepts of it ends with a plan or with problems.
func FuzzBuild(f *testing.F) {
	f.Add([]byte(oneMessage(`{$ref: "#/components/schemas/node"}`, `node: {type: [object, "null"], required: [self, x], properties: {self: {$ref: "#/components/schemas/node"}}}`)))
	f.Add([]byte(header3 + `channels:
  a: {address: "a.{b}", messages: {M: {payload: {type: array, items: {enum: [a, 1, null]}}}},
    bindings: {amqp: {is: routingKey, exchange: {name: x, type: topic, arguments: {a: [1, {b: 1.5}]}}, x-queue: {name: q, x-bindings: [{exchange: y}], x-dead-letter: {queue: d}}}}}
`))
	f.Add([]byte(header3 + `channels:
  a: {address: a, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, x-queue: [1], x-routing-key: {}, queue: {x-bindings: {}, x-prefetch: a, arguments: 1}}}}
`))
	f.Add([]byte(header3 + `channels:
  a: {address: a, messages: {M: {payload: {type: objec}}}, bindings: {amqp: {is: queue, queue: {name: q}}}}
  b: {address: b, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: q}, x-prefetch: a}}}
operations:
  o: {action: send, channel: {$ref: '#/channels/b'}, reply: {channel: {$ref: '#/channels/a'}}}
`))
	f.Fuzz(func(t *testing.T, contract []byte) {
		file := filepath.Join(t.TempDir(), "contract.yaml")
		if err := os.WriteFile(file, contract, 0o600); err != nil {
			t.Fatal(err)
		}
		doc, problems := asyncapi.Load(file, source.Options{})
		if doc != nil && problems.Fatal() {
			doc = doc.Sound(problems)
		}
		if doc == nil {
			return
		}
		p, problems := plan.Build(doc, plan.Options{Output: names.Output{ImportPath: "example.com/x"}})
		if (p == nil) != problems.Fatal() {
			t.Errorf("plan %v with problems %v", p, problems)
		}
	})
}
