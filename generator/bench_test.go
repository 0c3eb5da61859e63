package generator

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/internal/buildbench/large"
)

// BenchmarkGenerate generates contracts of several sizes and says how long each step takes. The
// target for 300 channels is 0.3 s on two cores. TMPDIR says on which file system it writes; one
// that has just deleted many files may take several times as long to make new ones.
func BenchmarkGenerate(b *testing.B) {
	for _, size := range []struct{ channels, messages int }{{10, 1}, {100, 1}, {300, 1}, {1000, 1}, {1000, 2}} {
		name := fmt.Sprintf("channels=%d/messages=%d", size.channels, size.channels*size.messages)
		b.Run(name, func(b *testing.B) { benchmarkGenerate(b, large.Contract(size.channels, size.messages)) })
	}
}

func benchmarkGenerate(b *testing.B, text string) {
	dir := b.TempDir()
	contract := filepath.Join(dir, "contract.yaml")
	put(b, contract, text)
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

// The limits let large contracts through: docs/contract.md says so of 1,000 channels with three
// messages each.
func TestLimitsAllowLargeContracts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	contract := filepath.Join(t.TempDir(), "contract.yaml")
	put(t, contract, large.Contract(1000, 3))
	if problems := Validate(Config{Contract: contract}); problems != nil {
		t.Error(problems.First(3))
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
