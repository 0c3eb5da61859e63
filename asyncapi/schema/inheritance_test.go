package schema

import (
	"fmt"
	"slices"
	"testing"
)

// inheriting are Van and Bike, which extend Vehicle by allOf, and what refers to it.
func inheriting() (vehicle, van, bike, reference *Schema, r *Reader) {
	vehicle = &Schema{Name: "Vehicle", Types: []string{"object"}, Required: []string{"kind"}, Discriminator: &Discriminator{Property: "kind"}}
	van = &Schema{Name: "Van", AllOf: []*Schema{vehicle, {Required: []string{"load"}}}}
	bike = &Schema{Name: "Bike", AllOf: []*Schema{{AllOf: []*Schema{vehicle}}, {Required: []string{"bell"}}}}
	reference = &Schema{AllOf: []*Schema{vehicle}, Description: "A wrapper"}
	r = &Reader{schemas: map[key]*Schema{}}
	for i, s := range []*Schema{vehicle, van, bike, bike.AllOf[0], reference} {
		s.Line = i + 1
		r.schemas[key{dialect: Dialect(100 + i)}] = s
	}
	return vehicle, van, bike, reference, r
}

func names(schemas []*Schema) (all []string) {
	for _, s := range schemas {
		all = append(all, s.Name)
	}
	return all
}

func TestInheritance(t *testing.T) {
	for _, c := range []struct {
		name string
		with func(vehicle, van, bike *Schema)
		want []string
	}{
		{"a parent without a choice", func(_, _, _ *Schema) {}, []string{"VehicleBase", "Van", "Bike"}},
		{"a parent with a oneOf", func(vehicle, van, bike *Schema) { vehicle.OneOf = []*Schema{bike, van} }, []string{"Bike", "Van"}},
		{"a parent with an anyOf", func(vehicle, van, _ *Schema) { vehicle.AnyOf = []*Schema{van} }, []string{"Van"}},
	} {
		vehicle, van, bike, reference, r := inheriting()
		c.with(vehicle, van, bike)
		r.ReadInheritance()
		if got := names(vehicle.AnyOf); !slices.Equal(got, c.want) || vehicle.OneOf != nil || vehicle.Required != nil {
			t.Errorf("%s: the parent is a choice of %q, want %q: %+v", c.name, got, c.want, vehicle)
		}
		if base := van.AllOf[0]; base == vehicle || fmt.Sprint(base.Required) != "[kind]" || base.Discriminator != nil {
			t.Errorf("%s: the heir extends %+v", c.name, base)
		}
		if reference.AllOf[0] != vehicle {
			t.Errorf("%s: what refers to the parent with a description of its own does not mean the choice", c.name)
		}
	}
}

// What the name of the parent means is the parent itself, by its mapping if that has it.
func TestInheritanceOfTheParentItself(t *testing.T) {
	vehicle, van, _, _, r := inheriting()
	r.ReadInheritance()
	if van.AllOf[0] != vehicle.AnyOf[0] {
		t.Error("an heir extends another schema than the variant that is the parent itself")
	}
	if m := vehicle.Discriminator.Mapping; len(m) != 1 || m[0].Value != "Vehicle" || m[0].Schema != vehicle.AnyOf[0] {
		t.Errorf("the mapping is %+v", m)
	}
	vehicle, van, _, _, r = inheriting()
	vehicle.Discriminator.Mapping = []DiscriminatorMapping{{"any", vehicle}, {"transporter", van}}
	r.ReadInheritance()
	if m := vehicle.Discriminator.Mapping; len(m) != 2 || m[1].Schema != van || m[0].Value != "any" || m[0].Schema != vehicle.AnyOf[0] {
		t.Errorf("the mapping is %+v", m)
	}
}

// Schemas that no discriminator makes heirs stay as they are.
func TestNoInheritance(t *testing.T) {
	vehicle, van, _, _, r := inheriting()
	vehicle.Discriminator = nil
	vehicle.OneOf = []*Schema{van}
	r.ReadInheritance()
	if van.AllOf[0] != vehicle || vehicle.Required == nil {
		t.Error("a parent without a discriminator has become a choice")
	}
	vehicle, van, _, _, r = inheriting()
	other := &Schema{Name: "Other"}
	vehicle.OneOf = []*Schema{van, other}
	r.ReadInheritance()
	if van.AllOf[0] == vehicle || vehicle.Required == nil || len(vehicle.OneOf) != 2 {
		t.Errorf("a choice with a schema that does not extend the parent has lost what the parent says: %+v", vehicle)
	}
}
