package runtime

import (
	"strings"
	"testing"
)

func TestUUID(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		id := newUUID()
		if len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) || seen[id] {
			t.Fatalf("%q is no UUID of version 7, or came twice", id)
		}
		seen[id] = true
	}
}
