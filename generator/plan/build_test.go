package plan_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/runtime"
)

// build plans the contract in text, which is read as contract.yaml. It returns the problems of the
// plan; the contract must have no fatal ones of its own.
func build(t *testing.T, text string, o plan.Options) (*plan.Plan, source.Problems) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("contract.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, problems := asyncapi.Load("contract.yaml", source.Options{})
	if problems.Fatal() {
		t.Fatalf("the contract itself is wrong:\n%v", problems)
	}
	if o.Output.ImportPath == "" {
		o.Output.ImportPath = "example.com/shop"
	}
	return plan.Build(doc, o)
}

// mustBuild plans a contract that has nothing wrong with it, warnings apart.
func mustBuild(t *testing.T, text string) *plan.Plan {
	t.Helper()
	p, problems := build(t, text, plan.Options{})
	if p == nil {
		t.Fatalf("not planned:\n%v", problems)
	}
	return p
}

// oneMessage is a contract with one queue, whose message has the given payload (YAML on one line),
// and with components.
func oneMessage(payload string, schemas ...string) string {
	text := `asyncapi: 3.0.0
info: {title: t, version: "1"}
channels:
  order.placed:
    address: order.placed
    messages:
      OrderPlaced:
        payload: ` + payload + "\n"
	if len(schemas) > 0 {
		text += "components:\n  schemas:\n    " + strings.Join(schemas, "\n    ") + "\n"
	}
	return text
}

// describe writes down what the tests of queues look at: one line for each fact.
func describe(q plan.Client) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s", q.Package.Name)
	if !q.IsGiven {
		fmt.Fprintf(&b, " queue %s", q.Declaration.Name)
	}
	switch {
	case !q.HasProducer():
		b.WriteString(", consumer only")
	case !q.HasConsumer():
		b.WriteString(", producer only")
	}
	for _, m := range q.Messages {
		fmt.Fprintf(&b, "\n  %s -> %s", m.GoName, route(m))
	}
	describeDeclarations(&b, "declare", q.Declarations)
	if q.OwnDeclarations {
		describeDeclarations(&b, "consumer", q.ConsumerDeclarations)
	}
	return b.String()
}

func route(m plan.Message) string {
	if !m.Publishable {
		return "nowhere"
	}
	to := fmt.Sprintf("%q %q", m.Publication.Exchange, m.Publication.RoutingKey)
	if len(m.Publication.CC) > 0 {
		to += fmt.Sprintf(" cc %q", m.Publication.CC)
	}
	return to
}

func describeDeclarations(b *strings.Builder, who string, d runtime.Declarations) {
	for _, x := range d.Exchanges {
		fmt.Fprintf(b, "\n  %s exchange %s %s durable=%v%s", who, x.Name, x.Type, x.Durable, arguments(x.Arguments))
	}
	for _, q := range d.Queues {
		if q.Name == "" {
			fmt.Fprintf(b, "\n  %s queue given", who)
			continue
		}
		fmt.Fprintf(b, "\n  %s queue %s durable=%v%s", who, q.Name, q.Durable, arguments(q.Arguments))
	}
	for _, x := range d.Bindings {
		fmt.Fprintf(b, "\n  %s binding %q from %s by %q%s", who, x.Queue, x.Exchange, x.RoutingKey, arguments(x.Arguments))
	}
}

func arguments(all runtime.Headers) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, " %s=%v", name, all[name])
	}
	return b.String()
}

// wantProblem plans a contract that must be refused with a problem that begins with want.
func wantProblem(t *testing.T, text, want string) {
	t.Helper()
	p, problems := build(t, text, plan.Options{})
	if p != nil {
		t.Error("there is a plan beside a fatal problem")
	}
	for _, problem := range problems {
		if strings.HasPrefix(problem.String(), want) {
			return
		}
	}
	t.Errorf("no problem begins with\n%s\nthere are:\n%v", want, problems)
}
