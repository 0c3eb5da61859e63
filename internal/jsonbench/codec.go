package jsonbench

import (
	"github.com/scampgen/scampgen/runtime/payload"
)

var (
	addressCity    = payload.StringRule{MinLength: 1, MaxLength: 100}
	addressCountry = payload.StringRule{MaxLength: payload.NoLimit, Patterns: []*payload.Pattern{payload.NewPattern(`^[A-Z]{2}$`, `^[A-Z]{2}$`)}}
	customerEmail  = payload.StringRule{MaxLength: payload.NoLimit, Format: payload.FormatEmail}
	lineSKU        = payload.StringRule{MaxLength: payload.NoLimit, Patterns: []*payload.Pattern{payload.NewPattern(`^[A-Z]{3}-[0-9]{4}$`, `^[A-Z]{3}-[0-9]{4}$`)}}
	linePrice      = payload.NewNumberRule(payload.NumberLimits{Minimum: "0"})
	lineQuantity   = payload.IntegerRule{Minimum: 1, Maximum: 1000}
	orderLines     = payload.ArrayRule{MinItems: 1, MaxItems: 100}
	orderCurrency  = payload.StringRule{MaxLength: payload.NoLimit, Patterns: []*payload.Pattern{payload.NewPattern(`^[A-Z]{3}$`, `^[A-Z]{3}$`)}}
	orderNote      = payload.StringRule{MaxLength: 500}
	orderPriority  = payload.IntegerRule{Minimum: 0, Maximum: 9}
	addressNames   = []string{"city", "country", "postalCode", "street", "unit"}
	customerNames  = []string{"address", "email", "id", "name"}
	lineNames      = []string{"gift", "price", "quantity", "sku", "tags"}
	orderNames     = []string{"currency", "customer", "dueDate", "lines", "note", "orderId", "placedAt", "priority", "status", "total"}
)

func (s *Status) decode(d *payload.Decoder) {
	at := d.Offset()
	*s = Status(d.String(nil))
	if !s.known() {
		d.Violate(at, "enum", "is not a value that the schema allows")
	}
}

func (s Status) known() bool {
	switch s {
	case StatusNew, StatusPaid, StatusShipped:
		return true
	}
	return false
}

func (m *Address) decode(d *payload.Decoder) {
	object := d.Object()
	for d.Next(&object) {
		switch string(object.Name) {
		case "city":
			d.Once(&object, 0)
			m.City = d.String(&addressCity)
		case "country":
			d.Once(&object, 1)
			m.Country = d.String(&addressCountry)
		case "postalCode":
			d.Once(&object, 2)
			m.PostalCode = d.String(nil)
		case "street":
			d.Once(&object, 3)
			m.Street = d.String(nil)
		case "unit":
			d.Once(&object, 4)
			m.Unit = new(d.String(nil))
		default:
			d.Ignore(&object)
		}
	}
	d.Require(&object, addressNames[:4])
}

func (m *Customer) decode(d *payload.Decoder) {
	object := d.Object()
	for d.Next(&object) {
		switch string(object.Name) {
		case "address":
			d.Once(&object, 0)
			m.Address.decode(d)
		case "email":
			d.Once(&object, 1)
			m.Email = d.String(&customerEmail)
		case "id":
			d.Once(&object, 2)
			m.ID = d.UUID()
		case "name":
			d.Once(&object, 3)
			m.Name = d.String(nil)
		default:
			d.Ignore(&object)
		}
	}
	d.Require(&object, customerNames[:4])
}

func (m *Line) decode(d *payload.Decoder) {
	object := d.Object()
	for d.Next(&object) {
		switch string(object.Name) {
		case "gift":
			d.Once(&object, 0)
			m.Gift = new(d.Bool())
		case "price":
			d.Once(&object, 1)
			m.Price = d.Decimal(linePrice)
		case "quantity":
			d.Once(&object, 2)
			m.Quantity = d.Int64(&lineQuantity)
		case "sku":
			d.Once(&object, 3)
			m.SKU = d.String(&lineSKU)
		case "tags":
			d.Once(&object, 4)
			m.Tags = payload.DecodeList(d, nil, func(item *string, d *payload.Decoder) { *item = d.String(nil) })
		default:
			d.Ignore(&object)
		}
	}
	d.Require(&object, lineNames[1:4])
}

func (m *Order) decode(d *payload.Decoder) {
	object := d.Object()
	for d.Next(&object) {
		switch string(object.Name) {
		case "currency":
			d.Once(&object, 0)
			m.Currency = d.String(&orderCurrency)
		case "customer":
			d.Once(&object, 1)
			m.Customer.decode(d)
		case "dueDate":
			d.Once(&object, 2)
			m.DueDate = new(d.Date())
		case "lines":
			d.Once(&object, 3)
			m.Lines = payload.DecodeList(d, &orderLines, (*Line).decode)
		case "note":
			d.Once(&object, 4)
			m.Note = new(d.String(&orderNote))
		case "orderId":
			d.Once(&object, 5)
			m.OrderID = d.UUID()
		case "placedAt":
			d.Once(&object, 6)
			m.PlacedAt = d.Time()
		case "priority":
			d.Once(&object, 7)
			m.Priority = new(d.Int64(&orderPriority))
		case "status":
			d.Once(&object, 8)
			m.Status.decode(d)
		case "total":
			d.Once(&object, 9)
			m.Total = d.Decimal(linePrice)
		default:
			d.Ignore(&object)
		}
	}
	d.Require(&object, orderNames[:1])
}

func (m *Order) Unmarshal(data []byte) error { return payload.Unmarshal(data, m.decode) }

func (m *Order) Validate() error { return payload.Validate(m.check) }

