package rabbittest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are below the ranges that systems use for outgoing connections, so that a killed node finds
// its ports free when it restarts.
const (
	firstPort = 20000
	lastPort  = 32000
)

// freePorts returns n ports of the loopback interface that nothing listens on.
func freePorts(n int) ([]int, error) {
	var free []int
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		listener, err := net.Listen("tcp", loopback(port))
		if err != nil {
			continue
		}
		defer listener.Close() // only now, so that the ports differ
		if free = append(free, port); len(free) == n {
			return free, nil
		}
	}
	return nil, errors.New("no free port on 127.0.0.1")
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
