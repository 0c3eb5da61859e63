package templates

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// fileNames are the names of a package's files, without extensions, that are taken.
type fileNames map[string]bool

// longest is how many bytes of a type's name are in that of its file. File systems allow 255, and archives less.
const longest = 100

// of returns the name of the file of a declared type: the type's in lower case and without underscores, in which Go would look for
// the names of systems. No two names differ only in case, and none is one that Windows keeps for itself.
func (taken fileNames) of(goName string) string {
	base := strings.ToLower(strings.ToUpper(strings.ReplaceAll(goName, "_", "")))
	for len(base) > longest {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	name := base
	for n := 2; taken[name] || isDevice(name); n++ {
		name = base + strconv.Itoa(n)
	}
	taken[name] = true
	return name
}

// isDevice says whether Windows takes a name for that of a device, whatever its extension.
func isDevice(name string) bool {
	switch name {
	case "con", "prn", "aux", "nul":
		return true
	}
	digit, ok := strings.CutPrefix(name, "com")
	if !ok {
		digit, ok = strings.CutPrefix(name, "lpt")
	}
	return ok && len(digit) == 1 && digit[0] >= '0' && digit[0] <= '9'
}
