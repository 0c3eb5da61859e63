//go:build !race

package schemasuite

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// A maker makes instances of a schema: most of them valid, some by luck not.
type maker struct {
	random *rand.Rand
	depth  int
}

// make returns an instance of s.
func (m *maker) make(s *schema.Schema) any {
	m.depth++
	defer func() { m.depth-- }()
	switch {
	case s == nil || s.Always != nil:
		return m.any()
	case s.Const != nil:
		return plain(s.Const)
	case len(s.Enum) > 0:
		return plain(s.Enum[m.random.IntN(len(s.Enum))])
	case len(s.Examples) > 0 && m.random.IntN(3) == 0:
		return plain(s.Examples[m.random.IntN(len(s.Examples))])
	case len(s.OneOf) > 0:
		return m.merge(m.own(s), m.make(s.OneOf[m.random.IntN(len(s.OneOf))]))
	case len(s.AnyOf) > 0:
		return m.merge(m.own(s), m.make(s.AnyOf[m.random.IntN(len(s.AnyOf))]))
	}
	return m.own(s)
}

// own returns an instance of the keywords of s and of its allOf.
func (m *maker) own(s *schema.Schema) any {
	value := m.typed(s)
	for _, part := range s.AllOf {
		value = m.merge(value, m.make(part))
	}
	return value
}

// merge puts two objects into one; of other values the second counts, if there is one.
func (m *maker) merge(x, y any) any {
	first, ok := x.(map[string]any)
	second, okToo := y.(map[string]any)
	switch {
	case ok && okToo:
		maps.Copy(first, second)
		return first
	case y == nil:
		return x
	}
	return y
}

func (m *maker) typed(s *schema.Schema) any {
	kind := impliedType(s)
	if len(s.Types) > 0 {
		kind = s.Types[m.random.IntN(len(s.Types))]
	}
	switch kind {
	case "object":
		return m.object(s)
	case "array":
		return m.array(s)
	case "string":
		return m.string(s)
	case "integer":
		return m.number(s, 1)
	case "number":
		return m.number(s, 4)
	case "boolean":
		return m.random.IntN(2) == 0
	case "null":
		return nil
	}
	if s.AllOf != nil || s.OneOf != nil || s.AnyOf != nil {
		return nil
	}
	return m.any()
}

const deepest = 7

func (m *maker) object(s *schema.Schema) any {
	o := map[string]any{}
	for _, p := range s.Properties {
		if slices.Contains(s.Required, p.Name) || m.depth < deepest && m.random.IntN(4) > 0 {
			o[p.Name] = m.make(p.Schema)
		}
	}
	for _, name := range s.Required {
		if _, there := o[name]; !there {
			o[name] = m.any()
		}
	}
	if s.AdditionalProperties != nil && m.depth < deepest && m.random.IntN(2) == 0 {
		o["more"] = m.make(s.AdditionalProperties)
	}
	return o
}

func (m *maker) array(s *schema.Schema) any {
	n := m.random.IntN(3)
	if m.depth >= deepest {
		n = 0
	}
	if s.MinItems != nil {
		n = max(n, *s.MinItems)
	}
	if s.MaxItems != nil {
		n = min(n, *s.MaxItems)
	}
	list := []any{}
	for i := range n {
		if i < len(s.PrefixItems) {
			list = append(list, m.make(s.PrefixItems[i]))
		} else {
			list = append(list, m.make(s.Items))
		}
	}
	return list
}

// formatExamples are strings of each format, the last one wrong.
var formatExamples = map[string][]string{
	"date-time": {"2026-11-22T10:15:30Z", "2026-11-22T10:15:30.123+02:00", "2026-11-22"},
	"date":      {"2024-02-29", "2026-11-22", "2023-02-29"},
	"time":      {"10:15:30Z", "10:15:30.5+01:00", "10:15"},
	"duration":  {"P1DT2H", "PT5M", "1h"},
	"uuid":      {"2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08"},
	"email":     {"ada@example.com", "ada"},
	"hostname":  {"example.com", "-bad-"},
	"ipv4":      {"192.0.2.1", "192.0.2"},
	"ipv6":      {"2001:db8::1", "2001:db8"},
	"uri":       {"https://example.com/a?b=c", "no uri"},
	"byte":      {"aGVsbG8=", "aGVsbG8=", "aGVsbG8"},
	"decimal":   {"12.50", "-3", "x"},
}

func (m *maker) string(s *schema.Schema) any {
	if all := formatExamples[s.Format]; all != nil {
		return all[m.random.IntN(len(all))]
	}
	words := []string{"", "a", "order", "Zürich", "日本語", "A-1", "ABC-1234", "12345", "x y", "https://example.com"}
	word := words[m.random.IntN(len(words))]
	if s.MinLength != nil && len(word) < *s.MinLength && *s.MinLength < 1000 {
		word += strings.Repeat("x", *s.MinLength)
	}
	return word
}

func (m *maker) number(s *schema.Schema, parts int64) any {
	n := m.random.Int64N(200*parts) - 50*parts
	if limit := json.Number(s.Minimum + s.ExclusiveMinimum); limit != "" && m.random.IntN(2) == 0 {
		return limit
	}
	if limit := json.Number(s.Maximum + s.ExclusiveMaximum); limit != "" && m.random.IntN(2) == 0 {
		return limit
	}
	if parts == 1 || n%parts == 0 {
		return json.Number(formatInt(n / parts))
	}
	return float64(n) / float64(parts)
}

func formatInt(n int64) string {
	text, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// any returns a value of any kind.
func (m *maker) any() any {
	all := []any{"text", true, json.Number("7"), 1.5, []any{json.Number("1")}, map[string]any{"a": "b"}, nil}
	return all[m.random.IntN(len(all))]
}

// mutate returns value with one change somewhere: a member left out or added, or a value in place of another.
func (m *maker) mutate(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if len(v) > 0 && m.random.IntN(4) > 0 {
			return m.mutateObject(v)
		}
		if m.random.IntN(2) == 0 {
			changed := cloneObject(v)
			changed["unheardOf"] = m.any()
			return changed
		}
	case []any:
		if len(v) > 0 && m.random.IntN(4) > 0 {
			changed := slices.Clone(v)
			i := m.random.IntN(len(changed))
			if m.random.IntN(3) == 0 {
				return append(changed, changed[i])
			}
			changed[i] = m.mutate(changed[i])
			return changed
		}
	case string:
		if m.random.IntN(2) == 0 {
			return v + "!"
		}
	case json.Number:
		if m.random.IntN(2) == 0 {
			return json.Number("1" + strings.TrimPrefix(string(v), "-"))
		}
	}
	return m.any()
}

func (m *maker) mutateObject(v map[string]any) any {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[m.random.IntN(len(names))]
	changed := cloneObject(v)
	if m.random.IntN(3) == 0 {
		delete(changed, name)
	} else {
		changed[name] = m.mutate(v[name])
	}
	return changed
}

func cloneObject(v map[string]any) map[string]any {
	return maps.Clone(v)
}
