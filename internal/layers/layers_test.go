// Package layers keeps the rules of who may import whom.
package layers

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/scampgen/scampgen"

// mayImport has, for each package of the product, the packages outside the
// standard library that its own files import, and no others. A name that ends in
// "/..." stands for all below it.
var mayImport = map[string][]string{
	"asyncapi":          {module + "/asyncapi/schema", module + "/asyncapi/source", module + "/asyncapi/spec"},
	"asyncapi/examples": {module + "/asyncapi", module + "/asyncapi/schema", module + "/asyncapi/source", "github.com/santhosh-tekuri/jsonschema/v6/..."},
	"asyncapi/schema":   {module + "/asyncapi/source", "github.com/getkin/kin-openapi/..."},
	"asyncapi/spec":     {module + "/asyncapi/source"},
	"asyncapi/source":   {"go.yaml.in/yaml/v3"},

	"generator/plan":           {module + "/asyncapi/...", module + "/generator/plan/...", module + "/runtime/payload"},
	"generator/plan/servers":   {module + "/asyncapi", module + "/asyncapi/spec", module + "/generator/plan/extension", module + "/generator/plan/names", module + "/generator/plan/report", module + "/runtime"},
	"generator/plan/topology":  {module + "/asyncapi/...", module + "/generator/plan/extension", module + "/generator/plan/names", module + "/generator/plan/report", module + "/runtime"},
	"generator/plan/types":     {module + "/asyncapi/...", module + "/generator/plan/extension", module + "/generator/plan/names", module + "/generator/plan/report", module + "/runtime/payload", "golang.org/x/mod/module"},
	"generator/plan/names":     {module + "/asyncapi", module + "/asyncapi/source", module + "/generator/plan/extension", module + "/generator/plan/report", "golang.org/x/mod/module"},
	"generator/plan/extension": {module + "/asyncapi/source", module + "/generator/plan/report"},
	"generator/plan/report":    {module + "/asyncapi/source"},

	"generator/emit":    {},
	"templates":         {module + "/generator/emit", module + "/generator/plan/...", module + "/runtime/...", "github.com/dave/jennifer/jen"},
	"generator":         {module + "/asyncapi/...", module + "/generator/emit", module + "/generator/plan/...", module + "/templates", "golang.org/x/sync/errgroup", "golang.org/x/mod/...", "golang.org/x/tools/go/packages"},
	"cmd/scampgen":      {module + "/asyncapi/source", module + "/generator"},
	"runtime":           {module + "/runtime/internal/...", "github.com/rabbitmq/amqp091-go"},
	"runtime/payload":   {},
	"runtime/scamptest": {module + "/runtime"},
	"runtime/scampotel": {module + "/runtime", "go.opentelemetry.io/otel/..."},
	"runtime/service":   {},

	"runtime/scampotel/otelsdk": {module + "/runtime/scampotel", "go.opentelemetry.io/otel/..."},

	"runtime/internal/frame": {},
	"runtime/internal/wire":  {},
}

func TestImports(t *testing.T) {
	for folder, allowed := range mayImport {
		t.Run(folder, func(t *testing.T) {
			imports := list(t, "{{join .Imports \"\\n\"}}", "./"+folder)
			for _, pattern := range allowed {
				if !slices.ContainsFunc(imports, func(imported string) bool { return matches(imported, pattern) }) {
					t.Errorf("%s no longer imports %s: take it off the list", folder, pattern)
				}
			}
			for _, imported := range imports {
				if standard(imported) || slices.ContainsFunc(allowed, func(pattern string) bool { return matches(imported, pattern) }) {
					continue
				}
				t.Errorf("%s imports %s; it may import the standard library and %v", folder, imported, allowed)
			}
		})
	}
}

// What users link: the generator's dependencies must never reach their binaries.
func TestRuntimeLinksOnlyTheClient(t *testing.T) {
	for _, linked := range list(t, "{{if not .Standard}}{{.ImportPath}}{{end}}", "-deps", "./runtime/...") {
		if !matches(linked, module+"/runtime/...") && linked != "github.com/rabbitmq/amqp091-go" {
			t.Errorf("runtime links %s", linked)
		}
	}
}

func list(t *testing.T, format string, arguments ...string) []string {
	t.Helper()
	folder := "../.."
	for i, argument := range arguments { // a package in a module of its own is listed there
		for module := filepath.Clean(argument); module != "."; module = filepath.Dir(module) {
			if _, err := os.Stat(filepath.Join("../..", module, "go.mod")); err == nil {
				arguments[i] = "." + strings.TrimPrefix(filepath.Clean(argument), module)
				folder = filepath.Join("../..", module)
			}
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-f", format}, arguments...)...)
	cmd.Dir = folder
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Fields(string(out))
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func matches(path, pattern string) bool {
	if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == folder || strings.HasPrefix(path, folder+"/")
	}
	return path == pattern
}
