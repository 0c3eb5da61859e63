// Package jsonbench measures the generated codec of an order event against other JSON libraries. It is a
// module of its own, so that those never reach users.
package jsonbench

//go:generate go run -C ../.. ./cmd/scampgen generate -config internal/jsonbench/scampgen.yaml
