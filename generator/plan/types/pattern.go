package types

import (
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A checker makes the rules of values.
type checker struct {
	report        *report.Report
	ignoreFormats bool
	patterns      map[string]*payload.Pattern // by the contract's text
	instructions  int                         // of the programs of all patterns
}

// pattern returns a pattern of s, nil for "". A pattern that package regexp does not support,
// because it needs backtracking, is refused by name.
func (c *checker) pattern(s *schema.Schema, text string) *payload.Pattern {
	if text == "" {
		return nil
	}
	if c.patterns[text] == nil {
		c.patterns[text] = c.newPattern(s, text)
	}
	return c.patterns[text]
}

func (c *checker) newPattern(s *schema.Schema, text string) *payload.Pattern {
	at := s.At("pattern")
	if len(text) > schema.MaxPattern {
		c.report.TooLarge(at, "pattern", schema.MaxPattern, "bytes in a pattern")
		return nil
	}
	expression, size, err := goPattern(text)
	if err != nil {
		c.report.Unsupported(at, "schema/pattern", fmt.Sprintf("the pattern %q: %v", text, err), "write it without, or give the schema a Go type of your own with x-go-type")
		return nil
	}
	if size > schema.MaxPattern {
		c.report.TooLarge(at, "pattern", schema.MaxPattern, "instructions in the program of a pattern")
		return nil
	}
	if c.instructions += size; c.instructions > schema.MaxPatterns {
		c.report.TooLarge(at, "patterns", schema.MaxPatterns, "instructions in the programs of all patterns")
		return nil
	}
	return payload.NewPattern(text, expression)
}

// goPattern translates a regular expression of ECMA-262 (with the flag u, if that matters) to the
// syntax of package regexp. It also returns how many instructions its program has.
func goPattern(pattern string) (expression string, size int, err error) {
	p := patternReader{rest: pattern}
	for p.rest != "" && p.err == nil {
		p.atom()
	}
	if p.err != nil {
		return "", 0, p.err
	}
	parsed, err := syntax.Parse(p.out.String(), syntax.Perl)
	if err != nil {
		return "", 0, fmt.Errorf("package regexp says %w", err)
	}
	return p.out.String(), schema.PatternSize(parsed), nil
}

// A patternReader translates a pattern piece by piece.
type patternReader struct {
	rest string
	out  strings.Builder
	err  error
}

const (
	// spaces are what ECMA-262 takes \s for, as part of a class.
	spaces = `\t-\r\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF} `
	// lineEnds are what a dot does not match.
	lineEnds = `\n\r\x{2028}\x{2029}`
	anything = `\x{0}-\x{10FFFF}`
)

// atom translates one piece outside of a class.
func (p *patternReader) atom() {
	switch {
	case p.take("[^]"):
		p.out.WriteString("[" + anything + "]")
	case p.take("[]"):
		p.out.WriteString("[^" + anything + "]")
	case p.take("["):
		p.class()
	case p.take("."):
		p.out.WriteString("[^" + lineEnds + "]")
	case p.take(`\s`):
		p.out.WriteString("[" + spaces + "]")
	case p.take(`\S`):
		p.out.WriteString("[^" + spaces + "]")
	case p.take(`\b`):
		p.out.WriteString(`\b`)
	case p.take(`\B`):
		p.out.WriteString(`\B`)
	case p.take(`\`):
		p.escape()
	case strings.HasPrefix(p.rest, "(?"):
		p.group()
	default:
		p.copy()
	}
}

// group translates the beginning of a group that is more than a bracket.
func (p *patternReader) group() {
	for _, look := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.HasPrefix(p.rest, look) {
			p.err = fmt.Errorf("%q looks around, which package regexp cannot", look)
			return
		}
	}
	p.take("(?")
	p.out.WriteString("(?")
}

// class translates what follows an opening bracket, up to the closing one.
func (p *patternReader) class() {
	p.out.WriteByte('[')
	if p.take("^") {
		p.out.WriteByte('^')
	}
	for p.err == nil {
		switch {
		case p.rest == "":
			p.err = fmt.Errorf("a class without end")
		case p.take("]"):
			p.out.WriteByte(']')
			return
		case p.take("["):
			p.out.WriteString(`\[`)
		case p.take(`\s\S`), p.take(`\S\s`), p.take(`\d\D`), p.take(`\w\W`):
			p.out.WriteString(anything)
		case p.take(`\s`):
			p.out.WriteString(spaces)
		case p.take(`\S`):
			p.err = fmt.Errorf(`\S within a class`)
		case p.take(`\b`):
			p.out.WriteString(`\x08`)
		case p.take(`\`):
			p.escape()
		default:
			p.copy()
		}
	}
}

// escape translates what follows a backslash, in a class or outside.
func (p *patternReader) escape() {
	r, size := utf8.DecodeRuneInString(p.rest)
	if size == 0 {
		p.err = fmt.Errorf("a backslash at the end")
		return
	}
	p.rest = p.rest[size:]
	switch {
	case r == 'u':
		p.unicode()
	case r == 'c' && p.rest != "":
		p.point(rune(p.rest[0] % 32))
		p.rest = p.rest[1:]
	case r == 'p' || r == 'P':
		p.property(r)
	case r == '0':
		p.point(0)
	case '1' <= r && r <= '9', r == 'k':
		p.err = fmt.Errorf(`\%c refers back, which package regexp cannot`, r)
	case strings.ContainsRune("dDwWfnrtvx", r):
		p.out.WriteString(`\` + string(r))
	default: // a literal character
		p.point(r)
	}
}

// unicode translates \uXXXX, a pair of them, or \u{X}.
func (p *patternReader) unicode() {
	if inner, rest, ok := strings.Cut(p.rest, "}"); ok && strings.HasPrefix(inner, "{") {
		p.rest = rest
		p.hex(inner[1:])
		return
	}
	if len(p.rest) < 4 {
		p.err = fmt.Errorf(`\u without four digits`)
		return
	}
	high := p.rest[:4]
	p.rest = p.rest[4:]
	if r, err := strconv.ParseUint(high, 16, 16); err == nil && utf16.IsSurrogate(rune(r)) && strings.HasPrefix(p.rest, `\u`) && len(p.rest) >= 6 {
		low, _ := strconv.ParseUint(p.rest[2:6], 16, 16)
		p.rest = p.rest[6:]
		p.point(utf16.DecodeRune(rune(r), rune(low)))
		return
	}
	p.hex(high)
}

func (p *patternReader) hex(digits string) {
	r, err := strconv.ParseUint(digits, 16, 21)
	if err != nil {
		p.err = fmt.Errorf(`\u without its digits`)
		return
	}
	p.point(rune(r))
}

// property translates \p{Script=Greek}, \p{Lu} and the like.
func (p *patternReader) property(kind rune) {
	inner, rest, ok := strings.Cut(p.rest, "}")
	if !ok || !strings.HasPrefix(inner, "{") {
		p.err = fmt.Errorf(`\%c without a property`, kind)
		return
	}
	p.rest = rest
	name := inner[1:]
	if _, value, ok := strings.Cut(name, "="); ok {
		name = value
	}
	p.out.WriteString(`\` + string(kind) + "{" + name + "}")
}

// point writes one literal character.
func (p *patternReader) point(r rune) {
	switch {
	case r < ' ' || r > '~':
		fmt.Fprintf(&p.out, `\x{%X}`, r)
	case strings.ContainsRune(`\.+*?()|[]{}^$-`, r):
		p.out.WriteString(`\` + string(r))
	default:
		p.out.WriteRune(r)
	}
}

// copy takes the next character over as it is.
func (p *patternReader) copy() {
	_, size := utf8.DecodeRuneInString(p.rest)
	p.out.WriteString(p.rest[:size])
	p.rest = p.rest[size:]
}

// take moves past prefix if that comes next.
func (p *patternReader) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}
