package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/scampgen/scampgen/generator/emit"
)

// stagePrefix is the prefix of files that have not been renamed yet. The go command ignores files
// whose names begin with a dot.
const stagePrefix = ".scampgen-"

// Write makes dir hold output, and no other file that an earlier run wrote for the same contract.
// It returns what it changed, sorted by name. Equal files are not touched, so they keep their
// modification time.
//
// First all files are written next to their targets, and then each is renamed. If there is anything
// in the way that scampgen did not write, Write changes nothing and returns source.Problems. If it
// is killed between two renames, each file is either the old or the new one, and the next Write
// completes the set.
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

	staged  []string // names of targets whose new content is staged
	folders []string // folders that this run made
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

// removeLeftovers removes the staged files of a run that was killed.
func (w *writer) removeLeftovers() error {
	return eachFile(w.root, func(name string) error {
		if !strings.HasPrefix(path.Base(name), stagePrefix) || !emit.IsName(name) {
			return nil
		}
		start, err := readStart(w.root, name, emit.MaxHeader)
		if err != nil {
			return err
		}
		if _, ours := emit.Contract(name, start); !ours && !emit.IsBegun(name, start) {
			return nil
		}
		return w.root.Remove(name)
	})
}

// stage writes the files that change beside their targets, side by side: the system takes longer to
// make a file than to fill it.
func (w *writer) stage(files []File, changes []Change) error {
	changed := make(map[string]bool, len(changes))
	for _, change := range changes {
		changed[change.Name] = true
	}
	files = slices.DeleteFunc(slices.Clone(files), func(f File) bool { return !changed[f.Name] })
	if err := w.makeFolders(files); err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	created := make([]bool, len(files))
	for i, file := range files {
		group.Go(func() (err error) {
			created[i], err = w.create(file)
			return err
		})
	}
	err := group.Wait()
	for i, file := range files {
		if created[i] {
			w.staged = append(w.staged, file.Name)
		}
	}
	return err
}

// create writes a file beside its target, and reports whether it has made one. What stands there
// under its name is not touched.
func (w *writer) create(f File) (created bool, err error) {
	file, err := w.root.OpenFile(stagedName(f.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return false, err
	}
	_, err = file.Write(f.Content)
	return true, errors.Join(err, file.Close())
}

// makeFolders makes the folders that files are in.
func (w *writer) makeFolders(files []File) error {
	known := map[string]bool{}
	for _, file := range files {
		folder := path.Dir(file.Name)
		if known[folder] {
			continue
		}
		known[folder] = true
		if err := w.makeFolder(folder); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) makeFolder(name string) error {
	err := w.root.Mkdir(name, 0o777)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		w.folders = append(w.folders, name)
	}
	return err
}

// replace renames the staged files.
func (w *writer) replace() error {
	for len(w.staged) > 0 {
		name := w.staged[0]
		if err := w.rename(stagedName(name), name); err != nil {
			return err
		}
		w.staged = w.staged[1:]
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

// abandon removes the staged files that have not been renamed, and the folders made for them.
func (w *writer) abandon() error {
	var errs []error
	for _, name := range w.staged {
		if err := w.root.Remove(stagedName(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	for _, folder := range w.folders {
		errs = append(errs, w.removeIfEmpty(folder))
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

func stagedName(name string) string {
	return path.Join(path.Dir(name), stagePrefix+path.Base(name))
}
