package names

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSegments is the maximum number of segments of a shortened name. Names that need more are not
// shortened.
const maxSegments = 8

// Short returns the Go name of each of a contract's names. A name that ends in that of a type, such
// as com.example.shop.v1.ParcelDto, is shortened to its last segments, as few as keep it unique:
// ParcelDto, or V1ParcelDto and V2ParcelDto if there are two. Other names are not shortened. taken
// are Go names that are given by hand.
func (n Namer) Short(all []string, taken map[string]bool) map[string]string {
	segments := make(map[string]int, len(all)) // how many of the last segments a name becomes
	for _, name := range all {
		segments[name] = strings.Count(name, ".") + 1
		if endsInType(name) {
			segments[name] = 1
		}
	}
	short := make(map[string]string, len(all))
	for {
		claimed := make(map[string]int, len(segments)) // by how many names
		for name, count := range segments {
			short[name] = n.Exported(lastSegments(name, count))
			claimed[short[name]]++
		}
		longer := false
		for name, goName := range short {
			if (claimed[goName] > 1 || taken[goName]) && segments[name] <= strings.Count(name, ".") {
				if segments[name]++; segments[name] > maxSegments {
					segments[name] = strings.Count(name, ".") + 1
				}
				longer = true
			}
		}
		if !longer {
			return short
		}
	}
}

// endsInType reports whether name has dots and its last segment begins with a capital letter.
func endsInType(name string) bool {
	first, _ := utf8.DecodeRuneInString(lastSegments(name, 1))
	return unicode.IsUpper(first) && strings.Contains(name, ".")
}

func lastSegments(name string, count int) string {
	rest := name
	for range count {
		i := strings.LastIndexByte(rest, '.')
		if i < 0 {
			return name
		}
		rest = rest[:i]
	}
	return name[len(rest)+1:]
}
