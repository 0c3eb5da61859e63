package layers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const architecture = "../../docs/design/architecture.md"

// TestPictureOfLayers holds the picture in docs/design/architecture.md against the imports: it has
// each package of the product once, and imports only point to rows below.
func TestPictureOfLayers(t *testing.T) {
	row := map[string]int{}
	for i, line := range strings.Split(section(t, "layers"), "\n") {
		if strings.HasPrefix(line, "```") {
			continue
		}
		for folder := range strings.FieldsSeq(line) {
			if _, twice := row[folder]; twice || mayImport[folder] == nil {
				t.Errorf("%s is there twice, or is no package of the product", folder)
			}
			row[folder] = i
		}
	}
	for folder := range mayImport {
		if _, there := row[folder]; !there {
			t.Errorf("%s is not there", folder)
			continue
		}
		for _, imported := range list(t, "{{join .Imports \"\\n\"}}", "./"+folder) {
			below, own := strings.CutPrefix(imported, module+"/")
			if own && row[below] <= row[folder] {
				t.Errorf("%s imports %s, which is not below it", folder, below)
			}
		}
	}
}

// TestArchitectureNamesFiles looks up each file and folder that docs/design/architecture.md names.
func TestArchitectureNamesFiles(t *testing.T) {
	found := 0
	for _, quoted := range regexp.MustCompile("`([a-z][a-zA-Z0-9_.-]*/[a-zA-Z0-9_./-]+)`").FindAllStringSubmatch(page(t), -1) {
		found++
		if _, err := os.Stat(filepath.Join("../..", quoted[1])); err != nil {
			t.Error(err)
		}
	}
	if found < 100 {
		t.Errorf("only %d files are named: the expression does not find them", found)
	}
}

// section returns what stands between the marks of a name.
func section(t *testing.T, name string) string {
	t.Helper()
	_, rest, begun := strings.Cut(page(t), "<!-- begin "+name+" -->\n")
	text, _, ended := strings.Cut(rest, "<!-- end "+name+" -->")
	if !begun || !ended {
		t.Fatalf("%s has no section %s", architecture, name)
	}
	return text
}

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
