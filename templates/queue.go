package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// needs is the constant of the oldest version of the runtime that has everything that emitters use.
// A change that makes an emitter use something new raises it.
const needs = "IsAtLeastVersion0_1_0"

// queueFile has what the producer and the consumer of a package share.
func queueFile(p *plan.Plan, q plan.Client) *jen.File {
	file := newFile(p, q.Package)
	packageComment(file, q)
	file.Add(handshake()).Line()
	if !q.IsGiven {
		file.Add(queueName(q)).Line()
	}
	if !q.IsGiven && (q.HasConsumer() || !q.OwnDeclarations) {
		file.Add(queueFunc(q)).Line()
	}
	if q.HasProducer() || !q.OwnDeclarations {
		file.Add(declarationsFunc(q)).Line()
	}
	if q.HasConsumer() && q.OwnDeclarations {
		file.Add(consumerDeclarationsFunc(q)).Line()
	}
	if q.HasProducer() && len(q.Parameters) > 0 {
		file.Add(parametersType(q)).Line()
	}
	for _, m := range q.Messages {
		if q.HasConsumer() || m.Publishable {
			file.Add(publicationVar(m)).Line()
		}
	}
	return file
}

func packageComment(source *jen.File, q plan.Client) {
	sentence := fmt.Sprintf("Package %s %s the messages of %s.", q.Package.Name, purpose(q), q.Subject)
	if q.VirtualHost != "/" {
		sentence += fmt.Sprintf(" In the contract it is in the virtual host %q; the connection that a program makes decides.", q.VirtualHost)
	}
	for _, line := range commentLines(append([]string{sentence}, docParagraphs(q.Doc)...)) {
		source.PackageComment(line)
	}
}

func purpose(q plan.Client) string {
	switch {
	case q.HasProducer() && q.HasConsumer():
		return "publishes and consumes"
	case q.HasProducer():
		return "publishes"
	default:
		return "consumes"
	}
}

func handshake() jen.Code {
	return jen.Add(comment("This does not compile when the runtime is older than the scampgen that wrote this code. Then: go get " + modulePath + "@latest")).Line().
		Const().Id("_").Op("=").Add(rt(needs)).Line()
}

func queueName(q plan.Client) jen.Code {
	return jen.Add(comment("QueueName is the name of the queue.")).Line().
		Const().Id("QueueName").Op("=").Lit(q.Declaration.Name).Line()
}

// parametersType is the struct that fills in the parameters of a routing key.
func parametersType(q plan.Client) jen.Code {
	return jen.Add(comment(fmt.Sprintf("Parameters fill in the routing key %q. A value becomes part of it as it is.", q.Key))).Line().
		Type().Id("Parameters").StructFunc(func(g *jen.Group) {
		for _, p := range q.Parameters {
			g.Id(p.GoName).String().Comment(oneLine("{" + p.Name + "}"))
		}
	}).Line()
}
