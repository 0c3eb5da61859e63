package runtime_test

import (
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

func TestCheckHandler(t *testing.T) {
	type HandlerFuncs struct{ Placed, Cancelled func() }
	type other struct{ Optional func() }
	do := func() {}
	for _, test := range []struct {
		name    string
		handler any
		want    string
	}{
		{"all functions", HandlerFuncs{do, do}, ""},
		{"one is nil", HandlerFuncs{Placed: do}, "consumer: there is no handler for the message Cancelled: HandlerFuncs.Cancelled is nil"},
		{"one is nil, by pointer", &HandlerFuncs{Cancelled: do}, "consumer: there is no handler for the message Placed: HandlerFuncs.Placed is nil"},
		{"another type", other{}, ""},
		{"nil", nil, "consumer: the handler is nil"},
	} {
		got := ""
		if err := runtime.CheckHandler(test.handler, HandlerFuncs{}); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
