package runtime

import (
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// The largest bodies that RabbitMQ takes unless it is configured otherwise.
const (
	maxBodyBefore4 = 128 << 20
	maxBodyFrom4   = 16 << 20
)

// maxBody returns the size of the largest body that is sent on the link.
func (l *link) maxBody() int {
	most := l.broker.MaxMessageSize
	if most <= 0 {
		most = l.serverBody
	}
	if stated := l.statedBody.Load(); stated > 0 {
		most = min(most, int(stated))
	}
	return most
}

// limitBody notes the size of the largest body that the server says it takes.
func (l *link) limitBody(size int) { l.statedBody.Store(int64(size)) }

// maxBodyOf returns the size of the largest body that a server takes by default, by the
// properties that it has introduced itself with. A server that is not RabbitMQ is taken to take
// as much as any RabbitMQ.
func maxBodyOf(server amqp.Table) int {
	version, _ := server["version"].(string)
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err == nil && n >= 4 && server["product"] == "RabbitMQ" {
		return maxBodyFrom4
	}
	return maxBodyBefore4
}
