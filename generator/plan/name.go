package plan

import (
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/module"
)

// usualInitialisms are those that Go's linters know, and those of AMQP.
const usualInitialisms = "ACL AMQP API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON LHS QPS RAM RHS RPC " +
	"SLA SMTP SQL SSH TCP TLS TTL UDP UI UID URI URL UTF8 UUID VM XML XMPP XSRF XSS"

// A namer makes Go names from the names of a contract.
type namer struct {
	initialisms map[string]bool // in upper case
}

func newNamer(more []string) namer {
	n := namer{map[string]bool{}}
	for word := range strings.FieldsSeq(usualInitialisms) {
		n.initialisms[word] = true
	}
	for _, word := range more {
		n.initialisms[strings.ToUpper(word)] = true
	}
	return n
}

// exported returns name in MixedCaps: "order_id", "order-id" and "orderId" are all
// OrderID. It is no Go name when name has no letter to begin with: see isExported.
func (n namer) exported(name string) string {
	var b strings.Builder
	shouted := !strings.ContainsFunc(name, unicode.IsLower)
	for _, word := range words(name) {
		b.WriteString(n.word(word, shouted))
	}
	return b.String()
}

// unexported returns name in mixedCaps: "order_id" is orderID.
func (n namer) unexported(name string) string {
	shouted := !strings.ContainsFunc(name, unicode.IsLower)
	all := words(name)
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(strings.ToLower(all[0]))
	for _, word := range all[1:] {
		b.WriteString(n.word(word, shouted))
	}
	return b.String()
}

// word gives one word its capitals. In a name without any lower-case letter
// (ORDER_PLACED) capitals mean nothing.
func (n namer) word(word string, shouted bool) string {
	upper := strings.ToUpper(word)
	if n.initialisms[upper] {
		return upper
	}
	if stem, isPlural := strings.CutSuffix(upper, "S"); isPlural && n.initialisms[stem] {
		return stem + "s"
	}
	first, size := utf8.DecodeRuneInString(word)
	rest := word[size:]
	if shouted {
		rest = strings.ToLower(rest)
	}
	return string(unicode.ToUpper(first)) + rest
}

// words splits name at everything that is no letter or digit, and where an upper-case
// letter follows one that is not.
func words(name string) []string {
	var all []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			all, word = append(all, string(word)), nil
		}
	}
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && len(word) > 0 && !unicode.IsUpper(word[len(word)-1]):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return all
}

// isExported says whether name can be the name of an exported declaration.
func isExported(name string) bool {
	return len(name) <= maxGoName && token.IsIdentifier(name) && token.IsExported(name)
}

// packageName returns name in lower case, with nothing but letters and digits left.
func packageName(name string) string {
	return strings.ToLower(strings.Join(words(name), ""))
}

// takenPackages cannot be the names of generated packages: the Go command gives these folders a meaning
// of its own, generated code imports these packages, or a package of the name cannot be imported.
const takenPackages = " main init internal vendor testdata context runtime payload "

// PackageProblem says what keeps name from being the name of a package, "" when nothing does.
func PackageProblem(name string) string {
	switch {
	case name == "":
		return "nothing is left of it when all but letters and digits is dropped"
	case strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }):
		return "an import path has ASCII letters only"
	case !token.IsIdentifier(name):
		if token.IsKeyword(name) {
			return "it is a Go keyword"
		}
		return "it begins with a digit"
	case strings.Contains(takenPackages, " "+name+" "):
		return "it is a name that Go or the generated code uses already"
	case module.CheckImportPath(name) != nil: // con, nul, com1 ...
		return "Windows has no folder of that name, so that Go refuses modules with it"
	}
	return ""
}