func (m *Order) check(r *payload.Report) {
	r.String("currency", m.Currency, &orderCurrency)
	r.Member("customer", m.Customer.check)
	if m.DueDate != nil {
		r.Member("dueDate", func(r *payload.Report) { payload.CheckDate(r, *m.DueDate) })
	}
	r.Member("lines", func(r *payload.Report) { payload.CheckList(r, &orderLines, m.Lines, (*Line).check) })
	if m.Note != nil {
		r.String("note", *m.Note, &orderNote)
	}
	r.Member("placedAt", func(r *payload.Report) { payload.CheckTime(r, m.PlacedAt) })
	if m.Priority != nil {
		r.Int64("priority", *m.Priority, &orderPriority)
	}
	r.Member("status", m.Status.check)
	r.Decimal("total", m.Total, linePrice)
}

func (s Status) check(r *payload.Report) {
	if !s.known() {
		r.Add("enum", "is not a value that the schema allows")
	}
}

func (m *Customer) check(r *payload.Report) {
	r.Member("address", m.Address.check)
	r.String("email", m.Email, &customerEmail)
	r.String("name", m.Name, nil)
}

func (m *Address) check(r *payload.Report) {
	r.String("city", m.City, &addressCity)
	r.String("country", m.Country, &addressCountry)
	r.String("postalCode", m.PostalCode, nil)
	r.String("street", m.Street, nil)
	if m.Unit != nil {
		r.String("unit", *m.Unit, nil)
	}
}

func (m *Line) check(r *payload.Report) {
	r.Decimal("price", m.Price, linePrice)
	r.Int64("quantity", m.Quantity, &lineQuantity)
	r.String("sku", m.SKU, &lineSKU)
	r.Member("tags", func(r *payload.Report) {
		payload.CheckList(r, nil, m.Tags, func(item *string, r *payload.Report) { (*payload.StringRule)(nil).Check(r, *item) })
	})
}

func (m *Order) AppendJSON(dst []byte) ([]byte, error) {
	var err error
	start := len(dst)
	dst = append(dst, `,"currency":`...)
	dst = payload.AppendString(dst, m.Currency)
	dst = append(dst, `,"customer":`...)
	if dst, err = m.Customer.AppendJSON(dst); err != nil {
		return dst, payload.Under("customer", err)
	}
	if m.DueDate != nil {
		dst = append(dst, `,"dueDate":`...)
		if dst, err = payload.AppendDate(dst, *m.DueDate); err != nil {
			return dst, payload.Under("dueDate", err)
		}
	}
	dst = append(dst, `,"lines":`...)
	if dst, err = payload.AppendList(dst, m.Lines, (*Line).AppendJSON); err != nil {
		return dst, payload.Under("lines", err)
	}
	if m.Note != nil {
		dst = append(dst, `,"note":`...)
		dst = payload.AppendString(dst, *m.Note)
	}
	dst = append(dst, `,"orderId":`...)
	dst = payload.AppendUUID(dst, m.OrderID)
	dst = append(dst, `,"placedAt":`...)
	if dst, err = payload.AppendTime(dst, m.PlacedAt); err != nil {
		return dst, payload.Under("placedAt", err)
	}
	if m.Priority != nil {
		dst = append(dst, `,"priority":`...)
		dst = payload.AppendInt(dst, *m.Priority)
	}
	dst = append(dst, `,"status":`...)
	dst = payload.AppendString(dst, string(m.Status))
	dst = append(dst, `,"total":`...)
	dst = payload.AppendDecimal(dst, m.Total)
	return payload.EndObject(dst, start), nil
}

func (m *Customer) AppendJSON(dst []byte) ([]byte, error) {
	var err error
	start := len(dst)
	dst = append(dst, `,"address":`...)
	if dst, err = m.Address.AppendJSON(dst); err != nil {
		return dst, payload.Under("address", err)
	}
	dst = append(dst, `,"email":`...)
	dst = payload.AppendString(dst, m.Email)
	dst = append(dst, `,"id":`...)
	dst = payload.AppendUUID(dst, m.ID)
	dst = append(dst, `,"name":`...)
	dst = payload.AppendString(dst, m.Name)
	return payload.EndObject(dst, start), nil
}

func (m *Address) AppendJSON(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, `,"city":`...)
	dst = payload.AppendString(dst, m.City)
	dst = append(dst, `,"country":`...)
	dst = payload.AppendString(dst, m.Country)
	dst = append(dst, `,"postalCode":`...)
	dst = payload.AppendString(dst, m.PostalCode)
	dst = append(dst, `,"street":`...)
	dst = payload.AppendString(dst, m.Street)
	if m.Unit != nil {
		dst = append(dst, `,"unit":`...)
		dst = payload.AppendString(dst, *m.Unit)
	}
	return payload.EndObject(dst, start), nil
}

func (m *Line) AppendJSON(dst []byte) ([]byte, error) {
	var err error
	start := len(dst)
	if m.Gift != nil {
		dst = append(dst, `,"gift":`...)
		dst = payload.AppendBool(dst, *m.Gift)
	}
	dst = append(dst, `,"price":`...)
	dst = payload.AppendDecimal(dst, m.Price)
	dst = append(dst, `,"quantity":`...)
	dst = payload.AppendInt(dst, m.Quantity)
	dst = append(dst, `,"sku":`...)
	dst = payload.AppendString(dst, m.SKU)
	if m.Tags != nil {
		dst = append(dst, `,"tags":`...)
		if dst, err = payload.AppendList(dst, m.Tags, func(item *string, dst []byte) ([]byte, error) { return payload.AppendString(dst, *item), nil }); err != nil {
			return dst, payload.Under("tags", err)
		}
	}
	return payload.EndObject(dst, start), nil
}
