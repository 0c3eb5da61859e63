package plan

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// isTuple says whether s has schemas for the items of a list by their places.
func isTuple(s *schema.Schema) bool { return len(s.PrefixItems) > 0 }

// tupleType fills in a field for each place of a list, and one for the items behind these if there can be any.
func (t *typeBuilder) tupleType(declared *Type, s *schema.Schema) {
	declared.Kind = TupleType
	names := fieldScope(declared.GoName)
	for i := range s.PrefixItems {
		declared.Fields = append(declared.Fields, t.position(declared.GoName, s, i, names))
	}
	declared.Checks = limits(s, "array")
	declared.Closed = isFalse(s.Items)
	if declared.Closed || s.MaxItems != nil && *s.MaxItems <= len(s.PrefixItems) {
		return
	}
	declared.RestName = "AdditionalItems"
	if problem, ok := names.claim(declared.RestName, origin{s.Position, s.Path, "additionalItems"}); !ok {
		t.problems.Add(problem)
	}
	declared.Rest = t.element(s.Items, declared.GoName+"Item")
}

// position is the field for the item with the index i. It is there in every list when the list has that many items at least.
func (t *typeBuilder) position(parent string, s *schema.Schema, i int, names *scope) Field {
	item, index := s.PrefixItems[i], strconv.Itoa(i)
	path := s.Path + "/items/" + index
	name := cmp.Or(t.propertyGoName(item, path), "Item"+index)
	if problem, ok := names.claim(name, origin{item.Position, path, fmt.Sprintf("item %d", i)}); !ok {
		t.problems.Add(problem)
	}
	return t.newField(parent, name, schema.Property{Name: index, Schema: item}, s.MinItems != nil && i < *s.MinItems)
}
