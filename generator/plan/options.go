package plan

import (
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// Options are the choices of the user, from scampgen.yaml and the command line.
type Options struct {
	Source      string   // names the contract in the header of each file
	Initialisms []string // in upper case, in addition to the usual ones: SKU
	// Tests adds a test of the contract's examples to the package of messages.
	Tests bool

	Output names.Output
	// MessagesPackage is the name of the package of all message types. Default: messages.
	MessagesPackage string
	// ServersPackage is the name of the package that connects to the contract's servers. Default:
	// servers.
	ServersPackage string
	NoServers      bool // generate no such package
	Side           topology.Side
	// Channels are the settings of single channels, by name or address.
	Channels map[string]topology.ChannelOptions
	// Messages are the settings of single messages, by place or name.
	Messages map[string]topology.MessageOptions
	Types    types.Options
}
