// Package hostile measures what hostile input costs: the time of one core and the memory that each attack takes, for inputs of
// one, two and four times a size. `make hostile` prints the tables of docs/guarantees.md.
//
// A package that has attacks of its own has a test called TestHostile that calls Measure, and stands in the Makefile's list.
package hostile

//go:generate go run -C ../.. ./cmd/scampgen generate -config internal/hostile/scampgen.yaml
