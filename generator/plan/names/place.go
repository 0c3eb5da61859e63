package names

import (
	"path/filepath"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// FileSeenFrom returns the path of a file from the folder of the contract, which is the same on all
// machines; "" for the contract itself. An address is returned as it is, without a password.
func FileSeenFrom(contract, file string) string {
	if file == contract {
		return ""
	}
	if strings.Contains(file, "://") {
		return source.Masked(file)
	}
	if relative, err := filepath.Rel(filepath.Dir(contract), file); err == nil {
		return filepath.ToSlash(relative)
	}
	return filepath.Base(file)
}

// Place returns how scampgen.yaml names a part of the contract: "#" and its JSON pointer, behind the
// file, seen from the contract, if it is another one.
func Place(contract string, at source.Location) string {
	return FileSeenFrom(contract, at.File) + "#" + at.Path
}
