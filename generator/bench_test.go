package generator

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
)

// BenchmarkGenerate generates contracts of some channels and says how long each step takes. The
// target for 300 is 2 s altogether on two cores. Contracts beyond a limit of the plan are skipped,
// which -v shows.
func BenchmarkGenerate(b *testing.B) {
	for _, channels := range []int{10, 100, 300, 1000} {
		b.Run(fmt.Sprintf("channels=%d", channels), func(b *testing.B) { benchmarkGenerate(b, channels) })
	}
}

func benchmarkGenerate(b *testing.B, channels int) {
	dir := b.TempDir()
	contract := filepath.Join(dir, "contract.yaml")
	put(b, contract, largeContract(channels))
	put(b, filepath.Join(dir, "go.mod"), "module example.com/large\n")

	var watch stopwatch
	files := 0
	for b.Loop() {
		watch.start()
		folder, err := folderOf(dir)
		doc, problems := asyncapi.Load(contract, source.Options{})
		if err != nil || problems != nil {
			b.Fatal(err, problems)
		}
		watch.stop("parse")
		planned, problems := plan.Build(doc, Config{}.planOptions(folder))
		if len(problems) == 1 && strings.HasPrefix(problems[0].Feature, "limit/") {
			b.Skip(problems)
		}
		if problems != nil {
			b.Fatal(problems)
		}
		watch.stop("plan")
		rendered, err := render(emitted(planned))
		if err != nil {
			b.Fatal(err)
		}
		watch.stop("emit")
		if _, err := Write(filepath.Join(dir, fmt.Sprint("out", b.N, files)), Output{Files: rendered}); err != nil {
			b.Fatal(err)
		}
		watch.stop("write")
		files += len(rendered)
	}
	b.ReportMetric(float64(files)/float64(b.N), "files/op")
	for _, lap := range watch.laps {
		b.ReportMetric(float64(lap.total.Milliseconds())/float64(b.N), lap.name+"-ms/op")
	}
}

// A stopwatch adds up the times of named laps.
type stopwatch struct {
	last time.Time
	laps []lap
}

type lap struct {
	name  string
	total time.Duration
}

func (w *stopwatch) start() { w.last = time.Now() }

func (w *stopwatch) stop(name string) {
	now := time.Now()
	for i := range w.laps {
		if w.laps[i].name == name {
			w.laps[i].total += now.Sub(w.last)
			w.last = now
			return
		}
	}
	w.laps = append(w.laps, lap{name, now.Sub(w.last)})
	w.last = now
}

// largeContract returns a contract of n channels, each with a queue on a topic exchange and a
// message of its own with twelve properties, two of which have types that all messages share.
func largeContract(n int) string {
	var b strings.Builder
	b.WriteString("asyncapi: 3.0.0\ninfo: {title: Large, version: 1.0.0}\nchannels:\n")
	for i := range n {
		fmt.Fprintf(&b, `  event%[1]d:
    address: shop.event%[1]d
    summary: What happens to articles of kind %[1]d.
    messages:
      Event%[1]d:
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
    bindings:
      amqp:
        is: routingKey
        exchange: {name: shop, type: topic, durable: true}
        x-queue: {name: shop.queue%[1]d, durable: true}
`, i)
	}
	b.WriteString(`components:
  schemas:
    Money: {type: object, required: [amount, currency], properties: {amount: {type: integer}, currency: {type: string}}}
    Customer: {type: object, required: [id], properties: {id: {type: string}, email: {type: string, format: email}}}
`)
	return b.String()
}
