package topology

import (
	"fmt"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/runtime"
)

// arguments returns an AMQP table as the contract has it, nil when there is nothing in it.
func (b *builder) arguments(v *source.Value, path string) runtime.Headers {
	if v == nil {
		return nil
	}
	if v.Kind != source.Object {
		b.report.Mistake(v.Position, path, "wanted an object of arguments", "")
		return nil
	}
	if len(v.Fields) == 0 {
		return nil
	}
	return b.table(v, path)
}

func (b *builder) table(v *source.Value, path string) runtime.Headers {
	table := make(runtime.Headers, len(v.Fields))
	for _, f := range v.Fields {
		table[f.Name] = b.argument(f.Value, path+"/"+f.Name)
	}
	return table
}

func (b *builder) argument(v *source.Value, path string) any {
	switch v.Kind {
	case source.Bool:
		return v.Text == "true"
	case source.Number:
		return b.number(v, path)
	case source.String:
		return v.Text
	case source.Array:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = b.argument(item, path+"/"+strconv.Itoa(i))
		}
		return list
	case source.Object:
		return b.table(v, path)
	case source.Null:
	}
	return nil
}

func (b *builder) number(v *source.Value, path string) any {
	if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
		return int(n)
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		b.report.Mistake(v.Position, path, fmt.Sprintf("%s does not fit an AMQP table", v.Text), "")
	}
	return f
}
