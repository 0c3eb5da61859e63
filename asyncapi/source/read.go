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

// ReadFile reads one YAML or JSON file as a Value, and follows no references. It returns nil when
// the file cannot be read; the problems say why.
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

// A fileReader converts the bytes of one file to a Value.
type fileReader struct {
	*lines
	budget   *budget
	problems *Report
	mistakes int // reported in this file
}

// read converts the bytes of a file to a Value. It returns nil when the file cannot be read as YAML
// or JSON, or exceeds a limit; the reason has then been added to problems. After smaller mistakes,
// such as a duplicate name, which are added too, it reads on. A text file, such as a description in
// Markdown, is one string.
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
	if at := conflictAt(data); at >= 0 {
		s.mistake(s.at(at), "a merge has left its conflict here", "keep one of the two versions, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>")
		return nil
	}
	if isJSON(file, data) {
		return s.readJSON()
	}
	return s.readYAML()
}

// conflictAt returns the offset of the first conflict that a version control system has marked, -1
// when there is none.
func conflictAt(data []byte) int {
	begin := lineWith(data, "<<<<<<< ")
	if begin < 0 || lineWith(data[begin:], ">>>>>>> ") < 0 {
		return -1
	}
	return begin
}

// lineWith returns the offset of the first line that begins with a text, -1 when there is none.
func lineWith(data []byte, text string) int {
	if bytes.HasPrefix(data, []byte(text)) {
		return 0
	}
	if i := bytes.Index(data, []byte("\n"+text)); i >= 0 {
		return i + 1
	}
	return -1
}

// isJSON reports whether a file is read as JSON: by its name, else by its content, because the YAML
// library refuses some of JSON's escapes.
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

// maxDigits limits the digits and the exponent of a number, so that computing with it exactly does
// not fill the memory, as with 1e999999999.
const maxDigits = 1000

// number returns the value of a number in JSON's notation.
func (s *fileReader) number(at Position, text string) *Value {
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(text), "e")
	power, err := strconv.Atoi(exponent)
	if len(mantissa) > maxDigits || scaled && (err != nil || power > maxDigits || power < -maxDigits) {
		s.mistake(at, fmt.Sprintf("the number has more than %d digits", maxDigits), "write it as a string")
		return &Value{Position: at, Kind: Number, Text: "0"}
	}
	return &Value{Position: at, Kind: Number, Text: text}
}

// maxMistakes is the number of mistakes in a file after which the rest of it is not read.
const maxMistakes = 100

// spend subtracts a value at a level from the budget. When that is exhausted, it reports so and
// returns false.
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
