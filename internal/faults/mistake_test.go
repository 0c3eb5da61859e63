package faults_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime"
)

const (
	// correct is how many goroutines publish correctly beside one that does not.
	correct = 20
	// mistaken is the number of bad publishes, and mistakeEvery their interval.
	mistaken     = 200
	mistakeEvery = 10 * time.Millisecond
	// deletions is how often a producer's declarations are deleted, and deleteEvery the interval.
	deletions   = 20
	deleteEvery = 100 * time.Millisecond
)

// orders is a publication to a topic exchange that is bound to the queue of the load.
var orders = &runtime.Publication{Name: "Ordered", Exchange: "orders", RoutingKey: "good.key", ContentType: "text/plain"}

// A mistake is a kind of publish that the broker refuses: by closing the channel, unless the
// message is refused before.
type mistake struct {
	fault       string
	short       bool
	environment environment

	write    string // what the user may write to; everything if empty
	ordered  bool   // correct publishes go to the exchange only, not to the default exchange too
	unsent   bool   // it is found to be wrong before it is sent, so that no channel dies
	prepare  func(*testing.T, *experiment)
	publish  func(i int) *runtime.Publication // the i-th bad one; orders if nil
	options  []runtime.PublishOption
	bodySize int
}

var mistakes = []mistake{
	{fault: "a missing exchange", short: true, publish: func(int) *runtime.Publication { return to("missing", "k") }},
	{fault: "another missing exchange each time", publish: func(i int) *runtime.Publication { return to(fmt.Sprint("missing-", i), "k") }},
	{
		fault: "a forbidden topic key", short: true, publish: func(int) *runtime.Publication { return to(orders.Exchange, "bad.key") },
		prepare: func(t *testing.T, x *experiment) {
			for _, host := range x.hosts {
				host.SetTopicPermissions(t, x.user(), orders.Exchange, "^good", ".*")
			}
		},
	},
	{
		fault: "no write permission on the default exchange", short: true, write: "^orders$", ordered: true,
		publish: func(int) *runtime.Publication { return to("", publication.RoutingKey) },
	},
	{
		fault: "no write permission on an exchange", write: `^(amq\.default|orders)$`,
		publish: func(int) *runtime.Publication { return to("amq.fanout", "k") },
	},
	{fault: "an internal exchange", prepare: declareInternal, publish: func(int) *runtime.Publication { return to("internal", "k") }},
	{fault: "a user id that is another's", short: true, publish: func(int) *runtime.Publication {
		p := *orders
		p.UserID = "somebody"
		return &p
	}},
	{fault: "a header CC that is a string", short: true, unsent: true, options: withHeader("CC", "x")},
	{fault: "a header BCC of numbers", unsent: true, options: withHeader("BCC", []any{int64(1)})},
	{fault: "NaN in a header", unsent: true, options: withHeader("ratio", math.NaN())},
	{fault: "an infinity in a list in a header", unsent: true, options: withHeader("ratios", []any{math.Inf(1)})},
	{fault: "a direct reply without its consumer", options: []runtime.PublishOption{runtime.WithReplyTo("amq.rabbitmq.reply-to")}},
	{fault: "a body larger than the broker takes", environment: own, bodySize: 100_000, prepare: func(t *testing.T, x *experiment) {
		for _, node := range x.nodes {
			node.SetMaxMessageSize(t, 50_000)
		}
	}},
}

// mistakeScenarios are one for each mistake, and those of declarations that are deleted while their
// producer runs.
var mistakeScenarios = slices.Concat(eachMistake(), []scenario{
	{id: "F26", fault: "own exchange deleted every 100 ms", short: true, times: deletions, spare: true, pools: true, play: func(t *testing.T, x *experiment) {
		playDeleted(t, x, to("mine", "k"), &runtime.Declarations{
			Exchanges: []runtime.Exchange{{Name: "mine", Type: amqp.ExchangeDirect, Durable: true}},
			Queues:    []runtime.Queue{{Name: publication.RoutingKey, Durable: true}},
			Bindings:  []runtime.Binding{{Queue: publication.RoutingKey, Exchange: "mine", RoutingKey: "k"}},
		}, func(channel *amqp.Channel) error { return channel.ExchangeDelete("mine", false, false) })
	}},
	{id: "F26", fault: "own queue deleted every 100 ms", times: 0, spare: true, pools: true, play: func(t *testing.T, x *experiment) {
		playDeleted(t, x, to("", "mine"), &runtime.Declarations{Queues: []runtime.Queue{{Name: "mine", Durable: true}}},
			func(channel *amqp.Channel) error {
				_, err := channel.QueueDelete("mine", false, false, false)
				return err
			})
	}},
})

func eachMistake() []scenario {
	var all []scenario
	for _, m := range mistakes {
		s := scenario{id: "F25", fault: m.fault + " every 10 ms", short: m.short, environment: m.environment, times: mistaken, spare: true, pools: true, play: m.play}
		if m.unsent {
			s.times = 0
		}
		all = append(all, s)
	}
	return all
}

func to(exchange, key string) *runtime.Publication {
	return &runtime.Publication{Name: "Mistaken", Exchange: exchange, RoutingKey: key}
}

func withHeader(name string, value any) []runtime.PublishOption {
	return []runtime.PublishOption{runtime.WithHeaders(runtime.Headers{name: value})}
}

