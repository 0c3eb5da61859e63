package runtime

import (
	"errors"
	"fmt"
	"reflect"
)

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
