package payload

import (
	"reflect"
	"slices"
	"strconv"
	"unsafe"
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

// A mapType is what is done with maps from strings to values of a Go type.
type mapType struct {
	names func(m *mapType, at unsafe.Pointer, names []string) []string // appends the names, in no order
	get   func(m *mapType, at unsafe.Pointer, name string, value unsafe.Pointer) bool
	set   func(m *mapType, at unsafe.Pointer, name string, value unsafe.Pointer)
	make  func(m *mapType, at unsafe.Pointer)
	typ   reflect.Type // of the map, where the functions do not know it
}

// mapOf makes p the program of a map.
func (c compiler) mapOf(p *program, item *Value) {
	if p.typ.Key() != reflect.TypeFor[string]() {
		panic("payload: there is no codec of the type " + p.typ.String())
	}
	p.read, p.write, p.check = readMap, writeMap, checkMap
	p.mapped = &mapType{names: namesOfAny, get: getAny, set: setAny, make: makeAny, typ: p.typ}
	p.item = c.value(item, p.typ.Elem())
	if known := byType[p.typ.Elem()]; known != NoScalar {
		p.mapped = scalars[known].mapped
	}
}

func (m *mapType) value(at unsafe.Pointer) reflect.Value { return reflect.NewAt(m.typ, at).Elem() }

func namesOfAny(m *mapType, at unsafe.Pointer, names []string) []string {
	for iter := m.value(at).MapRange(); iter.Next(); {
		names = append(names, iter.Key().String())
	}
	return names
}

func getAny(m *mapType, at unsafe.Pointer, name string, value unsafe.Pointer) bool {
	found := m.value(at).MapIndex(reflect.ValueOf(name))
	if found.IsValid() {
		reflect.NewAt(m.typ.Elem(), value).Elem().Set(found)
	}
	return found.IsValid()
}

func setAny(m *mapType, at unsafe.Pointer, name string, value unsafe.Pointer) {
	m.value(at).SetMapIndex(reflect.ValueOf(name), reflect.NewAt(m.typ.Elem(), value).Elem())
}

func makeAny(m *mapType, at unsafe.Pointer) { m.value(at).Set(reflect.MakeMap(m.typ)) }

// mapLen returns how many entries a map of any type has.
func mapLen(at unsafe.Pointer) int { return len(*(*map[string]struct{})(at)) }

func readMap(p *program, d *Decoder, at unsafe.Pointer) {
	object := d.Object()
	if object.start < 0 {
		return
	}
	p.mapped.make(p.mapped, at)
	for d.Next(&object) {
		readEntry(p, d, &object, at)
	}
	d.CheckObject(&object, p.object)
}

// readEntry reads a member of o into a map, which it makes when it is nil.
func readEntry(p *program, d *Decoder, o *Object, at unsafe.Pointer) {
	m, item := p.mapped, p.item
	if isNil(at) {
		m.make(m, at)
	}
	name, value := d.keep(o.Name), item.alloc(item)
	if m.get(m, at, name, value) {
		d.duplicate(o)
		value = item.alloc(item)
	}
	d.others++
	item.read(item, d, value)
	m.set(m, at, name, value)
}

func writeMap(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	start := len(dst)
	dst, err := writeEntries(p, dst, at)
	return EndObject(dst, start), err
}

// writeEntries appends the entries of a map as members, in the order of their names, each with a comma in front.
func writeEntries(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	if mapLen(at) == 0 {
		return dst, nil
	}
	var room [16]string
	names := p.mapped.names(p.mapped, at, room[:0])
	slices.Sort(names)
	item := p.item
	value := item.alloc(item)
	for _, name := range names {
		p.mapped.get(p.mapped, at, name, value)
		dst = append(AppendString(append(dst, ','), name), ':')
		var err error
		if dst, err = item.write(item, dst, value); err != nil {
			return dst, Under(name, err)
		}
	}
	return dst, nil
}

func checkMap(p *program, r *Report, at unsafe.Pointer) {
	p.object.Check(r, mapLen(at))
	checkEntries(p, r, at)
}

// checkEntries checks the names and values of a map. What is wrong is reported in the order of the names.
func checkEntries(p *program, r *Report, at unsafe.Pointer) {
	if mapLen(at) == 0 {
		return
	}
	var room [16]string
	names := p.mapped.names(p.mapped, at, room[:0])
	if r.maps != mapsAlone {
		if r.maps == mapsInOrder {
			slices.Sort(names)
		}
		checkNamed(p, r, at, names)
		return
	}
	before, work := *r, r.work.mark()
	r.maps = mapsLookedThrough
	checkNamed(p, r, at, names)
	if r.maps = mapsAlone; r.count() == before.count() {
		return
	}
	*r = before
	r.work.reset(work)
	slices.Sort(names)
	r.maps = mapsInOrder
	checkNamed(p, r, at, names)
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

// checkNamed checks entries of a map in the order of names.
func checkNamed(p *program, r *Report, at unsafe.Pointer, names []string) {
	item := p.item
	var value unsafe.Pointer
	if item.check != nil {
		value = item.alloc(item)
	}
	r.depth++
	for _, name := range names {
		mark := len(r.found.List)
		CheckString(r, name, nil)
		if value != nil {
			p.mapped.get(p.mapped, at, name, value)
			item.check(item, r, value)
		}
		if len(r.found.List) > mark {
			if r.maps == mapsLookedThrough {
				break // it is checked again, in order
			}
			r.under(mark, name)
		}
	}
	r.depth--
}
