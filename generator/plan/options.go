package plan

import (
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// Options are the choices of the user, from scampgen.yaml and the command line.
type Options struct {
	Source      string   // names the contract in the header of each file
	Initialisms []string // in upper case, beside the usual ones: SKU
	// Tests adds a test of the contract's examples to the messages package.
	Tests bool

	Output names.Output
	// MessagesPackage is the name of the package of all message types. Default: messages.
	MessagesPackage string
	Side            topology.Side
	// Channels are the choices for channels, by name or address.
	Channels map[string]topology.ChannelOptions
	// Messages are names for messages, by the contract's name. They act as x-go-name does.
	Messages map[string]string
	Types    types.Options
}
