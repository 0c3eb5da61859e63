package frame

import (
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/hostile"
)

// hostileHeaders are tables of about n bytes that are made to need much memory.
var hostileHeaders = []struct {
	name string
	make func(n int) headers
}{
	{"an array of tables with one entry", func(n int) headers { return items(n, 8, headers{"x": nil}) }},
	{"an array of empty tables", func(n int) headers { return items(n, 5, headers{}) }},
	{"an array of nothing", func(n int) headers { return items(n, 1, nil) }},
	{"an array of times", func(n int) headers { return items(n, 9, time.Unix(1, 0)) }},
	{"an array of octets", func(n int) headers { return items(n, 2, byte(1)) }},
	{"an array of empty strings", func(n int) headers { return items(n, 5, "") }},
	{"tables in tables", func(n int) headers {
		var deep any
		for range maxDepth - 2 {
			deep = headers{"x": deep}
		}
		return items(n, 7*(maxDepth-2), deep)
	}},
	{"a table of many names", func(n int) headers {
		table := headers{}
		for i := range n / 7 {
			table[fmt.Sprintf("%05d", i)] = nil
		}
		return table
	}},
	{"one string", func(n int) headers { return headers{"x": strings.Repeat("x", n)} }},
}

func items(n, size int, item any) headers {
	array := make([]any, n/size)
	for i := range array {
		array[i] = item
	}
	return headers{"x": array}
}

func TestHostile(t *testing.T) {
	var attacks []hostile.Attack
	for _, h := range hostileHeaders {
		attacks = append(attacks, hostile.Attack{Name: "headers: " + h.name + ", 100 deliveries", Size: Max / 4, Prepare: func(n int) func() string {
			payload := contentHeader(&message{Headers: h.make(n - 256)})
			return func() string {
				kept, end := make([]message, 100), "read"
				for i := range kept {
					if _, invalid, _ := ParseHeader(payload, new(StringCache), &kept[i]); invalid != nil {
						end = "invalid content"
					}
				}
				goruntime.KeepAlive(kept)
				return end
			}
		}})
	}
	hostile.Measure(t, attacks...)
}

// TestHeadersTakeMemoryInProportion: the memory of a delivery's headers is limited by their length;
// otherwise they are invalid content. Slices and maps that grow leave behind as much again and
// more.
func TestHeadersTakeMemoryInProportion(t *testing.T) {
	for _, h := range hostileHeaders {
		for _, n := range []int{1 << 10, 8 << 10, 32 << 10, Max - 256} {
			payload := contentHeader(&message{Headers: h.make(n)})
			var m message
			var invalid error
			allocated := allocatedBy(func() { _, invalid, _ = ParseHeader(payload, new(StringCache), &m) })
			if most := 3 * (headersMemory + headersFactor*len(payload)); allocated > uint64(most) {
				t.Errorf("%s: %d bytes take %d, want at most %d", h.name, len(payload), allocated, most)
			}
			if invalid != nil && !errors.Is(invalid, ErrLarge) {
				t.Errorf("%s: %v", h.name, invalid)
			}
			if invalid != nil && n == 1<<10 {
				t.Errorf("%s: %d bytes are refused: %v", h.name, len(payload), invalid)
			}
		}
	}
}

// allocatedBy returns how many bytes f allocates.
func allocatedBy(f func()) uint64 {
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	f()
	goruntime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
