package plan_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
)

// A contract that is planned again gives the same plan.
func TestPlanAgain(t *testing.T) {
	files, planned := contracts(t), 0
	for _, file := range files {
		doc, problems := asyncapi.Load(file, source.Options{})
		if problems.Fatal() {
			continue
		}
		first, firstProblems := plan.Build(doc, plan.Options{Tests: true})
		if first != nil {
			planned++
		}
		for range 3 {
			again, problems := plan.Build(doc, plan.Options{Tests: true})
			if !reflect.DeepEqual(first, again) || !reflect.DeepEqual(firstProblems, problems) {
				t.Errorf("%s: the plan is another one the next time", file)
				break
			}
		}
	}
	if planned < len(files)/2 {
		t.Errorf("only %d of %d contracts are planned", planned, len(files))
	}
	t.Logf("%d of %d contracts are planned", planned, len(files))
}

// Each contract with a channel for RabbitMQ gives a package, also if the channel has no message.
func TestChannelsGivePackages(t *testing.T) {
	for _, file := range contracts(t) {
		doc, problems := asyncapi.Load(file, source.Options{AllowOutside: true})
		if problems.Fatal() || len(doc.Channels) == 0 {
			continue
		}
		p, problems := plan.Build(doc, plan.Options{})
		leftOut := strings.Count(problems.Error(), "is left out: none of its servers speaks amqp")
		if p != nil && len(p.Clients) == 0 && leftOut < len(doc.Channels) {
			t.Errorf("%s gives no package:\n%v", file, problems)
		}
	}
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
