//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package generator

import (
	"errors"
	"os"
	"syscall"
)

// canLock says whether lock keeps runs apart.
const canLock = true

// lock waits until no other run has the folder locked. Closing the folder, and the end of the process,
// unlock it. A file system that knows no locks is used without.
func lock(folder *os.File) {
	for errors.Is(syscall.Flock(int(folder.Fd()), syscall.LOCK_EX), syscall.EINTR) {
	}
}
