package types

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// isTuple reports whether s has schemas for the items of a list by position.
func isTuple(s *schema.Schema) bool { return len(s.PrefixItems) > 0 }

// tupleType sets a field for each position of a list, and one for further items if there can be
// any.
func (t *Builder) tupleType(declared *Type, s *schema.Schema) {
	declared.Kind = TupleType
	fields := t.fieldScope(declared.GoName)
	for i := range s.PrefixItems {
		declared.Fields = append(declared.Fields, t.position(declared.GoName, s, i, fields))
	}
	declared.Rule = orNil(arrayRule(s, false))
	declared.Closed = isFalse(s.Items)
	if declared.Closed || s.MaxItems != nil && *s.MaxItems <= len(s.PrefixItems) {
		return
	}
	declared.RestName = "AdditionalItems"
	fields.Claim(declared.RestName, names.Origin{Location: s.Location, What: "additionalItems"})
	declared.Rest = t.element(s.Items, declared.GoName+"Item")
}

// position is the field for the item with the index i. It is required if each list has at least
// that many items.
func (t *Builder) position(parent string, s *schema.Schema, i int, fields *names.Scope) Field {
	item, index := s.PrefixItems[i], strconv.Itoa(i)
	name := cmp.Or(t.propertyGoName(item), "Item"+index)
	fields.Claim(name, names.Origin{Location: item.Location, What: fmt.Sprintf("item %d", i)})
	return t.newField(parent, name, schema.Property{Name: index, Schema: item}, s.MinItems != nil && i < *s.MinItems)
}
