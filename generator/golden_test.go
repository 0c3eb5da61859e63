package generator

import (
	"flag"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/scampgen/scampgen/asyncapi/source"
)

var update = flag.Bool("update", false, "rewrite what the cases in testdata/golden expect")

// goldenFolder has one archive for each case: a contract and whatever it refers to, perhaps
// scampgen.yaml, and what must come out: files in the folder out, or the problems in the file stderr.
const goldenFolder = "../testdata/golden"

// A goldenCase is one archive, taken apart.
type goldenCase struct {
	file   string
	input  map[string]string
	out    map[string]string
	stderr string

	comment []byte
}

func TestGolden(t *testing.T) {
	module := newModule(t, "example.com/golden")
	for name, c := range goldenCases(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(module, name)
			got := c.run(t, dir)
			if *update {
				c.out, c.stderr = got.out, got.stderr
				c.save(t)
			}
			if diff := cmp.Diff(c.stderr, got.stderr); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.out, got.out); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			for file, content := range got.out {
				put(t, filepath.Join(dir, "out", file), content)
				if again, err := format.Source([]byte(content)); err != nil || string(again) != content {
					t.Errorf("gofmt would change %s: %v\n%s", file, err, cmp.Diff(content, string(again)))
				}
			}
			if config, problems := c.config(); !problems.Fatal() {
				if validated := append(problems, Validate(config)...); linesOf(validated) != got.stderr {
					t.Errorf("validate says something else (-generate +validate):\n%s", cmp.Diff(got.stderr, linesOf(validated)))
				}
			}
			if again := c.run(t, dir); !cmp.Equal(got.out, again.out) || got.stderr != again.stderr {
				t.Errorf("generating again gives something else (-first +second):\n%s", cmp.Diff(got.out, again.out))
			}
		})
	}
	typeCheck(t, module)
}

// The header of a generated file names the contract's file, whatever it is called.
func TestHostileFileName(t *testing.T) {
	module := newModule(t, "example.com/golden")
	contract := filepath.Join(module, "a */ `\nfunc init() { panic(1) }\n// \u2028 +build.yaml")
	put(t, contract, goldenCases(t)["queue"].input["contract.yaml"])
	output, problems, err := Generate(Config{Contract: contract, Out: module})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	if want := "a */ ` func init() { panic(1) } /   + build.yaml"; output.Contract != want {
		t.Errorf("the contract is called %q", output.Contract)
	}
	for _, file := range output.Files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name, file.Content, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Name.Name == "init" {
				t.Errorf("%s has the contract's name as code:\n%s", file.Name, file.Content)
			}
		}
	}
}

// run writes the case's input to dir and generates into its folder out, without writing there.
func (c goldenCase) run(t *testing.T, dir string) goldenCase {
	t.Helper()
	for file, content := range c.input {
		put(t, filepath.Join(dir, file), content)
	}
	t.Chdir(dir)
	config, problems := c.config()
	var output Output
	if !problems.Fatal() {
		var found source.Problems
		var err error
		if output, found, err = Generate(config); err != nil {
			t.Fatal(err)
		}
		problems = append(problems, found...)
	}
	got := goldenCase{out: map[string]string{}}
	for _, file := range output.Files {
		got.out[file.Name] = string(file.Content)
	}
	got.stderr = linesOf(problems)
	return got
}

// linesOf returns problems as the command prints them.
func linesOf(problems source.Problems) (lines string) {
	for _, problem := range problems {
		lines += problem.String() + "\n"
	}
	return lines
}

// config returns the case's configuration. The contract is the file contract.yaml or contract.json.
func (c goldenCase) config() (Config, source.Problems) {
	var config Config
	var problems source.Problems
	if _, ok := c.input[ConfigName]; ok {
		config, problems = ReadConfig(ConfigName, false)
	}
	config.Out = "out"
	for file := range c.input {
		if strings.TrimSuffix(file, path.Ext(file)) == "contract" {
			config.Contract = file
		}
	}
	return config, problems
}

// save writes the archive: the input first, then the output.
func (c goldenCase) save(t *testing.T) {
	t.Helper()
	archive := &txtar.Archive{Comment: c.comment}
	add := func(name, content string) {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(content)})
	}
	for _, file := range slices.Sorted(maps.Keys(c.input)) {
		add(file, c.input[file])
	}
	if c.stderr != "" {
		add("stderr", c.stderr)
	}
	for _, file := range slices.Sorted(maps.Keys(c.out)) {
		add("out/"+file, c.out[file])
	}
	if err := os.WriteFile(c.file, txtar.Format(archive), 0o666); err != nil {
		t.Fatal(err)
	}
}

// goldenCases reads all cases, by name.
func goldenCases(t *testing.T) map[string]goldenCase {
	t.Helper()
	folder, err := filepath.Abs(goldenFolder) // a case is run in its own working folder
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s (%v)", goldenFolder, err)
	}
	cases := make(map[string]goldenCase, len(files))
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := goldenCase{file: file, comment: archive.Comment, input: map[string]string{}, out: map[string]string{}}
		for _, f := range archive.Files {
			switch name, isOut := strings.CutPrefix(f.Name, "out/"); {
			case isOut:
				c.out[name] = string(f.Data)
			case f.Name == "stderr":
				c.stderr = string(f.Data)
			default:
				c.input[f.Name] = string(f.Data)
			}
		}
		cases[strings.TrimSuffix(filepath.Base(file), ".txtar")] = c
	}
	return cases
}

// newModule makes an empty Go module that uses this one, and returns its folder.
func newModule(t *testing.T, path string) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	goSum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	const own = "github.com/scampgen/scampgen"
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), strings.Replace(string(goMod), "module "+own, "module "+path, 1)+
		"\nrequire "+own+" v0.0.0\n\nreplace "+own+" => "+root+"\n")
	put(t, filepath.Join(dir, "go.sum"), string(goSum))
	return dir
}
