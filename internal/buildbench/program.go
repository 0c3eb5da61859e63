//go:build unix

package main

import (
	"fmt"
	"strings"
)

// emptyMain has the packages compiled that clients import.
const emptyMain = `package main

import (
	_ "encoding/json"

	_ "github.com/rabbitmq/amqp091-go"
	_ "github.com/scampgen/scampgen/runtime"
	_ "github.com/scampgen/scampgen/runtime/payload"
)

func main() {}
`

// generatedMain is a program that publishes and consumes every message of n channels.
func generatedMain(folder string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package main\n\nimport (\n\t\"context\"\n\n\t\"%[1]s/%[2]s/messages\"\n\t\"%[3]s/runtime\"\n", bench0, folder, module)
	for i := range n {
		fmt.Fprintf(&b, "\t\"%s/%s/shopqueue%d\"\n", bench0, folder, i)
	}
	b.WriteString(`)

func main() {
	ctx := context.Background()
	connection := runtime.DedicatedConnection(runtime.Broker{})
	source := runtime.DedicatedChannel(connection)
`)
	for i := range n {
		fmt.Fprintf(&b, "\tuse%d(ctx, source)\n", i)
	}
	b.WriteString("}\n")
	for i := range n {
		fmt.Fprintf(&b, `
func use%[1]d(ctx context.Context, source runtime.Source) {
	producer, _ := shopqueue%[1]d.NewProducer(ctx, source)
	_, _ = producer.PublishEvent%[1]d(ctx, &messages.Event%[1]d{})
	_, _ = producer.PublishNote%[1]d(ctx, &messages.Note%[1]d{})
	consumer, _ := shopqueue%[1]d.NewConsumer(ctx, source, handler%[1]d{})
	_ = consumer.Run(ctx)
}

type handler%[1]d struct{}

func (handler%[1]d) HandleEvent%[1]d(context.Context, *messages.Event%[1]d) error { return nil }
func (handler%[1]d) HandleNote%[1]d(context.Context, *messages.Note%[1]d) error   { return nil }
`, i)
	}
	return b.String()
}

// handwrittenMain does the same with the client that is written by hand.
func handwrittenMain(folder string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `package main

import (
	"context"

	amqp "github.com/rabbitmq/amqp091-go"

	client "%s/%s/client"
)

func main() {
	ctx := context.Background()
	connection, _ := amqp.Dial("")
	channel, _ := connection.Channel()
`, bench0, folder)
	for i := range n {
		fmt.Fprintf(&b, "\tuse%d(ctx, channel)\n", i)
	}
	b.WriteString("}\n")
	for i := range n {
		fmt.Fprintf(&b, `
func use%[1]d(ctx context.Context, channel *amqp.Channel) {
	producer, _ := client.NewProducer%[1]d(channel)
	_ = producer.PublishEvent%[1]d(ctx, &client.Event%[1]d{})
	_ = producer.PublishNote%[1]d(ctx, &client.Note%[1]d{})
	_ = client.Consume%[1]d(ctx, channel, handler%[1]d{})
}

type handler%[1]d struct{}

func (handler%[1]d) HandleEvent%[1]d(context.Context, *client.Event%[1]d) error { return nil }
func (handler%[1]d) HandleNote%[1]d(context.Context, *client.Note%[1]d) error   { return nil }
`, i)
	}
	return b.String()
}
