// Package plain has the types of package messages as a programmer would write them by hand: ordinary structs of ordinary types, for
// libraries that work by reflection and for easyjson, which generates code.
package plain

import "time"

type (
	// Address is messages.Address by hand.
	Address struct {
		City       string  `json:"city"`
		Country    string  `json:"country"`
		PostalCode string  `json:"postalCode"`
		Street     string  `json:"street"`
		Unit       *string `json:"unit,omitempty"`
	}

	// Customer is messages.Customer by hand.
	Customer struct {
		Address Address `json:"address"`
		Email   string  `json:"email"`
		ID      string  `json:"id"`
		Name    string  `json:"name"`
	}

	// Line is messages.Line by hand.
	Line struct {
		Gift     *bool    `json:"gift,omitempty"`
		Price    float64  `json:"price"`
		Quantity int64    `json:"quantity"`
		SKU      string   `json:"sku"`
		Tags     []string `json:"tags,omitempty"`
	}

	// Order is messages.Order by hand.
	Order struct {
		Currency string    `json:"currency"`
		Customer Customer  `json:"customer"`
		DueDate  *string   `json:"dueDate,omitempty"`
		Lines    []Line    `json:"lines"`
		Note     *string   `json:"note,omitempty"`
		OrderID  string    `json:"orderId"`
		PlacedAt time.Time `json:"placedAt"`
		Priority *int64    `json:"priority,omitempty"`
		Status   string    `json:"status"`
		Total    float64   `json:"total"`
	}

	// Parcel is messages.Parcel by hand.
	Parcel struct {
		Height float64 `json:"height"`
		Length float64 `json:"length"`
		Weight float64 `json:"weight"`
		Width  float64 `json:"width"`
	}

	// Shipment is messages.Shipment by hand.
	Shipment struct {
		Carrier      string    `json:"carrier"`
		From         Address   `json:"from"`
		Insured      *bool     `json:"insured,omitempty"`
		Parcels      []Parcel  `json:"parcels"`
		ShipmentID   string    `json:"shipmentId"`
		ShippedAt    time.Time `json:"shippedAt"`
		To           Address   `json:"to"`
		TrackingCode string    `json:"trackingCode"`
	}

	// Integers is messages.Integers and messages.UniqueIntegers by hand.
	Integers struct {
		Values []int64 `json:"values"`
	}

	// Floats is messages.Floats and messages.Multiples by hand.
	Floats struct {
		Values []float64 `json:"values"`
	}

	// Strings is messages.UniqueStrings by hand.
	Strings struct {
		Values []string `json:"values"`
	}

	// Text is messages.Text by hand.
	Text struct {
		Text string `json:"text"`
	}

	// Labels is messages.Labels by hand.
	Labels struct {
		Labels map[string]string `json:"labels"`
	}

	// Dimensions is messages.Dimensions by hand.
	Dimensions struct {
		Depth  float64 `json:"depth"`
		Height float64 `json:"height"`
		Width  float64 `json:"width"`
	}

	// Item is messages.Item by hand.
	Item struct {
		Active      bool       `json:"active"`
		CreatedAt   time.Time  `json:"createdAt"`
		Description string     `json:"description"`
		Dimensions  Dimensions `json:"dimensions"`
		Discount    *float64   `json:"discount,omitempty"`
		ID          string     `json:"id"`
		Price       float64    `json:"price"`
		Quantity    int64      `json:"quantity"`
		SKU         string     `json:"sku"`
		Tags        []string   `json:"tags"`
		Title       string     `json:"title"`
	}

	// Catalogue is messages.Catalogue by hand.
	Catalogue struct {
		Items []Item `json:"items"`
	}

	// Payment has the members of all variants of a union.
	Payment struct {
		BIC    *string `json:"bic,omitempty"`
		Code   *string `json:"code,omitempty"`
		Holder *string `json:"holder,omitempty"`
		IBAN   *string `json:"iban,omitempty"`
		Number *string `json:"number,omitempty"`
	}

	// Payments is messages.Payments by hand.
	Payments struct {
		Payments []Payment `json:"payments"`
	}

	// Step is a Sequence or a Final.
	Step struct {
		Name   *string `json:"name,omitempty"`
		Result *int64  `json:"result,omitempty"`
		Then   *Step   `json:"then,omitempty"`
	}

	// Nested is messages.Nested by hand.
	Nested struct {
		Step Step `json:"step"`
	}
)
