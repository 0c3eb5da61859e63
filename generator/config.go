package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// ConfigName is the name of the configuration file.
const ConfigName = "scampgen.yaml"

// A Config says what to generate, from what and where to. Its zero value lacks the
// contract and the output folder; everything else has its default.
type Config struct {
	Contract    string // the contract's file
	Out         string // the folder that the packages are written to
	Side        topology.Side
	Channels    []ChannelConfig
	Types       []TypeConfig
	Initialisms []string // in upper case

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
	Name            string // the channel's name in the contract, or its address
	topology.ChannelOptions
}

// A TypeConfig names a Go type of the user's own for one schema of the contract.
type TypeConfig struct {
	source.Location        // of the name, in the configuration file
	Schema          string // the schema's name under components.schemas
	types.GoType
}

// FindConfig looks for scampgen.yaml in dir and then in the folders above, up to the module's own
// (the one with go.mod). It returns "" when there is none.
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

// above returns the folder that dir is in, "" when dir is the topmost. A relative dir gives a relative parent.
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

// planOptions are the choices that the plan needs.
func (c Config) planOptions(place place) plan.Options {
	o := plan.Options{
		Source:      place.nameOf(c.Contract),
		Initialisms: c.Initialisms,
		Tests:       c.Tests,

		Output:   names.Output{ImportPath: place.importPath, Module: place.module, AllowImports: c.AllowImports},
		Side:     c.Side,
		Channels: make(map[string]topology.ChannelOptions, len(c.Channels)),
		Types: types.Options{
			Own:           make(map[string]types.GoType, len(c.Types)),
			LiteralTypes:  c.LiteralTypes,
			IgnoreFormats: c.IgnoreFormats,
		},
	}
	for _, channel := range c.Channels {
		o.Channels[channel.Name] = channel.ChannelOptions
	}
	for _, t := range c.Types {
		o.Types.Own[t.Schema] = t.GoType
	}
	return o
}

// refusedTypes reports types that generated code may not import. What another module has is for the author of the
// configuration to say, unless CheckTypes is set.
func (c Config) refusedTypes(output names.Output) source.Problems {
	var problems source.Problems
	for _, t := range c.Types {
		if !c.CheckTypes {
			output.AllowImports = append(output.AllowImports, t.Package)
		}
		if wrong, hint := output.ImportProblem(t.Package); wrong != "" {
			problems = append(problems, t.Problem(source.Mistake, fmt.Sprintf("%s is of package %s, %s", t.Name, t.Package, wrong), hint))
		}
	}
	return problems
}

// unused reports entries for channels and schemas that the contract does not have.
func (c Config) unused(doc *asyncapi.Document) source.Problems {
	var channels, schemas []string
	for _, channel := range doc.Channels {
		channels = append(channels, channel.Name)
		if channel.HasAddress && channel.Address != channel.Name {
			channels = append(channels, channel.Address)
		}
	}
	for _, schema := range doc.Schemas {
		schemas = append(schemas, schema.Name)
	}
	var problems source.Problems
	for _, channel := range c.Channels {
		problems = append(problems, notThere(channel.Location, "channel", channel.Name, channels)...)
	}
	for _, t := range c.Types {
		problems = append(problems, notThere(t.Location, "schema", t.Schema, schemas)...)
	}
	return problems
}
