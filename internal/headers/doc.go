// Package headers tests on a real RabbitMQ that typed headers have the types of AMQP that the contract says, whoever writes and
// reads them.
package headers

//go:generate go run -C ../.. ./cmd/scampgen generate -config internal/headers/scampgen.yaml
