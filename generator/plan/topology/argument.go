package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi"
)

// arguments returns an AMQP table as the contract has it, sorted by name.
func (b *builder) arguments(v *asyncapi.Value, path string) []Argument {
	if v == nil {
		return nil
	}
	if v.Kind != asyncapi.Object {
		b.report.Mistake(v.Position, path, "wanted an object of arguments", "")
		return nil
	}
	var all []Argument
	for _, f := range v.Fields {
		all = append(all, Argument{f.Name, b.argument(f.Value, path+"/"+f.Name)})
	}
	slices.SortFunc(all, func(x, y Argument) int { return cmp.Compare(x.Name, y.Name) })
	return all
}

func (b *builder) argument(v *asyncapi.Value, path string) any {
	switch v.Kind {
	case asyncapi.Bool:
		return v.Text == "true"
	case asyncapi.Number:
		return b.number(v, path)
	case asyncapi.String:
		return v.Text
	case asyncapi.Array:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = b.argument(item, path+"/"+strconv.Itoa(i))
		}
		return list
	case asyncapi.Object:
		return b.arguments(v, path)
	case asyncapi.Null:
	}
	return nil
}

func (b *builder) number(v *asyncapi.Value, path string) any {
	if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
		return int(n)
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		b.report.Mistake(v.Position, path, fmt.Sprintf("%s does not fit an AMQP table", v.Text), "")
	}
	return f
}
