package names

// A Doc is what the contract says about a thing, in the contract's own words, which may be any
// text. Only the function comment of package templates may write it to source.
type Doc struct {
	Summary     string // one line: the title or summary
	Description string // paragraphs
	Notes       string // sentences of scampgen's about the default, the examples and the like, one a line
	Deprecated  bool
}
