package templates

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// fileNames are the names of a package's files, without extensions, that are in use.
type fileNames map[string]bool

// longest is the maximum length of a type's name in the name of its file, in bytes. File systems
// allow 255, and archives less.
const longest = 100

// of returns the name of the file of a declared type: the type's name in lower case, without
// underscores, after which Go would look for the names of systems. No two names differ only in
// case, and none is reserved by Windows.
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

// isDevice reports whether Windows takes a name for that of a device, whatever its extension.
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
