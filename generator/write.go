package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/scampgen/scampgen/generator/emit"
)

// stagePrefix is the prefix of folders and files that have not been renamed yet. The go command
// ignores those whose names begin with a dot.
const stagePrefix = ".scampgen-"

// Write makes dir hold output, and no other file that an earlier run wrote for the same contract.
// It returns what it changed, sorted by name. Equal files are not touched, so they keep their
// modification time.
//
// First everything is written under other names: the folders that are new as they will be, and the
// files of the other folders beside their targets. Then each of them is renamed. If there is
// anything in the way that scampgen did not write, Write changes nothing and returns
// source.Problems. If it is killed between two renames, each file is either the old or the new one,
// and the next Write completes the set.
//
// Runs that write to the same folder wait for each other, if the system can lock a folder. Write
// changes only folders directly in dir, and follows no symbolic link out of it.
func Write(dir string, output Output) ([]Change, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	defer root.Close()
	folder, err := root.Open(".")
	if err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	defer folder.Close()
	lock(folder)
	return (&writer{root: root, rename: root.Rename}).write(output)
}

// A writer is one run of Write.
type writer struct {
	root   *os.Root
	rename func(from, to string) error // a field, so that a test can end a run at any rename

	staged []string // names of the folders and files that are to be renamed from their staged names
	made   []string // names of what this run made to stage them, each folder before its files
}

func (w *writer) write(output Output) (changes []Change, err error) {
	changes, err = compare(w.root, output)
	if err != nil {
		return nil, err
	}
	if err := w.removeLeftovers(); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write: %w", err), w.abandon())
		}
	}()
	if err := w.stage(output.Files, changes); err != nil {
		return nil, err
	}
	if err := w.replace(); err != nil {
		return nil, err
	}
	return changes, w.removeStale(changes)
}

// removeLeftovers removes what a run that was killed has staged.
func (w *writer) removeLeftovers() error {
	return eachFolder(w.root, func(folder string, entries []fs.DirEntry) error {
		left := len(entries)
		for _, entry := range entries {
			removed, err := w.removeLeftover(path.Join(folder, entry.Name()), entry)
			if err != nil {
				return err
			}
			if removed {
				left--
			}
		}
		if left > 0 || !isStaged(folder) {
			return nil
		}
		return w.root.Remove(folder)
	})
}

// removeLeftover removes a file if it is staged and ours.
func (w *writer) removeLeftover(name string, entry fs.DirEntry) (removed bool, err error) {
	if !entry.Type().IsRegular() || !isStaged(name) || !emit.IsName(name) {
		return false, nil
	}
	start, err := readStart(w.root, name, emit.MaxHeader)
	if err != nil {
		return false, err
	}
	if _, ours := emit.Contract(name, start); !ours && !emit.IsBegun(name, start) {
		return false, nil
	}
	return true, w.root.Remove(name)
}

// stage writes the files that change, folder by folder and side by side: the system takes longer to
// make a file than to fill it.
func (w *writer) stage(files []File, changes []Change) error {
	changed := make(map[string]bool, len(changes))
	for _, change := range changes {
		changed[change.Name] = true
	}
	byFolder := map[string][]File{}
	for _, file := range files {
		if folder := path.Dir(file.Name); changed[file.Name] {
			byFolder[folder] = append(byFolder[folder], file)
		}
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	parts := make([]stagedPart, len(byFolder))
	for i, folder := range slices.Sorted(maps.Keys(byFolder)) {
		group.Go(func() (err error) {
			parts[i], err = w.stageIn(folder, byFolder[folder])
			return err
		})
	}
	err := group.Wait()
	for _, part := range parts {
		w.staged, w.made = append(w.staged, part.staged...), append(w.made, part.made...)
	}
	return err
}

// A stagedPart is what was staged for one folder, with the names of writer.
type stagedPart struct{ staged, made []string }

// stageIn writes files of one folder. What stands there under a staged name is not touched.
func (w *writer) stageIn(name string, files []File) (part stagedPart, err error) {
	in, prefix := name, stagePrefix
	_, err = w.root.Lstat(name)
	isNew := errors.Is(err, fs.ErrNotExist)
	if isNew {
		in, prefix = stagedName(name), ""
		if err = w.root.Mkdir(in, 0o777); err == nil {
			part = stagedPart{[]string{name}, []string{in}}
		}
	}
	if err != nil {
		return part, err
	}
	folder, err := w.root.OpenRoot(in) // without it each file would have to find its folder again
	if err != nil {
		return part, err
	}
	defer folder.Close()
	for _, file := range files {
		base := prefix + path.Base(file.Name)
		created, err := create(folder, base, file.Content)
		if created {
			part.made = append(part.made, path.Join(in, base))
		}
		if err != nil {
			return part, err
		}
		if !isNew {
			part.staged = append(part.staged, file.Name)
		}
	}
	return part, nil
}

// create makes a file, and reports whether it has made one.
func create(folder *os.Root, name string, content []byte) (created bool, err error) {
	file, err := folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return false, err
	}
	_, err = file.Write(content)
	return true, errors.Join(err, file.Close())
}

// replace renames what is staged.
func (w *writer) replace() error {
	for _, name := range w.staged {
		if err := w.rename(stagedName(name), name); err != nil {
			return err
		}
	}
	return nil
}

// removeStale removes files that are no longer generated, and the folders that become empty.
func (w *writer) removeStale(changes []Change) error {
	for _, change := range changes {
		if change.Kind != Stale {
			continue
		}
		if err := w.root.Remove(change.Name); err != nil {
			return err
		}
		if err := w.removeIfEmpty(path.Dir(change.Name)); err != nil {
			return err
		}
	}
	return nil
}

// abandon removes what has been staged and not renamed.
func (w *writer) abandon() error {
	var errs []error
	for _, name := range slices.Backward(w.made) {
		if err := w.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (w *writer) removeIfEmpty(folder string) error {
	entries, err := fs.ReadDir(w.root.FS(), folder)
	if err != nil || len(entries) > 0 {
		return err
	}
	return w.root.Remove(folder)
}

// stagedName is the name under which a folder or file is written before it is renamed.
func stagedName(name string) string {
	return path.Join(path.Dir(name), stagePrefix+path.Base(name))
}

// isStaged reports whether a folder or file has such a name, or is in a folder with one.
func isStaged(name string) bool {
	return strings.HasPrefix(name, stagePrefix) || strings.HasPrefix(path.Base(name), stagePrefix)
}
