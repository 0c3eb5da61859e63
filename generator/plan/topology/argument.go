package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// arguments returns an AMQP table as the contract has it, sorted by name.
func (b *builder) arguments(v *source.Value, path string) []Argument {
	if v == nil {
		return nil
	}
	if v.Kind != source.Object {
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
		return b.arguments(v, path)
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
