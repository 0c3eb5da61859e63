package types

import (
	"path/filepath"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// fileSeenFrom returns the path of a file from the folder of the contract, which is the same on all
// machines; "" for the contract itself. An address is returned as it is, without a password.
func fileSeenFrom(contract, file string) string {
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
