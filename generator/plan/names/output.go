package names

import (
	"slices"
	"strings"
)

// An Output is the folder that the packages are written to, and what they may import.
type Output struct {
	ImportPath string // of the folder
	Module     string // the path of the module that the folder is in; empty: not known
	// AllowImports are the paths at or below which an x-go-type may import packages, in addition to
	// those of the own module and the standard library.
	AllowImports []string
}

// Package returns the generated package with the given name.
func (o Output) Package(name string) Package {
	return Package{Name: name, ImportPath: strings.TrimSuffix(o.ImportPath, "/") + "/" + name}
}

// ImportProblem returns why generated code may not import a package for a type of the user's own,
// and a hint; "" when it may. Importing a package runs its code.
//
// The packages of the own module and of the standard library are allowed, and those of
// AllowImports. Without a Module, as when a contract is only validated, it is not known which
// packages are the user's own.
func (o Output) ImportProblem(path string) (wrong, hint string) {
	elements := strings.Split(path, "/")
	switch {
	case path == "C" || path == "unsafe" || elements[len(elements)-1] == "main":
		return "which generated code does not import", ""
	case slices.Contains(elements, "vendor"):
		return "from a folder called vendor, which generated code does not import", ""
	case o.Module == "":
		return "", ""
	case !o.seesInternal(path):
		return "which is internal to another part of its module", ""
	case !strings.Contains(elements[0], "."): // the standard library: Go keeps such paths for it
		return "", ""
	case slices.ContainsFunc(append([]string{o.Module}, o.AllowImports...), func(root string) bool { return isBelow(path, root) }):
		return "", ""
	}
	return "of another module than " + o.Module, "name the module under allow-imports in scampgen.yaml, or with -allow-imports"
}

// seesInternal reports whether the generated packages may import a package by Go's rule for folders
// called internal.
func (o Output) seesInternal(path string) bool {
	elements := strings.Split(path, "/")
	for i, element := range elements {
		if element == "internal" && (i == 0 || !isBelow(o.ImportPath, strings.Join(elements[:i], "/"))) {
			return false
		}
	}
	return true
}

// isBelow reports whether path is root or below it.
func isBelow(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }
