package runtime

import (
	"context"
	"net"
	"testing"
)

func TestTravelsInClear(t *testing.T) {
	for _, test := range []struct {
		scheme string
		to     net.Addr
		want   bool
	}{
		{"amqp", &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, true},
		{"amqp", &net.TCPAddr{IP: net.ParseIP("2001:db8::1")}, true},
		{"amqps", &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, false},
		{"amqp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, false},
		{"amqp", &net.TCPAddr{IP: net.IPv6loopback}, false},
		{"amqp", &net.UnixAddr{Name: "socket"}, false},
	} {
		if got := isUnencrypted(test.scheme, test.to); got != test.want {
			t.Errorf("%s to %v: got %v", test.scheme, test.to, got)
		}
	}
}

// clearTexts counts the warnings about unencrypted connections.
type clearTexts int

func (c *clearTexts) Observe(_ context.Context, event Event) {
	if _, ok := event.(ClearTextEvent); ok {
		*c++
	}
}

// TestClearTextIsObservedOnce connects two supervisors of one Connection to another machine.
func TestClearTextIsObservedOnce(t *testing.T) {
	var observed clearTexts
	connection := DedicatedConnection(Broker{Observer: &observed})
	for _, supervisor := range connection.supervisors {
		supervisor.warnOfClearText(&conn{})
		supervisor.warnOfClearText(&conn{clearText: true})
	}
	if observed != 1 {
		t.Errorf("called %d times, want once", observed)
	}
}
