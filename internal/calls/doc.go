// Package calls tests generated requests and replies, and parameters of routing keys, on a real
// RabbitMQ and on scamptest.
package calls

//go:generate go run -C ../.. ./cmd/scampgen generate -config internal/calls/scampgen.yaml
