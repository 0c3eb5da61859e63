package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// needs is the constant of the oldest version of the runtime that has everything that emitters use.
// A change that makes an emitter use something new raises it.
const needs = "IsAtLeastVersion0_1_0"

// queueFile is the package of a queue, in one file: a package is compiled faster so, and read from
// what a user calls down to what the broker is told.
func queueFile(p *plan.Plan, q plan.Client) *jen.File {
	file := newFile(p, q.Package)
	packageComment(file, q)
	allowDeprecated(file, p, q.Messages)
	file.Add(handshake()).Line()
	if !q.IsGiven {
		file.Add(queueName(q)).Line()
	}
	addParameters(file, q)
	if q.HasProducer() {
		addProducer(file, p, q)
	}
	addReplyTypes(file, p, q)
	if q.HasCaller() {
		addCaller(file, p, q)
	}
	if q.HasConsumer() {
		addConsumer(file, p, q)
	}
	addDeclarations(file, q)
	file.Add(publicationVars(q)).Line()
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
	return jen.Add(comment("Does not compile? The runtime is too old: go get " + modulePath + "@latest")).Line().
		Const().Id("_").Op("=").Add(rt(needs)).Line()
}

func queueName(q plan.Client) jen.Code {
	return jen.Add(comment("QueueName is the name of the queue.")).Line().
		Const().Id("QueueName").Op("=").Lit(q.Declaration.Name).Line()
}
