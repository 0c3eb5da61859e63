package rabbittest

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

const folderPrefix = "rabbittest-"

// makeFolder creates a folder for a node and locks it. The lock ends with the process, however that
// ends, so a folder without a lock is abandoned.
func makeFolder() (string, *os.File, error) {
	folder, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return "", nil, err
	}
	lock, err := lockFolder(folder)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(folder))
	}
	return folder, lock, nil
}

func lockFolder(folder string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// removeAbandoned removes the folders of test processes that were killed. A folder without a lock
// file is just being created.
func removeAbandoned() {
	locks, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*", "lock"))
	for _, name := range locks {
		folder := filepath.Dir(name)
		if lock, err := lockFolder(folder); err == nil {
			_ = os.RemoveAll(folder)
			_ = lock.Close()
		}
	}
}
