package hostile

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/generator"
)

func TestOut(t *testing.T) {
	for _, spec := range strings.Fields(os.Getenv("SPECS")) {
		name, ns, _ := strings.Cut(spec, ":")
		n, _ := strconv.Atoi(ns)
		for _, a := range Contracts {
			if strings.ReplaceAll(a.Name, " ", "_") != name {
				continue
			}
			dir := fmt.Sprintf("zz_out/%s_%d", name, n)
			os.MkdirAll(dir, 0o777)
			f := filepath.Join(dir, "contract.yaml")
			os.WriteFile(f, []byte(a.Contract(n)), 0o600)
			out, ps, err := generator.Generate(generator.Config{Contract: f, Out: dir})
			if err != nil || ps.Fatal() {
				fmt.Println(spec, err, ps.First(1))
				continue
			}
			if _, err := generator.Write(dir, out); err != nil {
				t.Fatal(err)
			}
		}
	}
}
