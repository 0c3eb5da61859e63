//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package generator

import "os"

// canLock says whether lock keeps runs apart.
const canLock = false

// lock does nothing on systems that have no locks of folders: there a run that meets another may fail, and
// the next one completes the set.
func lock(*os.File) {}
