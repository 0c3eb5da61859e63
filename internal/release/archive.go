package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A file is one file of an archive.
type file struct {
	name    string
	mode    int64
	content []byte
}

// pack builds the command for a platform and puts it into an archive, with the licences of all that is in it.
func pack(out, version string, p platform, modules []module, made time.Time) error {
	command, err := build(p)
	if err != nil {
		return err
	}
	files := []file{{"scampgen", 0o755, command}, {"THIRD_PARTY_LICENSES", 0o644, licenceTexts(modules)}}
	if p.system == "windows" {
		files[0].name += ".exe"
	}
	for _, name := range []string{"CHANGELOG.md", "LICENSE", "README.md"} {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files = append(files, file{name, 0o644, content})
	}
	archive, extension := tarball, ".tar.gz"
	if p.system == "windows" {
		archive, extension = zipped, ".zip"
	}
	content, err := archive(files, made)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("scampgen_%s_%s_%s%s", version, p.system, p.processor, extension)
	return os.WriteFile(filepath.Join(out, name), content, 0o666)
}

// build returns the command for a platform. Go writes the version into it: the tag, when a commit with one is checked out.
func build(p platform) ([]byte, error) {
	folder, err := os.MkdirTemp("", "release")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, "scampgen")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", name, "./cmd/scampgen")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+p.system, "GOARCH="+p.processor)
	if output, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, output)
	}
	return os.ReadFile(name)
}

func tarball(files []file, made time.Time) ([]byte, error) {
	var b bytes.Buffer
	compressed := gzip.NewWriter(&b)
	archive := tar.NewWriter(compressed)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: made, Format: tar.FormatPAX}
		if err := archive.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	err := compressed.Close()
	return b.Bytes(), err
}

func zipped(files []file, made time.Time) ([]byte, error) {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: made}
		header.SetMode(os.FileMode(f.mode))
		w, err := archive.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return b.Bytes(), err
}
