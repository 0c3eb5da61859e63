package rabbittest

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
)

// A process is a running program that ends when this process ends, even if this process is killed.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{} // closed after the program has ended
}

// startProcess starts cmd. Its goroutine keeps its thread until the program ends, because the death
// signal is tied to the thread that forked.
func startProcess(cmd *exec.Cmd) (*process, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	p := &process{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	dieWithParent(cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // the exit code of a killed node says nothing
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	return p, nil
}

// kill ends the program and everything in its process group, and waits.
func (p *process) kill() error {
	err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.stdin.Close()
	<-p.done
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill: %w", err)
	}
	return nil
}
