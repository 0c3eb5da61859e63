package generator

import (
	"cmp"
	"fmt"
	"maps"
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

// ReadConfig reads a configuration file. Contract and Out, which are relative to the
// file's folder, are returned relative to the working folder, and empty where the file
// does not say. With inside they may not lead out of the file's folder. When the problems are fatal the Config has what could be read.
func ReadConfig(file string, inside bool) (Config, source.Problems) {
	root, problems := source.ReadFile(file)
	if root == nil {
		return Config{}, problems
	}
	r := &configReader{folder: filepath.Dir(file), inside: inside, problems: problems}
	if r.version(root) {
		r.object(root, "", rootKeys)
	}
	return r.config, r.problems.Sorted()
}

// A configReader fills a Config from the values of a file.
type configReader struct {
	folder   string
	inside   bool
	config   Config
	problems source.Problems
}

// A keyReader takes the value of one key. at is where it stands.
type keyReader func(r *configReader, v *source.Value, at string)

// rootKeys are the keys of the file. docs/scampgen.schema.json has the same, which a test keeps true.
var rootKeys = map[string]keyReader{
	"version":          func(*configReader, *source.Value, string) {}, // read before everything else
	"contract":         func(r *configReader, v *source.Value, at string) { r.file(v, at, &r.config.Contract) },
	"out":              func(r *configReader, v *source.Value, at string) { r.file(v, at, &r.config.Out) },
	"side":             func(r *configReader, v *source.Value, at string) { r.side(v, at, &r.config.Side) },
	"channels":         (*configReader).channels,
	"types":            (*configReader).types,
	"messages":         (*configReader).messages,
	"messages-package": func(r *configReader, v *source.Value, at string) { r.packageName(v, at, &r.config.MessagesPackage) },
	"initialisms":      (*configReader).initialisms,
	"tests":            func(r *configReader, v *source.Value, at string) { r.flag(v, at, &r.config.Tests) },
	"literal-types":    func(r *configReader, v *source.Value, at string) { r.flag(v, at, &r.config.LiteralTypes) },
	"ignore-formats":   func(r *configReader, v *source.Value, at string) { r.flag(v, at, &r.config.IgnoreFormats) },
	"allow-outside":    func(r *configReader, v *source.Value, at string) { r.flag(v, at, &r.config.AllowOutside) },
	"allow-remote":     func(r *configReader, v *source.Value, at string) { r.flag(v, at, &r.config.AllowRemote) },
	"allow-imports":    (*configReader).imports,
}

// version says whether the file is of the version that this code reads. Of another one nothing
// else would be worth saying.
func (r *configReader) version(root *source.Value) bool {
	if root.Kind != source.Object {
		r.wrongKind(root, "", "an object that begins with version: 1")
		return false
	}
	version := root.Get("version")
	if version == nil {
		r.problem(root.Position, "", "has no version", "write version: 1 as its first line")
		return false
	}
	if version.Kind != source.Number || version.Text != "1" {
		r.problem(version.Position, "/version", "must be 1", "")
		return false
	}
	return true
}

// object reads an object's fields, each with the reader for its key.
func (r *configReader) object(v *source.Value, at string, keys map[string]keyReader) {
	if v.Kind != source.Object {
		r.wrongKind(v, at, "an object")
		return
	}
	for _, field := range v.Fields {
		read, known := keys[field.Name]
		if !known {
			names := slices.Sorted(maps.Keys(keys))
			r.problem(field.Position, at, fmt.Sprintf("there is no key %q", field.Name),
				cmp.Or(source.DidYouMean(field.Name, names), "the keys are "+strings.Join(names, ", ")))
			continue
		}
		read(r, field.Value, pointer(at, field.Name))
	}
}

// entries calls read with each field of an object whose keys are the user's.
func (r *configReader) entries(v *source.Value, at string, read func(field source.Field, at string)) {
	if v.Kind != source.Object {
		r.wrongKind(v, at, "an object")
		return
	}
	for _, field := range v.Fields {
		read(field, pointer(at, field.Name))
	}
}

func (r *configReader) channels(v *source.Value, at string) {
	r.entries(v, at, func(field source.Field, at string) {
		channel := ChannelConfig{Position: field.Position, Path: at, Name: field.Name}
		r.object(field.Value, at, map[string]keyReader{
			"package": func(r *configReader, v *source.Value, at string) { r.packageName(v, at, &channel.Package) },
			"side":    func(r *configReader, v *source.Value, at string) { r.side(v, at, &channel.Side) },
		})
		r.config.Channels = append(r.config.Channels, channel)
	})
}

func (r *configReader) types(v *source.Value, at string) {
	r.entries(v, at, func(field source.Field, at string) {
		t := TypeConfig{Position: field.Position, Path: at, Schema: field.Name}
		if field.Value.Kind == source.Object {
			r.rename(field.Value, at, &t.Rename)
		} else {
			r.goType(field.Value, at, &t.GoType)
		}
		r.config.Types = append(r.config.Types, t)
	})
}

func (r *configReader) messages(v *source.Value, at string) {
	r.entries(v, at, func(field source.Field, at string) {
		m := MessageConfig{Position: field.Position, Path: at, Name: field.Name}
		r.rename(field.Value, at, &m.Rename)
		r.config.Messages = append(r.config.Messages, m)
	})
}

// rename reads an object that gives something a Go name.
func (r *configReader) rename(v *source.Value, at string, into *string) {
	r.object(v, at, map[string]keyReader{"name": func(r *configReader, v *source.Value, at string) {
		if r.text(v, at, into) && !names.IsExported(*into) {
			r.problem(v.Position, at, fmt.Sprintf("%q is not an exported Go name", *into), "write it as ParcelSent")
		}
	}})
	if v.Kind == source.Object && v.Get("name") == nil {
		r.problem(v.Position, at, "has no name", "")
	}
}

func (r *configReader) goType(v *source.Value, at string, into *types.GoType) {
	var text string
	if !r.text(v, at, &text) {
		return
	}
	t, ok := types.ParseGoType(text)
	if !ok {
		r.problem(v.Position, at, fmt.Sprintf("%q is no exported Go type", text), "write it as example.com/shop/money.Amount")
		return
	}
	*into = t
}

var initialism = regexp.MustCompile(`^[A-Z][A-Z0-9]+$`)

func (r *configReader) initialisms(v *source.Value, at string) {
	if v.Kind != source.Array {
		r.wrongKind(v, at, "a list such as [SKU, ERP]")
		return
	}
	for i, item := range v.Items {
		at := fmt.Sprintf("%s/%d", at, i)
		var text string
		if !r.text(item, at, &text) {
			continue
		}
		if !initialism.MatchString(text) {
			r.problem(item.Position, at, fmt.Sprintf("%q is no initialism", text), "write capitals and digits only, such as SKU")
			continue
		}
		r.config.Initialisms = append(r.config.Initialisms, text)
	}
}

func (r *configReader) imports(v *source.Value, at string) {
	if v.Kind != source.Array {
		r.wrongKind(v, at, "a list such as [example.com/shop]")
		return
	}
	for i, item := range v.Items {
		at := fmt.Sprintf("%s/%d", at, i)
		var text string
		if !r.text(item, at, &text) {
			continue
		}
		if err := module.CheckImportPath(text); err != nil {
			r.problem(item.Position, at, fmt.Sprintf("%q is no import path", text), "write the path of a module or package, such as example.com/shop")
			continue
		}
		r.config.AllowImports = append(r.config.AllowImports, text)
	}
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

func (r *configReader) packageName(v *source.Value, at string, into *string) {
	if !r.text(v, at, into) {
		return
	}
	if !packageName.MatchString(*into) {
		r.problem(v.Position, at, fmt.Sprintf("%q cannot name a package", *into), "use lower-case letters and digits")
	} else if wrong := names.PackageProblem(*into); wrong != "" {
		r.problem(v.Position, at, fmt.Sprintf("%q cannot name a package: %s", *into, wrong), "")
	}
}

func (r *configReader) side(v *source.Value, at string, into *topology.Side) {
	var text string
	if !r.text(v, at, &text) {
		return
	}
	side, ok := ParseSide(text)
	if !ok {
		r.problem(v.Position, at, fmt.Sprintf("%q is no side", text), "write producer, consumer or both")
		return
	}
	*into = side
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

// file reads the name of a file or folder, relative to the configuration's own.
func (r *configReader) file(v *source.Value, at string, into *string) {
	var name string
	if !r.text(v, at, &name) {
		return
	}
	name = filepath.FromSlash(name)
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.folder, name)
	}
	if r.inside && !isInside(r.folder, name) {
		r.problem(v.Position, at, "leads out of the configuration's folder, which the command line forbids", "name it on the command line")
		return
	}
	*into = name
}

// isInside says whether a file or folder, which need not be there, is in a folder, when symbolic links are followed.
func isInside(folder, name string) bool {
	inside, err := filepath.Rel(followed(folder), followed(name))
	return err == nil && filepath.IsLocal(inside)
}

// followed returns the absolute name of a file with the symbolic links followed of what is there of it.
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

func (r *configReader) flag(v *source.Value, at string, into *bool) {
	if v.Kind != source.Bool {
		r.wrongKind(v, at, "true or false")
		return
	}
	*into = v.Text == "true"
}

func (r *configReader) text(v *source.Value, at string, into *string) bool {
	if v.Kind != source.String || v.Text == "" {
		r.wrongKind(v, at, "a string that is not empty")
		return false
	}
	*into = v.Text
	return true
}

func (r *configReader) wrongKind(v *source.Value, at, wanted string) {
	r.problem(v.Position, at, "must be "+wanted, "")
}

func (r *configReader) problem(position source.Position, at, message, hint string) {
	r.problems = append(r.problems, source.Problem{Position: position, Path: at, Message: message, Hint: hint})
}

// pointer returns the JSON pointer of a field.
func pointer(at, name string) string {
	return at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// notThere reports a name that the contract does not have.
func notThere(position source.Position, at, what, name string, names []string) source.Problems {
	if slices.Contains(names, name) {
		return nil
	}
	return source.Problems{{
		Position: position, Path: at,
		Message: fmt.Sprintf("the contract has no %s %q", what, name),
		Hint:    source.DidYouMean(name, names),
	}}
}
