package names

// A Doc is what the contract says about a thing, in the contract's own words: any text at all.
// Only an emitter's comment function may bring it into source.
type Doc struct {
	Summary     string // one line: the title or summary
	Description string // paragraphs
	Notes       string // sentences of scampgen's about the default, the examples and the like, one a line
	Deprecated  bool
}
