package runtime

import (
	"context"
	"errors"
	"testing"
)

func TestRouting(t *testing.T) {
	placed := &Publication{Name: "OrderPlaced", Type: "order.placed", ContentType: "application/json"}
	note := &Publication{Name: "Note", Type: "note", ContentType: "text/plain"}
	scan := &Publication{Name: "Scan", Type: "scan", ContentType: "application/octet-stream"}
	paid := &Publication{Name: "OrderPaid", Type: "order.paid", ContentType: "application/json"}
	untyped := &Publication{Name: "Untyped", ContentType: "application/json"}

	var called string
	strict := func(name string) Route {
		return On(map[string]*Publication{"placed": placed, "paid": paid, "untyped": untyped}[name], func(_ context.Context, m *strictMessage) error {
			called = name + ":" + m.value
			return nil
		})
	}
	text := OnText(note, func(_ context.Context, s string) error { called = "note:" + s; return nil })
	bytes := OnBytes(scan, func(_ context.Context, b []byte) error { called = "scan:" + string(b); return nil })

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
		{"unknown type", []Route{strict("placed")}, "", Message{Type: "order.lost", Body: []byte("a")}, ""},
		{"unknown type goes to the route without one", []Route{strict("untyped"), text}, "", Message{Type: "order.lost", Body: []byte("a")}, "untyped:a"},
		{"by header", []Route{strict("placed"), text}, "kind", Message{Headers: Headers{"kind": "note"}, Body: []byte("x")}, "note:x"},
		{"type before header", []Route{strict("placed"), text}, "kind", Message{Type: "order.placed", Headers: Headers{"kind": "note"}, Body: []byte("a")}, "placed:a"},
		{"the only route", []Route{strict("placed")}, "", Message{ContentType: "text/plain", Body: []byte("a")}, "placed:a"},
		{"the only content type", []Route{strict("placed"), text}, "", Message{ContentType: "Text/Plain; charset=utf-8", Body: []byte("x")}, "note:x"},
		{"the only one that decodes", []Route{strict("placed"), strict("paid")}, "", Message{Body: []byte("a")}, ""},
		{"none decodes", []Route{strict("placed"), strict("paid")}, "", Message{Body: []byte("!")}, ""},
		{"broken body", []Route{strict("placed")}, "", Message{Type: "order.placed", Body: []byte("!")}, ""},
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
	router, err := newRouter([]Route{On(orderPlaced, fail)}, "", nil)
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
