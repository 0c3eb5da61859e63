package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// needs is the constant of the oldest version of the runtime that has everything that emitters use.
// A change that makes an emitter use something new raises it.
const needs = "IsAtLeastVersion0_1_0"

// queueFile has what the producer and the consumer of a queue share.
func queueFile(p *plan.Plan, q plan.Queue) *jen.File {
	file := newFile(p, q.Package)
	packageComment(file, q)
	file.Add(handshake()).Line()
	if !q.IsGiven {
		file.Add(queueName(q)).Line()
	}
	if !q.IsGiven && (q.Consumer || !q.OwnDeclarations) {
		file.Add(queueFunc(q)).Line()
	}
	if q.Producer || !q.OwnDeclarations {
		file.Add(declarationsFunc(q)).Line()
	}
	if q.Consumer && q.OwnDeclarations {
		file.Add(consumerDeclarationsFunc(q)).Line()
	}
	if q.Producer && len(q.Parameters) > 0 {
		file.Add(parametersType(q)).Line()
	}
	for _, m := range q.Messages {
		if q.Consumer || m.Publishable {
			file.Add(publicationVar(m)).Line()
		}
	}
	return file
}

func packageComment(source *jen.File, q plan.Queue) {
	sentence := fmt.Sprintf("Package %s %s the messages of %s.", q.Package.Name, purpose(q), subject(q))
	if q.VirtualHost != "/" {
		sentence += fmt.Sprintf(" In the contract it is in the virtual host %q; the connection that a program makes decides.", q.VirtualHost)
	}
	for _, line := range commentLines(append([]string{sentence}, docParagraphs(q.Doc)...)) {
		source.PackageComment(line)
	}
}

func purpose(q plan.Queue) string {
	switch {
	case q.Producer && q.Consumer:
		return "publishes and consumes"
	case q.Producer:
		return "publishes"
	default:
		return "consumes"
	}
}

// subject names the queue in comments.
func subject(q plan.Queue) string {
	if !q.IsGiven {
		return fmt.Sprintf("the queue %q", q.Declaration.Name)
	}
	return fmt.Sprintf("the address %q", q.Address)
}

func handshake() jen.Code {
	return jen.Add(comment("This does not compile when the runtime is older than the scampgen that wrote this code. Then: go get " + modulePath + "@latest")).Line().
		Const().Id("_").Op("=").Add(rt(needs)).Line()
}

func queueName(q plan.Queue) jen.Code {
	return jen.Add(comment("QueueName is the name of the queue.")).Line().
		Const().Id("QueueName").Op("=").Lit(q.Declaration.Name).Line()
}

// parametersType is the struct that fills in the parameters of an address.
func parametersType(q plan.Queue) jen.Code {
	return jen.Add(comment(fmt.Sprintf("Parameters fill in the address %q. A value becomes part of the routing key as it is.", q.Address))).Line().
		Type().Id("Parameters").StructFunc(func(g *jen.Group) {
		for _, p := range q.Parameters {
			g.Id(p.GoName).String().Comment(oneLine("{" + p.Name + "}"))
		}
	}).Line()
}
