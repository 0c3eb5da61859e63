//go:build !race

package generator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A warningKind is a row of the table of warnings: a name for it, what its messages match, and why it
// is worth an author's time.
type warningKind struct {
	name, message, worth string
}

// warningKinds are the warnings that a contract for RabbitMQ gets. One that is new needs a row with a
// reason, and a way out. Those that no public document gets are not in docs/contract.md.
var warningKinds = []warningKind{
	{"read-as", `^".*" is read as ".*"$|^the protocol .* is read as`, "a name or value of 2.x that only scampgen understands: other tools ignore it"},
	{"ignored-field", ` is not a field of .* and is ignored$`, "what the author wanted has no effect; the way out is where it has one"},
	{"unread-key", `^".*" is not read here$`, "as an ignored field, for keys that begin with x-"},
	{"wrong-value", `^".*" must be `, "the value is ignored, as the binding does not allow it"},
	{"string-as-name", `^a string is read as the name of`, "read as meant, and an error for other tools"},
	{"component-name", `^the name ".*" must be`, "the specification does not allow the name, and other tools may refuse it"},
	{"no-message", `^the channel has no message`, "clients have bytes where a type was possible"},
	{"no-payload", `^the message has no payload`, "clients have bytes where a type was possible"},
	{"bytes", ` is not JSON: |^the payload is a \[\]byte|^schemas in the format `, "clients have bytes, and nothing is checked"},
	{"unused-key", `^routing key ".*" is not used`, "messages do not go where the contract says"},
	{"no-key", `^no producer for channel`, "an operation sends and has no producer"},
	{"undeclared-exchange", `^exchange ".*" is not declared`, "the clients fail on a broker that does not have the exchange"},
	{"unbound-queue", `^the queue is not bound`, "the queue gets no messages"},
	{"credentials", `^the user and password in the address`, "a secret is in the contract"},
	{"scheme", `^the address begins with`, "connections may lack the TLS that the author wanted"},
	{"virtual-host", `^the amqp server binding has no fields`, "the server's address says it for all tools"},
	{"no-server", `^no function connects to server`, "programs cannot connect to the server"},
	{"variable", `^the variable `, "the server's address cannot be made"},
	{"left-out-channel", ` is left out: none of its servers speaks amqp`, "a channel with an amqp binding gives nothing"},
	{"login", `^RabbitMQ has no login|^a login by a certificate|logins are wanted|another login are wanted`, "programs cannot log in as the contract says"},
	{"other-protocol", `^the servers speak `, "the contract may not be for RabbitMQ at all"},
	{"no-client", `^the contract gives no `, "nothing can be published or consumed"},
	{"example", `^the schema does not allow |^checking |is not checked: its schema`, "example or schema is wrong"},
	{"reference", ` must be a reference`, "other tools read the object as a second one"},
	{"keyword", ` is not a keyword of `, "what the keyword says is not checked"},
	{"beside-reference", ` has no effect beside`, "what stands there is not checked"},
	{"required", ` is required, but the schema does not describe it$`, "every message lacks the member, or nobody knows it"},
	{"format", `^the format ".*" is not one of`, "values are not checked as the author wanted"},
	{"parameter", `^parameter ".*" is not taken from`, "programs give what could be taken from the message"},
	{"correlation-id", `it is the AMQP property alone$`, "the id is not where the contract says"},
	{"reply", `^the reply has no messages|^replies go to the queue|^messages are published without|^two replies have`, "calls work otherwise than the contract says, or not at all"},
	{"argument", `^RabbitMQ refuses to declare|is no argument of |^a quorum queue has no`, "the clients never start, or the argument has no effect"},
	{"text", `is a string that is not checked`, "what the schema demands is not checked"},
}

// kindOf returns the index of the kind of a warning, -1 if it has none.
func kindOf(p source.Problem) int {
	return slices.IndexFunc(warningKinds, func(k warningKind) bool { return regexp.MustCompile(k.message).MatchString(p.Message) })
}

// warningTable counts the warnings of the valid documents that are RabbitMQ's, by kind, and how many
// documents pass with -strict.
func warningTable(t *testing.T, documents []corpusDocument) string {
	t.Helper()
	places, contracts := make([]int, len(warningKinds)), make([]int, len(warningKinds))
	all, clean := 0, 0
	for _, d := range documents {
		if !d.valid || !d.generated() || !d.hasAMQP {
			continue
		}
		all++
		clean += count(len(d.problems) == 0)
		seen := map[int]bool{}
		for _, p := range d.problems {
			kind := kindOf(p)
			if kind < 0 {
				t.Errorf("%s: a warning of no kind: %s", d.file, p)
				continue
			}
			places[kind]++
			contracts[kind] += count(!seen[kind])
			seen[kind] = true
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d valid documents with a channel of AMQP pass with `-strict`.\n\n", clean, all)
	b.WriteString("| warning | documents | places | why it is one |\n|---|---|---|---|\n")
	for i, kind := range warningKinds {
		if places[i] > 0 {
			fmt.Fprintf(&b, "| %s | %d | %d | %s |\n", kind.name, contracts[i], places[i], kind.worth)
		}
	}
	return b.String()
}
