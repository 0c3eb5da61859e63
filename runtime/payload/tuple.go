package payload

import "strconv"

// A tuple is an array with a type for each place: a struct in Go, with a field for each place and perhaps a list of the items behind them.

// Places returns how many items a tuple is written with: the required ones, the optional ones up to the last that is there, and more behind
// these.
func Places(required, more int, optional ...bool) int {
	if more > 0 {
		return required + len(optional) + more
	}
	last := 0
	for i, there := range optional {
		if there {
			last = i + 1
		}
	}
	return required + last
}

// EndArray ends an array whose items were appended from start on, each with a comma in front: it puts the bracket in place of
// the first comma.
func EndArray(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, '[', ']')
	}
	dst[start] = '['
	return append(dst, ']')
}

// AppendMore appends the items of a tuple behind its places, the first of which has the index first, each as a comma and the item.
func AppendMore[T any](dst []byte, first int, list []T, encode func(*T, []byte) ([]byte, error)) ([]byte, error) {
	for i := range list {
		var err error
		if dst, err = encode(&list[i], append(dst, ',')); err != nil {
			return dst, Under(strconv.Itoa(first+i), err)
		}
	}
	return dst, nil
}

// DecodeMore reads an item behind the places of a tuple and adds it to list.
func DecodeMore[T any](d *Decoder, list *[]T, decode func(*T, *Decoder)) {
	*list = append(*list, *new(T))
	decode(&(*list)[len(*list)-1], d)
}

// RefuseItem reports an item behind the places of a tuple, where none is allowed, and skips it.
func (d *Decoder) RefuseItem() {
	d.Violate(d.pos, "additionalItems", "is not an item that the schema allows")
	d.any()
}

// CheckMore checks the items of a tuple behind its places, the first of which has the index first, each with check; a nil check allows all
// of them.
func CheckMore[T any](r *Report, first int, list []T, check func(*T, *Report)) {
	if check == nil {
		return
	}
	for i := range list {
		mark := len(r.found.List)
		r.depth++
		check(&list[i], r)
		r.depth--
		if len(r.found.List) > mark {
			r.under(mark, strconv.Itoa(first+i))
		}
	}
}

// NoItem reports that the item with the index i is absent, which it cannot be as there is one behind it.
func (r *Report) NoItem(i int) {
	mark := len(r.found.List)
	r.Add("items", "is absent, but not the items behind it")
	if len(r.found.List) > mark {
		r.under(mark, strconv.Itoa(i))
	}
}
