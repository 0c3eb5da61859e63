//go:build !race

package contracts

import (
	"cmp"
	"runtime"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/hostile"
)

// TestHostile measures each attack at a quarter, at half and at all of the size at which it once hurt.
func TestHostile(t *testing.T) {
	var attacks []hostile.Attack
	for _, a := range Attacks {
		attacks = append(attacks, hostile.Attack{Name: a.Name, Size: a.N / 4, Prepare: func(n int) func() string {
			text, folder := a.Contract(n), t.TempDir()
			return func() string {
				problems, err := generate(folder, text)
				switch {
				case err != nil:
					return err.Error()
				case len(problems) == 0:
					return "generated"
				}
				return cmp.Or(problems[0].Feature, "problems")
			}
		}})
	}
	hostile.Measure(t, attacks...)
}

// Whatever a contract asks for, the work of generating is bounded: it is counted as the bytes that are allocated for it. Without the limits of
// docs/contract.md, and the algorithms that need none, these attacks took gigabytes, or did not end. The race detector allocates much of its own: make test runs this
// without it.
func TestContractsCostLittle(t *testing.T) {
	const most = 1 << 30
	for _, attack := range Attacks {
		t.Run(attack.Name, func(t *testing.T) {
			for _, n := range []int{attack.N / 3, attack.N} {
				text := attack.Contract(n)
				folder := t.TempDir()
				before := allocated()
				problems, err := generate(folder, text)
				if err != nil {
					t.Fatal(err)
				}
				used := allocated() - before
				t.Logf("n %d: %d MB, %d problems: %.300s", n, used>>20, len(problems), problems.First(1).Error())
				if n == attack.N && !strings.Contains(problems.Error(), attack.Meets) {
					t.Errorf("n %d: no problem says %q", n, attack.Meets)
				}
				if used > most {
					t.Errorf("n %d: %d MB are allocated", n, used>>20)
				}
			}
		})
	}
}

// allocated returns how many bytes have been allocated since the program began.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}
