package report

import (
	"reflect"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// maxPlanned is how many names, texts and numbers one plan may have. Each 100 bytes of a text count
// as one more, and so does the code around them: see PackageWeight and the other weights.
//
// Together with the limits of packages topology and types it keeps generating at about five seconds
// and below 500 MB, and the output compilable. docs/contract.md has these limits. The largest of
// 929 public contracts has less than a fiftieth of it, and one with 1,000 channels and 3,000 messages fits.
const maxPlanned = 600_000

// What the code that is the same in every contract counts, by what it is for. With these weights
// each unit of the budget costs about the same time and memory, whatever the contract is made of.
const (
	PackageWeight = 40 // a package with clients: its three files
	MessageWeight = 10 // a message of a package: its methods, and their comments
	TypeWeight    = 10 // a declared type: its methods, and often a file
	SchemaWeight  = 10 // a schema that is checked as data
)

// Spend subtracts n from the budget, for what is at a location. When the budget is exceeded, it
// reports so and returns false: then the caller plans nothing there, and there will be no plan.
func (r *Report) Spend(n int, at source.Location) bool {
	if r.planned > maxPlanned {
		return false
	}
	if r.planned += n; r.planned > maxPlanned {
		r.TooLarge(at, "size", maxPlanned, "names, texts and numbers would be in the generated code")
		return false
	}
	return true
}

// SpendAll empties the budget without reporting it: another limit has been exceeded, and there will
// be no plan.
func (r *Report) SpendAll() { r.planned = maxPlanned + 1 }

// Weight returns how many names, texts and numbers are in a part of a plan.
func Weight(part any) int { return weightOf(reflect.ValueOf(part)) }

func weightOf(v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			n = weightOf(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			n += weightOf(field)
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += 1 + weightOf(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			n += 1 + weightOf(key) + weightOf(v.MapIndex(key))
		}
	case reflect.String:
		if v.Len() > 0 {
			n = 1 + v.Len()/100
		}
	default:
		if !v.IsZero() {
			n = 1
		}
	}
	return n
}
