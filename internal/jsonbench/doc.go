// Package jsonbench measures the generated codec against other JSON libraries, in the shapes that messages have. It is a
// module of its own, so that those never reach users.
package jsonbench

//go:generate go run -C ../.. ./cmd/scampgen generate -config internal/jsonbench/scampgen.yaml
//go:generate go tool easyjson -all -no_std_marshalers plain/plain.go
