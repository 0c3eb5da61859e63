// Package shop is two programs that speak through RabbitMQ: api takes orders over HTTP, worker bills
// and ships them. README.md shows how they are built and how to run them.
package shop

//go:generate go tool scampgen generate
