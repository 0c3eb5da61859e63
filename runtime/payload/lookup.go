package payload

// A lookup finds the members of an object by their names: few by a sum of three of their characters that is different for each of
// them, others in a map.
type lookup struct {
	members []member
	seed    uint32
	places  []uint8        // the indexes of members from 1 on, by sum; nil when there is no such sum
	byName  map[string]int // then
}

// What is tried to find sums: so many multipliers for so many members at most.
const (
	mostSeeds  = 200
	mostSummed = 32
)

func newLookup(members []member) lookup {
	l := lookup{members: members}
	size := 1
	for size < 4*len(members) {
		size *= 2
	}
	for try := uint32(0); try < mostSeeds && len(members) <= mostSummed; try++ {
		l.seed, l.places = 2654435769+2*try*40503, make([]uint8, size)
		if l.fill() {
			return l
		}
	}
	l.places, l.byName = nil, make(map[string]int, len(members))
	for i := range members {
		l.byName[members[i].name] = i
	}
	return l
}

// fill gives each member its place. It returns false when two have the same.
func (l *lookup) fill() bool {
	for i := range l.members {
		place := &l.places[sumOfName(l, l.members[i].name)]
		if *place != 0 {
			return false
		}
		*place = uint8(i + 1)
	}
	return true
}

// sumOfName returns where the place of a name is.
func sumOfName[T string | []byte](l *lookup, name T) int {
	n := len(name)
	if n == 0 {
		return 0
	}
	sum := (uint32(name[0]) | uint32(name[n/2])<<8 | uint32(name[n-1])<<16 | uint32(n)<<24) * l.seed
	return int(sum>>16) & (len(l.places) - 1)
}

// find returns the index of the member called name, -1 when there is none.
func (l *lookup) find(name []byte) int {
	if l.places == nil {
		if i, there := l.byName[string(name)]; there {
			return i
		}
		return -1
	}
	if i := int(l.places[sumOfName(l, name)]) - 1; i >= 0 && l.members[i].name == string(name) {
		return i
	}
	return -1
}
