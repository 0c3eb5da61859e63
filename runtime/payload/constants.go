package payload

// isOneOf says whether a value is one of texts, the first of which stands at key: they are read once.
func (c *schemaCheck) isOneOf(key *string, texts []string, at int) bool {
	values, known := c.values[key]
	if !known {
		values = map[uint64][]*outline{}
		for _, text := range texts {
			if o, ok := parse([]byte(text)); ok {
				values[o.sum(0)] = append(values[o.sum(0)], o)
			}
		}
		if c.values == nil {
			c.values = map[*string]map[uint64][]*outline{}
		}
		c.values[key] = values
	}
	for _, value := range values[c.of.sum(at)] {
		if value.equal(0, c.of, at) {
			return true
		}
	}
	return false
}
