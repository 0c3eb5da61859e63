// Command release makes the files of a release: an archive of the command for each platform, a list of its parts, the section of the
// changelog, and the checksums of all. It publishes nothing, so that it can be tried at any time: make release-dry.
package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	version := flag.String("version", "", "the `TAG` to release, such as v1.2.3; empty: what the changelog has under Unreleased")
	out := flag.String("out", "", "the `DIR` for the files, which must be empty or not there")
	licences := flag.Bool("licences", false, "print the licences of all dependencies, and make nothing")
	flag.Parse()
	err := errors.New("where to? Give -out or -licences")
	switch {
	case *licences:
		err = printLicences(os.Stdout)
	case *out != "":
		err = release(*version, *out, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// platforms are those that get an archive.
var platforms = []platform{
	{"darwin", "amd64"}, {"darwin", "arm64"}, {"linux", "amd64"}, {"linux", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

type platform struct{ system, processor string }

// release makes the files of a release in the folder out and prints their checksums. The same commit gives the same bytes.
func release(version, out string, stdout io.Writer) error {
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty", out)
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	changelog, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return err
	}
	notes, err := section(string(changelog), version)
	if err != nil {
		return err
	}
	if err := checkModules(".", version); err != nil {
		return err
	}
	modules, err := dependencies()
	if err != nil {
		return err
	}
	made, err := commitTime()
	if err != nil {
		return err
	}
	if version == "" {
		version = "dry"
	} else {
		fmt.Fprintln(stdout, "tags, all at this commit:", strings.Join(tags(version), " "))
	}
	for _, p := range platforms {
		if err := pack(out, version, p, modules, made); err != nil {
			return fmt.Errorf("%s/%s: %w", p.system, p.processor, err)
		}
	}
	if err := writeParts(filepath.Join(out, "scampgen_"+version+".cdx.json"), version, modules, made); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "NOTES.md"), []byte(notes), 0o666); err != nil {
		return err
	}
	sums, err := checksums(out)
	if err != nil {
		return err
	}
	fmt.Fprint(stdout, sums)
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(sums), 0o666)
}

// section returns what the changelog says of a version; without one, what it has under Unreleased.
func section(changelog, version string) (string, error) {
	wanted := strings.TrimPrefix(version, "v")
	for part := range strings.SplitSeq("\n"+changelog, "\n## ") {
		heading, text, _ := strings.Cut(part, "\n")
		words := strings.FieldsFunc(heading, func(r rune) bool { return r == ' ' || r == ':' || r == '[' || r == ']' })
		isUnreleased := slices.Contains(words, "Unreleased")
		if version == "" && isUnreleased || version != "" && !isUnreleased && slices.Contains(words, wanted) {
			return strings.TrimSpace(text) + "\n", nil
		}
	}
	if version == "" {
		return "", errors.New("CHANGELOG.md has nothing under Unreleased")
	}
	return "", fmt.Errorf("CHANGELOG.md has no section %q: give what is under Unreleased that heading", wanted)
}

// commitTime returns when the commit that is checked out was made: the time of all files.
func commitTime() (time.Time, error) {
	output, err := exec.Command("git", "log", "-1", "--format=%ct").Output()
	if err != nil {
		return time.Time{}, fmt.Errorf("git log: %w", err)
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(output)), 10, 64)
	return time.Unix(seconds, 0).UTC(), err
}

// checksums returns the SHA-256 of each file in a folder, as sha256sum -c reads it.
func checksums(folder string) (string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(content), entry.Name())
	}
	return b.String(), nil
}
