package types

// breakCycles turns the fields through which a struct would contain itself into pointers.
func breakCycles(types []Type) {
	c := &components{types: types, index: map[string]int{}, order: make([]int, len(types)), low: make([]int, len(types)), component: make([]int, len(types))}
	for i, t := range types {
		c.index[t.GoName] = i
	}
	for i := range types {
		if c.order[i] == 0 {
			c.visit(i)
		}
	}
	for i := range types {
		for j := range types[i].Fields {
			f := &types[i].Fields[j]
			if to, ok := c.within(*f); ok && c.component[to] == c.component[i] {
				f.Type.Pointer = true
			}
		}
	}
}

// components finds, by Tarjan's algorithm, the groups of structs that contain each other.
type components struct {
	types     []Type
	index     map[string]int // of types, by name
	order     []int          // when a type was visited, from 1; 0 is not yet
	low       []int          // the earliest type that is reached from a type
	component []int          // the group that a type is in, from 1
	visited   int
	found     int
	stack     []int
}

func (c *components) visit(i int) {
	c.visited++
	c.order[i], c.low[i] = c.visited, c.visited
	c.stack = append(c.stack, i)
	for _, f := range c.types[i].Fields {
		to, ok := c.within(f)
		switch {
		case !ok:
		case c.order[to] == 0:
			c.visit(to)
			c.low[i] = min(c.low[i], c.low[to])
		case c.component[to] == 0:
			c.low[i] = min(c.low[i], c.order[to])
		}
	}
	if c.low[i] < c.order[i] {
		return
	}
	c.found++
	for c.component[i] == 0 {
		last := len(c.stack) - 1
		c.component[c.stack[last]] = c.found
		c.stack = c.stack[:last]
	}
}

// within returns the declared type that f contains, unless it is behind a pointer.
func (c *components) within(f Field) (int, bool) {
	if f.Type.Kind != Named || f.Type.Pointer || f.Type.NilNamed {
		return 0, false
	}
	i, ok := c.index[f.Type.Name]
	return i, ok
}
