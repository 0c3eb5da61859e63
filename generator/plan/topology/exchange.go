package topology

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/runtime"
)

// collectExchanges merges what all endpoints say about each exchange.
func (b *builder) collectExchanges(groups []*group) {
	b.exchanges = map[string]*asyncapi.ExchangeBinding{}
	for _, g := range groups {
		for _, e := range g.endpoints {
			if e.exchange != nil {
				b.mergeExchange(e)
			}
		}
	}
}

func (b *builder) mergeExchange(e *endpoint) {
	key := exchangeKey(e.virtualHost, e.exchange.Name)
	known := b.exchanges[key]
	if known == nil {
		first := *e.exchange
		b.exchanges[key] = &first
		return
	}
	x := e.exchange
	clash := func(what string) {
		b.report.Mistake(x.Location, fmt.Sprintf("exchange %q %s here, other than at %s", x.Name, what, known.Position),
			"say the same in both places, or say it in one place only")
	}
	if known.Type != "" && x.Type != "" && known.Type != x.Type {
		clash("is " + x.Type)
	}
	known.Type = cmp.Or(known.Type, x.Type)
	known.Durable = agree(known.Durable, x.Durable, "durable", clash)
	known.AutoDelete = agree(known.AutoDelete, x.AutoDelete, "deleted automatically", clash)
	known.Arguments = agreeValue(known.Arguments, x.Arguments, "has other arguments", clash)
}

// exchange returns the exchange of e as it must be declared. It returns false when it is not
// declared: the broker has the default exchange and amq.* anyway, and an exchange without a type
// must already exist.
func (b *builder) exchange(e *endpoint) (runtime.Exchange, bool) {
	if e.exchange == nil || strings.HasPrefix(e.exchange.Name, "amq.") {
		return runtime.Exchange{}, false
	}
	x := b.exchanges[exchangeKey(e.virtualHost, e.exchange.Name)]
	if x.Type == "" {
		b.report.Warn(x.Location, fmt.Sprintf("exchange %q is not declared by the clients: its type is not given", x.Name),
			`add "type", or make sure that it is there`)
		return runtime.Exchange{}, false
	}
	return b.exchangeDeclaration(x), true
}

func (b *builder) exchangeDeclaration(x *asyncapi.ExchangeBinding) runtime.Exchange {
	return runtime.Exchange{
		Name:       x.Name,
		Type:       x.Type,
		Durable:    x.Durable == nil || *x.Durable,
		AutoDelete: isTrue(x.AutoDelete),
		Arguments:  b.arguments(x.Arguments),
	}
}

// addKnownExchange adds the exchange of a name to d, if a channel describes it or the broker has it
// anyway.
func (b *builder) addKnownExchange(d *runtime.Declarations, virtualHost, name string) bool {
	if strings.HasPrefix(name, "amq.") {
		return true
	}
	x := b.exchanges[exchangeKey(virtualHost, name)]
	if x == nil || x.Type == "" {
		return false
	}
	addExchange(d, b.exchangeDeclaration(x))
	return true
}

func exchangeKey(virtualHost, name string) string {
	return virtualHost + "\x00" + name
}
