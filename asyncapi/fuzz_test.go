package asyncapi_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// FuzzLoad decodes whatever is in a contract: it must neither panic nor hang.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"spec-v*/v*/*.yml", "probes-amqp/*.json", "bad/parser-js/*/0*.json"} {
		files, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Add([]byte("asyncapi: 3.0.0\nchannels:\n  a: {$ref: '#/channels/a'}\noperations: {o: {channel: {$ref: '#/channels/a'}, traits: [{bindings: {amqp: {cc: x}}}]}}\n"))
	f.Add([]byte("asyncapi: 2.6.0\nchannels: {a: {publish: {traits: [{message: {payload: {$ref: '#'}}}], message: {oneOf: [{payload: {$id: x, items: {$ref: '#'}}}]}}}}\n"))
	name := filepath.Join(f.TempDir(), "contract.yaml")
	o := source.Options{MaxNodes: 20_000}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, problems := asyncapi.Load(name, o)
		for _, p := range problems {
			if p.File == "" {
				t.Errorf("a problem without a place: %v", p)
			}
		}
	})
}
