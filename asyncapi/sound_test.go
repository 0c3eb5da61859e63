package asyncapi

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A part of a contract is sound when nothing is wrong in it nor in what it refers to.
func TestSound(t *testing.T) {
	const contract = `-- contract.yaml --
asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
servers:
  one: {host: a, protocol: amqp}
  two: {host: b, protocol: amqp}
channels:
  alone: {address: alone, servers: [{$ref: '#/servers/one'}], messages: {M: {payload: {type: object}}}}
  deep: {address: deep, servers: [{$ref: '#/servers/one'}], messages: {M: {$ref: '#/components/messages/Deep'}}}
  remote: {address: remote, servers: [{$ref: '#/servers/two'}], messages: {M: {payload: {$ref: 'remote.yaml#/Remote'}}}}
  everywhere: {address: everywhere, messages: {M: {payload: {type: object}}}}
operations:
  sendAlone: {action: send, channel: {$ref: '#/channels/alone'}, messages: [{$ref: '#/channels/alone/messages/M'}]}
  askDeep: {action: send, channel: {$ref: '#/channels/everywhere'}, reply: {channel: {$ref: '#/channels/deep'}}, traits: [{$ref: '#/components/operationTraits/Trait'}]}
components:
  operationTraits: {Trait: {summary: S}}
  messages: {Deep: {payload: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}
  schemas:
    Tree: {type: object, properties: {leaf: {$ref: '#/components/schemas/Leaf'}, tree: {$ref: '#/components/schemas/Tree'}}}
    Leaf: {type: string}
-- remote.yaml --
Remote: {type: object, properties: {a: {type: string}}}
`
	const all = "alone deep remote everywhere; sendAlone askDeep; Tree Leaf"
	for _, test := range []struct{ name, old, new, want string }{
		{"nothing", "", "", all},
		{"a warning", "type: string}\n-- remote", "type: string, maxLenght: 1}\n-- remote", all},
		{"a description", "version: 1.0.0", "version: 1", all},
		{"a channel", "address: alone", "address: [alone]", "deep remote everywhere; askDeep; Tree Leaf"},
		{"a schema below a recursive one", "Leaf: {type: string}", "Leaf: {type: strin}", "alone remote; sendAlone; "},
		{"a schema in another file", "a: {type: string}", "a: {type: strin}", "alone deep everywhere; sendAlone askDeep; Tree Leaf"},
		{"a server", "two: {host: b", "two: {host: [b]", "alone deep; sendAlone; Tree Leaf"},
		{"an operation", "sendAlone: {action: send", "sendAlone: {action: sends", "deep remote everywhere; askDeep; Tree Leaf"},
		{"a trait, which is no object of the model", "summary: S", "summary: [S]", "none"},
		{"the file", "asyncapi: 3.0.0", "asyncapi: 3.0.0\nchanels: {}", "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := writeArchive(t, strings.Replace(contract, test.old, test.new, 1))
			d, problems := Load(filepath.Join(folder, "contract.yaml"), source.Options{})
			if test.old != "" && len(problems) == 0 {
				t.Fatal("there is no problem")
			}
			if got := names(d.Sound(problems)); got != test.want {
				t.Errorf("sound are %q, wanted %q; problems:\n%v", got, test.want, problems)
			}
		})
	}
}

// names returns the names of a document's channels, operations and schemas, in the order of the
// document.
func names(d *Document) string {
	if d == nil {
		return "none"
	}
	var channels, operations, schemas []string
	for _, c := range d.Channels {
		channels = append(channels, c.Name)
	}
	for _, o := range d.Operations {
		operations = append(operations, o.Name)
	}
	for _, s := range d.Schemas {
		schemas = append(schemas, s.Name)
	}
	return strings.Join(channels, " ") + "; " + strings.Join(operations, " ") + "; " + strings.Join(schemas, " ")
}
