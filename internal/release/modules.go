package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// self is the main module.
const self = "github.com/scampgen/scampgen"

// A nested module is a module of the repository besides the main one.
type nested struct {
	folder string
	tagged bool // users import it, so that it is released with a tag of its own
}

// nestedModules are those that use the main module. docs/versioning.md says how they are released.
var nestedModules = []nested{{"runtime/scampotel", true}, {"runtime/zstd", true}, {"examples/shop", false}}

// checkModules returns an error for each requirement of a nested module that is not the version to
// release: users who import the module would get another version, or none. With an empty version the
// requirements must only agree.
func checkModules(root, version string) error {
	var errs []error
	for _, m := range nestedModules {
		name := filepath.Join(root, m.folder, "go.mod")
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := modfile.Parse(name, content, nil)
		if err != nil {
			return err
		}
		for _, required := range file.Require {
			if required.Mod.Path != self && !strings.HasPrefix(required.Mod.Path, self+"/") {
				continue
			}
			if version == "" {
				version = required.Mod.Version
			}
			if required.Mod.Version != version {
				errs = append(errs, fmt.Errorf("%s/go.mod requires %s %s, not %s: go mod edit -require=%s@%s %[1]s/go.mod",
					m.folder, required.Mod.Path, required.Mod.Version, version, required.Mod.Path, version))
			}
		}
	}
	return errors.Join(errs...)
}

// tags are those of a release, all at one commit: a nested module has its folder before the version.
func tags(version string) []string {
	all := []string{version}
	for _, m := range nestedModules {
		if m.tagged {
			all = append(all, m.folder+"/"+version)
		}
	}
	return all
}
