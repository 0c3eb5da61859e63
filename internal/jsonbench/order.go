package jsonbench

import (
	"time"

	"github.com/scampgen/scampgen/runtime/payload"
)

type Status string

const (
	StatusNew     Status = "new"
	StatusPaid    Status = "paid"
	StatusShipped Status = "shipped"
)

type Address struct {
	City       string  `json:"city"`
	Country    string  `json:"country"`
	PostalCode string  `json:"postalCode"`
	Street     string  `json:"street"`
	Unit       *string `json:"unit,omitempty"`
}

type Customer struct {
	Address Address      `json:"address"`
	Email   string       `json:"email"`
	ID      payload.UUID `json:"id"`
	Name    string       `json:"name"`
}

type Line struct {
	Gift     *bool           `json:"gift,omitempty"`
	Price    payload.Decimal `json:"price"`
	Quantity int64           `json:"quantity"`
	SKU      string          `json:"sku"`
	Tags     []string        `json:"tags,omitempty"`
}

type Order struct {
	Currency string          `json:"currency"`
	Customer Customer        `json:"customer"`
	DueDate  *payload.Date   `json:"dueDate,omitempty"`
	Lines    []Line          `json:"lines"`
	Note     *string         `json:"note,omitempty"`
	OrderID  payload.UUID    `json:"orderId"`
	PlacedAt time.Time       `json:"placedAt"`
	Priority *int64          `json:"priority,omitempty"`
	Status   Status          `json:"status"`
	Total    payload.Decimal `json:"total"`
}
