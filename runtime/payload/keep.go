package payload

import "unsafe"

// largestChunk is the most memory that a short string keeps alive.
const largestChunk = 1024

// keep returns a copy of text as a string. Short strings lie side by side in chunks, so that many of them cost one
// allocation.
func (d *decoder) keep(text []byte) string {
	if len(text) > len(d.chunk) && !d.newChunk(len(text)) {
		return string(text)
	}
	kept := d.chunk[:len(text)]
	d.chunk = d.chunk[len(text):]
	copy(kept, text)
	return unsafe.String(unsafe.SliceData(kept), len(kept)) //nolint:gosec // nothing writes there again
}

// newChunk makes room for strings, the first of n bytes: a third of the text that is left, as the rest is names and syntax. It
// returns false when a string of n bytes is so long that it better stands alone.
func (d *decoder) newChunk(n int) bool {
	room := min(n+(len(d.data)-d.pos)/3, largestChunk)
	if n > room/2 {
		return false
	}
	d.chunk = make([]byte, room)
	return true
}
