//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package generator

import (
	"errors"
	"os"
	"syscall"
)

// canLock reports whether lock keeps runs apart.
const canLock = true

// lock waits until no other run has the folder locked. Closing the folder, or the end of the
// process, unlocks it. On a file system without locks it does nothing.
func lock(folder *os.File) {
	for errors.Is(syscall.Flock(int(folder.Fd()), syscall.LOCK_EX), syscall.EINTR) {
	}
}
