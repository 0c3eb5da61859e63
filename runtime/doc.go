// Package runtime is what generated producers and consumers run on: connections
// to RabbitMQ that mend themselves, four topologies of connections and channels,
// publishes that settle exactly once, and acknowledgements that are never sent
// on the wrong channel.
//
// A program makes a [Connection], chooses a topology over it and gives that to the
// generated clients:
//
//	connection := runtime.DedicatedConnection(runtime.Broker{URL: os.Getenv("AMQP_URL")})
//	defer connection.Close(ctx)
//
//	orders, err := orderplaced.NewProducer(ctx, runtime.ChannelPool(connection, 4))
//	receipt, err := orders.PublishOrderPlaced(ctx, &messages.OrderPlaced{OrderID: "o-1"})
//
//	consumer, err := orderplaced.NewConsumer(ctx, runtime.DedicatedChannel(connection), handler)
//	err = consumer.Run(ctx) // until ctx ends
//
// # Topologies
//
//   - [DedicatedChannel]: one connection with one channel, for producers and consumers;
//   - [ChannelPool]: one connection with several channels, for producers;
//   - [ChannelPerConnection]: a [ConnectionPool] with one channel on each connection, for
//     producers;
//   - [ActivePassive] and [ActivePassiveProducer]: two of these to two virtual hosts, both
//     held open.
//
// A topology is a [ProducerSource], a [ConsumerSource] or both; so is package scamptest's
// broker in memory, and whatever you write yourself.
//
// # What is promised
//
// With confirms (the default), persistent messages and durable queues: when a
// publish returns no error, the broker has taken responsibility for the message and
// has routed it to at least one queue. When it returns an error for which
// [MayHaveBeenDelivered] is false, the broker does not have the message. In all
// other cases it may have it, so retries mean at-least-once delivery, each time
// with the same message id. Nothing is exactly-once.
//
// A message is acknowledged after its handler has returned nil. What becomes of one
// whose handler fails is said by [WithRecovery].
//
// # Where to look
//
//   - connecting: [Broker], [Connection], [Backoff]; [RefusedError], [ErrClosed];
//   - publishing: [Producer], [ProducerOption], [PublishOption], [ChannelOption], [Receipt],
//     [Pending]; [ErrNotSent], [ErrNacked], [ReturnedError], [UnknownError];
//   - consuming: [Consumer], [ConsumerOption], [Delivery], [DeliveryFrom], [Middleware],
//     [Recovery]; [InvalidError], [ErrStale];
//   - exchanges, queues and bindings: [Declarations], [WithDeclareMode]; [DeclarationError];
//   - encryption: [EncryptionProfile], [WithEncryption], [WithDecryption];
//   - logs and metrics: [Observer], [NewLogObserver], [NoObserver], [Counters];
//   - what only generated code and tools call: [NewProducer], [Publication], [NewConsumer],
//     [Subscription], [Route], the constants IsAtLeastVersion.
package runtime

// For those who change this package: its files from the top, which is what users call, to
// the bottom, which is the socket. Files with the same beginning belong together.
//
//	producer, publication, publish      a Producer makes attempts at an outgoing message until one ends the
//	                                    matter or its time is over; publish_outgoing tells who waits for that
//	consumer, delivery, route, router,
//	middleware, recovery                a Consumer runs sessions, each on one channel: workers, answers, recovery
//	source, state                       what both see of a topology
//	activepassive, dedicated, pool      the topologies; each slot of a pool keeps one producer channel open;
//	                                    a pair has two sides, and the tenure of a side is its time in use
//	channel_producer, channel_consumer  one AMQP channel: its window of unconfirmed publishes and the seats in
//	                                    it, or its deliveries; channel_producer_refusal finds out whose fault
//	                                    its end was
//	isolation                           where a Connection publishes what may cost others their channel
//	declare                             the making of declarations, once on each link
//	connection, line, pace              a Connection has three lines: for producers, for consumers and for
//	                                    isolation; a line keeps one network connection up, at the pace of a
//	                                    backoff
//	link, dial, broker                  a link is one network connection, from its dial to its end
//	frames, protocol                    frames parts what this package reads and writes itself from what the
//	                                    client library does; protocol is how that looks on the wire
//	wire                                the socket, whose writes never wait
//
// Beside them stand message, errors, encrypt and decrypt, observer, backoff and signal.
