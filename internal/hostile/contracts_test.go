package hostile

import (
	"runtime"
	"strings"
	"testing"
)

// Whatever a contract asks for, the work of generating is bounded: it is counted as the bytes that are allocated for it. Without the limits of
// docs/contract.md, and the algorithms that need none, these attacks took gigabytes, or did not end.
func TestContractsCostLittle(t *testing.T) {
	const most = 1200 << 20 // under the race detector, which adds twice as much of its own
	for _, attack := range Contracts {
		t.Run(attack.Name, func(t *testing.T) {
			for _, n := range []int{attack.N / 3, attack.N} {
				text := attack.Contract(n)
				folder := t.TempDir()
				before := allocated()
				_, problems, err := Generate(folder, text)
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
