//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// command runs a command in a folder and returns what it took.
func command(dir, name string, args ...string) (usage, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	begun := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return usage{}, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	memory := int64(used.Maxrss) //nolint:unconvert // an int32 on some systems; in bytes on macOS, in KiB elsewhere
	if runtime.GOOS != "darwin" {
		memory <<= 10
	}
	return usage{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), time.Since(begun), memory}, nil
}

func write(name, content string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// countLines counts the lines of the Go files below a folder, without the program that uses them.
func countLines(dir string) (int, error) {
	lines := 0
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" || entry.Name() == "main.go" {
			return err
		}
		content, err := os.ReadFile(name)
		lines += bytes.Count(content, []byte("\n"))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count lines: %w", err)
	}
	return lines, nil
}
