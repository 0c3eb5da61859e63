package main

import (
	"fmt"
	"slices"
	"strings"
)

// unified returns how one text becomes another, as diff -u has it; "" when they are equal.
func unified(name, from, to string) string {
	edits := editsOf(slices.Collect(strings.Lines(from)), slices.Collect(strings.Lines(to)))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", name, name)
	header := b.Len()
	fromLine, toLine := 1, 1
	for i := 0; i < len(edits); {
		if edits[i].sign == ' ' {
			i, fromLine, toLine = i+1, fromLine+1, toLine+1
			continue
		}
		begin, end := max(0, i-around), hunkEnd(edits, i)
		fromStart, toStart := fromLine-(i-begin), toLine-(i-begin)
		var lines strings.Builder
		for _, e := range edits[begin:end] {
			lines.WriteByte(e.sign)
			lines.WriteString(strings.TrimSuffix(e.line, "\n") + "\n")
		}
		fromCount, toCount := counts(edits[begin:end])
		fmt.Fprintf(&b, "@@ -%s +%s @@\n%s", span(fromStart, fromCount), span(toStart, toCount), lines.String())
		i, fromLine, toLine = end, fromStart+fromCount, toStart+toCount
	}
	if b.Len() == header {
		return ""
	}
	return b.String()
}

// around is the number of equal lines that are shown around a change.
const around = 3

// An edit is one line of a difference: in both texts (' '), in the first ('-') or in the second ('+').
type edit struct {
	sign byte
	line string
}

// hunkEnd returns where the part of a difference ends that is shown together, and begins with the
// change at i.
func hunkEnd(edits []edit, i int) int {
	end := i
	for j := i; j < len(edits) && j-end <= 2*around; j++ {
		if edits[j].sign != ' ' {
			end = j + 1
		}
	}
	return min(len(edits), end+around)
}

// counts returns how many lines of the first and of the second text there are.
func counts(edits []edit) (from, to int) {
	for _, e := range edits {
		if e.sign != '+' {
			from++
		}
		if e.sign != '-' {
			to++
		}
	}
	return from, to
}

// span is where lines are in a file: an empty part is after the line before it.
func span(start, count int) string {
	if count == 0 {
		start--
	}
	return fmt.Sprintf("%d,%d", start, count)
}

// mostCompared is how many pairs of lines are compared to find what two texts have in common. Beyond
// it all lines between the equal ones at both ends are shown as changed.
const mostCompared = 25_000_000

// editsOf returns the difference of two lists of lines with as many equal lines as there can be.
func editsOf(from, to []string) []edit {
	start := 0
	for start < min(len(from), len(to)) && from[start] == to[start] {
		start++
	}
	tail := 0
	for tail < min(len(from), len(to))-start && from[len(from)-1-tail] == to[len(to)-1-tail] {
		tail++
	}
	var edits []edit
	add := func(sign byte, lines ...string) {
		for _, line := range lines {
			edits = append(edits, edit{sign, line})
		}
	}
	add(' ', from[:start]...)
	x, y := from[start:len(from)-tail], to[start:len(to)-tail]
	common := commonLines(x, y)
	for len(x) > 0 || len(y) > 0 {
		i, j := len(from)-tail-start-len(x), len(to)-tail-start-len(y)
		switch {
		case common != nil && len(x) > 0 && len(y) > 0 && x[0] == y[0]:
			add(' ', x[0])
			x, y = x[1:], y[1:]
		case len(y) == 0 || len(x) > 0 && (common == nil || common[i+1][j] >= common[i][j+1]):
			add('-', x[0])
			x = x[1:]
		default:
			add('+', y[0])
			y = y[1:]
		}
	}
	add(' ', from[len(from)-tail:]...)
	return edits
}

// commonLines returns, for each pair of places in x and y, how many equal lines follow in the same
// order; nil when that would take too long.
func commonLines(x, y []string) [][]int {
	if len(x)*len(y) > mostCompared {
		return nil
	}
	common := make([][]int, len(x)+1)
	common[len(x)] = make([]int, len(y)+1)
	for i := len(x) - 1; i >= 0; i-- {
		common[i] = make([]int, len(y)+1)
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}
