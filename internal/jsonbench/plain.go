package jsonbench

import (
	"time"

	"github.com/scampgen/scampgen/runtime/payload"
)

// The types of package messages without their methods, for libraries that work by reflection.
type (
	plainAddress struct {
		City       string  `json:"city"`
		Country    string  `json:"country"`
		PostalCode string  `json:"postalCode"`
		Street     string  `json:"street"`
		Unit       *string `json:"unit,omitempty"`
	}

	plainCustomer struct {
		Address plainAddress `json:"address"`
		Email   string       `json:"email"`
		ID      payload.UUID `json:"id"`
		Name    string       `json:"name"`
	}

	plainLine struct {
		Gift     *bool           `json:"gift,omitempty"`
		Price    payload.Decimal `json:"price"`
		Quantity int64           `json:"quantity"`
		SKU      string          `json:"sku"`
		Tags     []string        `json:"tags,omitempty"`
	}

	plainOrder struct {
		Currency string          `json:"currency"`
		Customer plainCustomer   `json:"customer"`
		DueDate  *payload.Date   `json:"dueDate,omitempty"`
		Lines    []plainLine     `json:"lines"`
		Note     *string         `json:"note,omitempty"`
		OrderID  payload.UUID    `json:"orderId"`
		PlacedAt time.Time       `json:"placedAt"`
		Priority *int64          `json:"priority,omitempty"`
		Status   string          `json:"status"`
		Total    payload.Decimal `json:"total"`
	}
)
