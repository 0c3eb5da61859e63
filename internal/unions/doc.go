// Package unions tests how a value of a union finds its variant, with a contract that has a union for each thing that can tell
// variants apart: what is read, what it costs, and whether a validator agrees.
package unions

//go:generate go run -C ../.. ./cmd/scampgen generate -config internal/unions/scampgen.yaml
