// Package patterns runs the ways in which public contracts describe RabbitMQ, one small contract for
// each, on a real RabbitMQ, and compares what is then declared with what the contract means.
package patterns

//go:generate go run -C ../.. ./cmd/scampgen generate -out internal/patterns/a internal/patterns/a.yaml
//go:generate go run -C ../.. ./cmd/scampgen generate -out internal/patterns/b internal/patterns/b.yaml
//go:generate go run -C ../.. ./cmd/scampgen generate -out internal/patterns/c internal/patterns/c.yaml
//go:generate go run -C ../.. ./cmd/scampgen generate -out internal/patterns/d internal/patterns/d.yaml
//go:generate go run -C ../.. ./cmd/scampgen generate -out internal/patterns/e internal/patterns/e.yaml
//go:generate go run -C ../.. ./cmd/scampgen generate -out internal/patterns/f internal/patterns/f.yaml
//go:generate go run -C ../.. ./cmd/scampgen generate -out internal/patterns/z internal/patterns/z.yaml
