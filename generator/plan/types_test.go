package plan_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
	"github.com/scampgen/scampgen/runtime/payload"
)

// describeTypes writes the declared types down, much as Go does.
func describeTypes(p *plan.Plan) string {
	var lines []string
	for _, t := range p.Declared {
		switch t.Kind {
		case types.StructType:
			lines = append(lines, fmt.Sprintf("%s struct%s%s", t.GoName, map[bool]string{true: " closed"}[t.Closed], ruleText(t.Rule)))
			for _, f := range t.Fields {
				lines = append(lines, "  "+describeField(f))
			}
			for _, m := range t.Patterns {
				lines = append(lines, "  "+m.GoName+" "+m.Pattern.String())
			}
			if t.Rest != nil {
				lines = append(lines, fmt.Sprintf("  %s map of %s", t.RestName, describeRef(*t.Rest)))
			}
		case types.EnumType:
			line := fmt.Sprintf("%s enum of %s:", t.GoName, describeRef(t.Underlying))
			for _, v := range t.Values {
				line += fmt.Sprintf(" %s=%q", v.GoName, v.Value)
			}
			lines = append(lines, line)
		case types.UnionType, types.ScalarsType:
			line := t.GoName + " one of"
			for _, v := range t.Variants {
				line += " " + v.GoName + v.Type.Name
			}
			lines = append(lines, line)
		case types.DefinedType:
			lines = append(lines, fmt.Sprintf("%s is %s%s", t.GoName, describeRef(t.Underlying), ruleText(t.Rule)))
		}
	}
	return strings.Join(lines, "\n")
}

func describeField(f types.Field) string {
	line := fmt.Sprintf("%s %q ", f.GoName, f.JSONName)
	if f.Required {
		line += "required "
	}
	if f.Wrapped {
		return line + "Optional of " + describeRef(f.Type)
	}
	return line + describeRef(f.Type)
}

func describeRef(r types.Ref) string {
	kinds := map[types.RefKind]string{
		types.Raw: "raw", types.Bool: "bool", types.String: "string", types.Int32: "int32", types.Int64: "int64",
		types.Uint32: "uint32", types.Uint64: "uint64", types.Float32: "float32", types.Float64: "float64", types.Bytes: "bytes", types.Time: "time", types.Date: "date", types.UUID: "uuid", types.Decimal: "decimal",
	}
	text := kinds[r.Kind]
	switch r.Kind {
	case types.Named:
		text = r.Name
	case types.UserType:
		text = r.Package + "." + r.Name
	case types.List:
		text = "[]" + describeRef(*r.Elem)
	case types.Map:
		text = "map of " + describeRef(*r.Elem)
	}
	if r.Pointer {
		text = "*" + text
	}
	if r.Nullable {
		text += "|null"
	}
	return text + ruleText(r.Rule)
}

// ruleText writes down what a rule says, as schemas do.
func ruleText(rule payload.Rule) string {
	var b strings.Builder
	add := func(keyword string, value any) {
		if v := reflect.ValueOf(value); !v.IsZero() && value != payload.NoLimit {
			fmt.Fprintf(&b, " %s=%v", keyword, value)
		}
	}
	switch rule := rule.(type) {
	case *payload.StringRule:
		add("minLength", rule.MinLength)
		add("maxLength", rule.MaxLength)
		for _, p := range rule.Patterns {
			add("pattern", p.String())
		}
		if rule.Format == payload.FormatEmail {
			add("format", "email")
		}
	case *payload.IntegerRule:
		fmt.Fprintf(&b, " from %d to %d", rule.Minimum, rule.Maximum)
		add("multipleOf", rule.MultipleOf)
	case *payload.NumberLimits:
		add("minimum", rule.Minimum)
		add("exclusiveMinimum", rule.ExclusiveMinimum)
		add("maximum", rule.Maximum)
		add("exclusiveMaximum", rule.ExclusiveMaximum)
		add("multipleOf", rule.MultipleOf)
		add("whole", rule.Whole)
		add("enum", rule.Enum)
	case *payload.ArrayRule:
		add("minItems", rule.MinItems)
		add("maxItems", rule.MaxItems)
		add("uniqueItems", rule.UniqueItems)
	case *payload.MapRule:
		add("minProperties", rule.MinProperties)
		add("maxProperties", rule.MaxProperties)
	}
	return b.String()
}