// play publishes correctly from many goroutines and badly from one, on one source. No correct
// publish fails, and each bad one fails with an error that says that the broker does not have it.
func (m mistake) play(t *testing.T, x *experiment) {
	x.actAs(t, cmp.Or(m.write, ".*"))
	x.makeOrders(t)
	if m.prepare != nil {
		m.prepare(t, x)
	}
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	offender, err := runtime.NewProducer(t.Context(), x.rig.source, nil)
	if err != nil {
		t.Fatal(err)
	}
	senders := []sender{{x.producer, orders}}
	if !m.ordered {
		senders = append(senders, sender{x.producer, publication})
	}
	x.load = startSenders(x.topology.name, correct, senders...)
	x.flow(t, warmUp)
	m.offend(t, offender)
	x.flow(t, warmUp)
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	if err := offender.Close(ctx); err != nil {
		t.Errorf("close the offender: %v", err)
	}
	if lost := x.events.count("ConnectionLost"); lost > 0 {
		t.Errorf("%d connections died of a publish's mistake", lost)
	}
}

// offend makes the mistake again and again, and waits for the result of each. It makes the first
// one alone: if two that the broker refuses for the same reason are in flight on one channel, as on
// a slow machine, the older ends as OutcomeUnknown, because the broker may have accepted it and
// refused only the other. After the first, each is isolated.
func (m mistake) offend(t *testing.T, offender *runtime.Producer) {
	t.Helper()
	var mu sync.Mutex
	ends, samples := map[string]int{}, map[string]error{}
	var offending sync.WaitGroup
	ticker := time.NewTicker(mistakeEvery)
	defer ticker.Stop()
	for i := range mistaken {
		<-ticker.C
		publication := orders
		if m.publish != nil {
			publication = m.publish(i)
		}
		offend := func() {
			_, err := offender.Publish(context.Background(), publication, make([]byte, max(m.bodySize, 1)), m.options...)
			mu.Lock()
			defer mu.Unlock()
			ends[outcome(err)]++
			samples[outcome(err)] = err
		}
		if i == 0 {
			offend()
			continue
		}
		offending.Go(offend)
	}
	offending.Wait()
	t.Logf("the bad publishes are %v, such as: %v", ends, samples)
	if n := ends["acked"] + ends["unknown"]; n > 0 {
		t.Errorf("the broker has, or may have, %d of %d bad messages: %v", n, mistaken, ends)
	}
}

// playDeleted deletes a producer's declarations again and again. The publish that finds them
// missing may fail; for the one after it they have been declared again.
func playDeleted(t *testing.T, x *experiment, to *runtime.Publication, declarations *runtime.Declarations, remove func(*amqp.Channel) error) {
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	owner, err := runtime.NewProducer(t.Context(), x.rig.source, declarations)
	if err != nil {
		t.Fatal(err)
	}
	x.load = startSenders(x.topology.name, correct, sender{x.producer, publication})
	x.flow(t, warmUp)
	ticker := time.NewTicker(deleteEvery)
	defer ticker.Stop()
	for i := range deletions {
		<-ticker.C
		for _, host := range x.used() {
			if err := dial(t, host, remove); err != nil {
				t.Fatal(err)
			}
		}
		_, found := owner.Publish(t.Context(), to, "x", runtime.WithMessageID(fmt.Sprintf("found-%d", i)))
		x.load.published.Add(1)
		if _, err := owner.Publish(t.Context(), to, "x", runtime.WithMessageID(fmt.Sprintf("after-%d", i))); err != nil {
			x.load.note(time.Now(), runtime.Receipt{}, fmt.Errorf("after %w, which was: %w", found, err))
		} else {
			x.load.acks.Add(1) // it is in a queue that will be deleted
		}
	}
	x.flow(t, warmUp)
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	if err := owner.Close(ctx); err != nil {
		t.Errorf("close the owner: %v", err)
	}
}

// user is the name of the user that actAs creates.
func (x *experiment) user() string { return x.hosts[0].Name + "-user" }

// actAs makes the topology connect as its own user, who may write to the exchanges whose names
// match.
func (x *experiment) actAs(t *testing.T, write string) {
	t.Helper()
	for _, host := range x.hosts {
		host.AddUser(t, x.user(), "secret")
		host.SetPermissions(t, x.user(), ".*", write, ".*")
	}
	x.configure = func(b *runtime.Broker) {
		u, err := url.Parse(b.URL)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(x.user(), "secret")
		b.URL = u.String()
	}
}

// makeOrders declares the exchange of orders, and binds the queue of the load to it.
func (x *experiment) makeOrders(t *testing.T) {
	t.Helper()
	x.onEach(t, func(channel *amqp.Channel) error {
		return errors.Join(
			channel.ExchangeDeclare(orders.Exchange, amqp.ExchangeTopic, true, false, false, false, nil),
			channel.QueueBind(publication.RoutingKey, "#", orders.Exchange, false, nil))
	})
}

func declareInternal(t *testing.T, x *experiment) {
	t.Helper()
	x.onEach(t, func(channel *amqp.Channel) error {
		return channel.ExchangeDeclare("internal", amqp.ExchangeFanout, true, false, true, false, nil)
	})
}

// onEach calls use with a channel of each virtual host, not through the topology.
func (x *experiment) onEach(t *testing.T, use func(*amqp.Channel) error) {
	t.Helper()
	for _, host := range x.hosts {
		if err := dial(t, host, use); err != nil {
			t.Fatal(err)
		}
	}
}
