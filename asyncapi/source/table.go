package source

import (
	"fmt"
	"math"
	"strings"
)

// A Table says which fields an object may have, and what their types are. A Reader reads objects by
// it.
type Table struct {
	Title string // as in a sentence: "a queue"
	Rows  []Row
	// Open allows other fields, which are ignored with a warning.
	Open bool
	// Hints are the hints for fields that the object does not have: those of other objects and
	// versions, also where capitals, "_" and "-" differ.
	Hints map[string]string
}

// A Row is one field of an object.
type Row struct {
	Name string
	Is   Type
	Doc  string // one line
	// Required is set for fields that an object must have.
	Required bool
	// Strict makes a wrong value a mistake even if the rest of the object is read leniently.
	Strict bool
}

// names returns the names of the rows.
func (t *Table) names() []string {
	names := make([]string, len(t.Rows))
	for i, row := range t.Rows {
		names[i] = row.Name
	}
	return names
}

// A Type says which values are allowed. Its String is used in messages: "an integer from 1 to
// 1000".
type Type struct {
	kind        typeKind
	choices     []string
	least, most int64 // of an Integer; most is also the length of a string in bytes, 0 for any
	hint        string
}

type typeKind uint8

const (
	anyType typeKind = iota
	textType
	wordType
	choiceType
	flagType
	integerType
	textsType
	textOrTextsType
	decimalType
	countType
	mapType
	listType
	textOrMapType
)

// The types of values.
var (
	Any         = Type{}                      // any value
	Text        = Type{kind: textType}        // a string
	Word        = Type{kind: wordType}        // a string that is not empty
	Flag        = Type{kind: flagType}        // a boolean
	Decimal     = Type{kind: decimalType}     // a number
	Count       = Type{kind: countType}       // an integer of 0 or more, of any size
	Texts       = Type{kind: textsType}       // an array of strings
	TextOrTexts = Type{kind: textOrTextsType} // a string, or an array of strings
	Map         = Type{kind: mapType}         // an object
	List        = Type{kind: listType}        // an array
	TextOrMap   = Type{kind: textOrMapType}   // a string or an object
)

// Choice returns the type of one of several strings.
func Choice(choices ...string) Type { return Type{kind: choiceType, choices: choices} }

// Integer returns the type of the integers from least to most.
func Integer(least, most int64) Type { return Type{kind: integerType, least: least, most: most} }

// Hint returns the type with a hint for values that are not of it.
func (t Type) Hint(hint string) Type {
	t.hint = hint
	return t
}

// Bytes returns the type of strings with at most so many bytes.
func (t Type) Bytes(most int64) Type {
	t.most = most
	return t
}

// String returns the type as messages name it: "a string".
func (t Type) String() string {
	if t.kind == choiceType {
		if len(t.choices) == 1 {
			return t.choices[0]
		}
		return "one of " + strings.Join(t.choices, ", ")
	}
	if t.kind == integerType {
		return "an integer " + rangeText(t.least, t.most)
	}
	return map[typeKind]string{
		anyType: "any value", textType: String.WithArticle(), wordType: "a string that is not empty", flagType: Bool.WithArticle(),
		decimalType: Number.WithArticle(), countType: "an integer " + rangeText(0, math.MaxInt64),
		textsType: "an array of strings", textOrTextsType: "a string or an array of strings", mapType: Object.WithArticle(),
		listType: Array.WithArticle(), textOrMapType: "a string or an object",
	}[t.kind]
}

// rangeText returns the range from least to most as messages name it: "from 0 to 255".
func rangeText(least, most int64) string {
	switch {
	case least == math.MinInt64 && most == math.MaxInt64:
		return "that fits 64 bits"
	case most == math.MaxInt64:
		return fmt.Sprintf("of %d or more", least)
	default:
		return fmt.Sprintf("from %d to %d", least, most)
	}
}

// Choices returns the strings of a Choice.
func (t Type) Choices() []string { return t.choices }