func TestTypes(t *testing.T) {
	cases := []struct {
		name    string
		payload string
		schemas []string
		want    string
	}{
		{
			name: "required, optional, nullable and both",
			payload: `{type: object, required: [a, b, l], properties: {a: {type: string}, b: {type: [string, "null"]}, c: {type: string},
          d: {type: [string, "null"]}, l: {type: array, items: {type: integer}}, m: {type: array, items: {type: [integer, "null"]}}, n: {type: [array, "null"]}}}`,
			want: `OrderPlaced struct
  A "a" required string
  B "b" required *string|null
  C "c" *string
  D "d" Optional of string|null
  L "l" required []int64
  M "m" []*int64|null
  N "n" Optional of []raw|null|null`,
		},
		{
			name: "formats",
			payload: `{type: object, required: [a, b, c, d, e, f, g, h, i], properties: {
          a: {type: string, format: date-time}, b: {type: string, format: date}, c: {type: string, format: uuid}, d: {type: string, format: byte},
          e: {type: integer, format: int32}, f: {type: integer}, g: {type: number, format: float}, h: {type: number}, i: {type: string, format: email}}}`,
			want: `OrderPlaced struct
  A "a" required time
  B "b" required date
  C "c" required uuid
  D "d" required bytes
  E "e" required int32
  F "f" required int64
  G "g" required float32
  H "h" required float64
  I "i" required string format=email`,
		},
		{
			name: "constraints keep their digits",
			payload: `{type: object, minProperties: 1, properties: {
          a: {type: string, minLength: 1, maxLength: 9, pattern: "^a"}, b: {type: number, minimum: 0.10, exclusiveMaximum: 1e3, multipleOf: 0.01},
          c: {type: array, items: {type: string, maxLength: 3}, maxItems: 4, uniqueItems: true}}}`,
			want: `OrderPlaced struct minProperties=1
  A "a" *string minLength=1 maxLength=9 pattern=^a
  B "b" *float64 minimum=0.10 exclusiveMaximum=1e3 multipleOf=0.01
  C "c" []string maxLength=3 maxItems=4 uniqueItems=true
  AdditionalProperties map of raw|null`,
		},
		{
			name: "limits of integers are whole numbers in the bounds of their types",
			payload: `{type: object, properties: {
          a: {type: integer, minimum: 0.5, exclusiveMaximum: 3}, b: {type: integer, exclusiveMinimum: -2, maximum: 2.5, minimum: -9}, c: {type: integer, format: int32, minimum: 1},
          d: {type: integer, multipleOf: 1.5}, e: {type: integer, multipleOf: 0.5}, f: {type: integer, exclusiveMinimum: 9223372036854775807}, g: {type: integer, exclusiveMaximum: -9223372036854775808},
          h: {type: integer, format: decimal, minimum: 1}, i: {type: integer, minimum: -9223372036854775808, maximum: 9223372036854775807}}}`,
			want: `OrderPlaced struct
  A "a" *int64 from 1 to 2
  B "b" *int64 from -1 to 2
  C "c" *int32 from 1 to 2147483647
  D "d" *int64 from -9223372036854775808 to 9223372036854775807 multipleOf=3
  E "e" *int64
  F "f" *int64 from 9223372036854775807 to 9223372036854775807
  G "g" *int64 from -9223372036854775808 to -9223372036854775808
  H "h" *decimal minimum=1 whole=true
  I "i" *int64`,
		},
		{
			name: "formats and limits of integers",
			payload: `{type: object, properties: {
          a: {type: integer, format: uint8}, b: {type: integer, format: uint16, maximum: 9}, c: {type: integer, format: uint32}, d: {type: integer, format: uint64, minimum: 0},
          e: {type: integer, format: int8}, f: {type: integer, format: int16}, g: {type: number, format: int32}, h: {type: number, format: int64}, i: {type: number, format: uint64, exclusiveMinimum: 0},
          j: {type: integer, minimum: 0, maximum: 18446744073709551615}, k: {type: integer, minimum: -1, maximum: 18446744073709551615}, l: {type: integer, format: int32, minimum: -9e12},
          m: {type: integer, minimum: 0, maximum: 18446744073709551616}, n: {type: integer, format: int64, exclusiveMinimum: -1, maximum: 9223372036854775808}}}`,
			want: `OrderPlaced struct
  A "a" *uint32 from 0 to 255
  B "b" *uint32 from 0 to 9
  C "c" *uint32
  D "d" *uint64
  E "e" *int32 from -128 to 127
  F "f" *int32 from -32768 to 32767
  G "g" *int32
  H "h" *int64
  I "i" *uint64 exclusiveMinimum=0
  J "j" *uint64
  K "k" *decimal minimum=-1 maximum=18446744073709551615 whole=true
  L "l" *int32
  M "m" *decimal minimum=0 maximum=18446744073709551616 whole=true
  N "n" *uint64 maximum=9223372036854775808`,
		},
		{
			name: "enums that a constant of another type can have, or none",
			payload: `{type: object, properties: {a: {type: integer, enum: [3, 1e30]}, b: {type: integer, format: int32, enum: [2147483648]}, c: {enum: [1e400, null]},
          d: {type: number, format: float, const: -1e39}, e: {type: integer, enum: [18446744073709551615]}, f: {type: number, format: int64, enum: [1.5]}}}`,
			want: `OrderPlaced struct
  A "a" *decimal whole=true enum=[3 1e30]
  B "b" *OrderPlacedB
  C "c" Optional of decimal|null whole=true enum=[1e400]
  D "d" *OrderPlacedD
  E "e" *OrderPlacedE
  F "f" *decimal enum=[1.5]
OrderPlacedB enum of int64: OrderPlacedB2147483648="2147483648"
OrderPlacedD enum of float64: OrderPlacedDMinus1e39="-1e39"
OrderPlacedE enum of uint64: OrderPlacedE18446744073709551615="18446744073709551615"`,
		},
		{
			name: "enums beside a const and limits that all of their values keep",
			payload: `{type: object, required: [a], properties: {a: {type: string, const: x, enum: [w, x], x-enum-varnames: [No, Yes]}, b: {enum: [ab, cd], maxLength: 2, pattern: "^[a-d]+$"},
          c: {type: integer, enum: [1, 2], minimum: 1}, d: {type: string, const: x, x-enum-varnames: [Only]}, e: {allOf: [{enum: [x, y], x-enum-varnames: [Ex, Why]}, {enum: [y, z]}]}}}`,
			want: `OrderPlaced struct
  A "a" required OrderPlacedA
  B "b" *OrderPlacedB
  C "c" *OrderPlacedC
  D "d" *OrderPlacedD
  E "e" *OrderPlacedE
OrderPlacedA enum of string: OrderPlacedAYes="x"
OrderPlacedB enum of string: OrderPlacedBAb="ab" OrderPlacedBCd="cd"
OrderPlacedC enum of int64: OrderPlacedC1="1" OrderPlacedC2="2"
OrderPlacedD enum of string: OrderPlacedDOnly="x"
OrderPlacedE enum of string: OrderPlacedEWhy="y"`,
		},
		{
			name: "members and values whose Go names meet, and a name beside a reference",
			payload: `{type: object, required: [s], properties: {order_id: {type: string}, orderId: {type: string}, OrderID: {type: string}, validate: {type: string},
          s: {type: string, enum: [a-b, a_b, a b]}, 2fa: {$ref: "#/components/schemas/Flag", x-go-name: TwoFactor}}}`,
			schemas: []string{`Flag: {type: string, x-go-name: Given}`},
			want: `OrderPlaced struct
  OrderID3 "order_id" *string
  OrderID2 "orderId" *string
  OrderID "OrderID" *string
  Validate2 "validate" *string
  S "s" required OrderPlacedS
  TwoFactor "2fa" *string
OrderPlacedS enum of string: OrderPlacedSAB="a-b" OrderPlacedSAB2="a_b" OrderPlacedSAB3="a b"`,
		},
		{
			name: "null beside checks",
			payload: `{type: object, properties: {a: {type: [object, "null"], properties: {b: {type: string}}, dependencies: {b: [c]}},
          b: {type: [string, "null"], not: {const: x}}, c: {type: [array, "null"], items: {type: string}, contains: {const: x}}}}`,
			want: `OrderPlaced struct
  A "a" Optional of OrderPlacedA|null
  B "b" Optional of OrderPlacedB|null
  C "c" Optional of OrderPlacedC|null
OrderPlacedA struct
  B "b" *string
  AdditionalProperties map of raw|null
OrderPlacedB is string
OrderPlacedC is []string`,
		},
		{
			name:    "limits that say nothing",
			payload: `{type: object, minProperties: 0, properties: {a: {type: string, minLength: 0}, b: {type: array, minItems: 0, uniqueItems: false}, c: {type: object, minProperties: 0}}}`,
			want: `OrderPlaced struct
  A "a" *string
  B "b" []raw|null
  C "c" map of raw|null`,
		},
		{
			name:    "enums and constants",
			payload: `{type: object, required: [s], properties: {s: {type: string, enum: [new, "in progress", ""]}, n: {enum: [1, 2, null]}, k: {const: order}}}`,
			want: `OrderPlaced struct
  S "s" required OrderPlacedS
  N "n" Optional of OrderPlacedN|null
  K "k" *OrderPlacedK
OrderPlacedK enum of string: OrderPlacedKOrder="order"
OrderPlacedN enum of int64: OrderPlacedN1="1" OrderPlacedN2="2"
OrderPlacedS enum of string: OrderPlacedSNew="new" OrderPlacedSInProgress="in progress" OrderPlacedSEmpty=""`,
		},
		{
			name:    "names for the values of an enum",
			payload: `{type: object, required: [s], properties: {s: {type: string, enum: ["+", "++"], x-enum-varnames: [plus, twice]}}}`,
			want: `OrderPlaced struct
  S "s" required OrderPlacedS
OrderPlacedS enum of string: OrderPlacedSPlus="+" OrderPlacedSTwice="++"`,
		},
		{
			name: "members in the contract's order, those that are only required last",
			payload: `{type: object, required: [y, b, x], properties: {c: {type: string}, b: {type: string}, a: {type: string}},
          patternProperties: {"^z": {type: integer}, "^w": {type: integer}}}`,
			want: `OrderPlaced struct
  C "c" *string
  B "b" required string
  A "a" *string
  Y "y" required raw|null
  X "x" required raw|null
  PatternProperties ^z
  PatternProperties2 ^w
  AdditionalProperties map of raw|null`,
		},
		{
			name:    "members of allOf where it stands",
			payload: `{type: object, properties: {first: {$ref: "#/components/schemas/first"}, last: {$ref: "#/components/schemas/last"}}}`,
			schemas: []string{
				`base: {type: object, properties: {z: {type: string}, a: {type: string}}}`,
				`first: {allOf: [{$ref: "#/components/schemas/base"}], properties: {b: {type: string}, a: {maxLength: 1}}}`,
				`last: {properties: {b: {type: string}, a: {maxLength: 1}}, allOf: [{$ref: "#/components/schemas/base"}]}`,
			},
			want: `First struct
  Z "z" *string
  B "b" *string
  A "a" *string maxLength=1
Last struct
  B "b" *string
  A "a" *string maxLength=1
  Z "z" *string
OrderPlaced struct
  First "first" *First
  Last "last" *Last`,
		},
		{
			name:    "variants in the contract's order",
			payload: `{type: object, properties: {u: {oneOf: [{$ref: "#/components/schemas/b"}, {$ref: "#/components/schemas/a"}]}, s: {type: [string, boolean, number]}}}`,
			schemas: []string{
				`a: {type: object, required: [k], properties: {k: {const: a}}}`,
				`b: {type: object, required: [k], properties: {k: {const: b}}}`,
			},
			want: `A struct
  K "k" required AK
AK enum of string: AKA="a"
B struct
  K "k" required BK
BK enum of string: BKB="b"
OrderPlaced struct
  U "u" *OrderPlacedU
  S "s" *OrderPlacedS
OrderPlacedS one of String Boolean Number
OrderPlacedU one of B A`,
		},
		{
			name: "titles that name types, and those that do not",
			payload: `{title: Order Body, type: object, properties: {
          a: {title: One two three four five, enum: [x]}, b: {title: One two three four five six, enum: [x]}, c: {title: Line, enum: [x]},
          d: {title: Twice, enum: [x]}, e: {title: Twice, enum: [y]}, f: {title: "1st", enum: [x]}, g: {title: OrderPlaced, enum: [x]}, h: {title: Hand, enum: [x], x-go-name: Given},
          i: {title: given, enum: [x]}, j: {title: Only Text, type: string}, k: {title: Only Text, enum: [x]}, l: {$ref: "#/components/schemas/line"}}}`,
			schemas: []string{`line: {title: Other, enum: [x]}`},
			want: `Given enum of string: GivenX="x"
Line enum of string: LineX="x"
OneTwoThreeFourFive enum of string: OneTwoThreeFourFiveX="x"
OnlyText enum of string: OnlyTextX="x"
OrderBody struct
  A "a" *OneTwoThreeFourFive
  B "b" *OrderBodyB
  C "c" *OrderBodyC
  D "d" *OrderBodyD
  E "e" *OrderBodyE
  F "f" *OrderBodyF
  G "g" *OrderBodyG
  Given "h" *Given
  I "i" *OrderBodyI
  J "j" *string
  K "k" *OnlyText
  L "l" *Line
OrderBodyB enum of string: OrderBodyBX="x"
OrderBodyC enum of string: OrderBodyCX="x"
OrderBodyD enum of string: OrderBodyDX="x"
OrderBodyE enum of string: OrderBodyEY="y"
OrderBodyF enum of string: OrderBodyFX="x"
OrderBodyG enum of string: OrderBodyGX="x"
OrderBodyI enum of string: OrderBodyIX="x"`,
		},
		{
			name:    "variants by their titles",
			payload: `{type: object, properties: {u: {title: Payment, oneOf: [{title: Card, type: string}, {title: Cash, type: boolean}, {type: array, items: {type: integer}}]}}}`,
			want: `Card is string
Cash is bool
OrderPlaced struct
  U "u" *Payment
Payment one of Card Cash PaymentArray
PaymentArray is []int64`,
		},
		{
			name:    "full names",
			payload: `{$ref: "#/components/schemas/com.example.v1.Order"}`,
			schemas: []string{
				`com.example.v1.Order: {properties: {a: {$ref: "#/components/schemas/com.example.v1.Line"}, b: {$ref: "#/components/schemas/com.example.v2.Line"}, c: {$ref: "#/components/schemas/com.example.State"}}}`,
				`com.example.v1.Line: {enum: [x]}`, `com.example.v2.Line: {enum: [x]}`, `com.example.State: {enum: [x]}`, `other: {x-go-name: State, enum: [x]}`,
			},
			want: `ExampleState enum of string: ExampleStateX="x"
Order struct
  A "a" *V1Line
  B "b" *V2Line
  C "c" *ExampleState
V1Line enum of string: V1LineX="x"
V2Line enum of string: V2LineX="x"`,
		},
		{
			name:    "components by their name, scalars and lists inside too",
			payload: `{$ref: "#/components/schemas/order"}`,
			schemas: []string{
				`order: {type: object, required: [id, lines], properties: {id: {$ref: "#/components/schemas/id"}, lines: {$ref: "#/components/schemas/lines"}}}`,
				`id: {type: string, format: uuid}`,
				`lines: {type: array, items: {type: object, properties: {sku: {type: string}}}}`,
			},
			want: `Lines is []LinesItem
LinesItem struct
  Sku "sku" *string
Order struct
  ID "id" required uuid
  Lines "lines" required Lines`,
		},
		{
			name:    "recursion, directly and through lists",
			payload: `{$ref: "#/components/schemas/node"}`,
			schemas: []string{
				`node: {type: object, required: [self, other, nodes], properties: {self: {$ref: "#/components/schemas/node"}, ` +
					`other: {$ref: "#/components/schemas/other"}, nodes: {type: array, items: {$ref: "#/components/schemas/node"}}}}`,
				`other: {type: object, required: [node], properties: {node: {$ref: "#/components/schemas/node"}}}`,
			},
			want: `Node struct
  Self "self" required *Node
  Other "other" required *Other
  Nodes "nodes" required []Node
Other struct
  Node "node" required *Node`,
		},
		{
			name:    "maps, open and closed objects",
			payload: `{type: object, additionalProperties: false, properties: {a: {type: object}, b: {type: object, additionalProperties: {type: number}}, c: {type: object, properties: {x: {type: string}}, additionalProperties: {type: [integer, "null"]}}, d: {}}}`,
			want: `OrderPlaced struct closed
  A "a" map of raw|null
  B "b" map of float64
  C "c" *OrderPlacedC
  D "d" raw|null
OrderPlacedC struct
  X "x" *string
  AdditionalProperties map of *int64|null`,
		},
		{
			name:    "a payload that is no object has a type of its own",
			payload: `{type: array, minItems: 1, items: {type: string, format: date}}`,
			want:    `OrderPlaced is []date minItems=1`,
		},
		{
			name:    "an inline payload makes way for a component of its name",
			payload: `{type: object, properties: {order: {$ref: "#/components/schemas/OrderPlaced"}}}`,
			schemas: []string{`OrderPlaced: {type: object, properties: {id: {type: string}}}`},
			want: `OrderPlaced struct
  ID "id" *string
OrderPlacedPayload struct
  Order "order" *OrderPlaced`,
		},
		{
			name:    "names of the user's own",
			payload: `{$ref: "#/components/schemas/o"}`,
			schemas: []string{
				`o: {type: object, x-go-name: Order, properties: {24h: {type: string, x-go-name: Daily}, total: {type: string, x-go-type: example.com/money.Amount}}}`,
			},
			want: `Order struct
  Daily "24h" *string
  Total "total" *example.com/money.Amount`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := mustBuild(t, oneMessage(c.payload, c.schemas...))
			if diff := cmp.Diff(c.want, describeTypes(p)); diff != "" {
				t.Errorf("types (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusedTypes(t *testing.T) {
	const (
		itself  = "/channels/order.placed/messages/OrderPlaced/payload"
		endless = ": not supported (schema/endless): the schema is a part of itself for the same value"
	)
	cases := []struct{ name, payload, want string }{
		{
			"a field without letters", `{type: object, properties: {"24": {type: string}}}`,
			`contract.yaml:8:46: /channels/order.placed/messages/OrderPlaced/payload/properties/24: property "24" cannot be made a Go name; set x-go-name on its schema, or beside its $ref`,
		},
		{"a choice of itself", `{oneOf: [{type: string}, {$ref: "#` + itself + `"}]}`, "contract.yaml:8:9: " + itself + endless},
		{"all of itself", `{type: string, allOf: [{$ref: "#` + itself + `"}]}`, "contract.yaml:8:9: " + itself + endless},
		{
			"not itself", `{type: object, properties: {a: {not: {$ref: "#` + itself + `/properties/a"}}}}`,
			"contract.yaml:8:46: " + itself + "/properties/a" + endless,
		},
		{
			"a choice of schemas that extend it", `{type: object, oneOf: [{allOf: [{$ref: "#` + itself + `"}, {required: [a]}]}, {type: object}]}`,
			"contract.yaml:8:41: " + itself + "/oneOf/0" + endless,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantProblem(t, oneMessage(c.payload), c.want) })
	}
}

// What is valid and most likely not what is meant gets a warning at its place.
func TestWarningsOfTypes(t *testing.T) {
	const itself = "/channels/order.placed/messages/OrderPlaced/payload"
	for _, c := range []struct{ name, payload, want string }{
		{
			"a required name that is nearly a property", `{type: object, required: [orderid], properties: {orderId: {type: string}}}`,
			"contract.yaml:8:44: " + itself + `/required/0: warning: "orderid" is required, but the schema does not describe it; did you mean "orderId"?`,
		},
		{
			"in another part of an allOf", `{allOf: [{type: object, required: [order-id]}, {properties: {orderId: {type: string}}}]}`,
			"contract.yaml:8:53: " + itself + `/allOf/0/required/0: warning: "order-id" is required, but the schema does not describe it; did you mean "orderId"?`,
		},
		{"a required name that is described elsewhere", `{allOf: [{type: object, required: [orderId], properties: {orderIds: {type: string}}}, {properties: {orderId: {type: string}}}]}`, ""},
		{"a required name that is far from all properties", `{type: object, required: [price], properties: {orderId: {type: string}}}`, ""},
		{
			"a schema of a oneOf that allows everything", `{type: object, properties: {a: {oneOf: [{}, {type: string}]}}}`,
			"contract.yaml:8:58: " + itself + "/properties/a/oneOf/0: warning: this schema of a oneOf allows every value: what fits another one fits two, and is refused",
		},
		{
			"a format of another type", `{type: object, properties: {a: {type: string, format: int64}}}`,
			"contract.yaml:8:64: " + itself + `/properties/a/format: warning: the format "int64" is not one of the type string and is not used`,
		},
		{
			"an optional member about which an allOf disagrees", `{allOf: [{type: object, properties: {a: {type: string}}}, {properties: {a: {type: integer}}}]}`,
			"contract.yaml:8:90: " + itself + "/allOf/1/properties/a: warning: allOf contradicts itself: no value is of the types that all of its schemas want, here and at contract.yaml:8:59",
		},
		{
			"a value beyond the limits of its enum", `{type: string, enum: [a, abc], maxLength: 2}`,
			"contract.yaml:8:43: " + itself + "/enum/1: warning: this value is left out: the other keywords of its schema do not allow it",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, problems := build(t, oneMessage(c.payload), plan.Options{})
			if got := problems.Error(); p == nil || !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
