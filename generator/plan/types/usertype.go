package types

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// A Use is a type of the user's own, with the location where the contract or the configuration
// names it.
type Use struct {
	source.Location
	Type GoType
}

// Uses returns the types of the user's own that have been used, each with the location where it is
// named first.
func (t *Builder) Uses() []Use {
	var all []Use
	for used, at := range t.used {
		all = append(all, Use{at, used})
	}
	slices.SortFunc(all, func(x, y Use) int {
		return cmp.Or(cmp.Compare(x.Type.Package, y.Type.Package), cmp.Compare(x.Type.Name, y.Type.Name))
	})
	return all
}

// userType returns the Go type of s that the configuration or x-go-type sets.
func (t *Builder) userType(s *schema.Schema) (Ref, bool) {
	if chosen := t.choice(s); chosen.Type != (GoType{}) {
		return t.use(chosen.Type, chosen.Location, s), true
	}
	v := t.read.Value(s.Extensions, extension.GoType)
	if v == nil {
		return Ref{}, false
	}
	custom, ok := ParseGoType(v.Text)
	if !ok {
		t.report.Mistake(v.Location(), fmt.Sprintf("%q is no exported Go type", v.Text), "write it as example.com/shop/money.Amount")
		return Ref{}, false
	}
	if wrong, hint := t.output.ImportProblem(custom.Package); wrong != "" {
		t.report.Mistake(v.Location(), fmt.Sprintf("%s is of package %s, %s", custom.Name, custom.Package, wrong), hint)
		return Ref{}, false
	}
	return t.use(custom, v.Location(), s), true
}

func (t *Builder) use(custom GoType, at source.Location, s *schema.Schema) Ref {
	if _, known := t.used[custom]; !known {
		t.used[custom] = at
	}
	return Ref{Kind: UserType, Package: custom.Package, Name: custom.Name, Nullable: isNullable(s)}
}
