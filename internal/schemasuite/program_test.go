//go:build !race

package schemasuite

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// runJobs has one program run all jobs, and fills in their results.
func runJobs(t *testing.T, module string, jobs []job) {
	t.Helper()
	imports, makers := map[string]bool{}, map[string]bool{}
	for _, j := range jobs {
		if folder, _, _ := strings.Cut(j.Type, "."); folder != "payload" {
			imports[fmt.Sprintf("\t%s %q\n", folder, "example.com/suite/"+folder+"/messages")] = true
		}
		makers[fmt.Sprintf("\t%q: func() payload.Message { return new(%s) },\n", j.Type, j.Type)] = true
	}
	put(t, filepath.Join(module, "types.go"), "package main\n\nimport (\n\t\"github.com/scampgen/scampgen/runtime/payload\"\n"+joined(imports)+")\n\nvar makers = map[string]func() payload.Message{\n"+joined(makers)+"}\n")
	put(t, filepath.Join(module, "main.go"), corpusMain)
	text, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(module, "jobs.json"), string(text))
	command := exec.CommandContext(t.Context(), "go", "run", ".")
	command.Dir = module
	out, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("the generated module: %v\n%s", err, exit.Stderr)
	}
	var results []result
	if err := json.Unmarshal(out, &results); err != nil {
		t.Fatal(err)
	}
	for i := range jobs {
		jobs[i].result = results[i]
	}
}

func joined(lines map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(lines)), "")
}

const corpusMain = `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/runtime/payload"
)

type job struct{ Type, Text string }

type result struct {
	Error, Validate, Trip string
	Dropped               []string
	Equal                 bool
}

func main() {
	text, err := os.ReadFile("jobs.json")
	if err != nil {
		panic(err)
	}
	var jobs []job
	if err := json.Unmarshal(text, &jobs); err != nil {
		panic(err)
	}
	results := make([]result, len(jobs))
	for i, j := range jobs {
		results[i] = j.run()
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}

// run reads, checks and writes the value; a panic is an error too.
func (j job) run() (r result) {
	defer func() {
		if p := recover(); p != nil {
			r.Error = fmt.Sprintf("panic: %v", p)
		}
	}()
	m := makers[j.Type]()
	if err := m.UnmarshalJSON([]byte(j.Text)); err != nil {
		r.Error = err.Error()
		return r
	}
	if err := m.Validate(); err != nil {
		r.Validate = err.Error()
	}
	for text := j.Text; ; {
		first, second := makers[j.Type](), makers[j.Type]()
		err := payload.RoundTrip(text, first, second)
		if err == nil {
			r.Equal = reflect.DeepEqual(first, second)
			return r
		}
		pointer, _, dropped := strings.Cut(err.Error(), ": is read and not written")
		if !dropped {
			r.Trip = err.Error()
			return r
		}
		r.Dropped = append(r.Dropped, pointer)
		text = without(text, pointer)
	}
}

// without returns text without the member that pointer leads to.
func without(text, pointer string) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		panic(err)
	}
	tokens := strings.Split(pointer, "/")[1:]
	at := root
	for i, token := range tokens {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch v := at.(type) {
		case map[string]any:
			if i == len(tokens)-1 {
				delete(v, token)
			}
			at = v[token]
		case []any:
			n, err := strconv.Atoi(token)
			if err != nil {
				panic(err)
			}
			at = v[n]
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(root); err != nil {
		panic(err)
	}
	return b.String()
}
`
