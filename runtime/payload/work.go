package payload

// A budget bounds the work that reading a message once would not be. It is counted in bytes that are read again; what else is done is
// counted as the bytes that could be read in the time. A nil budget has no bound.
type budget struct {
	spent, most int
}

// A message may take as much work beyond reading it as reading it workFactor times, and a small one workBase more.
const (
	workFactor = 64
	workBase   = 1 << 17
)

// What work is counted as, in bytes.
const (
	workStep   = 8   // looking at a value with a schema, or taking an item for a comparison
	workTry    = 64  // trying a variant
	workMemory = 256 // remembering which variant fits
)

// tooMuchWork is the violation of a message that takes more work than its budget.
const tooMuchWork = "takes more work than the limit: reading its length 64 times, and 131072 bytes"

func budgetOf(length int) budget { return budget{most: workBase + workFactor*length} }

// spend notes work. It returns false when there has been too much.
func (b *budget) spend(bytes int) bool {
	if b == nil {
		return true
	}
	b.spent += bytes
	return b.spent <= b.most
}

// mark returns how much work was done, for reset.
func (b *budget) mark() int {
	if b == nil {
		return 0
	}
	return b.spent
}

// reset forgets the work since mark, which is done again.
func (b *budget) reset(mark int) {
	if b != nil {
		b.spent = mark
	}
}

// over says whether there has been too much work.
func (b *budget) over() bool { return b != nil && b.spent > b.most }

// spend notes work for keyword, and reports when there has been too much.
func (r *Report) spend(keyword string, bytes int) bool {
	if r.work.spend(bytes) {
		return true
	}
	r.Add(keyword, tooMuchWork)
	return false
}

// A value built in Go is written, to be checked as a whole, once for each value around it that is checked so too. Where that is deeper than
// deepLevel, the texts may have deepTexts bytes in all.
const (
	deepLevel = 16
	deepTexts = 4 << 20
)

// written returns the text of a value that is checked as a whole, false when there is none or there have been too many. The text is
// overwritten by the next one.
func (r *Report) written(keyword string, encode func([]byte) ([]byte, error)) (text []byte, ok bool) {
	if r.deep > deepTexts {
		return nil, false
	}
	text, err := encode(r.text[:0])
	r.text = text
	if err != nil {
		r.Add("json", err.Error())
		return nil, false
	}
	if r.depth > deepLevel {
		r.deep += len(text)
	}
	if r.deep > deepTexts {
		r.Add(keyword, "takes more work than the limit: checking 4 MiB of values that are nested deeper than 16")
	}
	return text, r.deep <= deepTexts
}

// spend notes work, and ends the reading when there has been too much.
func (d *Decoder) spend(bytes int) {
	if d.work.spend(bytes); d.work.over() {
		d.fail(d.pos, tooMuchWork)
	}
}
