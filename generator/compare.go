package generator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/emit"
)

// A File is one generated file.
type File struct {
	Name    string // slash-separated, below the output folder: orderplaced/queue.gen.go
	Content []byte
}

// A Change is one file in the output folder that differs from the output.
type Change struct {
	Name string // as File.Name
	Kind ChangeKind
}

// ChangeKind says how a file differs from the output.
type ChangeKind uint8

// The kinds of a change.
const (
	Missing   ChangeKind = iota // the file is not there
	Different                   // the file has other content
	Stale                       // the file is ours and the contract no longer gives it
)

// Check returns how dir differs from output, sorted by name. It changes nothing. Files that
// scampgen would refuse to replace are returned as source.Problems.
func Check(dir string, output Output) ([]Change, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return allMissing(output.Files), nil
	}
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	defer root.Close()
	return compare(root, output)
}

func allMissing(files []File) []Change {
	changes := make([]Change, len(files))
	for i, file := range files {
		changes[i] = Change{file.Name, Missing}
	}
	sortChanges(changes)
	return changes
}

// compare returns how the folder differs from output.
func compare(root *os.Root, output Output) ([]Change, error) {
	var changes []Change
	var problems source.Problems
	wanted := make(map[string]bool, len(output.Files))
	for _, file := range output.Files {
		if err := checkName(file.Name); err != nil {
			return nil, err
		}
		wanted[file.Name] = true
		kind, differs, err := compareFile(root, file)
		switch conflict := (conflict{}); {
		case errors.As(err, &conflict):
			problems = append(problems, conflict.problem(root))
		case err != nil:
			return nil, fmt.Errorf("compare: %w", err)
		case differs:
			changes = append(changes, Change{file.Name, kind})
		}
	}
	others := map[string][]string{} // names of files by their contracts
	err := eachGenerated(root, func(name, contract string) {
		if contract != output.Contract {
			others[contract] = append(others[contract], name)
		} else if !wanted[name] {
			changes = append(changes, Change{name, Stale})
		}
	})
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	for _, contract := range slices.Sorted(maps.Keys(others)) {
		problems = append(problems, fromOther(contract, others[contract]).problem(root))
	}
	if problems != nil {
		return nil, problems.Sorted()
	}
	sortChanges(changes)
	return changes, nil
}

// compareFile compares one file. It returns a conflict when there is something that scampgen did
// not write.
func compareFile(root *os.Root, file File) (kind ChangeKind, differs bool, err error) {
	folder := path.Dir(file.Name)
	switch info, err := root.Lstat(folder); {
	case errors.Is(err, fs.ErrNotExist):
		return Missing, true, nil
	case err != nil:
		return 0, false, err
	case !info.IsDir():
		return 0, false, notOurs(folder, "is not a folder")
	}
	switch info, err := root.Lstat(file.Name); {
	case errors.Is(err, fs.ErrNotExist):
		return Missing, true, nil
	case err != nil:
		return 0, false, err
	case !info.Mode().IsRegular():
		return 0, false, notOurs(file.Name, "is not a regular file")
	}
	content, err := readStart(root, file.Name, max(emit.MaxHeader, 2*len(file.Content)))
	switch {
	case err != nil:
		return 0, false, err
	case bytes.Equal(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), file.Content): // git may check it out with CRLF
		return 0, false, nil
	}
	if _, ours := emit.Contract(file.Name, content); !ours && !emit.IsBegun(file.Name, content) {
		return 0, false, notOurs(file.Name, "was not written by scampgen")
	}
	return Different, true, nil
}

// readStart returns the first bytes of a file, and one more if there are more. A larger file cannot
// be equal to ours, so the rest does not matter.
func readStart(root *os.Root, name string, most int) ([]byte, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, int64(most)+1))
}

// eachGenerated calls visit with every generated file and its contract. Packages are folders
// directly in the output folder. Deeper folders are ignored, because they may be the output of
// another contract.
func eachGenerated(root *os.Root, visit func(name, contract string)) error {
	return eachFolder(root, func(folder string, entries []fs.DirEntry) error {
		for _, entry := range entries {
			name := path.Join(folder, entry.Name())
			if !entry.Type().IsRegular() || !emit.IsName(name) || isStaged(name) {
				continue
			}
			start, err := readStart(root, name, emit.MaxHeader)
			if err != nil {
				return err
			}
			if contract, ours := emit.Contract(name, start); ours {
				visit(name, contract)
			}
		}
		return nil
	})
}

// eachFolder calls visit with every folder of root and what is in it. It does not follow symbolic
// links.
func eachFolder(root *os.Root, visit func(name string, entries []fs.DirEntry) error) error {
	folders, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		entries, err := fs.ReadDir(root.FS(), folder.Name())
		if errors.Is(err, fs.ErrPermission) {
			continue // we could not have written there
		}
		if err != nil {
			return err
		}
		if err := visit(folder.Name(), entries); err != nil {
			return err
		}
	}
	return nil
}

// checkName protects the disk from a mistake in the plan: a name has one folder and one file, and
// nothing that has a special meaning in a file system.
func checkName(name string) error {
	folder, base, found := strings.Cut(name, "/")
	if !found || !filepath.IsLocal(name) || strings.ContainsAny(base, `/\`) || strings.Contains(folder, `\`) ||
		strings.HasPrefix(folder, ".") || strings.HasPrefix(base, ".") || !emit.IsName(base) {
		return &emit.BugError{File: name, Err: errors.New("the name of a generated file must be FOLDER/NAME.gen.go")}
	}
	return nil
}

// A conflict says why a file or folder cannot be written, and what to do.
type conflict struct{ name, reason, hint string }

func notOurs(name, reason string) conflict {
	return conflict{name, reason, "move it away or choose another folder"}
}

// fromOther is the conflict of an output folder that has files of another contract.
func fromOther(contract string, names []string) conflict {
	return conflict{
		name:   ".",
		reason: fmt.Sprintf("belongs to another contract, %s: %s", cmp.Or(contract, "which has no name"), strings.Join(names, ", ")),
		hint:   "choose another folder, or remove these files if the contract has only been moved",
	}
}

func (c conflict) Error() string { return c.name + ": " + c.reason }

func (c conflict) problem(root *os.Root) source.Problem {
	return source.Problem{
		Position: source.Position{File: filepath.Join(root.Name(), filepath.FromSlash(c.name))},
		Message:  c.reason,
		Hint:     c.hint,
	}
}

func sortChanges(changes []Change) {
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Name, b.Name) })
}
