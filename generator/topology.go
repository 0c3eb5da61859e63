package generator

import (
	"fmt"

	"github.com/scampgen/scampgen/generator/emit"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/templates"
)

// queuesFile is a trial: it lists the queues of a plan.
func queuesFile(p *plan.Plan) emit.File {
	const name = "messages/queues.gen.yaml"
	return emit.File{Name: name, Write: func() ([]byte, error) {
		header := emit.Header(name, templates.Source(p))
		content := header[0] + "\n" + header[1] + "\nqueues:\n"
		for _, q := range p.Queues {
			content += fmt.Sprintf("- %q\n", q.Name)
		}
		return []byte(content), nil
	}}
}
