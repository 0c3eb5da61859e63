//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package generator

import "os"

// canLock reports whether lock keeps runs apart.
const canLock = false

// lock does nothing on systems that cannot lock folders. There, a run may fail if another one
// writes at the same time; the next run completes the set.
func lock(*os.File) {}
