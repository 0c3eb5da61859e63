package rabbittest

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

const (
	folderPrefix = "rabbittest-"
	lockName     = "lock"
)

// makeFolder creates a folder for a node and locks it. The lock ends with the process, however that
// ends, so a folder whose lock is free is abandoned. The lock gets its name when it is held: otherwise
// another process could take it between the two.
func makeFolder() (folder string, lock *os.File, err error) {
	folder, err = os.MkdirTemp("", folderPrefix)
	if err != nil {
		return "", nil, err
	}
	unnamed := filepath.Join(folder, "new-lock")
	if lock, err = lockFile(unnamed, os.O_CREATE); err == nil {
		err = os.Rename(unnamed, filepath.Join(folder, lockName))
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(folder))
	}
	return folder, lock, nil
}

// lockFile opens a file, with further flags of open, and locks it.
func lockFile(name string, flags int) (*os.File, error) {
	lock, err := os.OpenFile(name, os.O_RDWR|flags, 0o600)
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
	locks, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*", lockName))
	for _, name := range locks {
		if lock, err := lockFile(name, 0); err == nil {
			_ = os.RemoveAll(filepath.Dir(name))
			_ = lock.Close()
		}
	}
}
