package rabbittest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// TestFolderInUseIsKept makes folders while other processes clean up.
func TestFolderInUseIsKept(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var cleaning, making sync.WaitGroup
	made := make(chan struct{})
	for range 4 {
		cleaning.Go(func() {
			for {
				select {
				case <-made:
					return
				default:
					removeAbandoned()
				}
			}
		})
		making.Go(func() {
			for range 200 {
				folder, lock, err := makeFolder()
				if err != nil {
					t.Error(err)
					return
				}
				if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o600); err != nil {
					t.Errorf("a folder in use was removed: %v", err)
				}
				_ = lock.Close()
			}
		})
	}
	making.Wait()
	close(made)
	cleaning.Wait()
	removeAbandoned()
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 {
		t.Errorf("abandoned folders are left: %q", left)
	}
}
