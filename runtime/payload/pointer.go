package payload

import "strconv"

// pointerAt returns the JSON pointer of the value that begins at the offset at in data, or
// that the offset is within. It reads the text again from the start: pointers are wanted only for violations,
// so reading a good payload keeps no path. What stands before at has been read before and is JSON.
func pointerAt(data []byte, at int) string {
	var frames []frame
	for i := 0; i < at && i < len(data); {
		switch c := data[i]; c {
		case '{', '[':
			frames = append(frames, frame{array: c == '['})
		case '}', ']':
			frames = frames[:len(frames)-1]
		case ',':
			if len(frames) > 0 {
				frames[len(frames)-1].next()
			}
		case '"':
			end := closingQuote(data, i)
			if end >= at {
				return pointer(frames)
			}
			if last := len(frames) - 1; last >= 0 {
				frames[last].setName(data[i : end+1])
			}
			i = end
		}
		i++
	}
	return pointer(frames)
}

// closingQuote returns the offset of the quote that ends the string at i, or the length of data.
func closingQuote(data []byte, i int) int {
	for i++; i < len(data) && data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return min(i, len(data))
}

// A frame is an array or object around the value that is looked for.
type frame struct {
	array bool
	index int    // of the item
	name  []byte // of the member, as a JSON string; nil before the first
	named bool   // the name was read, so the next string is the value
}

// next moves to the next item or member.
func (f *frame) next() {
	f.index++
	f.named = false
}

// setName takes the first string after "{" or "," for the member's name.
func (f *frame) setName(text []byte) {
	if !f.array && !f.named {
		f.name, f.named = text, true
	}
}

func pointer(frames []frame) string {
	var dst []byte
	for _, f := range frames {
		switch {
		case f.array:
			dst = append(dst, '/')
			dst = strconv.AppendInt(dst, int64(f.index), 10)
		case f.name != nil:
			d := decoder{data: f.name}
			dst = append(dst, tokenOf(string(d.stringBytes()))...)
		}
	}
	return joined(string(dst), "")
}
