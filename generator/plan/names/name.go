// Package names makes Go names from the names of a contract, and finds names that clash.
package names

import (
	"fmt"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// usualInitialisms are those that Go's linters know, and those of AMQP.
const usualInitialisms = "ACL AMQP API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON LHS QPS RAM RHS RPC " +
	"SLA SMTP SQL SSH TCP TLS TTL UDP UI UID URI URL UTF8 UUID VM XML XMPP XSRF XSS"

// A Namer makes Go names from the names of a contract.
type Namer struct {
	initialisms map[string]bool // in upper case
}

// NewNamer returns a Namer with further initialisms in addition to the usual ones.
func NewNamer(more []string) Namer {
	n := Namer{map[string]bool{}}
	for word := range strings.FieldsSeq(usualInitialisms) {
		n.initialisms[word] = true
	}
	for _, word := range more {
		n.initialisms[strings.ToUpper(word)] = true
	}
	return n
}

// Exported returns name in MixedCaps: "order_id", "order-id" and "orderId" all become OrderID. The
// result is not a Go name if name has no letter to begin with: see IsExported.
func (n Namer) Exported(name string) string {
	var b strings.Builder
	shouted := !strings.ContainsFunc(name, unicode.IsLower)
	for _, word := range words(name) {
		b.WriteString(n.word(word, shouted))
	}
	return b.String()
}

// Unexported returns name in mixedCaps: "order_id" is orderID.
func (n Namer) Unexported(name string) string {
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

// word capitalises one word. In a name without any lower-case letter (ORDER_PLACED), capitals mean
// nothing.
func (n Namer) word(word string, shouted bool) string {
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

// words splits name at everything that is not a letter or digit, and where an upper-case letter
// follows another character.
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

// maxLength is the maximum length of a Go name in bytes.
const maxLength = 500

// IsExported reports whether name can be the name of an exported declaration.
func IsExported(name string) bool {
	return len(name) <= maxLength && token.IsIdentifier(name) && token.IsExported(name)
}

// Given returns the x-go-name among extensions, "" when there is none.
func Given(r extension.Reader, e source.Extensions) string {
	name := r.Text(e, extension.GoName)
	if name != "" && !IsExported(name) {
		r.Report.Add(e[extension.GoName].Problem(source.Mistake, fmt.Sprintf("%q is not an exported Go name", name), ""))
		return ""
	}
	return name
}
