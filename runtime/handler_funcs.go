package runtime

import (
	"errors"
	"fmt"
	"reflect"
)

// CheckHandler returns an error when handler is nil, or is a Funcs with a function that is nil. It is
// for generated code: Funcs is a struct of functions, one for each message of a queue. A message that
// is new in the contract is then noticed when the consumer is made, and not when it arrives.
func CheckHandler[Funcs any](handler any) error {
	if handler == nil {
		return errors.New("consumer: the handler is nil")
	}
	if pointer, ok := handler.(*Funcs); ok && pointer != nil {
		handler = *pointer
	}
	if _, ok := handler.(Funcs); !ok {
		return nil
	}
	for field, value := range reflect.ValueOf(handler).Fields() {
		if value.IsNil() {
			return fmt.Errorf("consumer: there is no handler for the message %s: %s.%s is nil", field.Name, reflect.TypeFor[Funcs]().Name(), field.Name)
		}
	}
	return nil
}
