package spec

import (
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// securityOfServers checks the security requirements of servers.
func securityOfServers(c *checker, root *source.Value) {
	for _, f := range c.objectsIn(c.refs.Field(root, "servers")) {
		c.requirements(root, c.refs.Items(f.Value, "security"))
	}
}

// securityOfOperations checks the security requirements of operations.
func securityOfOperations(c *checker, root *source.Value) {
	for _, o := range c.operations2(root) {
		if list := c.ofTraits(o, "security"); list != nil {
			c.requirements(root, list.Items)
		}
	}
}

// requirements checks security requirements: each names a security scheme of the contract and some
// of the scopes that the scheme has.
func (c *checker) requirements(root *source.Value, list []*source.Value) {
	schemes := c.refs.At(root, "components", "securitySchemes")
	for _, item := range list {
		for _, f := range item.Fields {
			if schemes.Get(f.Name) == nil {
				c.mistakeInName(f, fmt.Sprintf("there is no security scheme %q", f.Name), source.DidYouMean(f.Name, schemes.Names()))
			}
			if scheme := c.refs.Field(schemes, f.Name); scheme != nil {
				c.scopes(f, scheme)
			}
		}
	}
}

// scopes checks the scopes that a security requirement lists.
func (c *checker) scopes(f source.Field, scheme *source.Value) {
	switch c.refs.Text(scheme, "type") {
	case "oauth2":
		var known []string
		for _, flow := range c.objectsIn(c.refs.Field(scheme, "flows")) {
			known = append(known, c.refs.Field(flow.Value, "scopes").Names()...)
		}
		for _, scope := range f.Value.Items {
			if scope.Kind == source.String && !slices.Contains(known, scope.Text) {
				c.mistake(scope, fmt.Sprintf("the security scheme %q has no scope %q", f.Name, scope.Text), source.DidYouMean(scope.Text, known))
			}
		}
	case "openIdConnect":
	default:
		if len(f.Value.Items) > 0 {
			c.mistake(f.Value, fmt.Sprintf("the security scheme %q has no scopes: the list must be empty", f.Name), "write []")
		}
	}
}
