package asyncapi

import "github.com/scampgen/scampgen/asyncapi/source"

// Load reads a contract and everything that it refers to. It returns all problems, sorted by
// position. The document is nil when the file cannot be read at all, or is not a contract of a
// version that is read. Otherwise it has what could be understood. It can be used when no problem
// is Fatal.
func Load(file string, o source.Options) (*Document, source.Problems) {
	problems := &source.Report{}
	root, refs, err := source.Open(file, o, isForeignSchema, problems)
	if err != nil {
		return nil, source.Problems{{Position: source.Position{File: file}, Message: err.Error()}}
	}
	defer func() { _ = refs.Close() }() // nothing was written
	if root == nil {
		return nil, problems.Problems()
	}
	document := decode(root, refs, problems)
	return document, problems.Problems()
}
