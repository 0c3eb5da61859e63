package types

import (
	"reflect"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// This file finds schemas that messages with different schemaFormat refer to, and that mean something
// else in each dialect: they become a type for each.

// dialectsIn returns what is put behind the names of the types of schemas that are read in several
// dialects with different results: the name of the dialect, "" for the first of them.
func (t *Builder) dialectsIn(walked []*schema.Schema) map[*schema.Schema]string {
	readings := map[source.Location][]*schema.Schema{}
	for _, s := range walked {
		if s.Source != nil {
			readings[s.Location] = append(readings[s.Location], s)
		}
	}
	behind := map[*schema.Schema]string{}
	for _, all := range readings {
		first := all[0]
		for _, s := range all {
			if s.Dialect < first.Dialect {
				first = s
			}
		}
		for _, s := range all {
			t.compared.compare(pair{first, s})
		}
	}
	for p := range t.compared.differ {
		if p.x.Location == p.y.Location && p.x.Dialect < p.y.Dialect {
			behind[p.y] = p.y.Dialect.String()
		}
	}
	return behind
}

// IsSame reports whether two schemas say the same of values, as far as their types go.
func (t *Builder) IsSame(x, y *schema.Schema) bool {
	t.compared.compare(pair{x, y})
	return !t.compared.differ[pair{x, y}]
}

// A pair is two schemas, such as two readings of one.
type pair struct{ x, y *schema.Schema }

// A comparison finds out which schemas differ. It compares each pair once.
type comparison struct {
	compared, differ map[pair]bool
	around           map[pair][]pair // the pairs that a pair is a part of
}

func newComparison() *comparison {
	return &comparison{compared: map[pair]bool{}, differ: map[pair]bool{}, around: map[pair][]pair{}}
}

// compare compares a pair, and those within it.
func (c *comparison) compare(first pair) {
	left := []pair{first}
	for len(left) > 0 {
		p := left[len(left)-1]
		left = left[:len(left)-1]
		if p.x == p.y || c.compared[p] {
			continue
		}
		c.compared[p] = true
		xs, ys := parts(p.x), parts(p.y)
		if !sameKeywords(p.x, p.y) || len(xs) != len(ys) {
			c.note(p)
			continue
		}
		for i := range xs {
			part := pair{xs[i], ys[i]}
			if part.x == nil && part.y == nil {
				continue
			}
			c.around[part] = append(c.around[part], p)
			if part.x == nil || part.y == nil || c.differ[part] {
				c.note(p)
				continue
			}
			left = append(left, part)
		}
	}
}

// note notes that a pair differs, and with it all that it is a part of.
func (c *comparison) note(p pair) {
	left := []pair{p}
	for len(left) > 0 {
		p := left[len(left)-1]
		left = left[:len(left)-1]
		if !c.differ[p] {
			c.differ[p] = true
			left = append(left, c.around[p]...)
		}
	}
}

// sameKeywords reports whether two readings have the same keywords that change what is valid, those
// that hold schemas apart.
func sameKeywords(x, y *schema.Schema) bool {
	if !reflect.DeepEqual(x.Always, y.Always) {
		return false
	}
	for _, k := range schema.Keywords {
		if k.Effect == schema.Annotates {
			continue
		}
		same := k.IsIn(x) == k.IsIn(y)
		switch in := k.Field(x).(type) {
		case **schema.Schema, *[]*schema.Schema, *[]schema.Dependency, **schema.Discriminator:
		case *[]schema.Property:
			called := func(x, y schema.Property) bool { return x.Name == y.Name }
			same = slices.EqualFunc(*in, *k.Field(y).(*[]schema.Property), called)
		case *[]*source.Value:
			same = same && slices.EqualFunc(*in, *k.Field(y).(*[]*source.Value), sameValues)
		case **source.Value:
			same = same && (*in == nil || sameValues(*in, *k.Field(y).(**source.Value)))
		default:
			same = reflect.DeepEqual(in, k.Field(y))
		}
		if !same {
			return false
		}
	}
	return true
}

func sameValues(x, y *source.Value) bool { return x == y || JSON(x) == JSON(y) }
