package interop_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const (
	installLimit = 2 * time.Minute
	scriptLimit  = 3 * time.Minute // including what a test waits for meanwhile
)

// A script is a running script of testdata.
type script struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.Closer
	output *json.Decoder
	stderr bytes.Buffer
}

// start runs a script with a job in the folder with the packages. The script is killed when the
// test ends or after the limit, whichever comes first.
func start(t *testing.T, name string, job map[string]any) *script {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), scriptLimit)
	s := &script{name: name, cmd: exec.CommandContext(ctx, "node", path)}
	s.cmd.Dir, s.cmd.Stderr = modules(t), &s.stderr
	s.cmd.WaitDelay = 10 * time.Second
	stdin, err := s.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.stdin, s.output = stdin, json.NewDecoder(stdout)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = s.cmd.Wait() // an error if the script has ended already: see end
	})
	if err := json.NewEncoder(stdin).Encode(job); err != nil {
		t.Fatalf("%s: %v", name, s.failed(err))
	}
	return s
}

// next decodes the script's next output into what.
func (s *script) next(t *testing.T, what any) {
	t.Helper()
	if err := s.output.Decode(what); err != nil {
		t.Fatalf("%s: %v", s.name, s.failed(err))
	}
}

// publish runs a script that publishes one message, until that is confirmed.
func publish(t *testing.T, name string, job map[string]any) {
	t.Helper()
	script := start(t, name, job)
	var said struct{ Published bool }
	if script.next(t, &said); !said.Published {
		t.Errorf("%s did not say that it has published", name)
	}
	script.end(t)
}

// end waits until the script has ended and fails the test if there was more output or it failed.
func (s *script) end(t *testing.T) {
	t.Helper()
	var more json.RawMessage
	if err := s.output.Decode(&more); !errors.Is(err, io.EOF) {
		t.Errorf("%s said more than the test waits for: %s (%v)", s.name, more, err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("%s: %v\n%s", s.name, err, &s.stderr)
	}
}

// failed returns err with the script's last output. The script may still run, so it is ended first.
func (s *script) failed(err error) error {
	_ = s.stdin.Close()
	return fmt.Errorf("%w\n%s", errors.Join(err, s.cmd.Wait()), &s.stderr)
}

// modules returns the folder in which the packages of testdata/package.json are installed. If they
// cannot be installed, the test is skipped.
func modules(t *testing.T) string {
	t.Helper()
	folder, err := installed()
	if err != nil {
		t.Skipf("LEFT OUT: %s meets Node libraries: %v", t.Name(), err)
	}
	return folder
}

// installed installs once in a run; later runs find the folder in the user's cache.
var installed = sync.OnceValues(func() (string, error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", err
		}
	}
	wanted, err := os.ReadFile(filepath.Join("testdata", "package.json"))
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "scampgen")
	folder := filepath.Join(cache, fmt.Sprintf("interop-%x", sha256.Sum256(wanted))[:24])
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	return folder, install(cache, folder, wanted)
})

// install installs into a temporary folder and then renames it, so that folder is always complete.
func install(cache, folder string, wanted []byte) error {
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(cache, "installing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := os.WriteFile(filepath.Join(fresh, "package.json"), wanted, 0o600); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), installLimit)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error",
		"--fetch-retries=1", "--fetch-retry-mintimeout=1000") // without a network this fails soon
	npm.Dir, npm.WaitDelay = fresh, time.Second
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install: %w: %s", err, bytes.TrimSpace(out))
	}
	err = os.Rename(fresh, folder)
	if _, found := os.Stat(folder); found == nil {
		return nil // ours, or that of a run at the same time
	}
	return err
}
