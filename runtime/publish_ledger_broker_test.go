package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// ledger notes the result of each publish, by message id.
type ledger struct {
	mu      sync.Mutex
	answers map[string]error
}

func (l *ledger) note(id string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answers == nil {
		l.answers = make(map[string]error)
	}
	l.answers[id] = err
}

// compare reads all messages of a queue and fails the test for each wrong result: a message that
// was published without an error and is missing, and one that no broker has according to the result
// and is there. It returns how many results of each kind there were, except returned ones.
func (l *ledger) compare(t *testing.T, host *rabbittest.VirtualHost, queue string) (good, unknown, absent int) {
	t.Helper()
	there := map[string]bool{}
	channel := host.Channel(t)
	for {
		d, ok, err := channel.Get(queue, true)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		there[d.MessageId] = true
	}
	for id, err := range l.answers {
		switch {
		case err == nil:
			good++
			if !there[id] {
				t.Errorf("%s was published and is lost", id)
			}
		case runtime.MayHaveBeenDelivered(err):
			if !isReturned(err) {
				unknown++
			}
		default:
			if !isReturned(err) {
				absent++
			}
			if there[id] {
				t.Errorf("%s is there, and the answer was: %v", id, err)
			}
		}
	}
	return good, unknown, absent
}

func isReturned(err error) bool {
	_, returned := errors.AsType[*runtime.ReturnedError](err)
	return returned
}

// failures returns the texts of the results that are errors.
func (l *ledger) failures() (texts []string) {
	for _, err := range l.answers {
		if err != nil && !slices.Contains(texts, err.Error()) {
			texts = append(texts, err.Error())
		}
	}
	return texts
}

// shopOf declares a topic exchange and a queue that is bound to it with every key.
func shopOf(exchange, queue string) *runtime.Declarations {
	return &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: exchange, Type: "topic", Durable: true}},
		Queues:    []runtime.Queue{{Name: queue, Durable: true}},
		Bindings:  []runtime.Binding{{Exchange: exchange, Queue: queue, RoutingKey: "#"}},
	}
}

// TestAnswersWhenTheBrokerChanges removes what publishes need while 500 of them are in flight, five
// times. Nothing that was confirmed is missing and nothing is there that was reported not to be.
// What a producer declares itself, it declares again, so that none of its publishes fails.
func TestAnswersWhenTheBrokerChanges(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, host *rabbittest.VirtualHost, user string){
		"exchange deleted": func(t *testing.T, host *rabbittest.VirtualHost, _ string) {
			if err := host.Channel(t).ExchangeDelete("shop", false, false); err != nil {
				t.Error(err)
			}
		},
		"exchange deleted and made": func(t *testing.T, host *rabbittest.VirtualHost, _ string) {
			channel := host.Channel(t)
			err := errors.Join(channel.ExchangeDelete("shop", false, false),
				channel.ExchangeDeclare("shop", "topic", true, false, false, false, nil),
				channel.QueueBind("orders", "#", "shop", false, nil))
			if err != nil {
				t.Error(err)
			}
		},
		"permission withdrawn": func(t *testing.T, host *rabbittest.VirtualHost, user string) {
			host.SetPermissions(t, user, ".*", "orders", ".*")
			host.SetPermissions(t, user, ".*", ".*", ".*")
		},
		"topic forbidden": func(t *testing.T, host *rabbittest.VirtualHost, user string) {
			host.SetTopicPermissions(t, user, "shop", "^never$", ".*")
			host.SetTopicPermissions(t, user, "shop", ".*", ".*")
		},
		"connections closed": func(t *testing.T, host *rabbittest.VirtualHost, _ string) { host.CloseConnections(t) },
	} {
		for _, topology := range []string{"dedicated", "pool"} {
			t.Run(name+", "+topology, func(t *testing.T) {
				t.Parallel()
				host := rabbittest.New(t)
				forbids := name == "permission withdrawn" || name == "topic forbidden"
				user := "u-" + host.Name
				counters := &runtime.Counters{}
				connection := connect(t, host.AddUser(t, user, "secret"), counters)
				source := runtime.ProducerSource(runtime.DedicatedChannel(connection, runtime.WithWindow(600)))
				if topology == "pool" {
					source = runtime.ChannelPool(connection, 4)
				}
				producer := produce(t, source, shopOf("shop", "orders"))
				l := &ledger{}
				publishWhile(t, producer, l, func() { change(t, host, user) })
				good, unknown, absent := l.compare(t, host, "orders")
				if !forbids && unknown+absent > 0 {
					t.Errorf("%d correct publishes failed: %v", unknown+absent, l.failures())
				}
				t.Logf("%d published, %d unknown, %d not there; %+v", good, unknown, absent, counters.Counts())
			})
		}
	}
}

// publishWhile publishes 500 messages at a time while something changes, five times.
func publishWhile(t *testing.T, producer *runtime.Producer, l *ledger, change func()) {
	t.Helper()
	publication := &runtime.Publication{Name: "placed", Exchange: "shop"}
	for round := range 5 {
		var changing sync.WaitGroup
		ctx, cancel := context.WithTimeout(testContext(t), 20*time.Second)
		pending := map[string]*runtime.Pending{}
		for i := range 500 {
			id := fmt.Sprint(round, " ", i)
			if i == 250 {
				changing.Go(change)
			}
			p := *publication
			p.RoutingKey = fmt.Sprint("k", i%7)
			pending[id] = producer.PublishAsync(ctx, &p, "x", runtime.WithMessageID(id))
		}
		changing.Wait()
		for id, p := range pending {
			_, err := p.Wait(context.Background())
			l.note(id, err)
		}
		cancel()
	}
}
