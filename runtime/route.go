package runtime

import (
	"context"
	"encoding/json"
	"fmt"
)

// A Route connects one message of the contract with the function that handles it. RouteJSON,
// RouteText and RouteBytes create one.
type Route struct {
	publication *Publication

	// bind decodes a body and returns the call of the handler with the result.
	bind func(body []byte) (func(context.Context) error, error)
}

// RouteJSON routes a message to handle. The body is decoded by the UnmarshalJSON method of *T if
// there is one, otherwise with encoding/json. A body that cannot be decoded is invalid content and
// does not reach handle. The *T belongs to handle.
//
//go:noinline
func RouteJSON[T any](publication *Publication, handle func(context.Context, *T) error) Route {
	if handle == nil {
		return Route{publication: publication}
	}
	return onJSON(publication,
		func() any { return new(T) },
		func(ctx context.Context, message any) error { return handle(ctx, message.(*T)) })
}

// onJSON is what RouteJSON does for every type. What is in RouteJSON is compiled for each message,
// and three times when it is inlined.
//
//go:noinline
func onJSON(publication *Publication, empty func() any, handle func(context.Context, any) error) Route {
	return Route{publication, func(body []byte) (func(context.Context) error, error) {
		message := empty()
		if err := decodeJSON(body, message); err != nil {
			return nil, err
		}
		return func(ctx context.Context) error { return handle(ctx, message) }, nil
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
