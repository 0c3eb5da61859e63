package payload

import (
	"regexp"
	"testing"
)

func TestWhichPatternsAreSimple(t *testing.T) {
	for _, expression := range []string{
		`^[A-Z]{2}$`, `^[A-Z]{3}-[0-9]{4}$`, `^\d+\.\d*$`, `^a?b*c+$`, `^(abc)$`, `^$`, `^x{2,5}y$`, `^[^\x00-\x1f\x80-\x{10ffff}]*$`,
	} {
		if _, ok := compileSimple(expression); !ok {
			t.Errorf("%s needs no search", expression)
		}
	}
	for _, expression := range []string{
		`abc`, `^abc`, `abc$`, `^a*a$`, `^a*b?a$`, `^(a|bc)$`, `^(ab)+$`, `(?i)^abc$`, `^é$`, `^.$`, `^[^a]$`, `^\ba$`, `^a+?a$`, `(?m)^a$`, `^a$|^b$`, `[`, `^(a{2}){3}$`,
	} {
		if parts, ok := compileSimple(expression); ok {
			t.Errorf("%s needs a search: got %v", expression, parts)
		}
	}
}

// TestSimpleOfFewCharacters holds all patterns of up to three parts against package regexp, with all texts of up to four characters.
func TestSimpleOfFewCharacters(t *testing.T) {
	var parts []string
	for _, set := range []string{"a", "b", "[ab]"} {
		for _, times := range []string{"", "?", "*", "+", "{2}", "{1,2}", "{2,}"} {
			parts = append(parts, set+times)
		}
	}
	texts := sequences([]string{"a", "b", "c"}, 4)
	simple := 0
	for _, expression := range sequences(parts, 3) {
		compiled, ok := compileSimple("^" + expression + "$")
		if !ok {
			continue
		}
		simple++
		search := regexp.MustCompile("^" + expression + "$")
		for _, text := range texts {
			if got, want := compiled.match(text), search.MatchString(text); got != want {
				t.Fatalf("%q matches ^%s$: got %v, want %v", text, expression, got, want)
			}
		}
	}
	if simple < 1000 {
		t.Errorf("only %d of the patterns are simple", simple)
	}
}

// sequences returns all sequences of up to most items, the empty one too.
func sequences(items []string, most int) []string {
	list := []string{""}
	for begin := 0; most > 0; most-- {
		end := len(list)
		for _, sequence := range list[begin:end] {
			for _, item := range items {
				list = append(list, sequence+item)
			}
		}
		begin = end
	}
	return list
}

func FuzzSimple(f *testing.F) {
	for expression, text := range map[string]string{
		`^[A-Z]{3}-[0-9]{4}$`: "ABC-1234", `^\d+\.\d*$`: "19.99", `^a?b*c+$`: "abbcc", `^[^\x00-\x1f\x7f-\x{10ffff}]{0,9}$`: "a b", `^$`: "",
		`^x{2,}y\z`: "xxxy", `\A[[:alpha:]]+\d{1,3}$`: "ab12", `^(a)(b{2})$`: "abb", `^[a-z]*é$`: "abcé", `^a$`: "a\n",
	} {
		f.Add(expression, text)
	}
	f.Fuzz(func(t *testing.T, expression, text string) {
		parts, ok := compileSimple(expression)
		if !ok {
			return
		}
		search, err := regexp.Compile(expression)
		if err != nil {
			t.Fatalf("%q is taken, package regexp says %v", expression, err)
		}
		if got, want := parts.match(text), search.MatchString(text); got != want {
			t.Errorf("%q matches %q: got %v, want %v", text, expression, got, want)
		}
	})
}
