package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// channelNames reports the names of channels, which in 2.x are addresses, that have a query or a
// fragment.
func channelNames(c *checker, root *source.Value) {
	if channels := c.refs.Field(root, "channels"); channels != nil {
		for _, f := range channels.Fields {
			if strings.ContainsAny(f.Name, "?#") {
				c.mistakeInName(f, fmt.Sprintf("the name of a channel must have no \"?\" and no \"#\", found %q", f.Name), hintOfName(c.version))
			}
		}
	}
}

func hintOfName(v Version) string {
	if v < v30 {
		return "write what the # stands for as a {parameter}"
	}
	return "give the channel another name and let \"address\" have it"
}

// parametersOfNames compares the parameters in the names of channels with "parameters", where a
// channel has any.
func parametersOfNames(c *checker, root *source.Value) {
	for _, f := range c.objectsIn(c.refs.Field(root, "channels")) {
		names := Parameters(f.Name)
		if len(names) > 0 && f.Value.Get("parameters") != nil {
			c.definedNames(f.Value, names, namesOf{"parameters", "address"})
		}
	}
}

// parametersOfAddresses compares the parameters in the addresses of channels with "parameters",
// where a channel has any.
func parametersOfAddresses(c *checker, root *source.Value) {
	channels := slices.Concat(c.objectsIn(c.refs.Field(root, "channels")), c.objectsIn(c.refs.At(root, "components", "channels")))
	for _, f := range channels {
		if f.Value.Get("parameters") != nil {
			c.definedNames(f.Value, Parameters(c.refs.Text(f.Value, "address")), namesOf{"parameters", "address"})
		}
	}
}

// serversByName reports the servers of channels that the contract does not define.
func serversByName(c *checker, root *source.Value) {
	servers := c.refs.Field(root, "servers")
	for _, f := range c.objectsIn(c.refs.Field(root, "channels")) {
		for _, item := range c.refs.Items(f.Value, "servers") {
			if item.Kind == source.String && servers.Get(item.Text) == nil {
				c.mistake(item, fmt.Sprintf("there is no server %q", item.Text), source.DidYouMean(item.Text, servers.Names()))
			}
		}
	}
}

// serversByReference reports the servers of channels that are not among the contract's own.
func serversByReference(c *checker, root *source.Value) {
	for _, f := range c.objectsIn(c.refs.Field(root, "channels")) {
		for _, item := range c.refs.Items(f.Value, "servers") {
			if ref := source.Reference(item); ref != nil && !strings.Contains(ref.Text, "#/servers/") {
				c.mistake(item, fmt.Sprintf("a server of a channel must be one of the contract's: #/servers/..., found %s", ref.Text),
					"list the server under servers too and refer to it there")
			}
		}
	}
}
