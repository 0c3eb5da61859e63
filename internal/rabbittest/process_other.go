//go:build !linux

package rabbittest

import (
	"os/exec"
	"syscall"
)

// dieWithParent only makes a process group: no other system kills a child with
// its parent, so there a killed test leaves its node behind.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
