package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/runtime"
)

// mergeExchange adds what e says about its exchange to what is known of it. Contradictions are
// reported with both positions.
func (b *builder) mergeExchange(e *endpoint) {
	b.refuseParameters(e.exchange.Name, "exchange", e.exchange.Location)
	b.refuseLineBreaks(e.exchange.Name, "exchange", e.exchange.Location)
	known := b.known(e.virtualHost, e.exchange.Name)
	if known == nil {
		b.broker.exchanges[brokerKey(e.virtualHost, e.exchange.Name)] = new(*e.exchange)
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

// known returns what the contract says about the exchange of a name, nil when that is nothing.
func (b *builder) known(virtualHost, name string) *asyncapi.ExchangeBinding {
	return b.broker.exchanges[brokerKey(virtualHost, name)]
}

// exchange returns the exchange of e as it must be declared. It returns false when it is not
// declared: the broker has the default exchange and amq.* anyway, and an exchange without a type
// must already exist.
func (b *builder) exchange(e *endpoint) (runtime.Exchange, bool) {
	if e.exchange == nil || isBrokersOwn(e.exchange.Name) {
		return runtime.Exchange{}, false
	}
	x := b.known(e.virtualHost, e.exchange.Name)
	if x.Type == "" {
		b.report.Warn(x.Location, fmt.Sprintf("exchange %q is not declared by the clients: its type is not given", x.Name),
			`add "type", or make sure that it is there`)
		return runtime.Exchange{}, false
	}
	return b.exchangeDeclaration(x), true
}

func (b *builder) exchangeDeclaration(x *asyncapi.ExchangeBinding) runtime.Exchange {
	b.checkExchangeArguments(x)
	return runtime.Exchange{
		Name:       x.Name,
		Type:       x.Type,
		Durable:    x.Durable == nil || *x.Durable,
		AutoDelete: isTrue(x.AutoDelete),
		Arguments:  b.arguments(x.Arguments),
	}
}

// exchangeArguments are the arguments that RabbitMQ and its best-known plug-ins know.
var exchangeArguments = []string{"alternate-exchange", "x-delayed-type", "hash-header", "hash-property"}

// checkExchangeArguments reports mistyped arguments, which RabbitMQ ignores, and an alternate exchange
// that is no name, which it refuses.
func (b *builder) checkExchangeArguments(x *asyncapi.ExchangeBinding) {
	if x.Arguments == nil || x.Arguments.Kind != source.Object {
		return
	}
	for _, f := range x.Arguments.Fields {
		switch near := source.Nearest(f.Name, exchangeArguments); {
		case f.Name == "alternate-exchange" && f.Value.Kind != source.String:
			b.report.Warn(f.Value.Location(), fmt.Sprintf("RabbitMQ refuses to declare the exchange: %q must be a string, found %s", f.Name, f.Value.Kind), "write the name of an exchange")
		case near != "" && !slices.Contains(exchangeArguments, f.Name):
			b.report.Warn(f.Location(), fmt.Sprintf("%q is no argument of exchanges that RabbitMQ knows, and has no effect", f.Name), near)
		}
	}
}

// addKnownExchange adds the exchange of a name to those of q. It returns false when the contract does
// not describe it and the broker does not have it anyway.
func (b *builder) addKnownExchange(q *brokerQueue, name string) bool {
	if isBrokersOwn(name) {
		return true
	}
	x := b.known(q.virtualHost, name)
	if x == nil || x.Type == "" {
		return false
	}
	q.exchanges = append(q.exchanges, b.exchangeDeclaration(x))
	return true
}

// exchangeType returns the type of the exchange of a name, "" when it is not known.
func (b *builder) exchangeType(virtualHost, name string) string {
	if x := b.known(virtualHost, name); x != nil && x.Type != "" {
		return x.Type
	}
	own, _ := strings.CutPrefix(name, "amq.")
	if own == name {
		return ""
	}
	return own // amq.topic, amq.fanout ...
}

// isBrokersOwn reports whether every broker has the exchange of a name.
func isBrokersOwn(name string) bool { return strings.HasPrefix(name, "amq.") }
