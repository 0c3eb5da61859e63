package source

import (
	"fmt"
	"slices"
	"strings"
)

// Names that are longer than maxNameCompared, and candidates after the first maxCandidates, are not
// compared: a malicious contract may have names of a megabyte, or a hundred thousand of them.
const (
	maxNameCompared = 100
	maxCandidates   = 1000
	maxListed       = 8
)

// DidYouMean returns a hint with the candidate that is nearest to a name that does not exist, or
// with all candidates when they are few, or "".
func DidYouMean(name string, candidates []string) string {
	hint := Nearest(name, candidates)
	isLong := func(c string) bool { return len(c) > maxNameCompared }
	if hint != "" || len(candidates) == 0 || len(candidates) > maxListed || slices.ContainsFunc(candidates, isLong) {
		return hint
	}
	return allOf(candidates)
}

// allOf returns a hint with all candidates.
func allOf(candidates []string) string {
	quoted := make([]string, len(candidates))
	for i, c := range candidates {
		quoted[i] = fmt.Sprintf("%q", c)
	}
	slices.Sort(quoted)
	switch len(quoted) {
	case 0:
		return ""
	case 1:
		return "there is " + quoted[0]
	}
	return "there are " + strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}

// Nearest returns a hint with the candidate that is nearest to a name, or "" when more than a third
// of its letters would be wrong.
func Nearest(name string, candidates []string) string {
	wrong := max(1, len([]rune(name))/3)
	return NearestWithin(name, candidates, func(string) int { return wrong })
}

// HasNearly reports whether an object lacks a field and has one whose name is nearly the same: that
// is reported as not a field, and what is missing is no second mistake. Known fields and extensions
// are not taken for it.
func (v *Value) HasNearly(name string, known []string) bool {
	return v.Get(name) == nil && slices.ContainsFunc(v.Fields[:min(len(v.Fields), maxCandidates)], func(f Field) bool {
		return !slices.Contains(known, f.Name) && !IsExtension(f.Name) && Nearest(f.Name, []string{name}) != ""
	})
}

// NearestWithin returns a hint with the candidate that is nearest to a name, or "" when none has at
// most the allowed number of wrong letters. It does not compare very long names, and only a limited
// number of candidates, so that malicious contracts cannot keep it busy for minutes.
func NearestWithin(name string, candidates []string, allowed func(candidate string) int) string {
	if len(name) > maxNameCompared {
		return ""
	}
	best, distance := "", maxNameCompared
	for _, c := range candidates[:min(len(candidates), maxCandidates)] {
		if len(c) > 2*maxNameCompared {
			continue
		}
		limit := min(allowed(c)+1, distance)
		if d := editDistance(name, c, limit); d < limit {
			best, distance = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// editDistance returns how many insertions, deletions, replacements and swaps of neighbours turn a
// into b. It ignores case. Distances of limit or more are returned as limit.
func editDistance(a, b string, limit int) int {
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if len(s)-len(t) >= limit || len(t)-len(s) >= limit {
		return limit
	}
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		least := row[0]
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		if least >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return min(last[len(t)], limit)
}
