package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// files reads the files of a contract, each once, if the options allow it.
type files struct {
	options  Options
	budget   *budget
	problems *Report
	folder   string    // of the contract
	until    time.Time // when fetching must be done; zero before the first
	root     *os.Root  // the folder again: files outside cannot be opened through it, not even by a symbolic link
	read     map[string]loaded
}

// A loaded file has content, or the error with which reading it failed, or neither: then its
// content is wrong, which has been reported at its position.
type loaded struct {
	content *Value
	err     error
}

// openFiles prepares to read the contract in the file name, and the files that it refers to.
func openFiles(name string, o Options, problems *Report) (*files, error) {
	o = o.withDefaults()
	folder := filepath.Dir(name)
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	return &files{
		options: o, budget: newBudget(o), problems: problems,
		folder: folder, root: root, read: map[string]loaded{},
	}, nil
}

func (f *files) close() error { return f.root.Close() }

// contract reads the contract's own file. It may be a pipe, or a symbolic link to anywhere, because
// the user named it.
func (f *files) contract(name string) (*Value, error) {
	return f.load(filepath.Clean(name), func() ([]byte, error) {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // nothing was written
		return readLimited(file, name, f.options.MaxFileSize)
	})
}

// isRemote reports whether a file is known by an http or https address.
func isRemote(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// locate returns the name of the file that a reference leads to; from is the file with the
// reference. Names of files in the contract's folder begin with that folder, so that each file has
// one name.
func (f *files) locate(from, reference string) (string, error) {
	if isRemote(reference) {
		return reference, nil
	}
	if isRemote(from) {
		base, err := url.Parse(from)
		if err != nil {
			return "", err
		}
		u, err := base.Parse(reference)
		if err != nil {
			return "", err
		}
		if name := u.String(); isRemote(name) {
			return name, nil
		}
		return "", fmt.Errorf("addresses with %s: are not read", u.Scheme)
	}
	name, err := url.PathUnescape(reference)
	if err != nil {
		return "", err
	}
	if scheme, _, ok := strings.Cut(name, "://"); ok {
		return "", fmt.Errorf("addresses with %s:// are not read", scheme)
	}
	name = filepath.FromSlash(name)
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(from), name)
	}
	if inside, ok := f.inside(name); ok {
		return filepath.Join(f.folder, inside), nil
	}
	return filepath.Clean(name), nil
}

// inside returns a file's name relative to the contract's folder. It returns false for a file that
// is not in it.
func (f *files) inside(name string) (string, bool) {
	folder, err := filepath.Abs(f.folder)
	if err != nil {
		return "", false
	}
	absolute, err := filepath.Abs(name)
	if err != nil {
		return "", false
	}
	inside, err := filepath.Rel(folder, absolute)
	return inside, err == nil && filepath.IsLocal(inside)
}

// file returns the content of a file, nil when it cannot be read. The error says why, unless that
// has been reported as a problem in the file.
func (f *files) file(name string) (*Value, error) {
	if l, ok := f.read[name]; ok {
		return l.content, l.err
	}
	if isRemote(name) {
		return f.load(name, func() ([]byte, error) { return f.fetch(name) })
	}
	return f.load(name, func() ([]byte, error) { return f.open(name) })
}

// load reads a file for the first time.
func (f *files) load(name string, open func() ([]byte, error)) (*Value, error) {
	var l loaded
	var data []byte
	if len(f.read) < f.options.MaxFiles {
		data, l.err = open()
	} else {
		l.err = fmt.Errorf("%s is not read: more than %d files", name, f.options.MaxFiles)
	}
	if f.budget.size -= len(data); f.budget.size < 0 {
		f.budget.size = 0
		l.err = fmt.Errorf("%s is not read: all files together have more than %d bytes", name, 4*f.options.MaxFileSize)
	}
	if l.err == nil {
		l.content = read(name, data, f.budget, f.problems)
	}
	f.read[name] = l
	return l.content, l.err
}

