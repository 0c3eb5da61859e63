package patterns

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/internal/rabbittest"
)

// samples are values of each argument, good ones and bad ones.
var samples = map[string][]string{
	"x-queue-type":                    {"classic", "quorum", "stream", "quorun", "1"},
	"x-message-ttl":                   {"0", "60000", "4294967296", "-1", `"60000"`, "1.5", "null"},
	"x-expires":                       {"1800000", "0", "-1", `"1800000"`},
	"x-max-length":                    {"0", "10", "-1", `"10"`},
	"x-max-length-bytes":              {"0", "1000000", "-1", `"10"`},
	"x-overflow":                      {"drop-head", "reject-publish", "drop-haed", "true"},
	"x-max-priority":                  {"0", "10", "255", "256", "-1", `"10"`},
	"x-dead-letter-exchange":          {`""`, "1", "null"},
	"x-dead-letter-routing-key":       {"dead", "1"},
	"x-dead-letter-strategy":          {"at-most-once", "at-least-once", "always"},
	"x-delivery-limit":                {"0", "5", "-1"},
	"x-single-active-consumer":        {"true", "false", `"true"`, "1"},
	"x-consumer-timeout":              {"1000000", "-1", `"1000000"`},
	"x-queue-mode":                    {"default", "lazy"},
	"x-queue-version":                 {"2", "3", `"2"`},
	"x-queue-master-locator":          {"client-local"},
	"x-queue-leader-locator":          {"client-local", "balanced", "nearby"},
	"x-quorum-initial-group-size":     {"1", "0", "-1", `"1"`},
	"x-quorum-target-group-size":      {"1"},
	"x-max-in-memory-length":          {"1", "-1"},
	"x-max-in-memory-bytes":           {"1", "-1"},
	"x-delayed-retry-type":            {"all"},
	"x-delayed-retry-min":             {"1000"},
	"x-delayed-retry-max":             {"1000"},
	"x-initial-cluster-size":          {"1", "0", `"1"`},
	"x-max-age":                       {"7D", "1h", "7X", "7", `"100"`},
	"x-stream-max-segment-size-bytes": {"0", "1000000", "-1", "3000000001"},
	"x-stream-filter-size-bytes":      {"16", "255"},
}

// TestArguments declares queues with each argument, of each type, with good and bad values, and
// expects a warning where the broker refuses the queue, and none where it takes it.
func TestArguments(t *testing.T) {
	b := newArgumentBroker(t)
	for _, argument := range extension.QueueArguments {
		if samples[argument.Name] == nil {
			t.Errorf("no samples of %s", argument.Name)
		}
		if !b.knows(argument.Name) || argument.Name == "x-queue-master-locator" && !b.host.IsOlderThan(t, 4, 3) {
			t.Logf("the broker does not know %s", argument.Name)
			continue
		}
		for _, value := range samples[argument.Name] {
			for _, queueType := range []string{"", "classic", "quorum", "stream"} {
				if argument.Name == "x-queue-type" && queueType != "" {
					continue
				}
				with := func(value string) string {
					fields := argument.Name + ": " + value
					if queueType != "" {
						fields += ", x-queue-type: " + queueType
					}
					if argument.Name == "x-dead-letter-routing-key" {
						fields += `, x-dead-letter-exchange: ""`
					}
					return "{arguments: {" + fields + "}}"
				}
				// Where versions differ in which types have the argument, the table does not say it.
				if _, _, err := b.declared(with(samples[argument.Name][0])); argument.Of == nil && err != nil {
					continue
				}
				b.compare(with(value))
			}
		}
	}
}

// TestArgumentsTogether compares what is refused because of two properties at once.
func TestArgumentsTogether(t *testing.T) {
	b := newArgumentBroker(t)
	b.compare(`{arguments: {x-dead-letter-routing-key: dead}}`)
	b.compare(`{arguments: {x-mesage-ttl: 5}}`)
	for _, queueType := range []string{"classic", "quorum", "stream"} {
		for _, properties := range []string{"", ", durable: false", ", exclusive: true", ", autoDelete: true", ", durable: false, autoDelete: true"} {
			b.compare("{arguments: {x-queue-type: " + queueType + "}" + properties + "}")
		}
	}
}

// TestAlternateExchange shows what the broker says of an alternate exchange that is no name.
func TestAlternateExchange(t *testing.T) {
	channel := rabbittest.New(t).Channel(t)
	if err := channel.ExchangeDeclare("good", "direct", true, false, false, false, amqp.Table{"alternate-exchange": "other"}); err != nil {
		t.Error(err)
	}
	if err := channel.ExchangeDeclare("bad", "direct", true, false, false, false, amqp.Table{"alternate-exchange": int64(1)}); err == nil {
		t.Error("the broker takes a number")
	}
}

