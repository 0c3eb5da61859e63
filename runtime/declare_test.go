package runtime

import (
	"context"
	"errors"
	"testing"
)

// askedFor keeps the declarations that a client asks for, and refuses.
type askedFor struct{ declared *Declarations }

var errAsked = errors.New("asked")

func (*askedFor) Info() SourceInfo { return SourceInfo{} }

func (s *askedFor) ProducerChannel(_ context.Context, request ProducerRequest) (ProducerChannel, error) {
	s.declared = request.Declarations
	return nil, errAsked
}

func (s *askedFor) ConsumerChannel(_ context.Context, request ConsumerRequest) (ConsumerChannel, error) {
	s.declared = request.Declarations
	return nil, errAsked
}

func TestDeclareMode(t *testing.T) {
	own := &Declarations{Queues: []Queue{{Name: "orders"}}}
	source := new(askedFor)
	check := func(client string, err error, want DeclareMode) {
		t.Helper()
		if !errors.Is(err, errAsked) {
			t.Fatalf("%s: %v", client, err)
		}
		if source.declared.Mode != want || source.declared.Queues[0].Name != "orders" || own.Mode != DeclareCreate {
			t.Errorf("%s: asked for %+v, and its own are %+v", client, *source.declared, *own)
		}
	}
	_, err := NewProducer(t.Context(), source, own)
	check("producer by default", err, DeclareCreate)
	_, err = NewProducer(t.Context(), source, own, WithDeclareMode(DeclareVerify))
	check("producer", err, DeclareVerify)
	subscription := Subscription{Queue: own.Queues[0], Declarations: own, Routes: []Route{RouteText(&Publication{Name: "a"}, func(context.Context, string) error { return nil })}}
	_, err = NewConsumer(t.Context(), source, subscription, WithDeclareMode(DeclareAssume))
	check("consumer", err, DeclareAssume)
}