// A hintedError is an error with a hint.
type hintedError struct{ message, hint string }

func (r *hintedError) Error() string { return r.message }

// hintOf returns the hint of an error, "" when it has none.
func hintOf(err error) string {
	if r, ok := errors.AsType[*hintedError](err); ok {
		return r.hint
	}
	return ""
}

// open reads a file on disk: only in the contract's folder, or anywhere with AllowOutside.
func (f *files) open(name string) ([]byte, error) {
	outside := &hintedError{
		message: fmt.Sprintf("%s is outside the contract's folder", name),
		hint:    "move it there, or allow it with -allow-outside",
	}
	if f.options.AllowOutside {
		return f.explain(name, os.Stat, os.Open)
	}
	inside, ok := f.inside(name)
	if !ok {
		return nil, outside
	}
	if _, err := f.root.Stat(inside); err != nil {
		if _, err := os.Stat(name); err == nil {
			return nil, outside // by a symbolic link
		}
	}
	return f.explain(inside, f.root.Stat, f.root.Open)
}

// explain reads a file. If there is none, the error suggests the file that was probably meant.
func (f *files) explain(name string, stat func(string) (fs.FileInfo, error), open func(string) (*os.File, error)) ([]byte, error) {
	data, err := readRegular(name, stat, open, f.options.MaxFileSize)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	missing := &hintedError{message: fmt.Sprintf("there is no file %s", name)}
	if folder, err := open(filepath.Dir(name)); err == nil {
		names, _ := folder.Readdirnames(1000) // only for a hint
		missing.hint = DidYouMean(filepath.Base(name), names)
		_ = folder.Close() // nothing was written
	}
	return nil, missing
}

// readRegular reads a regular file of at most limit bytes. It does not open a device or a pipe,
// because reading one might never end.
func readRegular(name string, stat func(string) (fs.FileInfo, error), open func(string) (*os.File, error), limit int) ([]byte, error) {
	info, err := stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	file, err := open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	return readLimited(file, name, limit)
}

func readLimited(r io.Reader, name string, limit int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	return data, nil
}

// fetch reads a file by its http or https address. Redirects are followed only on the same host,
// because the contract's author has chosen that host and no other.
func (f *files) fetch(address string) ([]byte, error) {
	if !f.options.AllowRemote {
		return nil, &hintedError{
			message: fmt.Sprintf("%s is not fetched", address),
			hint:    "save a copy beside the contract, or allow it with -allow-remote",
		}
	}
	if f.until.IsZero() {
		f.until = time.Now().Add(6 * f.options.RemoteTimeout)
	}
	client := &http.Client{Timeout: min(f.options.RemoteTimeout, time.Until(f.until)), CheckRedirect: staysOnHost}
	if client.Timeout <= 0 {
		return nil, fmt.Errorf("%s is not fetched: fetching takes too long", address)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	response, err := client.Do(request)
	if moved, ok := errors.AsType[*hintedError](err); ok {
		return nil, moved
	}
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // nothing was written
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch %s: %s", address, response.Status)
	}
	return readLimited(response.Body, address, f.options.MaxFileSize)
}

// maxRedirects is how many redirects in a row are followed.
const maxRedirects = 10

// staysOnHost refuses a redirect to another host or port, and one from https to http.
func staysOnHost(next *http.Request, before []*http.Request) error {
	from, to := before[0].URL, next.URL
	isSame := to.Scheme == from.Scheme && to.Host == from.Host
	isSafer := to.Scheme == "https" && from.Scheme == "http" && from.Port() == "" && to.Port() == "" && to.Hostname() == from.Hostname()
	switch {
	case !isSame && !isSafer:
		return &hintedError{
			message: fmt.Sprintf("%s is redirected to %s, which is not followed", from, to),
			hint:    "refer to that address, if it is to be trusted",
		}
	case len(before) > maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	return nil
}
