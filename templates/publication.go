package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/topology"
)

// publicationVar says how a message goes onto the wire.
func publicationVar(m plan.Message) jen.Code {
	return jen.Add(comment(fmt.Sprintf("%s says how %s goes onto the wire.", m.Variable, m.GoName))).Line().
		Var().Id(m.Variable).Op("=").Op("&").Add(rt("Publication")).Add(literal(publicationFields(m.Publication)...)).Line()
}

func publicationFields(p topology.Publication) []field {
	return []field{
		{"Name", jen.Lit(p.Name)},
		text("Exchange", p.Exchange),
		text("RoutingKey", p.RoutingKey),
		text("Type", p.Type),
		text("ContentType", p.ContentType),
		text("ContentEncoding", p.ContentEncoding),
		text("UserID", p.UserID),
		text("ReplyTo", p.ReplyTo),
		number("Priority", p.Priority),
		duration("Expiration", p.Expiration),
		flag("Transient", p.Transient),
		flag("Optional", p.Optional),
		flag("Timestamp", p.Timestamp),
		texts("CC", p.CC),
		texts("BCC", p.BCC),
	}
}

// duration is a field with n milliseconds, in the largest unit that they are a whole number of.
func duration(name string, n int) field {
	if n == 0 {
		return field{}
	}
	unit := "Millisecond"
	for _, larger := range []struct {
		unit string
		of   int // of the units before
	}{{"Second", 1000}, {"Minute", 60}, {"Hour", 60}} {
		if n%larger.of != 0 {
			break
		}
		unit, n = larger.unit, n/larger.of
	}
	if n == 1 {
		return field{name, jen.Qual("time", unit)}
	}
	return field{name, jen.Lit(n).Op("*").Qual("time", unit)}
}

func texts(name string, values []string) field {
	if len(values) == 0 {
		return field{}
	}
	return field{name, jen.Index().String().ValuesFunc(func(g *jen.Group) {
		for _, v := range values {
			g.Lit(v)
		}
	})}
}
