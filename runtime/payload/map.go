package payload

import (
	"slices"
	"strconv"
)

// A MapRule is what a schema says about the number of members of an object.
type MapRule struct {
	MinProperties int
	MaxProperties int // NoLimit means none
}

// Check reports what is wrong with an object of n members. A nil rule allows everything.
func (rule *MapRule) Check(r *Report, n int) {
	if rule == nil {
		return
	}
	if n < rule.MinProperties {
		r.Add("minProperties", "has "+strconv.Itoa(n)+" members, want at least "+strconv.Itoa(rule.MinProperties))
	}
	if n > rule.MaxProperties {
		r.Add("maxProperties", "has "+strconv.Itoa(n)+" members, want at most "+strconv.Itoa(rule.MaxProperties))
	}
}

// CheckObject reports what rule finds wrong with the number of members of o, which has been read.
func (d *Decoder) CheckObject(o *Object, rule *MapRule) {
	if rule == nil || d.broken || o.start < 0 {
		return
	}
	mark := len(d.report.found.List)
	rule.Check(&d.report, o.count)
	d.locate(mark, o.start)
}

// DecodeMap reads an object, each value with decode. It returns an empty map, not nil, for an empty object.
func DecodeMap[T any](d *Decoder, rule *MapRule, decode func(*T, *Decoder)) map[string]T {
	object := d.Object()
	if object.start < 0 {
		return nil
	}
	members := map[string]T{}
	for d.Next(&object) {
		DecodeRest(d, &object, &members, decode)
	}
	d.CheckObject(&object, rule)
	return members
}

// DecodeRest reads a member of o that has no field of its own into members, which it makes when it is nil.
func DecodeRest[M ~map[string]T, T any](d *Decoder, o *Object, members *M, decode func(*T, *Decoder)) {
	if *members == nil {
		*members = make(M)
	}
	name := string(o.Name)
	if _, there := (*members)[name]; there {
		d.duplicate(o)
	}
	d.others++
	var value T
	decode(&value, d)
	(*members)[name] = value
}

// AppendMap appends members as an object, in the order of the names.
func AppendMap[M ~map[string]T, T any](dst []byte, members M, encode func(*T, []byte) ([]byte, error)) ([]byte, error) {
	start := len(dst)
	dst, err := AppendRest(dst, members, encode)
	return EndObject(dst, start), err
}

// AppendRest appends the members of an object that have no field of their own, in the order of the names, each as a comma, the
// name, a colon and the value.
func AppendRest[M ~map[string]T, T any](dst []byte, members M, encode func(*T, []byte) ([]byte, error)) ([]byte, error) {
	var room [16]string
	for _, name := range sortedNames(room[:0], members) {
		dst = append(AppendString(append(dst, ','), name), ':')
		value := members[name]
		var err error
		if dst, err = encode(&value, dst); err != nil {
			return dst, Under(name, err)
		}
	}
	return dst, nil
}

// CheckMap checks the members of an object: their number with rule, and the rest as CheckRest does.
func CheckMap[M ~map[string]T, T any](r *Report, rule *MapRule, members M, check func(*T, *Report)) {
	rule.Check(r, len(members))
	CheckRest(r, members, check)
}

// CheckRest checks the names of members, and the values each with check, in the order of the names. A nil check allows every value.
func CheckRest[M ~map[string]T, T any](r *Report, members M, check func(*T, *Report)) {
	var room [16]string
	for _, name := range sortedNames(room[:0], members) {
		mark := len(r.found.List)
		CheckString(r, name, nil)
		if check != nil {
			value := members[name]
			r.depth++
			check(&value, r)
			r.depth--
		}
		r.named(mark, name)
	}
}

// sortedNames appends the names of members to names, in order.
func sortedNames[M ~map[string]T, T any](names []string, members M) []string {
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Count returns how many members a struct is written with: the required ones and those of the optional that are there.
func Count(required int, optional ...bool) int {
	for _, there := range optional {
		if there {
			required++
		}
	}
	return required
}
