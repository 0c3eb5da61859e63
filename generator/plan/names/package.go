package names

import (
	"go/token"
	"strings"
	"unicode"

	"golang.org/x/mod/module"
)

// A Package is one generated Go package. Its folder in the output folder has its name.
type Package struct {
	Name       string
	ImportPath string
}

// PackageName returns name in lower case, with nothing but letters and digits left.
func PackageName(name string) string {
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
