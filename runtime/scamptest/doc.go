// Package scamptest is an in-memory RabbitMQ for unit tests of programs that use generated
// producers and consumers. It needs no network and no process, and answers at once.
//
// Use a [Broker] instead of a topology:
//
//	broker := scamptest.New()
//	producer, err := orderplaced.NewProducer(ctx, broker)
//	consumer, err := orderplaced.NewConsumer(ctx, broker, handler)
//
// The broker itself is a dedicated connection with a dedicated channel for producers and one for
// each consumer. [Broker.Pool] takes the place of the pools. Two brokers behind
// runtime.ActivePassive are two virtual hosts; close them at the end.
//
// It routes through direct, topic, fanout and headers exchanges. It confirms, returns and refuses.
// It dead-letters with the same headers as RabbitMQ. It implements lifetimes of messages and
// queues, length and delivery limits, priorities and prefetch. It has streams with offsets and
// filters, but no retention: it removes nothing from them. A test suite that also runs on
// RabbitMQ makes sure of that. There are no users and no permissions, every queue is equally fast,
// and nothing outlives the broker.
//
// Its purpose is failures: [Broker.FailNext] makes single publishes fail, [Broker.Cut],
// [Broker.Stop] and [Broker.Block] affect all clients. Lifetimes and delays follow package time, so
// in a bubble of testing/synctest they take no real time.
package scamptest
