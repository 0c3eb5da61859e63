//go:build unix

// Command buildbench measures what it costs to compile what scampgen generates for contracts of 10, 100 and 300 channels with
// two messages each, and prints a Markdown table. Beside it stands a client written by hand, the one in the folder handwritten:
// its file for one channel is copied for each channel with other names.
//
// Packages outside of the generated ones are compiled before, and the temporary folder is a new one each time, so that none of
// these is in the build cache. CPU is user and system time of the command and all processes that it starts; memory is that of
// the largest of them.
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/scampgen/scampgen/internal/buildbench/large"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "buildbench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	b, err := newBench(dir)
	if err != nil {
		return err
	}
	fmt.Println("| `go build` | channels, messages | CPU | memory | binary | lines a message |\n|---|---|---|---|---|---|")
	for _, n := range []int{10, 100, 300} {
		for _, kind := range []client{handwritten, generated} {
			if err := b.build(kind, n); err != nil {
				return err
			}
		}
	}
	fmt.Println("\n| `scampgen generate` | CPU | wall time | memory |\n|---|---|---|---|")
	for _, size := range [][2]int{{300, 1}, {300, 2}, {1000, 1}} {
		u, err := b.generate(filepath.Join(dir, fmt.Sprintf("generate%dx%d", size[0], size[1])), size[0], size[1])
		if err != nil {
			return err
		}
		fmt.Printf("| %d channels, %d messages | %.1f s | %.1f s | %d MB |\n", size[0], size[0]*size[1], u.cpu.Seconds(), u.wall.Seconds(), u.memory>>20)
	}
	return nil
}

// A bench is a temporary module that uses this repository.
type bench struct{ dir, root, scampgen string }

func newBench(dir string) (*bench, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("find the module: %w", err)
	}
	b := &bench{dir, strings.TrimSpace(string(root)), filepath.Join(dir, "scampgen")}
	if _, err := command(b.root, "go", "build", "-o", b.scampgen, "./cmd/scampgen"); err != nil {
		return nil, err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(b.root, name))
		if err != nil {
			return nil, fmt.Errorf("read the module: %w", err)
		}
		if err := write(filepath.Join(dir, name), strings.Replace(string(content), "module "+module, "module "+bench0, 1)); err != nil {
			return nil, err
		}
	}
	if _, err := command(dir, "go", "mod", "edit", "-require="+module+"@v0.0.0", "-replace="+module+"="+b.root, "-droptool="+module+"/cmd/scampgen"); err != nil {
		return nil, err
	}
	if err := write(filepath.Join(dir, "empty/main.go"), emptyMain); err != nil {
		return nil, err
	}
	_, err = command(dir, "go", "build", "-o", filepath.Join(dir, "empty.bin"), "./empty")
	return b, err
}

const (
	module = "github.com/scampgen/scampgen"
	bench0 = "example.com/bench"
)

// A client is what is built for a contract: its name, and what writes its packages and a program that uses all of them.
type client struct {
	name  string
	write func(b *bench, dir string, n int) error
}

var (
	handwritten = client{"written by hand", (*bench).writeHandwritten}
	generated   = client{"generated", (*bench).writeGenerated}
)

// build writes a client for n channels, builds it and prints its row.
func (b *bench) build(kind client, n int) error {
	dir := filepath.Join(b.dir, fmt.Sprintf("%s%d", strings.Fields(kind.name)[0], n))
	if err := kind.write(b, dir, n); err != nil {
		return err
	}
	binary := dir + ".bin"
	u, err := command(b.dir, "go", "build", "-o", binary, dir+"/main")
	if err != nil {
		return err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return fmt.Errorf("look at the binary: %w", err)
	}
	lines, err := countLines(dir)
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %d, %d | %.1f s | %d MB | %.1f MB | %d |\n",
		kind.name, n, 2*n, u.cpu.Seconds(), u.memory>>20, float64(info.Size())/1e6, lines/(2*n))
	return nil
}

// generate writes the packages of a large contract into a folder.
func (b *bench) generate(dir string, channels, messages int) (usage, error) {
	contract := dir + ".yaml"
	if err := write(contract, large.Contract(channels, messages)); err != nil {
		return usage{}, err
	}
	return command(b.dir, b.scampgen, "generate", "-out", dir, contract)
}

func (b *bench) writeGenerated(dir string, n int) error {
	if _, err := b.generate(dir, n, 2); err != nil {
		return err
	}
	return write(filepath.Join(dir, "main/main.go"), generatedMain(filepath.Base(dir), n))
}

func (b *bench) writeHandwritten(dir string, n int) error {
	from := filepath.Join(b.root, "internal/buildbench/handwritten")
	shared, err := os.ReadFile(filepath.Join(from, "shared.go"))
	if err != nil {
		return fmt.Errorf("read the client: %w", err)
	}
	one, err := os.ReadFile(filepath.Join(from, "channel0.go"))
	if err != nil {
		return fmt.Errorf("read the client: %w", err)
	}
	if err := write(filepath.Join(dir, "client/shared.go"), string(shared)); err != nil {
		return err
	}
	for i := range n {
		if err := write(filepath.Join(dir, fmt.Sprintf("client/channel%d.go", i)), numbered(string(one), i)); err != nil {
			return err
		}
	}
	return write(filepath.Join(dir, "main/main.go"), handwrittenMain(filepath.Base(dir), n))
}

// numbered returns the file of the channel 0 as that of channel i.
func numbered(source string, i int) string {
	for _, name := range []string{"Event", "Note", "Producer", "Handler", "Consume", "handle", "queue", "event", "kind "} {
		source = strings.ReplaceAll(source, name+"0", name+fmt.Sprint(i))
	}
	return source
}

// usage is what a command took, with all processes that it started.
type usage struct {
	cpu, wall time.Duration
	memory    int64 // of the largest process
}
