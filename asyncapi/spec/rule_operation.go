package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// operations2 returns the operations of a 2.x contract's channels.
func (c *checker) operations2(root *source.Value) []*source.Value {
	var operations []*source.Value
	for _, channel := range c.objectsIn(c.refs.Field(root, "channels")) {
		for _, name := range []string{"subscribe", "publish"} {
			if o := c.refs.Field(channel.Value, name); o != nil && o.Kind == source.Object {
				operations = append(operations, o)
			}
		}
	}
	return operations
}

// ofTraits returns a field of a 2.x operation or message: the last that its traits have, else its
// own.
func (c *checker) ofTraits(v *source.Value, name string) *source.Value {
	for _, item := range slices.Backward(c.refs.Items(v, "traits")) {
		if trait, ok := c.refs.Resolve(item); ok && trait.Get(name) != nil {
			return c.refs.Field(trait, name)
		}
	}
	return c.refs.Field(v, name)
}

// operationIDs reports operations that share an operationId.
func operationIDs(c *checker, root *source.Value) {
	seen := map[string]*source.Value{}
	for _, o := range c.operations2(root) {
		id := c.ofTraits(o, "operationId")
		switch {
		case id == nil || id.Kind != source.String:
		case seen[id.Text] != nil:
			c.duplicate(id, seen[id.Text], "operationId")
		default:
			seen[id.Text] = id
		}
	}
}

// operationChannels reports operations whose channel is not among the contract's own.
func operationChannels(c *checker, root *source.Value) {
	for _, f := range c.objectsIn(c.refs.Field(root, "operations")) {
		channel := f.Value.Get("channel")
		if ref := source.Reference(channel); ref != nil && !strings.Contains(ref.Text, "#/channels/") {
			c.mistake(channel, fmt.Sprintf("the channel of an operation must be one of the contract's: #/channels/..., found %s", ref.Text),
				"list the channel under channels too and refer to it there")
		}
	}
}

// operationMessages reports the messages of operations that are not referred to as messages of
// their channel.
func operationMessages(c *checker, root *source.Value) {
	for _, operations := range []*source.Value{c.refs.Field(root, "operations"), c.refs.At(root, "components", "operations")} {
		for _, f := range c.objectsIn(operations) {
			if channel := f.Value.Get("channel"); channel != nil {
				c.messagesOfChannel(c.refs.Items(f.Value, "messages"), source.Reference(channel))
			}
		}
	}
}

func (c *checker) messagesOfChannel(messages []*source.Value, channel *source.Value) {
	for _, item := range messages {
		ref := source.Reference(item)
		switch {
		case ref == nil: // reported with its type
		case channel == nil:
			c.mistake(item, "a message of an operation must be one of its channel, which is no reference here", "refer to the channel")
		case !strings.HasPrefix(ref.Text, channel.Text+"/messages"):
			c.mistake(item, fmt.Sprintf("a message of an operation must be one of its channel: %s/messages/..., found %s", channel.Text, ref.Text),
				"list the message in the channel and refer to it there")
		}
	}
}
