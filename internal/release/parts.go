package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A module is a dependency of the command or of the runtime.
type module struct {
	path, version string
	licence       string // in the notation of SPDX
	text          string // of the licence
}

// dependencies returns the modules with which the command or a program that uses the runtime is built, sorted by path.
func dependencies() ([]module, error) {
	return dependenciesOf(".", "./cmd/scampgen", "./runtime/...")
}

// dependenciesOf returns the modules with which packages of the module in a folder are built, except our own.
func dependenciesOf(folder string, packages ...string) ([]module, error) {
	const format = `{{with .Module}}{{if not (or .Main .Replace)}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`
	list := exec.Command("go", append([]string{"list", "-deps", "-f", format}, packages...)...)
	list.Dir = folder
	output, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	lines := strings.Fields(strings.ReplaceAll(string(output), " ", "\x00"))
	slices.Sort(lines)
	var modules []module
	for _, line := range slices.Compact(lines) {
		words := strings.SplitN(line, "\x00", 3)
		m := module{path: words[0], version: words[1]}
		if m.licence, m.text, err = licenceIn(words[2]); err != nil {
			return nil, fmt.Errorf("%s: %w", m.path, err)
		}
		modules = append(modules, m)
	}
	return modules, nil
}

// licenceIn returns the licence of the module in a folder, and its text.
func licenceIn(folder string) (licence, text string, err error) {
	for _, pattern := range []string{"LICEN[CS]E*", "COPYING*", "NOTICE*"} {
		names, _ := filepath.Glob(filepath.Join(folder, pattern)) // the pattern is well formed
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				return "", "", err
			}
			text += string(content)
		}
	}
	licence = licenceOf(text)
	if licence == "" {
		return "", "", fmt.Errorf("it has no licence that is known to be free for every use: see %s", folder)
	}
	return licence, text, nil
}

// licenceOf returns the licences whose texts are in text, "" when none of those is that we accept.
func licenceOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	var found []string
	for _, known := range []struct{ licence, phrase string }{
		{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
		{"Apache-2.0", "Apache License"},
		{"BSD-2-Clause", "Redistribution and use in source and binary forms"},
		{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose"},
	} {
		if strings.Contains(text, known.phrase) {
			found = append(found, known.licence)
		}
	}
	licence := strings.Join(found, " AND ")
	if strings.Contains(text, "Neither the name") {
		licence = strings.Replace(licence, "BSD-2-Clause", "BSD-3-Clause", 1)
	}
	return licence
}

func printLicences(w io.Writer) error {
	modules, err := dependencies()
	if err != nil {
		return err
	}
	for _, m := range nestedModules {
		more, err := dependenciesOf(m.folder, "./...")
		if err != nil {
			return err
		}
		modules = append(modules, more...)
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.path, b.path) })
	modules = slices.CompactFunc(modules, func(a, b module) bool { return a.path == b.path && a.version == b.version })
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range modules {
		fmt.Fprintf(table, "%s\t%s\t%s\n", m.path, m.version, m.licence)
	}
	return table.Flush()
}

// licenceTexts returns the licences of all modules, which their authors want to go with each copy.
func licenceTexts(modules []module) []byte {
	var b strings.Builder
	for _, m := range modules {
		fmt.Fprintf(&b, "%s %s (%s)\n\n%s\n\n", m.path, m.version, m.licence, strings.TrimSpace(m.text))
	}
	return []byte(b.String())
}

// writeParts writes a bill of materials in the format CycloneDX 1.5.
func writeParts(name, version string, modules []module, made time.Time) error {
	type object = map[string]any
	var components []object
	for _, m := range modules {
		components = append(components, object{
			"type": "library", "name": m.path, "version": m.version, "purl": "pkg:golang/" + m.path + "@" + m.version,
			"licenses": []object{{"expression": m.licence}},
		})
	}
	content, err := json.MarshalIndent(object{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		"metadata": object{
			"timestamp": made.Format(time.RFC3339),
			"component": object{"type": "application", "name": self, "version": version, "purl": "pkg:golang/" + self + "@" + version},
		},
		"components": components,
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(content, '\n'), 0o666)
}
