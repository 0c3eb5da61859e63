package generator

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// ReadConfig reads a configuration file. Contract and Out are relative to the file's folder in the
// file, and are returned relative to the working folder, or empty when the file does not have them.
// With inside set they may not lead out of the file's folder. When the problems are fatal the
// Config has what could be read.
func ReadConfig(file string, inside bool) (Config, source.Problems) {
	root, problems := source.ReadFile(file)
	if root == nil {
		return Config{}, problems
	}
	found := &source.Report{}
	r := &configReader{folder: filepath.Dir(file), inside: inside, read: source.Reader{Report: found}, report: found}
	found.Add(problems...)
	if r.version(root) {
		fields := r.read.Object(root, configTable())
		for _, key := range configKeys {
			if v := fields.Value(key.Name); v != nil {
				key.read(r, v)
			}
		}
	}
	return r.config, found.Problems()
}

// A configReader fills a Config from the values of a file.
type configReader struct {
	folder string
	inside bool
	config Config
	read   source.Reader
	report *source.Report
}

// version reports whether the file has the version that this code reads. If not, nothing else in it
// is checked.
func (r *configReader) version(root *source.Value) bool {
	const hint = "write version: 1 as its first line"
	if r.read.Read(root, source.Map.Hint(hint)) == nil {
		return false
	}
	version := root.Get("version")
	if version == nil {
		r.wrong(root, "has no version", hint)
		return false
	}
	if version.Kind != source.Number || version.Text != "1" {
		r.wrong(version, "\"version\" must be 1", "")
		return false
	}
	return true
}

func (r *configReader) channels(v *source.Value) {
	for _, field := range v.Fields {
		channel := ChannelConfig{Location: field.Location(), Name: field.Name}
		choices := r.read.Object(field.Value, channelTable)
		if name := choices.Value("package"); name != nil {
			channel.Package = r.packageName(name)
		}
		channel.Side, _ = ParseSide(choices.Text("side"))
		r.config.Channels = append(r.config.Channels, channel)
	}
}

func (r *configReader) types(v *source.Value) {
	for _, field := range v.Fields {
		t := TypeConfig{Location: field.Location(), Schema: field.Name}
		if field.Value.Kind == source.Object {
			t.Rename = r.rename(field.Value)
		} else if named := r.read.Read(field.Value, source.Word); named != nil {
			t.GoType = r.goType(named)
		}
		r.config.Types = append(r.config.Types, t)
	}
}

func (r *configReader) messages(v *source.Value) {
	for _, field := range v.Fields {
		fields := r.read.Object(field.Value, messageTable)
		if fields.Value("name") == nil && fields.Value("type") == nil && field.Value.Kind == source.Object {
			r.wrong(field.Value, "a message must have \"name\" or \"type\"", "")
		}
		m := MessageConfig{Location: field.Location(), Name: field.Name, Rename: r.goName(fields.Value("name")), Type: fields.Text("type")}
		r.config.Messages = append(r.config.Messages, m)
	}
}

// rename reads an object that gives something a Go name.
func (r *configReader) rename(v *source.Value) string {
	return r.goName(r.read.Object(v, renameTable).Value("name"))
}

func (r *configReader) goName(name *source.Value) string {
	if name == nil {
		return ""
	}
	if !names.IsExported(name.Text) {
		r.wrong(name, fmt.Sprintf("%q is not an exported Go name", name.Text), "write it as ParcelSent")
	}
	return name.Text
}

func (r *configReader) goType(v *source.Value) types.GoType {
	t, ok := types.ParseGoType(v.Text)
	if !ok {
		r.wrong(v, fmt.Sprintf("%q is not an exported Go type", v.Text), "write it as example.com/shop/money.Amount")
	}
	return t
}

var initialism = regexp.MustCompile(`^[A-Z][A-Z0-9]+$`)

func (r *configReader) initialisms(v *source.Value) {
	for _, word := range r.texts(v) {
		if !initialism.MatchString(word.Text) {
			r.wrong(word, fmt.Sprintf("%q is not an initialism", word.Text), "write capitals and digits only, such as SKU")
			continue
		}
		r.config.Initialisms = append(r.config.Initialisms, word.Text)
	}
}

func (r *configReader) imports(v *source.Value) {
	for _, path := range r.texts(v) {
		if err := module.CheckImportPath(path.Text); err != nil {
			r.wrong(path, fmt.Sprintf("%q is not an import path", path.Text), "write the path of a module or package, such as example.com/shop")
			continue
		}
		r.config.AllowImports = append(r.config.AllowImports, path.Text)
	}
}

// texts returns the items of a list that are strings and not empty.
func (r *configReader) texts(list *source.Value) []*source.Value {
	var texts []*source.Value
	for _, item := range list.Items {
		if text := r.read.Read(item, source.Word); text != nil {
			texts = append(texts, text)
		}
	}
	return texts
}

// ParseImports reads import paths with commas between them.
func ParseImports(list string) ([]string, error) {
	paths := []string{}
	for path := range strings.SplitSeq(list, ",") {
		if path == "" {
			continue
		}
		if err := module.CheckImportPath(path); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

var packageName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

func (r *configReader) packageName(v *source.Value) string {
	if !packageName.MatchString(v.Text) {
		r.wrong(v, fmt.Sprintf("%q cannot name a package", v.Text), "use lower-case letters and digits")
	} else if wrong := names.PackageProblem(v.Text); wrong != "" {
		r.wrong(v, fmt.Sprintf("%q cannot name a package: %s", v.Text, wrong), "")
	}
	return v.Text
}

// ParseSide returns the side with the given name: producer, consumer or both.
func ParseSide(name string) (topology.Side, bool) {
	switch name {
	case "producer":
		return topology.ProducerSide, true
	case "consumer":
		return topology.ConsumerSide, true
	case "both":
		return topology.Both, true
	default:
		return topology.Unsaid, false
	}
}

// file reads the name of a file or folder, relative to the configuration's own folder.
func (r *configReader) file(v *source.Value, into *string) {
	name := filepath.FromSlash(v.Text)
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.folder, name)
	}
	if r.inside && !isInside(r.folder, name) {
		r.wrong(v, "leads out of the configuration's folder, which the command line forbids", "name it on the command line")
		return
	}
	*into = name
}

// isInside reports whether a file or folder, which need not exist, is in a folder, after symbolic
// links.
func isInside(folder, name string) bool {
	inside, err := filepath.Rel(followed(folder), followed(name))
	return err == nil && filepath.IsLocal(inside)
}

// followed returns the absolute name of a file, with symbolic links followed in the part of it that
// exists.
func followed(name string) string {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	if target, err := filepath.EvalSymlinks(absolute); err == nil || filepath.Dir(absolute) == absolute {
		return cmp.Or(target, absolute)
	}
	return filepath.Join(followed(filepath.Dir(absolute)), filepath.Base(absolute))
}

// wrong reports what is wrong with a value.
func (r *configReader) wrong(v *source.Value, message, hint string) {
	r.report.Add(v.Problem(source.Mistake, message, hint))
}

// notThere reports a name that does not exist in the contract.
func notThere(at source.Location, what, name string, names []string) source.Problems {
	if slices.Contains(names, name) {
		return nil
	}
	hint := source.DidYouMean(name, names)
	if what == "schema" && strings.HasPrefix(name, "/") {
		hint = fmt.Sprintf("write \"#%s\" for what a JSON pointer leads to", name)
	}
	return source.Problems{at.Problem(source.Mistake, fmt.Sprintf("the contract has no %s %q", what, name), hint)}
}
