// Package runtime is what generated producers and consumers run on: connections to RabbitMQ that
// reconnect by themselves, four topologies of connections and channels, publishes that settle
// exactly once, and acknowledgements that are never sent on the wrong channel.
//
// A program creates a [Connection], chooses a topology for it and passes that to the generated
// clients:
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
//     connected all the time.
//
// A topology is a [ProducerSource], a [ConsumerSource] or both. So is the in-memory broker of
// package scamptest, and whatever you write yourself, for example a wrapper of another source.
//
// # What is promised
//
// With confirms (the default), persistent messages and durable queues: when a publish returns no
// error, the broker has taken responsibility for the message and has routed it to at least one
// queue. When it returns an error for which [MayHaveBeenDelivered] is false, the broker does not
// have the message. In all other cases it may have it, so retries mean at-least-once delivery, each
// time with the same message id. Nothing is exactly-once.
//
// A message is acknowledged after its handler has returned nil. [WithRecovery] sets what becomes of
// a message whose handler fails.
//
// # Where to look
//
//   - connecting: [Broker], [Authentication], [Connection], [ServerInfo], [Backoff]; [RefusedError],
//     [ErrClosed], [TLSFiles];
//   - a whole program: [Run], [Connection.Healthy], Broker.Lazy, package runtime/service;
//   - logging in to a server of a contract: [PasswordLogin], [TokenLogin], [CertificateLogin];
//   - publishing: [Producer], [ProducerOption], [PublishOption], [ChannelOption], [Receipt],
//     [Pending], [PublishMiddleware], [Intercept]; [ErrNotSent], [ErrNacked], [ReturnedError],
//     [UnknownError];
//   - consuming: [Consumer], [ConsumerOption], [Delivery], [DeliveryFrom], [Middleware],
//     [Recovery]; [InvalidError], [ErrStale];
//   - consuming streams: [WithStreamOffset], [OffsetStore], [WithStreamFilter],
//     [WithSingleActiveConsumer], [RetryHandler]; [OffsetGapError];
//   - sources of your own: [ProducerSource], [ConsumerSource], [SourceInfo];
//   - exchanges, queues and bindings: [Declarations], [WithDeclareMode]; [DeclarationError];
//   - encryption: [EncryptionProfile], [WithEncryption], [WithDecryption];
//   - compression: [ContentCodec], [WithContentEncoding], [WithMaxContentSize];
//   - logs, metrics and traces: [Observer], [NewLogObserver], [NoObserver], [Counters];
//     [Producer.Status], [Consumer.Status], [Connection.Status];
//   - for generated code and tools only: [NewProducer], [Publication], [NewConsumer],
//     [Subscription], [Route], [Server], the constants IsAtLeastVersion.
package runtime

// For those who change this package: its files from the top, which users call, to the bottom, which
// is the socket. Files whose names begin alike belong together.
//
//	caller, responder                   a Caller publishes requests and consumes their replies
//	producer, publication, parameter,
//	publish                             a Producer makes attempts at an outgoing message until one succeeds or
//	                                    fails for good, or its time is over; publish_outgoing describes the parts
//	consumer, message, router,
//	middleware, recovery                a Consumer runs sessions, each on one channel: workers, answers, recovery
//	stream                              a stream's consumer keeps an offset: what has been handled, and where
//	                                    the next session begins
//	client, run                         what a program does with all its clients: health, closing, running as one
//	lazy                                how a client begins without waiting for the broker
//	source, option                      what producers and consumers have in common
//	activepassive, pool                 the topologies; in a pool, supervisors keep the producer channels open;
//	                                    a pair has two sides, of which one is in use
//	channel_producer, channel_consumer  one AMQP channel: its window of unconfirmed publishes and their slots,
//	                                    or its deliveries; channel_producer_exception finds out which publish
//	                                    made the broker close the channel
//	isolation                           where a Connection publishes what may end the channel of others
//	declare                             makes declarations, once on each network connection
//	connection, backoff                 a Connection has three supervisors, for producers, for consumers and for
//	                                    isolation; a supervisor keeps one network connection open
//	conn, dial, broker, tlsfiles        a conn is one network connection, from its dial to its end
//	internal/frame                      the wire format; separates what this package reads and writes itself from
//	                                    what the client library does
//	internal/wire                       the socket, whose writes never block
//
// The rest: errors, headers, location, compress, encrypt, observer, status, list and signal.
// docs/design explains the terms.
