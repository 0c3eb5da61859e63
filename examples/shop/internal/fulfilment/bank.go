package fulfilment

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/scampgen/scampgen/examples/shop/clients/messages"
)

// BankAt returns a Bank that charges with a POST to address. An empty one is a bank that always has
// money.
func BankAt(address string) Bank {
	if address == "" {
		return func(context.Context, *messages.OrderPlaced) error { return nil }
	}
	client := &http.Client{Timeout: 10 * time.Second}
	return func(ctx context.Context, order *messages.OrderPlaced) error {
		query := url.Values{"customer": {order.Customer}, "cents": {strconv.FormatInt(order.Cents, 10)}}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"?"+query.Encode(), http.NoBody)
		if err != nil {
			return err
		}
		request.Header.Set("Idempotency-Key", order.OrderID.String()) // an order may come twice
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("the bank answers %s", answer.Status)
		}
		return nil
	}
}
