package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadFile reads one YAML or JSON file as the Value it stands for and follows no
// reference. It returns nil when the file cannot be read; the problems say why.
func ReadFile(file string) (*Value, Problems) {
	problems := &Report{}
	o := Options{}.withDefaults()
	data, err := readRegular(file, os.Stat, os.Open, o.MaxFileSize)
	if err != nil {
		return nil, Problems{{Position: Position{File: file}, Message: err.Error()}}
	}
	v := read(file, data, newBudget(o), problems)
	return v, problems.Problems()
}

// A fileReader brings one file on its way from bytes to a Value.
type fileReader struct {
	*lines
	budget   *budget
	problems *Report
	mistakes int // reported in this file
}

// read turns the bytes of a file into the Value they stand for. It returns nil
// when the file cannot be read as YAML or JSON or breaks a limit; what is wrong
// has then been added to problems. Lesser mistakes, such as a name that stands twice, are
// added too, and the rest of the file is read. A text file, such as a description in Markdown, is one string.
func read(file string, data []byte, b *budget, problems *Report) *Value {
	v := readFile(file, data, b, problems)
	if v != nil {
		v.setParents()
	}
	return v
}

func readFile(file string, data []byte, b *budget, problems *Report) *Value {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	s := &fileReader{lines: newLines(file, data), budget: b, problems: problems}
	if !utf8.Valid(data) {
		s.mistake(s.at(invalidAt(data)), "not valid UTF-8", "save the file in UTF-8")
		return nil
	}
	switch strings.ToLower(path.Ext(file)) {
	case ".md", ".txt", ".html":
		return &Value{Position: s.at(0), Kind: String, Text: string(data)}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		s.mistake(s.at(0), "the file is empty", "")
		return nil
	}
	if isJSON(file, data) {
		return s.readJSON()
	}
	return s.readYAML()
}

// isJSON says whether a file is read as JSON: by its name, else, as YAML is a
// superset in which JSON's escapes partly fail, by whether it is JSON.
func isJSON(file string, data []byte) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".json":
		return true
	case ".yaml", ".yml":
	}
	first := bytes.TrimSpace(data)[0]
	return (first == '{' || first == '[') && json.Valid(data)
}

func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

// maxDigits bounds the digits and the exponent of a number, so that nobody who computes with it exactly
// is led into filling the memory by 1e999999999.
const maxDigits = 1000

// number returns a number by its JSON text.
func (s *fileReader) number(at Position, text string) *Value {
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(text), "e")
	power, err := strconv.Atoi(exponent)
	if len(mantissa) > maxDigits || scaled && (err != nil || power > maxDigits || power < -maxDigits) {
		s.mistake(at, fmt.Sprintf("the number has more than %d digits", maxDigits), "write it as a string")
		return &Value{Position: at, Kind: Number, Text: "0"}
	}
	return &Value{Position: at, Kind: Number, Text: text}
}

// maxMistakes is how many mistakes of the reader's a file may have before the rest of it is not read.
const maxMistakes = 100

// spend takes a value at a level off the budget. When that is not to be had, it reports why and returns false.
func (s *fileReader) spend(n, level int, at Position) bool {
	wrong, hint := s.budget.spend(n, level), "refer to what is deep or stands often with $ref"
	if s.mistakes > maxMistakes {
		wrong, hint = "there are more mistakes, and the rest of the file is not read", "correct those above first"
	}
	if wrong != "" {
		s.mistake(at, wrong, hint)
	}
	return wrong == ""
}

func (s *fileReader) mistake(at Position, message, hint string) {
	s.mistakes++
	s.problems.Add(Problem{Position: at, Message: message, Hint: hint})
}
