package source

import (
	"sort"
	"unicode/utf8"
)

// lines converts byte offsets, as encoding/json has them, and lines and columns of YAML to
// positions. YAML counts columns in characters, and also ends lines at a lone carriage return,
// U+0085, U+2028 and U+2029. Editors and positions count bytes and line feeds.
type lines struct {
	file   string
	data   []byte
	starts []int // offset of each line as editors count
	yaml   []int // offset of each line as YAML counts; made on first use
	cursor struct{ line, column, offset int }
}

func newLines(file string, data []byte) *lines {
	l := &lines{file: file, data: data, starts: []int{0}}
	for i, c := range data {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// at returns the position of a byte offset.
func (l *lines) at(offset int) Position {
	offset = min(offset, len(l.data))
	line := sort.SearchInts(l.starts, offset+1) // the first that starts after offset: 1-based line
	return Position{File: l.file, Line: line, Column: offset - l.starts[line-1] + 1}
}

// fromYAML returns the position of a YAML line and column, both from 1.
func (l *lines) fromYAML(line, column int) Position {
	if l.yaml == nil {
		l.yaml = yamlLineStarts(l.data)
	}
	line = max(1, min(line, len(l.yaml)))
	// Nodes come mostly in order: going on from the last one keeps a file of
	// one long line from costing its square.
	c := &l.cursor
	if c.line != line || c.column > column {
		c.line, c.column, c.offset = line, 1, l.yaml[line-1]
	}
	for c.column < column && c.offset < len(l.data) {
		_, size := utf8.DecodeRune(l.data[c.offset:])
		c.offset += size
		c.column++
	}
	return l.at(c.offset)
}

func yamlLineStarts(data []byte) []int {
	starts := []int{0}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		i += size
		switch r {
		case '\r':
			if i < len(data) && data[i] == '\n' {
				i++
			}
			starts = append(starts, i)
		case '\n', '\u0085', '\u2028', '\u2029':
			starts = append(starts, i)
		}
	}
	return starts
}
