package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"reflect"
	"slices"
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
	// All pointers have the same code here: it is compiled once for each package, not for each
	// message.
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

// A router passes deliveries to the routes of one subscription.
type router struct {
	routes     []Route
	byType     map[string]Route // those with a type
	untyped    []Route          // those without
	typeHeader string
	keys       keyring
	secret     bool // errors quote nothing from bodies
	encodings  contentEncodings
	maxContent int // the size of a body after decompression

	// report is told of what happens to a delivery besides being handled. May be nil.
	report func(ctx context.Context, event ConsumerEvent)
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
		if name == "" {
			r.untyped = append(r.untyped, route)
			continue
		}
		if taken, ok := r.byType[name]; ok {
			return nil, fmt.Errorf("routes %s and %s have the same type %q", taken.publication.Name, route.publication.Name, name)
		}
		r.byType[name] = route
	}
	return r, nil
}

// handle is the Handler of the subscription: it decrypts, decompresses, chooses the route, decodes
// and calls.
func (r *router) handle(ctx context.Context, delivery *Delivery) error {
	if delivery.invalid != nil {
		return &InvalidError{Reason: "read the properties", Err: delivery.invalid}
	}
	opened, profile, err := r.keys.open(delivery)
	if err != nil {
		return err
	}
	delivery.profile, delivery.encodings = profile, r.encodings
	call, err := r.open(ctx, opened)
	switch {
	case err == nil:
		err = call(ctx)
		if headers, ok := errors.AsType[headersError](err); ok && (r.secret || profile != nil) {
			return withoutPayload(headers.invalid, true)
		}
		return err
	case profile != nil && !profile.authenticated:
		return errDecrypt // a wrong key may yield a body that only the decoder refuses
	case profile != nil:
		return withoutPayload(err, false)
	case r.secret:
		return withoutPayload(err, true)
	}
	return err
}

// open decompresses the body of a delivery that is not encrypted any more, and decodes it.
func (r *router) open(ctx context.Context, delivery *Delivery) (func(context.Context) error, error) {
	opened, err := r.encodings.decompress(delivery, r.maxContent)
	if err != nil {
		return nil, err
	}
	return r.bind(ctx, opened)
}

// withoutPayload returns err without anything from the message's body: errors go into dead letters
// and logs. Violations keep their keywords and, with pointers, their paths.
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

// redactable is an error that can leave out values of the payload, as payload.Violations can.
type redactable interface {
	error
	WithoutValues(pointers bool) error
}

// bind chooses the delivery's route and decodes the body. The only route takes each delivery. Of
// several, the type decides if a route has it; otherwise, among those that are possible, what the
// contract says of the content type, of the address, and of the body.
func (r *router) bind(ctx context.Context, delivery *Delivery) (func(context.Context) error, error) {
	name := r.typeOf(delivery)
	if len(r.routes) == 1 {
		r.reportType(ctx, delivery, name)
		return decode(r.routes[0], delivery)
	}
	if route, ok := r.byType[name]; ok {
		return decode(route, delivery)
	}
	possible := r.routes
	if name != "" {
		possible = r.untyped // a contract without type names accepts any
	}
	if len(possible) == 0 {
		return nil, &InvalidError{Reason: fmt.Sprintf("no route takes type %q", name)}
	}
	possible = matching(possible, func(p *Publication) bool {
		wanted, got := mediaType(p.ContentType), mediaType(delivery.ContentType)
		return got == "" || wanted == "" || got == wanted
	})
	if at := matching(possible, delivery.isTo); len(at) > 0 {
		possible = at
	}
	if len(possible) == 1 {
		return decode(possible[0], delivery)
	}
	return decodeOnly(possible, delivery)
}

// matching returns the routes whose publications may be what is looked for.
func matching(routes []Route, may func(*Publication) bool) []Route {
	return slices.DeleteFunc(slices.Clone(routes), func(route Route) bool { return !may(route.publication) })
}

// isTo reports whether messages of p may have been published to the address that d came from. The
// exchange of a publication without a routing key looks at none.
func (d *Delivery) isTo(p *Publication) bool {
	return d.Exchange == p.Exchange && p.takes(d.RoutingKey)
}

// reportType reports a delivery to the only route if its type is another one. Producers that the
// contract's author did not write often set names of their own, such as those of their classes.
func (r *router) reportType(ctx context.Context, delivery *Delivery, name string) {
	if wanted := r.routes[0].publication.Type; r.report != nil && name != "" && wanted != "" && name != wanted {
		r.report(ctx, ConsumerEvent{Kind: EventUnknownType, Delivery: delivery, Err: fmt.Errorf("the type is %.100q, in the contract it is %q", name, wanted)})
	}
}

// typeOf returns the name of the delivery's message, empty if it has none.
func (r *router) typeOf(delivery *Delivery) string {
	if delivery.Type != "" || r.typeHeader == "" {
		return delivery.Type
	}
	name, _ := delivery.Headers[r.typeHeader].(string)
	return name
}

func decode(route Route, delivery *Delivery) (func(context.Context) error, error) {
	call, err := route.bind(delivery.Body)
	if err != nil {
		return nil, &InvalidError{Reason: "decode " + route.publication.Name, Err: err}
	}
	if route.publication.CorrelationID == "" {
		return call, nil
	}
	return func(ctx context.Context) error {
		route.publication.correlateDelivery(DeliveryFrom(ctx), delivery.Body)
		return call(ctx)
	}, nil
}

// decodeOnly tries all candidates; exactly one must succeed.
func decodeOnly(candidates []Route, delivery *Delivery) (func(context.Context) error, error) {
	var found func(context.Context) error
	for _, route := range candidates {
		call, err := decode(route, delivery)
		switch {
		case err != nil:
			continue
		case found != nil:
			return nil, &InvalidError{Reason: "several routes can decode the body, and no type tells which one it is for"}
		}
		found = call
	}
	if found == nil {
		return nil, &InvalidError{Reason: "no type is given, and no route can decode the body"}
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

// CheckHandler returns an error when handler is nil, or is of the type of funcs, or a pointer to
// it, with a function that is nil. It is for generated code: funcs is a struct of functions, one for
// each message of a queue. A message that is new in the contract is then noticed when the consumer
// is made, and not when it arrives.
func CheckHandler(handler, funcs any) error {
	if handler == nil {
		return errors.New("consumer: the handler is nil")
	}
	fields, typ := reflect.ValueOf(handler), reflect.TypeOf(funcs)
	if fields.Type() == reflect.PointerTo(typ) && !fields.IsNil() {
		fields = fields.Elem()
	}
	if fields.Type() != typ {
		return nil
	}
	for field, value := range fields.Fields() {
		if value.IsNil() {
			return fmt.Errorf("consumer: there is no handler for the message %s: %s.%s is nil", field.Name, typ.Name(), field.Name)
		}
	}
	return nil
}
