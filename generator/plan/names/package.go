package names

import (
	"go/token"
	"strings"
	"unicode"

	"golang.org/x/mod/module"
)

// A Package is one generated Go package. Its name is also that of its folder.
type Package struct {
	Name       string
	ImportPath string
}

// PackageName returns name in lower case, with only its letters and digits.
func PackageName(name string) string {
	return strings.ToLower(strings.Join(words(name), ""))
}

// takenPackages cannot be the names of generated packages: the go command gives these folders a
// special meaning, generated code imports packages of these names, or such a package cannot be
// imported.
const takenPackages = " main init internal vendor testdata context runtime payload "

// PackageProblem says why name cannot be the name of a package, "" when it can.
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