// TestOverflowOfQuorumQueues shows why reject-publish-dlx gets a warning: a full quorum queue takes
// another message all the same.
func TestOverflowOfQuorumQueues(t *testing.T) {
	channel := rabbittest.New(t).Channel(t)
	if err := channel.Confirm(false); err != nil {
		t.Fatal(err)
	}
	for queueType, isTaken := range map[string]bool{"classic": false, "quorum": true} {
		_, err := channel.QueueDeclare(queueType, true, false, false, false, amqp.Table{
			"x-queue-type": queueType, "x-max-length": int64(1), "x-overflow": "reject-publish-dlx",
		})
		if err != nil {
			t.Fatal(err)
		}
		var last bool
		for range 10 { // a quorum queue refuses only after it has been full
			confirmation, err := channel.PublishWithDeferredConfirmWithContext(t.Context(), "", queueType, false, false, amqp.Publishing{Body: []byte("x")})
			if err != nil {
				t.Fatal(err)
			}
			if last, err = confirmation.WaitContext(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if last != isTaken {
			t.Errorf("a full %s queue took a message: %t", queueType, last)
		}
	}
}

// An argumentBroker compares what is said of queues with what a broker says.
type argumentBroker struct {
	*testing.T
	host   *rabbittest.VirtualHost
	conn   *amqp.Connection
	queues int
}

func newArgumentBroker(t *testing.T) *argumentBroker {
	return &argumentBroker{T: t, host: rabbittest.New(t)}
}

// compare compares what is said of a queue with what the broker says.
func (b *argumentBroker) compare(queue string) {
	b.Helper()
	said, isRefused, err := b.declared(queue)
	if isRefused != (err != nil) {
		b.Errorf("%s\nsaid: %v\nRabbitMQ: %v", queue, said, err)
	}
}

// declared plans a queue and declares it. It returns what is said of it, whether that is that RabbitMQ
// refuses it, and why RabbitMQ does.
func (b *argumentBroker) declared(queue string) (said source.Problems, isRefused bool, err error) {
	b.Helper()
	contract := filepath.Join(b.TempDir(), "contract.yaml")
	content := "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels:\n  c: {address: q, bindings: {amqp: {is: queue, queue: " + queue + "}}, messages: {M: {payload: {type: object}}}}\n"
	if err := os.WriteFile(contract, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
	doc, problems := asyncapi.Load(contract, source.Options{})
	if problems.Fatal() {
		b.Fatal(problems)
	}
	_, said = plan.Build(doc, plan.Options{})
	isRefused = slices.ContainsFunc(said, func(p source.Problem) bool {
		return strings.HasPrefix(p.Message, "RabbitMQ refuses to declare the queue: ")
	})
	q, arguments := doc.Channels[0].AMQP.Queue, amqp.Table{}
	for _, f := range q.Arguments.Fields {
		arguments[f.Name] = valueOf(b.T, f.Value)
	}
	is := func(flag *bool, otherwise bool) bool { return flag == nil && otherwise || flag != nil && *flag }
	return said, isRefused, b.declare(is(q.Durable, true), is(q.AutoDelete, false), is(q.Exclusive, false), arguments)
}

// valueOf returns a value as clients send it.
func valueOf(t *testing.T, v *source.Value) any {
	t.Helper()
	switch v.Kind {
	case source.Bool:
		return v.Text == "true"
	case source.Number:
		if n, ok := v.Integer(); ok {
			return n
		}
		return 1.5
	case source.Null:
		return nil
	default:
		return v.Text
	}
}

// declare declares a queue under a new name, and deletes it.
func (b *argumentBroker) declare(durable, autoDelete, exclusive bool, arguments amqp.Table) error {
	b.Helper()
	if b.conn == nil || b.conn.IsClosed() {
		conn, err := amqp.Dial(b.host.URL)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		b.conn = conn
	}
	channel, err := b.conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	defer channel.Close()
	b.queues++
	name := fmt.Sprintf("q%d", b.queues)
	if _, err := channel.QueueDeclare(name, durable, autoDelete, exclusive, false, arguments); err != nil {
		return err
	}
	_, err = channel.QueueDelete(name, false, false, false)
	if err != nil {
		b.Fatal(err)
	}
	return nil
}

// knows reports whether the broker refuses a value of an argument that makes no sense at all, of any
// type of queue: what it does not know it ignores.
func (b *argumentBroker) knows(argument string) bool {
	for _, queueType := range []string{"classic", "quorum", "stream"} {
		if b.declare(true, false, false, amqp.Table{argument: amqp.Table{}, "x-queue-type": queueType}) != nil {
			return true
		}
	}
	return argument == "x-queue-type"
}
