package templates

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan/types"
)

// What is wrapped tells null apart by itself: its value is none that can be nil.
func TestRowsOfNullableLists(t *testing.T) {
	for wrapped, want := range map[bool]bool{true: false, false: true} {
		list := types.Ref{Kind: types.List, Elem: &types.Ref{Kind: types.String}, Nullable: true}
		field := types.Field{JSONName: "a", Required: !wrapped, Wrapped: wrapped, Type: list}
		code := fmt.Sprintf("%#v", jen.Var().Id("rows").Op("=").Add((&messages{}).rows([]types.Field{field}, true)))
		if got := strings.Contains(code, "Nullable: true"); got != want {
			t.Errorf("wrapped %t: %s", wrapped, code)
		}
	}
}
