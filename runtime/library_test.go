package runtime

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
)

// tested are the versions of the client library with which our frames have been tested: with the
// tests of this package, and the fault matrix, on RabbitMQ.
var tested = []string{"v1.16.0"}

// TestLibraryIsTested fails when go.mod moves to a version that nobody has tested.
func TestLibraryIsTested(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", "github.com/rabbitmq/amqp091-go").CombinedOutput()
	version := strings.TrimSpace(string(out))
	if err != nil {
		t.Fatalf("go list: %v: %s", err, version)
	}
	if !slices.Contains(tested, version) {
		t.Errorf("amqp091-go %s has not been tried, only %s: publishes, answers and deliveries pass the library by on its own socket.\n"+
			"Run make test and make faults with it, read what it has changed in channel.go and connection.go, and add it to tried.", version, strings.Join(tested, ", "))
	}
	if linked := amqp.NewConnectionProperties()["version"]; linked != strings.TrimPrefix(version, "v") {
		t.Errorf("the library says that it is %v, go.mod says %s", linked, version)
	}
}
