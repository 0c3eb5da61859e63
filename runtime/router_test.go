package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/runtime/payload"
)

func TestRouting(t *testing.T) {
	placed := &Publication{Name: "OrderPlaced", Type: "order.placed", ContentType: "application/json"}
	note := &Publication{Name: "Note", Type: "note", ContentType: "text/plain"}
	scan := &Publication{Name: "Scan", Type: "scan", ContentType: "application/octet-stream"}
	paid := &Publication{Name: "OrderPaid", Type: "order.paid", ContentType: "application/json"}
	untyped := &Publication{Name: "Untyped", ContentType: "application/json"}
	// Of channels without messages nothing is known but their addresses.
	red := &Publication{Name: "Red", Exchange: "colours", RoutingKey: "red", ContentType: "application/octet-stream"}
	blue := &Publication{Name: "Blue", Exchange: "colours", RoutingKey: "blue", ContentType: "application/octet-stream"}
	anyKey := &Publication{Name: "Any", Exchange: "colours", ContentType: "application/octet-stream"}

	var called string
	strict := func(name string) Route {
		return RouteJSON(map[string]*Publication{"placed": placed, "paid": paid, "untyped": untyped}[name], func(_ context.Context, m *strictMessage) error {
			called = name + ":" + m.value
			return nil
		})
	}
	text := RouteText(note, func(_ context.Context, s string) error { called = "note:" + s; return nil })
	bytes := RouteBytes(scan, func(_ context.Context, b []byte) error { called = "scan:" + string(b); return nil })

	colour := func(publication *Publication) Route {
		return RouteBytes(publication, func(_ context.Context, b []byte) error { called = publication.Name + ":" + string(b); return nil })
	}

	for _, test := range []struct {
		name     string
		routes   []Route
		header   string
		delivery Message
		want     string // empty: invalid content
	}{
		{"by type", []Route{strict("placed"), text}, "", Message{Type: "order.placed", Body: []byte("a")}, "placed:a"},
		{"text by type", []Route{strict("placed"), text}, "", Message{Type: "note", Body: []byte("hello")}, "note:hello"},
		{"binary by type", []Route{bytes, text}, "", Message{Type: "scan", Body: []byte{1}}, "scan:\x01"},
		{"unknown type", []Route{strict("placed"), text}, "", Message{Type: "order.lost", Body: []byte("a")}, ""},
		{"unknown type for the only route", []Route{strict("placed")}, "", Message{Type: "order.lost", Body: []byte("a")}, "placed:a"},
		{"unknown type and a broken body", []Route{strict("placed")}, "", Message{Type: "order.lost", Body: []byte("!")}, ""},
		{"unknown type goes to the route without one", []Route{strict("untyped"), text}, "", Message{Type: "order.lost", Body: []byte("a")}, "untyped:a"},
		{"by header", []Route{strict("placed"), text}, "kind", Message{Headers: Headers{"kind": "note"}, Body: []byte("x")}, "note:x"},
		{"type before header", []Route{strict("placed"), text}, "kind", Message{Type: "order.placed", Headers: Headers{"kind": "note"}, Body: []byte("a")}, "placed:a"},
		{"the only route", []Route{strict("placed")}, "", Message{ContentType: "text/plain", Body: []byte("a")}, "placed:a"},
		{"the only content type", []Route{strict("placed"), text}, "", Message{ContentType: "Text/Plain; charset=utf-8", Body: []byte("x")}, "note:x"},
		{"the only one that decodes", []Route{strict("placed"), strict("paid")}, "", Message{Body: []byte("a")}, ""},
		{"none decodes", []Route{strict("placed"), strict("paid")}, "", Message{Body: []byte("!")}, ""},
		{"broken body", []Route{strict("placed")}, "", Message{Type: "order.placed", Body: []byte("!")}, ""},
		{"by address", []Route{colour(red), colour(blue)}, "", Message{Exchange: "colours", RoutingKey: "blue", Body: []byte("a")}, "Blue:a"},
		{"by address with an unknown type", []Route{colour(red), colour(blue)}, "", Message{Type: "T", Exchange: "colours", RoutingKey: "red", Body: []byte("a")}, "Red:a"},
		{"an unknown address", []Route{colour(red), colour(blue)}, "", Message{Exchange: "colours", RoutingKey: "green", Body: []byte("a")}, ""},
		{"a key with parameters", []Route{colour(red), colour(anyKey)}, "", Message{Exchange: "colours", RoutingKey: "green", Body: []byte("a")}, "Any:a"},
		{"an address of two", []Route{colour(red), colour(anyKey)}, "", Message{Exchange: "colours", RoutingKey: "red", Body: []byte("a")}, ""},
		{"an address and a known type", []Route{colour(red), text}, "", Message{Type: "note", Exchange: "colours", RoutingKey: "red", Body: []byte("a")}, "note:a"},
		{"no type, two contents", []Route{strict("placed"), text, bytes}, "", Message{ContentType: "application/xml", Body: []byte("a")}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			router, err := newRouter(test.routes, test.header, nil)
			if err != nil {
				t.Fatal(err)
			}
			called = ""
			err = router.handle(t.Context(), &Delivery{Message: test.delivery})
			if test.want == "" {
				if !isType[*InvalidError](err) || called != "" {
					t.Errorf("got %v and call %q, want invalid content and none", err, called)
				}
				return
			}
			if err != nil || called != test.want {
				t.Errorf("got %v and call %q, want %q", err, called, test.want)
			}
		})
	}
}

