package runtime

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// A Route connects one message of the contract with the function that handles it. RouteJSON,
// RouteText and RouteBytes create one.
type Route struct {
	publication *Publication

	// bind decodes a body and returns the call of the handler with the result.
	bind func(body []byte) (func(context.Context) error, error)
}

// RouteJSON routes a message to handle. M is usually a pointer, and then the body is decoded into a
// new value that it points to: by its UnmarshalJSON method if there is one, otherwise with
// encoding/json. A body that cannot be decoded is invalid content and does not reach handle. The
// message belongs to handle.
//
//go:noinline
func RouteJSON[M any](publication *Publication, handle func(context.Context, M) error) Route {
	if handle == nil {
		return Route{publication: publication}
	}
	// All pointers have the same code here: it is compiled once for each package, not for each message.
	return onJSON(publication, (*M)(nil), func(ctx context.Context, message any) error {
		m, _ := message.(M) // a null is no M when that is an interface
		return handle(ctx, m)
	})
}

// onJSON is what RouteJSON does for every type; kind is a pointer to the message's.
func onJSON(publication *Publication, kind any, handle func(context.Context, any) error) Route {
	typ := reflect.TypeOf(kind).Elem()
	isPointer := typ.Kind() == reflect.Pointer
	if isPointer {
		typ = typ.Elem()
	}
	return Route{publication, func(body []byte) (func(context.Context) error, error) {
		message := reflect.New(typ)
		if err := decodeJSON(body, message.Interface()); err != nil {
			return nil, err
		}
		if !isPointer {
			message = message.Elem()
		}
		return func(ctx context.Context) error { return handle(ctx, message.Interface()) }, nil
	}}
}

// RouteText routes a text message to handle, as it is.
func RouteText(publication *Publication, handle func(context.Context, string) error) Route {
	if handle == nil {
		return Route{publication: publication}
	}
	return Route{publication, func(body []byte) (func(context.Context) error, error) {
		return func(ctx context.Context) error { return handle(ctx, string(body)) }, nil
	}}
}

// RouteBytes routes a binary message to handle, as it is. The slice belongs to handle, which must
// not write to it: a message that fails is published again from the same bytes.
func RouteBytes(publication *Publication, handle func(context.Context, []byte) error) Route {
	if handle == nil {
		return Route{publication: publication}
	}
	return Route{publication, func(body []byte) (func(context.Context) error, error) {
		return func(ctx context.Context) error { return handle(ctx, body) }, nil
	}}
}

func decodeJSON(body []byte, message any) error {
	if own, ok := message.(json.Unmarshaler); ok {
		return own.UnmarshalJSON(body) // directly: encoding/json would scan the body again
	}
	return json.Unmarshal(body, message)
}

// check returns an error if a part of a route is missing.
func (r Route) check() error {
	switch {
	case r.publication == nil:
		return fmt.Errorf("route: no publication")
	case r.bind == nil:
		return fmt.Errorf("route %s: no handler", r.publication.Name)
	}
	return nil
}
