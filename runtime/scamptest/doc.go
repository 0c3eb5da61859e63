// Package scamptest is an in-memory RabbitMQ for unit tests of programs that use
// generated producers and consumers. It needs no network and no process, and
// answers at once.
//
// A [Broker] stands where a topology would:
//
//	broker := scamptest.New()
//	producer, err := orderplaced.NewProducer(ctx, broker)
//	consumer, err := orderplaced.NewConsumer(ctx, broker, handler)
//
// The broker itself is a dedicated connection with a dedicated channel for
// producers and one for each consumer; [Broker.Pool] stands for the pools; two
// brokers behind runtime.ActivePassive are two virtual hosts, and are closed in the end.
//
// It routes through direct, topic, fanout and headers exchanges; confirms,
// returns and refuses; dead-letters with the headers that RabbitMQ writes; and
// knows message and queue lifetimes, length and delivery limits, priorities and
// prefetch. A suite of tests that also runs on RabbitMQ keeps it so. There are
// no users and no permissions, every queue is as fast as any other, and nothing outlives the
// broker.
//
// Failures are what it is for: [Broker.FailNext] has single publishes fail,
// [Broker.Cut], [Broker.Stop] and [Broker.Block] do harm to all clients. Lifetimes and
// delays follow package time, so in a bubble of testing/synctest they take no
// time at all.
package scamptest
