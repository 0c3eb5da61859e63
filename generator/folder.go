package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// An outputFolder is the folder that the packages are written to.
type outputFolder struct {
	importPath string // of the output folder
	module     string // the path of its module
	root       string // the folder of the module's go.mod
}

// folderOf returns the output folder dir, which need not exist: its module is that of the nearest
// go.mod above it. Mistakes are returned as source.Problems.
func folderOf(dir string) (outputFolder, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return outputFolder{}, err
	}
	for root := absolute; ; root = filepath.Dir(root) {
		if info, err := os.Stat(root); err == nil && !info.IsDir() {
			return outputFolder{}, folderProblem(dir, "cannot be a folder: "+root+" is a file", "choose another folder with -out")
		}
		data, found, err := readModule(root)
		if err != nil {
			return outputFolder{}, fmt.Errorf("import path: %w", err)
		}
		if found {
			module := modfile.ModulePath(data)
			path, err := importPathIn(dir, root, absolute, module)
			return outputFolder{path, module, root}, err
		}
		if root == filepath.Dir(root) {
			return outputFolder{}, folderProblem(dir, "is in no Go module, so that its packages have no import path",
				"run go mod init, or choose another folder with -out")
		}
	}
}

// maxModule is the maximum size of a go.mod. The largest public ones have a hundredth of it.
const maxModule = 4 << 20

// readModule reads the go.mod in dir, if there is one. A folder called go.mod is ignored, as Go
// does. A go.mod that is not a regular file is not opened, because reading a pipe might never end.
func readModule(dir string) (content []byte, found bool, err error) {
	name := filepath.Join(dir, "go.mod")
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && info.IsDir():
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case !info.Mode().IsRegular():
		return nil, false, fmt.Errorf("%s is not a regular file", name)
	case info.Size() > maxModule:
		return nil, false, fmt.Errorf("%s is larger than %d bytes", name, maxModule)
	}
	content, err = os.ReadFile(name)
	return content, err == nil, err
}

// importPathIn joins the module path with the path of the folder relative to the module root.
func importPathIn(dir, root, absolute, modulePath string) (string, error) {
	if modulePath == "" {
		return "", folderProblem(filepath.Join(root, "go.mod"), "has no module line", "")
	}
	rel, err := filepath.Rel(root, absolute)
	if err != nil {
		return "", fmt.Errorf("import path: %w", err)
	}
	if slices.Contains(strings.Split(filepath.ToSlash(rel), "/"), "vendor") {
		return "", folderProblem(dir, "is in a folder called vendor, from which Go imports in its own way", "choose another folder with -out")
	}
	joined := path.Join(modulePath, filepath.ToSlash(rel))
	if err := module.CheckImportPath(joined); err != nil {
		return "", folderProblem(dir, fmt.Sprintf("its import path would be %q, which Go does not allow", joined),
			"choose another folder with -out")
	}
	return joined, nil
}

// nameOf names a contract by its path relative to the module root, which is the same on every
// machine that has the two at the same places. A symbolic link within the module is named as a file
// there. Two contracts never have one name: where there is no relative path, it is the whole path.
func (f outputFolder) nameOf(contract string) string {
	absolute, err := filepath.Abs(contract)
	if err != nil || f.root == "" {
		return filepath.Base(contract) // nothing is written
	}
	name, err := filepath.Rel(f.root, absolute)
	if err == nil && filepath.IsLocal(name) {
		return filepath.ToSlash(name)
	}
	// The module or the contract may have been named through a link, which another machine has not.
	inFolder := filepath.Join(followed(filepath.Dir(absolute)), filepath.Base(absolute))
	name, err = filepath.Rel(followed(f.root), inFolder)
	if err != nil {
		return filepath.ToSlash(absolute) // another drive
	}
	return filepath.ToSlash(name)
}

func folderProblem(dir, message, hint string) source.Problems {
	return source.Problems{{Position: source.Position{File: dir}, Message: message, Hint: hint}}
}
