//go:build !linux

package rabbittest

import (
	"os/exec"
	"syscall"
)

// dieWithParent only creates a process group: other systems do not kill a child with its parent, so
// a killed test leaves its node behind there.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