func TestHandlerErrorIsNotInvalid(t *testing.T) {
	router, err := newRouter([]Route{RouteJSON(orderPlaced, fail)}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	m := message("1")
	if err := router.handle(t.Context(), &Delivery{Message: m}); !errors.Is(err, errShop) || isType[*InvalidError](err) {
		t.Errorf("got %v", err)
	}
}

// strictMessage decodes anything but "!".
type strictMessage struct{ value string }

func (m *strictMessage) UnmarshalJSON(body []byte) error {
	if string(body) == "!" {
		return errors.New("broken")
	}
	m.value = string(body)
	return nil
}

// TestErrorsShowNoSecret uses a message that is invalid because of a secret, in a value and in the
// name of a member. For an encrypted message neither leaves the process; for a plain one only what
// its consumer allows.
func TestErrorsShowNoSecret(t *testing.T) {
	profile := gcmProfile(t, "p", 0)
	for name, test := range map[string]struct {
		encrypted, without bool
		want               string
	}{
		"plain":             {false, false, "invalid content: decode OrderPlaced: /name-42: value-42 is too long"},
		"plain, by option":  {false, true, "invalid content: decode OrderPlaced: /name-42: violates maxLength"},
		"encrypted":         {true, false, "invalid content: decode OrderPlaced: payload: violates maxLength"},
		"encrypted, option": {true, true, "invalid content: decode OrderPlaced: payload: violates maxLength"},
	} {
		t.Run(name, func(t *testing.T) {
			routes, err := newRouter([]Route{RouteJSON(orderPlaced, func(context.Context, *brokenSchema) error { return nil })}, "", ring(t, profile))
			if err != nil {
				t.Fatal(err)
			}
			routes.secret = test.without
			m := message("42")
			if test.encrypted {
				profile.encrypt(&m)
			}
			if err := routes.handle(t.Context(), &Delivery{Message: m}); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	if err := withoutPayload(&InvalidError{Reason: "decode X", Err: errors.New("no integer: 42")}, true); err.Error() != "invalid content: decode X" {
		t.Errorf("got %v", err)
	}
}

// brokenSchema is a message that never matches its schema.
type brokenSchema struct{}

func (*brokenSchema) UnmarshalJSON([]byte) error {
	return &payload.Violations{List: []payload.Violation{{Pointer: "/name-42", Keyword: "maxLength", Message: "value-42 is too long"}}}
}

// TestOptionsOfHandlers has a consumer with middleware and without values: both reach the handler
// that is called for a delivery.
func TestOptionsOfHandlers(t *testing.T) {
	var passed error
	note := func(next Handler) Handler {
		return func(ctx context.Context, d *Delivery) error {
			passed = next(ctx, d)
			return passed
		}
	}
	consumer := subscribe(t, newFakeSource(), Subscription{
		Queue:  Queue{Name: "orders"},
		Routes: []Route{RouteJSON(orderPlaced, func(context.Context, *brokenSchema) error { return nil })},
	}, WithoutValues(), WithMiddleware(note))
	want := "invalid content: decode OrderPlaced: /name-42: violates maxLength"
	if err := within(consumer).handler(t.Context(), &Delivery{Message: message("42")}); err == nil || err.Error() != want || !errors.Is(passed, err) {
		t.Errorf("got %v, and %v through the middleware, want %s", err, passed, want)
	}
}

// The only route of a queue takes each type. What is not the contract's type is reported.
func TestTypesOfTheOnlyRoute(t *testing.T) {
	for _, c := range []struct {
		name     string
		header   string
		delivery Message
		want     string
	}{
		{"the contract's", "", Message{Type: orderPlaced.Type}, ""},
		{"none", "", Message{}, ""},
		{"another", "", Message{Type: "com.shop.Order"}, `the type is "com.shop.Order", in the contract it is "order.placed"`},
		{"another in the header", "kind", Message{Headers: Headers{"kind": "Order"}}, `the type is "Order", in the contract it is "order.placed"`},
		{"a long one", "kind", Message{Headers: Headers{"kind": strings.Repeat("x", 1000)}}, `the type is "` + strings.Repeat("x", 100) + `", in the contract it is "order.placed"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			handled := 0
			router, err := newRouter([]Route{RouteBytes(orderPlaced, func(context.Context, []byte) error { handled++; return nil })}, c.header, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			router.report = func(_ context.Context, event ConsumerEvent) {
				if event.Kind != EventUnknownType || event.Delivery.Type != c.delivery.Type {
					t.Errorf("event %+v", event)
				}
				got += event.Err.Error()
			}
			if err := router.handle(t.Context(), &Delivery{Message: c.delivery}); err != nil || handled != 1 {
				t.Errorf("got %v, handled %d times", err, handled)
			}
			if got != c.want {
				t.Errorf("reported %q, want %q", got, c.want)
			}
		})
	}
}
