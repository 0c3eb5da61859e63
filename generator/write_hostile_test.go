package generator

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// What a run has not made it does not remove, whether it ends well or not.
func TestWriteRemovesOnlyWhatItMade(t *testing.T) {
	notes := []byte("package placed // of the user\n")
	t.Run("leftovers", func(t *testing.T) {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "other", stagePrefix+"notes.gen.go"), string(notes))
		put(t, filepath.Join(dir, "other", stagePrefix+"empty.gen.go"), "")
		put(t, filepath.Join(dir, "other", stagePrefix+"begun.gen.go"), marker[:20])
		if _, err := Write(dir, newOrders); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(filepath.Join(dir, "other"))
		if err != nil || len(entries) != 1 || entries[0].Name() != stagePrefix+"notes.gen.go" {
			t.Errorf("left are %v (%v)", entries, err)
		}
	})
	t.Run("leftover folders", func(t *testing.T) {
		dir := t.TempDir()
		put(t, filepath.Join(dir, stagePrefix+"placed", "queue.gen.go"), string(generated("package placed\n")))
		put(t, filepath.Join(dir, stagePrefix+"placed", "begun.gen.go"), marker[:20])
		put(t, filepath.Join(dir, stagePrefix+"other", "queue.gen.go"), string(generated("package other\n")))
		put(t, filepath.Join(dir, stagePrefix+"other", "notes.gen.go"), string(notes))
		put(t, filepath.Join(dir, stagePrefix+"other", "folder", "queue.gen.go"), string(generated("package folder\n")))
		if err := os.Mkdir(filepath.Join(dir, stagePrefix+"messages"), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := Write(dir, newOrders); err != nil {
			t.Fatal(err)
		}
		mustHold(t, dir, slices.Concat(newOrders.Files, []File{
			{stagePrefix + "other/notes.gen.go", notes},
			{stagePrefix + "other/folder/queue.gen.go", generated("package folder\n")},
		}))
		if _, err := os.Stat(filepath.Join(dir, stagePrefix+"placed")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the folder of a run that was killed is left: %v", err)
		}
	})
	for name, stand := range map[string]func(name string) error{
		"file":   func(name string) error { return os.WriteFile(name, notes, 0o600) },
		"folder": func(name string) error { return os.MkdirAll(filepath.Join(name, "of the user"), 0o700) },
		"link":   func(name string) error { return os.Symlink("nowhere", name) },
	} {
		for _, target := range []string{"placed/queue.gen.go", "placed"} {
			t.Run(name+" for "+path.Base(target), func(t *testing.T) {
				dir := t.TempDir()
				staged := filepath.Join(dir, filepath.FromSlash(stagedName(target)))
				if err := os.MkdirAll(filepath.Dir(staged), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := stand(staged); err != nil {
					t.Skip(err)
				}
				if _, err := Write(dir, newOrders); !errors.Is(err, fs.ErrExist) {
					t.Errorf("Write returned %v", err)
				}
				if _, err := os.Lstat(staged); err != nil {
					t.Error("what stood in the way is gone")
				}
				if left := contents(t, dir); len(left) > 1 {
					t.Errorf("left are %v", left)
				}
			})
		}
	}
}

// A go.mod and files in the output folder that are as large as a disk, or no files, are not read.
func TestLargeAndOddFiles(t *testing.T) {
	const large = 20 << 30
	before := allocated()
	t.Run("generated", func(t *testing.T) {
		dir := t.TempDir()
		for _, name := range []string{"messages/types.gen.go", "gone/queue.gen.go"} {
			put(t, filepath.Join(dir, name), string(generated("package x\n")))
			if err := os.Truncate(filepath.Join(dir, name), large); err != nil {
				t.Skip(err)
			}
		}
		put(t, filepath.Join(dir, "other", "notes.gen.go"), "package other\n")
		if err := os.Truncate(filepath.Join(dir, "other", "notes.gen.go"), large); err != nil {
			t.Skip(err)
		}
		changes, err := Check(dir, newOrders)
		if err != nil || !slices.Contains(changes, Change{"messages/types.gen.go", Different}) || !slices.Contains(changes, Change{"gone/queue.gen.go", Stale}) {
			t.Errorf("Check returned %v, %v", changes, err)
		}
	})
	t.Run("go.mod", func(t *testing.T) {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "go.mod"), "module example.com/x\n")
		if err := os.Truncate(filepath.Join(dir, "go.mod"), large); err != nil {
			t.Skip(err)
		}
		if _, err := folderOf(dir); err == nil || !strings.Contains(err.Error(), "go.mod is larger than 4194304 bytes") {
			t.Errorf("folderOf returned %v", err)
		}
	})
	t.Run("a pipe as go.mod", func(t *testing.T) {
		dir := t.TempDir()
		if err := exec.Command("mkfifo", filepath.Join(dir, "go.mod")).Run(); err != nil {
			t.Skip(err)
		}
		if _, err := folderOf(dir); err == nil || !strings.Contains(err.Error(), "go.mod is not a regular file") {
			t.Errorf("folderOf returned %v", err)
		}
		if _, err := FindConfig(dir); err == nil {
			t.Error("FindConfig has read the pipe")
		}
	})
	t.Run("a pipe as a generated file", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "messages"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := exec.Command("mkfifo", filepath.Join(dir, "messages", "types.gen.go")).Run(); err != nil {
			t.Skip(err)
		}
		_, err := Check(dir, newOrders)
		if problems, ok := errors.AsType[source.Problems](err); !ok || !strings.Contains(problems.Error(), "is not a regular file") {
			t.Errorf("Check returned %v", err)
		}
	})
	if used := allocated() - before; used > 64<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

// allocated returns how many bytes have been allocated since the program began.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}
