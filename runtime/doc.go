// Package runtime is what generated producers and consumers run on: connections
// to RabbitMQ that mend themselves, four topologies of connections and channels,
// publishes that settle exactly once, and acknowledgements that are never sent
// on the wrong channel.
//
// A program makes a [Connection], chooses a topology over it and gives that to the
// generated clients:
//
//	conn := runtime.DedicatedConnection(runtime.Broker{URL: os.Getenv("AMQP_URL")})
//	defer conn.Close(ctx)
//	orders, err := orderplaced.NewProducer(ctx, runtime.ChannelPool(conn, 4))
//
// # What is promised
//
// With confirms (the default), persistent messages and durable queues: when a
// publish returns no error, the broker has taken responsibility for the message and
// has routed it to at least one queue. When it returns an error for which
// [MayHaveBeenDelivered] is false, the broker does not have the message. In all
// other cases it may have it, so retries mean at-least-once delivery, each time
// with the same message id. Nothing is exactly-once.
package runtime
