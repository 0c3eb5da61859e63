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
	"github.com/scampgen/scampgen/internal/buildbench/large"
)

// BenchmarkGenerate generates contracts of several sizes and says how long each step takes. The
// target for 300 channels is 0.3 s on two cores. Contracts beyond a limit of the plan are skipped,
// which -v shows.
func BenchmarkGenerate(b *testing.B) {
	for _, channels := range []int{10, 100, 300, 1000} {
		b.Run(fmt.Sprintf("channels=%d", channels), func(b *testing.B) { benchmarkGenerate(b, channels) })
	}
}

func benchmarkGenerate(b *testing.B, channels int) {
	dir := b.TempDir()
	contract := filepath.Join(dir, "contract.yaml")
	put(b, contract, large.Contract(channels, 1))
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
