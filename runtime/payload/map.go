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
	var value, zero T
	for d.Next(&object) {
		name := newName(d, &object, members)
		value = zero
		decode(&value, d)
		members[name] = value
	}
	d.CheckObject(&object, rule)
	return members
}

// DecodeRest reads a member of o that has no field of its own into members, which it makes when it is nil.
func DecodeRest[M ~map[string]T, T any](d *Decoder, o *Object, members *M, decode func(*T, *Decoder)) {
	if *members == nil {
		*members = make(M)
	}
	name := newName(d, o, *members)
	var value T
	decode(&value, d)
	(*members)[name] = value
}

// newName returns the name of a member of o that has no field, and reports one that members has already.
func newName[M ~map[string]T, T any](d *Decoder, o *Object, members M) string {
	if _, there := members[string(o.Name)]; there {
		d.duplicate(o)
	}
	d.others++
	return d.keep(o.Name)
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
	if len(members) == 0 {
		return dst, nil
	}
	var room [16]string
	var value T
	for _, name := range sortedNames(room[:0], members) {
		dst = append(AppendString(append(dst, ','), name), ':')
		value = members[name]
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

// CheckRest checks the names of members, and the values each with check. What is wrong with them is reported in the order of the names. A
// nil check allows every value.
func CheckRest[M ~map[string]T, T any](r *Report, members M, check func(*T, *Report)) {
	if len(members) == 0 {
		return
	}
	switch r.maps {
	case mapsLookedThrough:
		lookThrough(r, members, check)
		return
	case mapsInOrder:
		checkInOrder(r, members, check)
		return
	}
	before, work := *r, r.work.mark()
	r.maps = mapsLookedThrough
	lookThrough(r, members, check)
	if r.maps = mapsAlone; r.count() == before.count() {
		return
	}
	*r = before
	r.work.reset(work)
	r.maps = mapsInOrder
	checkInOrder(r, members, check)
	r.maps = mapsAlone
}

// mapsOrder says how maps are checked. To sort the names takes longer than to check them, and mostly nothing is wrong. So a map is looked
// through first, with all maps in it, until something is wrong, and only then checked in the order of the names, with all maps in it.
type mapsOrder uint8

const (
	mapsAlone mapsOrder = iota // not within a map
	mapsLookedThrough
	mapsInOrder
)

// lookThrough reports something if something is wrong with members.
func lookThrough[M ~map[string]T, T any](r *Report, members M, check func(*T, *Report)) {
	found := r.count()
	var value T
	for name, member := range members {
		CheckString(r, name, nil)
		if check != nil {
			value = member
			r.depth++
			check(&value, r)
			r.depth--
		}
		if r.count() > found {
			return
		}
	}
}

func checkInOrder[M ~map[string]T, T any](r *Report, members M, check func(*T, *Report)) {
	for _, name := range sortedNames(nil, members) {
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
	names = slices.Grow(names, len(members))
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
