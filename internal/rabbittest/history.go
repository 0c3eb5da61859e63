package rabbittest

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Moment is when something was done to a node.
type Moment struct {
	At   time.Time
	What string // such as "stop_app begins"
}

// during notes that something begins now, and returns what notes its end.
func (n *Node) during(what string) (ended func()) {
	n.noteMoment(what + " begins")
	return func() { n.noteMoment(what + " has ended") }
}

func (n *Node) noteMoment(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.moments = append(n.moments, Moment{time.Now(), what})
}

// Moments returns what tests have done to the node, in order of time.
func (n *Node) Moments() []Moment {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.moments)
}

// Warnings returns what the node has logged since a time as a warning or as worse, in lines. It is for
// reports: when the log cannot be read, the result says so.
func (n *Node) Warnings(since time.Time) string {
	names, _ := filepath.Glob(filepath.Join(n.folder, "log", "*.log")) // the pattern is right
	if len(names) == 0 {
		return "no log was found\n"
	}
	var out strings.Builder
	for _, name := range names {
		log, err := os.Open(name)
		if err != nil {
			fmt.Fprintln(&out, err)
			continue
		}
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if isWarning(lines.Text(), since) {
				fmt.Fprintln(&out, lines.Text())
			}
		}
		_ = log.Close() // nothing was written
	}
	return out.String()
}

// isWarning reports whether a line of RabbitMQ's log is at least a warning, and not older than since:
// "2026-01-31 12:00:00.123456+00:00 [warning] <0.1.0> text".
func isWarning(line string, since time.Time) bool {
	const layout = "2006-01-02 15:04:05.000000-07:00"
	if len(line) < len(layout) {
		return false
	}
	at, err := time.Parse(layout, line[:len(layout)])
	if err != nil || at.Before(since) {
		return false
	}
	level, _, _ := strings.Cut(line[len(layout):], "] ")
	return slices.Contains([]string{"warning", "error", "critical", "alert", "emergency"}, strings.TrimLeft(level, " ["))
}

// Describe returns in words what the management API says of a queue: its type, its state, and the
// messages that are ready or with a consumer, up to a second late. It is for reports: when the
// queue cannot be looked at, the result says why.
func (h *VirtualHost) Describe(queue string) string {
	var found struct {
		Type  string `json:"type"`
		State string `json:"state"`
		Node  string `json:"node"`
		Ready int    `json:"messages_ready"`
		Given int    `json:"messages_unacknowledged"`
	}
	path := h.path("/api/queues") + "/" + url.PathEscape(queue)
	if err := h.broker.call(context.Background(), http.MethodGet, path, nil, &found); err != nil {
		return fmt.Sprintf("queue %s: %v", queue, err)
	}
	return fmt.Sprintf("%s queue %s on %s, %s, %d messages ready and %d with a consumer", found.Type, queue, found.Node, found.State, found.Ready, found.Given)
}
