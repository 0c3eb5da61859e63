// Package large makes large contracts, to measure with.
package large

import (
	"fmt"
	"strings"
)

// Contract returns a contract of n channels, each with a queue on a topic exchange and one to three messages of its own with twelve
// properties, two of which have types that all messages share.
func Contract(n, messages int) string {
	var b strings.Builder
	b.WriteString("asyncapi: 3.0.0\ninfo: {title: Large, version: 1.0.0}\nchannels:\n")
	for i := range n {
		fmt.Fprintf(&b, `  event%[1]d:
    address: shop.event%[1]d
    summary: What happens to articles of kind %[1]d.
    messages:
`, i)
		for _, name := range []string{"Event", "Note", "Alert"}[:messages] {
			fmt.Fprintf(&b, message, i, name)
		}
		fmt.Fprintf(&b, binding, i)
	}
	b.WriteString(components)
	return b.String()
}

const message = `      %[2]s%[1]d:
        summary: Something happened to an article of kind %[1]d.
        payload:
          type: object
          required: [id, at, kind, price, lines]
          properties:
            id: {type: string, format: uuid}
            at: {type: string, format: date-time}
            kind: {type: string, enum: [created, changed, removed]}
            price: {$ref: '#/components/schemas/Money'}
            customer: {$ref: '#/components/schemas/Customer'}
            name: {type: string, minLength: 1, maxLength: 200}
            quantity: {type: integer, format: int32, minimum: 1}
            weight: {type: number}
            tags: {type: array, items: {type: string}}
            labels: {type: object, additionalProperties: {type: string}}
            comment: {type: [string, 'null']}
            lines:
              type: array
              items:
                type: object
                required: [sku]
                properties:
                  sku: {type: string}
                  quantity: {type: integer}
`

const binding = `    bindings:
      amqp:
        is: routingKey
        exchange: {name: shop, type: topic, durable: true}
        x-queue: {name: shop.queue%[1]d, durable: true}
`

const components = `components:
  schemas:
    Money: {type: object, required: [amount, currency], properties: {amount: {type: integer}, currency: {type: string}}}
    Customer: {type: object, required: [id], properties: {id: {type: string}, email: {type: string, format: email}}}
`
