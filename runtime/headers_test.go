package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestDecimalText(t *testing.T) {
	for d, want := range map[Decimal]string{
		{Scale: 2, Value: -1250}: "-12.50", {Scale: 3, Value: 5}: "0.005", {Value: 7}: "7", {Scale: 1, Value: -2147483648}: "-214748364.8",
	} {
		if got := decimalText(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}

// secretHeaders are always wrong, and say a secret.
type secretHeaders struct{}

func (*secretHeaders) Validate() error                         { return secretError{} }
func (*secretHeaders) MarshalHeaders() (map[string]any, error) { return map[string]any{"a": "b"}, nil }
func (*secretHeaders) UnmarshalHeaders(map[string]any) error   { return secretError{} }

type secretError struct{}

func (secretError) Error() string            { return "secret" }
func (secretError) WithoutValues(bool) error { return errors.New("bare") }

// Wrong headers are invalid content, and the error quotes them only if it may.
func TestWrongHeaders(t *testing.T) {
	for want, secret := range map[string]bool{"invalid content: read the headers of X: secret": false, "invalid content: read the headers of X: bare": true} {
		p := &Publication{Name: "X"}
		handle := func(context.Context, []byte, *secretHeaders) error { panic("called with wrong headers") }
		router, err := newRouter([]Route{RouteBytes(p, WithHeadersOf(p, handle))}, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		router.secret = secret
		delivery := &Delivery{}
		err = router.handle(ContextWithDelivery(t.Context(), delivery), delivery)
		if !isType[*InvalidError](err) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A handler that needs headers says what it lacks.
func TestWithHeadersOf(t *testing.T) {
	p := &Publication{Name: "X"}
	none := WithHeadersOf(p, func(context.Context, string, *secretHeaders) error { return nil })
	if err := none(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "ContextWithDelivery") {
		t.Error(err)
	}
	ctx := ContextWithDelivery(t.Context(), &Delivery{})
	if err := WithHeadersOf(p, func(context.Context, string, *int) error { return nil })(ctx, ""); err == nil || !strings.Contains(err.Error(), "*int") {
		t.Error(err)
	}
	if err := WithHeadersOf(p, func(context.Context, string, int) error { return nil })(ctx, ""); err == nil || !strings.Contains(err.Error(), "no pointer") {
		t.Error(err)
	}
	if RouteText(p, WithHeadersOf[string, *secretHeaders](p, nil)).check() == nil {
		t.Error("a route without a handler")
	}
}

// A message that no producer publishes, such as a reply, has its typed headers too.
func TestEncodedWithHeaders(t *testing.T) {
	m := new(Message)
	if err := m.encode(MessageWithHeaders("x", new(secretHeaders))); err == nil || !strings.Contains(err.Error(), "secret") {
		t.Errorf("wrong headers: %v", err)
	}
	m = new(Message)
	if err := m.encode(MessageWithHeaders("x", nil)); err != nil || string(m.Body) != "x" {
		t.Errorf("%v, %q", err, m.Body)
	}
}
