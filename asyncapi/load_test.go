package asyncapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/scampgen/scampgen/asyncapi/source"
	"golang.org/x/tools/txtar"
)

// loadArchive loads the contract.yaml of an archive of files. Its folder is taken out of the
// problems, and the folder above is called PARENT.
func loadArchive(t *testing.T, archive string, o source.Options) (*Document, string) {
	t.Helper()
	folder := writeArchive(t, archive)
	d, problems := Load(filepath.Join(folder, "contract.yaml"), o)
	return d, strings.NewReplacer(folder+string(filepath.Separator), "", filepath.Dir(folder), "PARENT").Replace(problems.Error())
}

func writeArchive(t *testing.T, archive string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "contracts")
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// contract is the beginning of a contract of version 3.0.0 in an archive, to which tests add what
// they are about.
const contract = "-- contract.yaml --\nasyncapi: 3.0.0\ninfo: {title: t, version: '1'}\n"

// checkProblems compares the problems of a contract, one a line.
func checkProblems(t *testing.T, got string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestReferences(t *testing.T) {
	tests := []struct {
		name, files string // what follows contract
		want        string // the type of components.schemas.a, after references
		problems    []string
	}{
		{name: "escaped", want: "string", files: `
components:
  schemas:
    a: {$ref: '#/components/schemas/o/properties/x~1y~0z%20%25'}
    o: {properties: {x/y~z %: {type: string}}}
`},
		{name: "a chain", want: "string", files: `
components:
  schemas:
    a: {$ref: '#/components/schemas/b'}
    b: {$ref: '#/components/schemas/c'}
    c: {type: string}
`},
		{name: "through a reference", want: "string", files: `
components:
  schemas:
    a: {$ref: '#/components/schemas/b/properties/p'}
    b: {$ref: '#/components/schemas/c'}
    c: {properties: {p: {type: string}}}
`},
		{name: "an item", want: "string", files: `
components:
  schemas:
    a: {$ref: '#/components/schemas/b/allOf/1'}
    b: {allOf: [{}, {type: string}]}
`},
		{name: "siblings are ignored", want: "string", files: `
components:
  schemas:
    a: {$ref: '#/components/schemas/b', title: mine, type: number}
    b: {type: string}
`, problems: []string{`contract.yaml:5:54: /components/schemas/a/type: warning: "type" has no effect beside $ref; write allOf with the reference and a schema that has it`}},
		{name: "other files", want: "string", files: `
components:
  schemas:
    a: {$ref: 'schemas/my%20b.yaml#/b'}
  x-d: {type: string}
-- schemas/my b.yaml --
b: {$ref: './c.json'}
-- schemas/c.json --
{"$ref": "../contract.yaml#/components/x-d"}
`},
		{name: "nothing there", files: `
components:
  schemas:
    a: {$ref: '#/components/schemas/Ordr'}
    Order: {type: string}
`, problems: []string{`contract.yaml:5:15: /components/schemas/a/$ref: #/components/schemas/Ordr is not there: in /components/schemas is nothing called "Ordr"; did you mean "Order"?`}},
		{name: "no such index", files: `
components:
  schemas:
    a: {$ref: '#/components/schemas/b/allOf/01'}
    b: {allOf: [{}, {type: string}]}
`, problems: []string{`contract.yaml:5:15: /components/schemas/a/$ref: #/components/schemas/b/allOf/01 is not there: in /components/schemas/b/allOf is nothing called "01"`}},
		{name: "a file that is not there", files: `
components:
  schemas:
    a: {$ref: 'schemas/ordr.yaml'}
    b: {$ref: 'schemas/ordr.yaml#/x'}
-- schemas/order.yaml --
type: string
`, problems: []string{
			`contract.yaml:5:15: /components/schemas/a/$ref: there is no file schemas/ordr.yaml; did you mean "order.yaml"?`,
			`contract.yaml:6:15: /components/schemas/b/$ref: there is no file schemas/ordr.yaml; did you mean "order.yaml"?`,
		}},
		{name: "a file that cannot be read", files: `
components:
  schemas:
    a: {$ref: 'b.json'}
    b: {$ref: 'b.json#/x'}
-- b.json --
{"x": }
`, problems: []string{`b.json:1:7: not valid JSON: invalid character '}' looking for beginning of value`}},
		{name: "a folder", files: `
components:
  schemas:
    a: {$ref: 'schemas'}
-- schemas/b.yaml --
type: string
`, problems: []string{`contract.yaml:5:15: /components/schemas/a/$ref: schemas is not a regular file`}},
		{name: "a cycle", files: `
components:
  schemas:
    a: {$ref: '#/components/schemas/b'}
    b: {$ref: '#/components/schemas/a'}
    c: {$ref: '#/components/schemas/c/x'}
`, problems: []string{
			`contract.yaml:5:15: /components/schemas/a/$ref: the reference leads back to itself: #/components/schemas/b -> #/components/schemas/a -> #/components/schemas/b`,
			`contract.yaml:7:15: /components/schemas/c/$ref: the reference leads back to itself: #/components/schemas/c/x -> #/components/schemas/c/x`,
		}},
		{name: "nothing named", files: `
components:
  schemas:
    a: {$ref: ''}
    b: {$ref: '#b'}
    c: {$ref: 'ftp://x/y'}
`, problems: []string{
			`contract.yaml:5:15: /components/schemas/a/$ref: the reference is empty`,
			`contract.yaml:6:15: /components/schemas/b/$ref: "#b" is not a JSON pointer, and no schema has it as its $id or $anchor; write #/ and the names that lead to what is meant`,
			`contract.yaml:7:15: /components/schemas/c/$ref: "ftp://x/y" is not a reference to a file: addresses with ftp:// are not read`,
		}},
		{name: "outside the folder", files: `
components:
  schemas:
    a: {$ref: '../b.yaml'}
    b: {$ref: '/etc/passwd'}
    c: {$ref: 'x/../../contracts/c.yaml'}
-- c.yaml --
type: string
`, problems: []string{
			`contract.yaml:5:15: /components/schemas/a/$ref: PARENT/b.yaml is outside the contract's folder; move it there, or allow it with -allow-outside`,
			`contract.yaml:6:15: /components/schemas/b/$ref: /etc/passwd is outside the contract's folder; move it there, or allow it with -allow-outside`,
		}},
		{name: "remote", files: `
components:
  schemas:
    a: {$ref: 'https://example.com/b.yaml#/x'}
`, problems: []string{`contract.yaml:5:15: /components/schemas/a/$ref: https://example.com/b.yaml is not fetched; save a copy beside the contract, or allow it with -allow-remote`}},
		{name: "not in extensions and values", want: "object", files: `
components:
  schemas:
    a:
      type: object
      x-a: {$ref: '#/nowhere'}
      default: {$ref: '#/nowhere'}
      enum: [{$ref: '#/nowhere'}]
      examples: [{$ref: '#/nowhere'}]
      properties: {examples: {type: string}, $ref: {type: string}}
`},
		{name: "in what nothing uses", want: "string", files: `
components:
  schemas: {a: {type: string}}
  messages: {m: {correlationId: {$ref: '#/nowhere'}}}
  tags: {x: {$ref: '#/components/tags/y'}}
`, problems: []string{
			`contract.yaml:5:40: /components/messages/m/correlationId/$ref: #/nowhere is not there: in the file is nothing called "nowhere"; there are "asyncapi", "components" and "info"`,
			`contract.yaml:6:20: /components/tags/x/$ref: #/components/tags/y is not there: in /components/tags is nothing called "y"; did you mean "x"?`,
		}},
		{name: "by $id", want: "string", files: `
components:
  schemas:
    a: {$ref: 'root.json'}
    n: {$ref: '#/components/schemas/a'}
-- root.json --
{
  "$id": "https://example.com/schemas/root.json",
  "allOf": [{"$ref": "#/definitions/b"}, {"$ref": "b.json"}, {"$ref": "https://example.com/schemas/b.json#c"}],
  "definitions": {"b": {"$id": "b.json", "definitions": {"d": {"$id": "#c"}}, "items": {"$ref": "#/definitions/d"}}},
  "type": "string"
}
`},
		{name: "by $id, next to a file", want: "string", files: `
components:
  schemas:
    a: {$ref: 'x/a.json'}
    b: {$ref: 'y/a.json'}
-- x/a.json --
{"$id": "a.json", "type": "string"}
-- y/a.json --
{"$id": "a.json", "items": {"$ref": "a.json#/definitions/n"}, "definitions": {"n": {}}}
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, problems := loadArchive(t, contract+tt.files[1:], source.Options{})
			checkProblems(t, problems, tt.problems...)
			if tt.want == "" {
				return
			}
			for _, s := range d.Schemas {
				if s.Name == "a" || len(s.Types) > 0 {
					if strings.Join(s.Types, " ") != tt.want {
						t.Errorf("got the type %q, want %q", s.Types, tt.want)
					}
					return
				}
			}
			t.Errorf("no schema: %v", d.Schemas)
		})
	}
}

func TestSymbolicLinks(t *testing.T) {
	folder := writeArchive(t, contract+`components:
  schemas:
    a: {$ref: 'in.yaml'}
    b: {$ref: 'out.yaml'}
    c: {$ref: 'folder/secret.yaml'}
-- b.yaml --
type: string
-- ../outside/secret.yaml --
type: string
`)
	for link, target := range map[string]string{"in.yaml": "b.yaml", "out.yaml": "../outside/secret.yaml", "folder": "../outside"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Skipf("without symbolic links: %v", err)
		}
	}
	_, problems := Load(filepath.Join(folder, "contract.yaml"), source.Options{})
	got := strings.ReplaceAll(problems.Error(), folder+string(filepath.Separator), "")
	checkProblems(t, got,
		"contract.yaml:6:15: /components/schemas/b/$ref: out.yaml is outside the contract's folder; move it there, or allow it with -allow-outside",
		"contract.yaml:7:15: /components/schemas/c/$ref: folder/secret.yaml is outside the contract's folder; move it there, or allow it with -allow-outside",
	)
	if d, problems := Load(filepath.Join(folder, "contract.yaml"), source.Options{AllowOutside: true}); len(problems) > 0 || len(d.Schemas) != 3 {
		t.Errorf("with AllowOutside: %v", problems)
	}
}

func TestRemote(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a.yaml":
			fmt.Fprint(w, "b: {$ref: 'c/c.json#/d'}")
		case "/c/c.json":
			fmt.Fprint(w, `{"d": {"type": "string"}, "e": {"$ref": "/etc/passwd"}}`)
		case "/large.yaml":
			fmt.Fprint(w, strings.Repeat("#", 2000))
		case "/slow.yaml":
			<-r.Context().Done()
		case "/inside.yaml":
			http.Redirect(w, r, "/a.yaml", http.StatusFound)
		case "/outside.yaml":
			http.Redirect(w, r, "http://user:secret@127.0.0.2:1/x", http.StatusFound)
		case "/loop.yaml":
			http.Redirect(w, r, "/loop.yaml", http.StatusFound)
		case "/file.yaml":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	files := strings.ReplaceAll(contract+`components:
  schemas:
    a: {$ref: 'HOST/a.yaml#/b'}
    b: {$ref: 'HOST/missing.yaml'}
    c: {$ref: 'HOST/large.yaml'}
    d: {$ref: 'HOST/slow.yaml'}
    e: {$ref: 'HOST/file.yaml'}
    f: {$ref: 'HOST/c/c.json#/e'}
    g: {$ref: 'HOST/inside.yaml#/b'}
    h: {$ref: 'HOST/outside.yaml'}
    i: {$ref: 'HOST/loop.yaml'}
`, "HOST", server.URL)
	d, got := loadArchive(t, files, source.Options{AllowRemote: true, MaxFileSize: 1000, RemoteTimeout: 200 * time.Millisecond})
	got = strings.ReplaceAll(got, server.URL, "HOST")
	checkProblems(t, got,
		"contract.yaml:6:15: /components/schemas/b/$ref: fetch HOST/missing.yaml: 404 Not Found",
		"contract.yaml:7:15: /components/schemas/c/$ref: HOST/large.yaml is larger than 1000 bytes",
		"contract.yaml:8:15: /components/schemas/d/$ref: fetch: Get \"HOST/slow.yaml\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
		"contract.yaml:9:15: /components/schemas/e/$ref: HOST/file.yaml is redirected to file:///etc/passwd, which is not followed; refer to that address, if it is to be trusted",
		"contract.yaml:12:15: /components/schemas/h/$ref: HOST/outside.yaml is redirected to http://xxxxx@127.0.0.2:1/x, which is not followed; refer to that address, if it is to be trusted",
		"contract.yaml:13:15: /components/schemas/i/$ref: fetch: Get \"/loop.yaml\": more than 10 redirects",
		"HOST/c/c.json:1:41: /e/$ref: fetch HOST/etc/passwd: 404 Not Found",
	)
	if len(d.Schemas) != 2 || d.Schemas[0].Types[0] != "string" || d.Schemas[0].Name != "d" {
		t.Errorf("got %v", d.Schemas)
	}
}

func TestLoadLimits(t *testing.T) {
	many := contract + "components:\n  schemas:\n"
	var files strings.Builder
	for i := range 5 {
		many += fmt.Sprintf("    s%d: {$ref: 's%d.yaml'}\n", i, i)
		fmt.Fprintf(&files, "-- s%d.yaml --\n[1, 2, 3]\n", i)
	}
	chain := contract + "components:\n  schemas:\n"
	for i := range 200 {
		chain += fmt.Sprintf("    s%d: {$ref: '#/components/schemas/s%d'}\n", i, i+1)
	}
	chain += "    s200: {}\n"
	tests := []struct {
		name, files string
		options     source.Options
		want        string
	}{
		{"size", contract + "# " + strings.Repeat("x", 100), source.Options{MaxFileSize: 100}, "contract.yaml: contract.yaml is larger than 100 bytes"},
		{"files", many + files.String(), source.Options{MaxFiles: 3}, "contract.yaml:7:16: /components/schemas/s2/$ref: s2.yaml is not read: more than 3 files"},
		{"values of all files", many + files.String(), source.Options{MaxNodes: 26}, "s2.yaml:1:2: more than 26 values after aliases are expanded; refer to what is deep or stands often with $ref"},
		{"references", chain, source.Options{}, "contract.yaml:105:18: /components/schemas/s100/$ref: more than 100 references lead from one to the next; refer to the value itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := loadArchive(t, tt.files, tt.options)
			if !strings.Contains("\n"+problems+"\n", "\n"+tt.want+"\n") {
				t.Errorf("got:\n%s\nwant among them:\n%s", problems, tt.want)
			}
		})
	}
}

func TestLoadVersions(t *testing.T) {
	tests := []struct{ contract, want string }{
		{"[]", "contract.yaml:1:1: this is not an AsyncAPI contract: a contract is an object, found array; a contract begins with the line asyncapi: 3.0.0"},
		{"a: 1", `contract.yaml:1:1: the field "asyncapi" is missing: this is not an AsyncAPI contract`},
		{"asyncapi: 3.0", `contract.yaml:1:11: /asyncapi: the version must be a string, found number; write it as "2.0.0" to "2.6.0", "3.0.0" or "3.1.0"`},
		{"asyncapi: 1.2.0", `contract.yaml:1:11: /asyncapi: version "1.2.0" is not read; write it as "2.0.0" to "2.6.0", "3.0.0" or "3.1.0"`},
	}
	for _, tt := range tests {
		d, problems := loadArchive(t, "-- contract.yaml --\n"+tt.contract+"\n", source.Options{})
		if d != nil {
			t.Errorf("%s: got a document", tt.contract)
		}
		checkProblems(t, problems, tt.want)
	}
	if d, problems := Load(filepath.Join(t.TempDir(), "none", "contract.yaml"), source.Options{}); d != nil || !problems.Fatal() {
		t.Errorf("a folder that is not there: %v", problems)
	}
	if d, problems := Load(filepath.Join(t.TempDir(), "contract.yaml"), source.Options{}); d != nil || !problems.Fatal() {
		t.Errorf("a file that is not there: %v", problems)
	}
	if d, problems := Load(t.TempDir(), source.Options{}); d != nil || !problems.Fatal() {
		t.Errorf("a folder: %v", problems)
	}
}

// Credentials in the addresses of a contract are for the host alone.
func TestCredentialsAreNotPrinted(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch user, password, _ := r.BasicAuth(); {
		case user != "team" || password != "sec:ret":
			http.Error(w, "who are you?", http.StatusUnauthorized)
		case r.URL.Path == "/a.yaml":
			fmt.Fprint(w, "a: {$ref: 'b.yaml#/zz'}\nb: {type: x}\nc: {$ref: '#/c'}\n")
		case r.URL.Path == "/b.yaml":
			fmt.Fprint(w, "b: {}")
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	host := strings.Replace(server.URL, "://", "://team:sec%3Aret@", 1)
	files := strings.ReplaceAll(contract+`servers: {s: {host: 'HOST/x', protocol: 1}}
components:
  schemas:
    a: {$ref: 'HOST/a.yaml#/a'}
    b: {$ref: 'HOST/a.yaml#/b'}
    c: {$ref: 'HOST/a.yaml#/c'}
    d: {$ref: 'HOST/none.yaml'}
    e: {$ref: 'HOST:x/none.yaml'}
    HOST: {type: x}
`, "HOST", host)
	for _, allowed := range []bool{true, false} {
		_, problems := loadArchive(t, files, source.Options{AllowRemote: allowed})
		if strings.Contains(problems, "team") || strings.Contains(problems, "ret@") {
			t.Error(problems)
		}
		if allowed && !strings.Contains(problems, `is nothing called "zz"`) {
			t.Errorf("relative references do not have the credentials: %s", problems)
		}
	}
}
