package generator

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// contractChanges are changes of a contract, by their rows in the README, which says whether the
// compiler shows them in a program that uses what is changed.
var contractChanges = map[string]struct {
	from, to string // in the contract
	shown    bool
}{
	"a member is removed, or has another name in Go":       {"orderId", "number", true},
	"a member has another type":                            {"total: {type: integer}", "total: {type: string}", true},
	"a member becomes required, or optional":               {"required: [orderId]", "required: [orderId, total]", true},
	"a value of an enum that the program names is removed": {"enum: [small, large]", "enum: [large]", true},
	"a message is removed":                                 {"OrderPlaced:", "OrderTaken:", true},
	"the queue of a package has another name":              {"name: order.placed", "name: orders", true},
	"a message is added, for a handler type of your own":   {"    bindings:", "      OrderMoved: {payload: {type: object}}\n    bindings:", true},
	"a message is added, for `HandlerFuncs`":               {"    bindings:", "      OrderMoved: {payload: {type: object}}\n    bindings:", false},
	"a required member is added":                           {"required: [orderId]", "required: [orderId, customer]", false},
	"a constraint becomes narrower, such as `maxLength`":   {"orderId: {type: string}", "orderId: {type: string, maxLength: 3}", false},
	"a value is added to an enum":                          {"enum: [small, large]", "enum: [small, large, huge]", false},
	"a member has another name on the wire alone":          {"orderId", "order_id", false},
	"the exchange, the routing key or an argument changes": {"durable: true", "durable: true, arguments: {x-max-length: 5}", false},
}

const changedContract = `asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  orderPlaced:
    address: order.placed
    messages:
      OrderPlaced:
        payload:
          type: object
          required: [orderId]
          properties:
            orderId: {type: string}
            total: {type: integer}
            size: {type: string, enum: [small, large]}
            customer: {type: string}
    bindings:
      amqp: {is: queue, queue: {name: order.placed, durable: true}}
`

// changedProgram uses each part of the contract that changes.
const changedProgram = `package main

import (
	"context"

	"example.com/shop/FOLDER/internal/orders/messages"
	"example.com/shop/FOLDER/internal/orders/orderplaced"
)

HANDLER

func main() {
	_ = messages.OrderPlaced{OrderID: "o-1", Total: new(int64(1)), Size: new(messages.OrderPlacedSizeSmall)}
	_, _ = orderplaced.NewConsumer(context.Background(), nil, VALUE)
}

func handle(_ context.Context, _ *messages.OrderPlaced) error { return nil }
`

// The README says which changes of a contract the compiler shows.
func TestChangesThatTheCompilerShows(t *testing.T) {
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (.+?) \| (yes|no)[ ,:|]`).FindAllStringSubmatch(string(page), -1) {
		documented[row[1]] = row[2]
	}
	module := newModule(t, "example.com/shop")
	names := map[string]string{"unchanged": ""} // by folder
	write := func(folder, contract, row string) {
		handler, value := "type own struct{}\n\nfunc (own) HandleOrderPlaced(ctx context.Context, m *messages.OrderPlaced) error { return handle(ctx, m) }", "own{}"
		if strings.Contains(row, "HandlerFuncs") {
			handler, value = "", "orderplaced.HandlerFuncs{OrderPlaced: handle}"
		}
		dir := filepath.Join(module, folder)
		put(t, filepath.Join(dir, "contract.yaml"), contract)
		put(t, filepath.Join(dir, "main.go"), strings.NewReplacer("FOLDER", folder, "HANDLER", handler, "VALUE", value).Replace(changedProgram))
		config := Config{Contract: filepath.Join(dir, "contract.yaml"), Out: filepath.Join(dir, "internal", "orders")}
		output, problems, err := Generate(config)
		if err != nil || problems != nil {
			t.Fatal(err, problems)
		}
		if _, err := Write(config.Out, output); err != nil {
			t.Fatal(err)
		}
		names[folder] = row
	}
	write("unchanged", changedContract, "")
	for row, change := range contractChanges {
		changed := strings.ReplaceAll(changedContract, change.from, change.to)
		if changed == changedContract {
			t.Fatalf("%s: nothing changes", row)
		}
		write(fmt.Sprintf("change%d", len(names)), changed, row)
	}
	broken := map[string]bool{}
	for _, err := range compile(t, module, nil) {
		for folder := range names {
			if strings.Contains(err.Error(), "/"+folder+"/") {
				broken[folder] = true
			}
		}
	}
	if broken["unchanged"] {
		t.Error("the program does not compile with the contract as it is")
	}
	for folder, row := range names {
		if row == "" {
			continue
		}
		want := map[bool]string{true: "yes", false: "no"}[contractChanges[row].shown]
		if broken[folder] != contractChanges[row].shown || documented[row] != want {
			t.Errorf("%s: the compiler shows it: %v; wanted %s, and the README says %q", row, broken[folder], want, documented[row])
		}
	}
}
