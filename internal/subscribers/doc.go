// Package subscribers tests on a real RabbitMQ that each subscriber of an event gets it once, whoever
// starts first, and that the broker then has what the contract means.
package subscribers

//go:generate go run -C ../.. ./cmd/scampgen generate -config internal/subscribers/scampgen.yaml
