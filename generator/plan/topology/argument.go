package topology

import (
	"fmt"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/runtime"
)

// arguments returns an AMQP table of the contract, nil when it is empty.
func (b *builder) arguments(v *source.Value) runtime.Headers {
	if v == nil {
		return nil
	}
	if v.Kind != source.Object {
		return nil // reported
	}
	if len(v.Fields) == 0 {
		return nil
	}
	return b.table(v)
}

func (b *builder) table(v *source.Value) runtime.Headers {
	table := make(runtime.Headers, len(v.Fields))
	for _, f := range v.Fields {
		table[f.Name] = b.argument(f.Value)
	}
	return table
}

func (b *builder) argument(v *source.Value) any {
	switch v.Kind {
	case source.Bool:
		return v.Text == "true"
	case source.Number:
		return b.number(v)
	case source.String:
		return v.Text
	case source.Array:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = b.argument(item)
		}
		return list
	case source.Object:
		return b.table(v)
	case source.Null:
	}
	return nil
}

func (b *builder) number(v *source.Value) any {
	if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
		return int(n)
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		b.report.Mistake(v.Location(), fmt.Sprintf("%s does not fit an AMQP table", v.Text), "")
	}
	return f
}
