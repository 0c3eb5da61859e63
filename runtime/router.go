package runtime

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"slices"
)

// A router takes deliveries to the routes of one subscription.
type router struct {
	routes     []Route
	byType     map[string]Route
	typeHeader string
	keys       keyring
	secret     bool // errors say nothing of what bodies hold
}

func newRouter(routes []Route, typeHeader string, keys keyring) (*router, error) {
	r := &router{routes: routes, byType: make(map[string]Route, len(routes)), typeHeader: typeHeader, keys: keys}
	if len(routes) == 0 {
		return nil, errors.New("no routes")
	}
	for _, route := range routes {
		if err := route.check(); err != nil {
			return nil, err
		}
		name := route.publication.Type
		if taken, ok := r.byType[name]; ok {
			return nil, fmt.Errorf("routes %s and %s have the same type %q", taken.publication.Name, route.publication.Name, name)
		}
		r.byType[name] = route
	}
	return r, nil
}

// handle is the Handler of the subscription: decrypt, choose, decode, call.
func (r *router) handle(ctx context.Context, delivery *Delivery) error {
	if delivery.invalid != nil {
		return &InvalidError{Reason: "read the properties", Err: delivery.invalid}
	}
	opened, profile, err := r.keys.open(delivery)
	if err != nil {
		return err
	}
	call, err := r.bind(opened)
	switch {
	case err == nil:
		return call(ctx)
	case profile != nil && !profile.authenticated:
		return errDecrypt // a wrong key may give a body that only decoding refuses
	case profile != nil:
		return withoutPayload(err, false)
	case r.secret:
		return withoutPayload(err, true)
	}
	return err
}

// withoutPayload returns err without anything that its message's body says: an error goes into dead letters and
// logs. Of violations the keywords are left and, with pointers, where they are.
func withoutPayload(err error, pointers bool) error {
	invalid, ok := errors.AsType[*InvalidError](err)
	if !ok {
		return errDecrypt
	}
	bare := &InvalidError{Reason: invalid.Reason}
	if violations, ok := errors.AsType[redactable](invalid.Err); ok {
		bare.Err = violations.WithoutValues(pointers)
	}
	return bare
}

// valued is an error that can leave out what it says of the payload, as payload.Violations can.
type redactable interface {
	error
	WithoutValues(pointers bool) error
}

// bind chooses the delivery's route and decodes for it: by type, where there is
// one; else the only route whose content type agrees; else the only one of
// those that can decode the body.
func (r *router) bind(delivery *Delivery) (func(context.Context) error, error) {
	if name := r.typeOf(delivery); name != "" {
		route, ok := r.byType[name]
		if !ok {
			route, ok = r.byType[""] // a contract that names no type takes any
		}
		if !ok {
			return nil, &InvalidError{Reason: fmt.Sprintf("no route takes type %q", name)}
		}
		return decode(route, delivery)
	}
	candidates := r.candidates(delivery)
	if len(candidates) == 1 {
		return decode(candidates[0], delivery)
	}
	return decodeOnly(candidates, delivery)
}

// typeOf returns the name of the delivery's message, empty if it has none.
func (r *router) typeOf(delivery *Delivery) string {
	if delivery.Type != "" || r.typeHeader == "" {
		return delivery.Type
	}
	name, _ := delivery.Headers[r.typeHeader].(string)
	return name
}

// candidates returns the routes that a delivery without a type can mean.
func (r *router) candidates(delivery *Delivery) []Route {
	if len(r.routes) == 1 {
		return r.routes
	}
	got := mediaType(delivery.ContentType)
	return slices.DeleteFunc(slices.Clone(r.routes), func(route Route) bool {
		wanted := mediaType(route.publication.ContentType)
		return got != "" && wanted != "" && got != wanted
	})
}

func decode(route Route, delivery *Delivery) (func(context.Context) error, error) {
	call, err := route.bind(delivery.Body)
	if err != nil {
		return nil, &InvalidError{Reason: "decode " + route.publication.Name, Err: err}
	}
	return call, nil
}

// decodeOnly tries all candidates and wants exactly one to succeed.
func decodeOnly(candidates []Route, delivery *Delivery) (func(context.Context) error, error) {
	var found func(context.Context) error
	for _, route := range candidates {
		call, err := decode(route, delivery)
		switch {
		case err != nil:
			continue
		case found != nil:
			return nil, &InvalidError{Reason: "no type is given and several routes can decode the body"}
		}
		found = call
	}
	if found == nil {
		return nil, &InvalidError{Reason: "no type is given and no route can decode the body"}
	}
	return found, nil
}

// mediaType returns a content type without its parameters, in lower case.
func mediaType(contentType string) string {
	parsed, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType
	}
	return parsed
}
