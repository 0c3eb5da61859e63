package spec

import "github.com/scampgen/scampgen/asyncapi/source"

// messageIDs reports different messages that share a messageId.
func messageIDs(c *checker, root *source.Value) {
	seen := map[string]*source.Value{}
	ids := map[*source.Value]bool{} // a message that several operations use is one
	done := map[*source.Value]bool{}
	for _, o := range c.operations2(root) {
		message := c.refs.Field(o, "message")
		if done[message] {
			continue
		}
		done[message] = true
		for _, m := range c.messagesOf2(o) {
			id := c.ofTraits(m, "messageId")
			switch {
			case id == nil || id.Kind != source.String || ids[id]:
			case seen[id.Text] != nil:
				c.duplicate(id, seen[id.Text], "messageId")
			default:
				seen[id.Text] = id
			}
			ids[id] = true
		}
	}
}

// messagesOf2 returns the message of a 2.x operation, or the messages that its oneOf lists.
func (c *checker) messagesOf2(operation *source.Value) []*source.Value {
	message := c.refs.Field(operation, "message")
	if message == nil || message.Get("oneOf") == nil {
		return []*source.Value{message}
	}
	var messages []*source.Value
	for _, item := range c.refs.Items(message, "oneOf") {
		if m, ok := c.refs.Resolve(item); ok {
			messages = append(messages, m)
		}
	}
	return messages
}
