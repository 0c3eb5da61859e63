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
		handle := func(ctx context.Context, _ []byte) error { return p.ReadHeaders(ctx, new(secretHeaders)) }
		router, err := newRouter([]Route{RouteBytes(p, handle)}, "", nil)
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

// Headers are read from a delivery.
func TestReadHeadersWithoutDelivery(t *testing.T) {
	if err := new(Publication).ReadHeaders(t.Context(), new(secretHeaders)); err == nil || !strings.Contains(err.Error(), "ContextWithDelivery") {
		t.Error(err)
	}
}
