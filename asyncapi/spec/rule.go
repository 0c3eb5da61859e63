package spec

import (
	"fmt"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A rule is what the specification says about several values together.
type rule struct {
	in    versionRange
	check func(c *checker, root *source.Value)
}

// rules apply in any order: problems are sorted by position.
var rules = []rule{
	{only2, serverVariables},
	{always, channelNames},
	{only2, parametersOfNames},
	{only3, parametersOfAddresses},
	{only2, serversByName},
	{only3, serversByReference},
	{only2, operationIDs},
	{only2, messageIDs},
	{only3, operationChannels},
	{only3, operationMessages},
	{only2, securityOfServers},
	{only2, securityOfOperations},
}

// objectsIn returns the entries of a map that are objects, with references followed.
func (c *checker) objectsIn(v *source.Value) []source.Field {
	var entries []source.Field
	if v == nil {
		return nil
	}
	for _, f := range v.Fields {
		if target, ok := c.refs.Resolve(f.Value); ok && target.Kind == source.Object {
			f.Value = target
			entries = append(entries, f)
		}
	}
	return entries
}

// duplicate reports a value that must be unique and is not.
func (c *checker) duplicate(v, first *source.Value, what string) {
	c.mistake(v, fmt.Sprintf("%s %q is not unique: it is also at %s", what, v.Text, first.Position), "")
}
