package plan_test

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// A contract whose keys stand in another order gives the same plan.
func TestShuffledKeys(t *testing.T) {
	files, planned := contracts(t), 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var root yaml.Node
		if yaml.Unmarshal(text, &root) != nil {
			continue // JSON that YAML does not read
		}
		straight := planOf(t, &root)
		if straight != nil {
			planned++
		}
		for seed := range uint64(3) {
			shuffle(&root, rand.New(rand.NewPCG(seed, 1)))
			if diff := cmp.Diff(straight, planOf(t, &root), cmpopts.IgnoreFields(types.Type{}, "File"), cmpopts.IgnoreFields(report.Note{}, "Position")); diff != "" {
				t.Errorf("%s: the plan is another one when the keys are shuffled (-straight +shuffled):\n%s", file, diff)
				break
			}
		}
	}
	if planned < len(files)/2 {
		t.Errorf("only %d of %d contracts are planned", planned, len(files))
	}
	t.Logf("%d of %d contracts are planned", planned, len(files))
}

// contracts returns the real contracts of the corpus.
func contracts(t *testing.T) []string {
	t.Helper()
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	var files []string
	for _, folder := range []string{"amqp-real", "probes-amqp", "spec-v3/v3.0.0", "spec-v2/v2.6.0"} {
		err := filepath.WalkDir(filepath.Join(corpus, folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files = append(files, path)
			}
			return err
		})
		if os.IsNotExist(err) {
			t.Skip("the corpus is not there: ../shared/corpus")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// planOf plans the contract that root stands for; nil when it cannot be planned.
func planOf(t *testing.T, root *yaml.Node) *plan.Plan {
	t.Helper()
	var text bytes.Buffer
	if err := yaml.NewEncoder(&text).Encode(root); err != nil {
		return nil
	}
	file := filepath.Join(t.TempDir(), "contract.yaml")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, problems := asyncapi.Load(file, source.Options{})
	if problems.Fatal() {
		return nil
	}
	p, _ := plan.Build(doc, plan.Options{Output: names.Output{ImportPath: "example.com/shop"}})
	return p
}

// shuffle puts the keys of all mappings below n in another order, those that anchors stand in apart: an alias must
// come after its anchor.
func shuffle(n *yaml.Node, random *rand.Rand) {
	for _, child := range n.Content {
		shuffle(child, random)
	}
	if n.Kind != yaml.MappingNode || hasAnchor(n) {
		return
	}
	random.Shuffle(len(n.Content)/2, func(i, j int) {
		n.Content[2*i], n.Content[2*j] = n.Content[2*j], n.Content[2*i]
		n.Content[2*i+1], n.Content[2*j+1] = n.Content[2*j+1], n.Content[2*i+1]
	})
}

func hasAnchor(n *yaml.Node) bool {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		return true
	}
	return slices.ContainsFunc(n.Content, hasAnchor)
}
