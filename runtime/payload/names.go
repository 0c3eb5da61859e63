package payload

import "bytes"

// A names is a stack of sets of names: one set for each object that is being read without a Go type.
type names struct {
	bytes []byte
	ends  []int                       // where each name ends in bytes
	large map[int]map[string]struct{} // by mark, the sets that are too large to search one by one
}

// linear is the size up to which a set is searched one by one.
const linear = 24

// mark begins a set on top of the stack.
func (n *names) mark() int { return len(n.ends) }

// release drops the set that began at mark.
func (n *names) release(mark int) {
	if len(n.ends) == mark {
		return
	}
	delete(n.large, mark)
	n.ends = n.ends[:mark]
	n.bytes = n.bytes[:n.begin(mark)]
}

// begin returns where the name with the index i begins.
func (n *names) begin(i int) int {
	if i == 0 {
		return 0
	}
	return n.ends[i-1]
}

// add adds name to the set that began at mark. It returns false when the set has it already.
func (n *names) add(mark int, name []byte) bool {
	if len(n.ends)-mark >= linear {
		return n.addLarge(mark, name)
	}
	for i := mark; i < len(n.ends); i++ {
		if bytes.Equal(n.bytes[n.begin(i):n.ends[i]], name) {
			return false
		}
	}
	n.bytes = append(n.bytes, name...)
	n.ends = append(n.ends, len(n.bytes))
	return true
}

func (n *names) addLarge(mark int, name []byte) bool {
	set := n.large[mark]
	if set == nil {
		set = make(map[string]struct{}, 4*linear)
		for i := mark; i < len(n.ends); i++ {
			set[string(n.bytes[n.begin(i):n.ends[i]])] = struct{}{}
		}
		if n.large == nil {
			n.large = make(map[int]map[string]struct{})
		}
		n.large[mark] = set
	}
	if _, there := set[string(name)]; there {
		return false
	}
	set[string(name)] = struct{}{}
	return true
}

// empty returns an empty stack that keeps the memory, unless that is much.
func (n *names) empty() names {
	if cap(n.bytes) > 4096 {
		return names{}
	}
	return names{bytes: n.bytes[:0], ends: n.ends[:0]}
}
