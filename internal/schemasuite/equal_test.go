package schemasuite

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
)

// How two JSON values differ.
type differing uint8

const (
	same      differing = iota
	rewritten           // the same instant or identifier in other characters, or without members that the schema does not know
	different
)

func decodeAny(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// difference compares a value with what came back for it.
func difference(before, after any) differing {
	switch before := before.(type) {
	case map[string]any:
		after, ok := after.(map[string]any)
		if !ok {
			return different
		}
		return differenceOfObjects(before, after)
	case []any:
		after, ok := after.([]any)
		if !ok || len(after) != len(before) {
			return different
		}
		worst := same
		for i := range before {
			worst = max(worst, difference(before[i], after[i]))
		}
		return worst
	case string:
		after, ok := after.(string)
		return differenceOfStrings(before, after, ok)
	case json.Number:
		x, okX := new(big.Rat).SetString(string(before))
		number, ok := after.(json.Number)
		y, okY := new(big.Rat).SetString(string(number))
		if !ok || !okX || !okY || x.Cmp(y) != 0 {
			return different
		}
		return same
	}
	if before != after {
		return different
	}
	return same
}

func differenceOfObjects(before, after map[string]any) differing {
	worst := same
	for name, value := range before {
		if back, there := after[name]; there {
			worst = max(worst, difference(value, back))
		} else {
			worst = max(worst, rewritten)
		}
	}
	for name := range after {
		if _, there := before[name]; !there {
			return different
		}
	}
	return worst
}

func differenceOfStrings(before, after string, ok bool) differing {
	if !ok || before == after {
		if ok {
			return same
		}
		return different
	}
	x, errX := time.Parse(time.RFC3339Nano, before)
	y, errY := time.Parse(time.RFC3339Nano, after)
	if errX == nil && errY == nil && x.Equal(y) || strings.EqualFold(before, after) {
		return rewritten
	}
	return different
}
