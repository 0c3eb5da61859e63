package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// ConfigName is the name of the configuration file.
const ConfigName = "scampgen.yaml"

// A Config says what to generate, from what and where. Contract and Out are required; everything
// else has a default.
type Config struct {
	Contract    string          // the contract's file
	NamedAt     source.Location // of Contract in the configuration file, if it is named there
	Out         string          // the folder that the packages are written to
	Side        topology.Side
	Channels    []ChannelConfig
	Types       []TypeConfig
	Messages    []MessageConfig
	Initialisms []string // in upper case

	MessagesPackage string // as plan.Options.MessagesPackage
	ServersPackage  string // as plan.Options.ServersPackage
	NoServers       bool   // as plan.Options.NoServers

	Tests         bool // as plan.Options.Tests
	LiteralTypes  bool // as types.Options.LiteralTypes
	IgnoreFormats bool // as types.Options.IgnoreFormats

	AllowOutside bool // as source.Options.AllowOutside
	AllowRemote  bool // as source.Options.AllowRemote

	AllowImports []string // as names.Output.AllowImports
	CheckTypes   bool     // hold Types to AllowImports too, as if the contract named them
}

// A ChannelConfig is what the configuration says about one channel.
type ChannelConfig struct {
	source.Location        // of the name, in the configuration file
	Name            string // the channel's name in the contract, its address, or the name of a queue
	topology.ChannelOptions
}

// A TypeConfig says for one schema of the contract which Go type of the user's own it is, or the
// name of its generated type.
type TypeConfig struct {
	source.Location        // of the name, in the configuration file
	Schema          string // the schema's name under components.schemas, or the place of any schema as names.Place has it
	types.GoType
	Rename string // a Go name
}

// A MessageConfig gives a message of the contract a Go name, an AMQP type, or both.
type MessageConfig struct {
	source.Location        // of the name, in the configuration file
	Name            string // the message's name in the contract, or its place as names.Place has it
	Rename          string // a Go name
	Type            string // an AMQP type
}

// FindConfig looks for scampgen.yaml in dir and then in the folders above, up to the one with
// go.mod. It returns "" when there is none.
func FindConfig(dir string) (string, error) {
	for {
		name := filepath.Join(dir, ConfigName)
		found, err := exists(name)
		if found || err != nil {
			return name, err
		}
		parent, err := above(dir)
		if parent == "" || err != nil {
			return "", err
		}
		if _, atModule, err := readModule(dir); atModule || err != nil {
			return "", err
		}
		dir = parent
	}
}

// above returns the parent folder of dir, "" when dir is the root. A relative dir gives a relative
// parent.
func above(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if filepath.Dir(absolute) == absolute {
		return "", nil
	}
	return filepath.Join(dir, ".."), nil
}

func exists(name string) (bool, error) {
	_, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// planOptions are the options of the plan.
func (c Config) planOptions(folder outputFolder) plan.Options {
	o := plan.Options{
		Source:      folder.nameOf(c.Contract),
		Initialisms: c.Initialisms,
		Tests:       c.Tests,

		Output:          names.Output{ImportPath: folder.importPath, Module: folder.module, AllowImports: c.AllowImports},
		MessagesPackage: c.MessagesPackage,
		ServersPackage:  c.ServersPackage,
		NoServers:       c.NoServers,

		Side:     c.Side,
		Channels: make(map[string]topology.ChannelOptions, len(c.Channels)),
		Messages: make(map[string]topology.MessageOptions, len(c.Messages)),
		Types: types.Options{
			Choices:       make(map[string]types.Choice, len(c.Types)),
			LiteralTypes:  c.LiteralTypes,
			IgnoreFormats: c.IgnoreFormats,
		},
	}
	for _, channel := range c.Channels {
		o.Channels[channel.Name] = channel.ChannelOptions
	}
	for _, t := range c.Types {
		o.Types.Choices[t.Schema] = types.Choice{Location: t.Location, Type: t.GoType, Name: t.Rename}
	}
	for _, m := range c.Messages {
		o.Messages[m.Name] = topology.MessageOptions{Location: m.Location, GoName: m.Rename, Type: m.Type}
	}
	return o
}

// refusedTypes reports types that generated code may not import. Types of any module are allowed
// here, because the author of the configuration names them, unless CheckTypes is set.
func (c Config) refusedTypes(output names.Output) source.Problems {
	var problems source.Problems
	for _, t := range c.Types {
		if t.GoType == (types.GoType{}) {
			continue
		}
		if !c.CheckTypes {
			output.AllowImports = append(output.AllowImports, t.Package)
		}
		if wrong, hint := output.ImportProblem(t.Package); wrong != "" {
			problems = append(problems, t.Problem(source.Mistake, fmt.Sprintf("%s is of package %s, %s", t.Name, t.Package, wrong), hint))
		}
	}
	return problems
}

// repeated reports entries that count for nothing, because another entry names the same channel or
// schema in the way that comes first.
func (c Config) repeated(doc *asyncapi.Document) source.Problems {
	channels, schemas := map[string]source.Location{}, map[string]source.Location{}
	for _, channel := range c.Channels {
		channels[channel.Name] = channel.Location
	}
	for _, t := range c.Types {
		schemas[t.Schema] = t.Location
	}
	var ofChannels, ofSchemas []aliases
	for _, channel := range doc.Channels {
		ofChannels = append(ofChannels, aliases{channel.Name, channel.Address})
	}
	for _, schema := range doc.Schemas {
		ofSchemas = append(ofSchemas, aliases{schema.Name, "#" + schema.Path})
	}
	return append(repeatedEntries("channel", channels, ofChannels), repeatedEntries("schema", schemas, ofSchemas)...)
}

// aliases are the two names that something has in the configuration. If both have entries, that of
// first counts.
type aliases struct{ first, second string }

func repeatedEntries(what string, entries map[string]source.Location, things []aliases) source.Problems {
	counts, instead := map[string]bool{}, map[string]string{}
	for _, thing := range things {
		if _, ok := entries[thing.first]; ok {
			counts[thing.first], instead[thing.second] = true, thing.first
		} else {
			counts[thing.second] = true
		}
	}
	var problems source.Problems
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if first, ok := instead[name]; ok && !counts[name] {
			problems = append(problems, entries[name].Problem(source.Mistake, fmt.Sprintf("%q is the same %s as %q", name, what, first), "write one entry for it"))
		}
	}
	return problems
}

// unused reports entries for channels, messages and schemas that the contract does not have. The
// plan reports messages and schemas that are given by their place.
func (c Config) unused(doc *asyncapi.Document) source.Problems {
	var channels, messages, schemas []string
	for _, channel := range doc.Channels {
		channels = append(channels, channel.Name)
		for _, m := range channel.Messages {
			messages = append(messages, m.Name)
		}
		if channel.HasAddress && channel.Address != channel.Name {
			channels = append(channels, channel.Address)
		}
	}
	channels = append(channels, topology.QueueNames(doc)...)
	for _, schema := range doc.Schemas {
		schemas = append(schemas, schema.Name)
	}
	slices.Sort(messages)
	messages = slices.Compact(messages)
	var problems source.Problems
	for _, channel := range c.Channels {
		problems = append(problems, notThere(channel.Location, "channel", channel.Name, channels)...)
	}
	for _, m := range c.Messages {
		if !strings.Contains(m.Name, "#") {
			problems = append(problems, notThere(m.Location, "message", m.Name, messages)...)
		}
	}
	for _, t := range c.Types {
		if !strings.Contains(t.Schema, "#") {
			problems = append(problems, notThere(t.Location, "schema", t.Schema, schemas)...)
		}
	}
	return problems
}
