package payload

import (
	"strconv"
	"strings"
	"sync"
)

// MaxViolations is how many violations of one payload are kept. What is found after
// that is counted in Violations.More and not described.
const MaxViolations = 32

// A Violation is one way in which a payload breaks its schema. Its texts are short, whatever the
// payload: long ones are cut, with "…" where something is missing, and characters that cannot be
// printed are escaped as in Go, so that no text can fake a line of a log.
type Violation struct {
	Pointer string // JSON pointer (RFC 6901) to the value, at most 256 bytes; "" is the whole payload
	Keyword string // the schema's keyword, such as "minimum"; "json" for text that is not JSON. It is never a text of the payload
	Message string // what was found and what was wanted, at most 256 bytes
}

// String returns "pointer: message", with "payload" in place of an empty pointer.
func (v Violation) String() string {
	if v.Pointer == "" {
		return "payload: " + v.Message
	}
	return v.Pointer + ": " + v.Message
}

// Violations is the error of a payload that breaks its schema. UnmarshalJSON and Validate of
// generated types return it as a *Violations; find it with errors.As.
type Violations struct {
	List []Violation // in the order in which they were found, at most MaxViolations
	More int         // how many were found beyond List
}

// Error returns the violations separated by "; ". Those that do not fit into 4096 bytes are counted.
func (vs *Violations) Error() string {
	var b strings.Builder
	more := vs.More
	for i, v := range vs.List {
		text := v.String()
		if b.Len()+len(text) > maxError-len("; ; and  more")-20 { // room for the number
			more += len(vs.List) - i
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(text)
	}
	if more > 0 {
		b.WriteString("; and " + strconv.Itoa(more) + " more")
	}
	return b.String()
}

// WithoutValues returns a *Violations with only the keywords, for a payload that must stay secret.
// Pointers have names of members, which are the payload's own if its schema allows any. Without
// pointers they are left out too.
func (vs *Violations) WithoutValues(pointers bool) error {
	list := make([]Violation, len(vs.List))
	for i, v := range vs.List {
		list[i] = Violation{Keyword: v.Keyword, Message: "violates " + v.Keyword}
		if pointers {
			list[i].Pointer = v.Pointer
		}
	}
	return &Violations{List: list, More: vs.More}
}

// A report collects the violations of a value built in Go. The zero value is ready to use.
// A report is for one goroutine.
//
// A check adds violations with pointers relative to the value it looks at; what called it puts
// the name or index of that in front. So a value without violations costs no path.
type report struct {
	found    Violations
	counting bool    // only how many there are is wanted
	work     *budget // nil for a value that was built in Go
	depth    int     // of the member or item that is being checked
	tooDeep  bool    // there is something at a depth beyond MaxDepth
	deep     int     // see written
	text     []byte  // room for it, of this report alone; see written
	sound    bool    // what is being checked has been written, and is as a schema wants; see checkOne
	maps     mapsOrder
}

// validate runs check with an empty report and returns what it found as a
// *Violations, or nil.
func validate(check func(*report)) error {
	r := newReport()
	check(r)
	return r.finish()
}

func newReport() *report { return reports.Get().(*report) }

// finish returns what r has found. r must not be used any more.
func (r *report) finish() error {
	err := r.Err()
	*r = report{text: r.text}
	if cap(r.text) > mostText {
		r.text = nil
	}
	reports.Put(r)
	return err
}

var reports = sync.Pool{New: func() any { return new(report) }}

// mostText is the largest text whose memory a report keeps, in bytes.
const mostText = 64 << 10

// Err returns the violations as a *Violations, or nil when there are none.
func (r *report) Err() error {
	if len(r.found.List) == 0 {
		return nil
	}
	found := r.found
	return &found
}

// Add reports a violation of keyword by the value that is being checked.
func (r *report) Add(keyword, message string) {
	if !r.full() {
		message = clipped(message, maxMessage)
	}
	r.add(Violation{Keyword: keyword, Message: message})
}

func (r *report) add(v Violation) {
	if r.full() {
		r.found.More++
		return
	}
	r.found.List = append(r.found.List, v)
}

// full says whether violations are only counted from here on, so that nobody reads their messages.
func (r *report) full() bool { return r.counting || len(r.found.List) == MaxViolations }

// counted counts a violation, and returns true, when nobody will read its message. It spares making one.
func (r *report) counted() bool {
	if !r.full() {
		return false
	}
	r.found.More++
	return true
}

// enter goes to what is in an array or object. It returns false when that is deeper than a payload may be, as where a value contains itself:
// nothing more is looked at then. What has entered leaves.
func (r *report) enter() bool {
	if r.depth < MaxDepth && !r.tooDeep {
		r.depth++
		return true
	}
	if !r.tooDeep {
		r.tooDeep = true
		r.Add("json", "nested deeper than "+strconv.Itoa(MaxDepth))
	}
	return false
}

func (r *report) leave() { r.depth-- }

// count returns how many violations there are.
func (r *report) count() int { return len(r.found.List) + r.found.More }

// named puts name in front of the violations from mark on, if there are any.
func (r *report) named(mark int, name string) {
	if len(r.found.List) > mark {
		r.under(mark, name)
	}
}

// under puts token in front of the pointers of the violations from mark on.
func (r *report) under(mark int, token string) {
	prefix := tokenOf(token)
	for i := mark; i < len(r.found.List); i++ {
		r.found.List[i].Pointer = joined(prefix, r.found.List[i].Pointer)
	}
}

// appendToken appends "/" and token, escaped as RFC 6901 says.
func appendToken(dst []byte, token string) []byte {
	dst = append(dst, '/')
	for i := range len(token) {
		switch token[i] {
		case '~':
			dst = append(dst, "~0"...)
		case '/':
			dst = append(dst, "~1"...)
		default:
			dst = append(dst, token[i])
		}
	}
	return dst
}
