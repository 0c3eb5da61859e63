package asyncapi

import "os"

// Load reads a contract and everything it refers to. It returns all that is wrong with it, sorted
// by position. The document is nil when the file cannot be read at all or is no contract of a version that is read;
// otherwise it has what could be understood, and is fit for use when the problems are not Fatal.
func Load(file string, o Options) (*Document, Problems) {
	problems := &Report{}
	opened, err := openFiles(file, o, problems)
	if err != nil {
		return nil, Problems{{Position: Position{File: file}, Message: err.Error()}}
	}
	defer func() { _ = opened.close() }() // nothing was written
	root, err := opened.contract(file)
	if err != nil {
		return nil, Problems{{Position: Position{File: file}, Message: err.Error()}}
	}
	if root == nil {
		return nil, problems.Problems()
	}
	refs := newResolver(opened, problems)
	refs.add(root)
	document := decode(root, refs, problems)
	return document, problems.Problems()
}

// ReadValue reads one YAML or JSON file as the Value it stands for and follows no
// reference. It returns nil when the file cannot be read; the problems say why.
func ReadValue(file string) (*Value, Problems) {
	problems := &Report{}
	o := Options{}.withDefaults()
	data, err := readRegular(file, os.Stat, os.Open, o.MaxFileSize)
	if err != nil {
		return nil, Problems{{Position: Position{File: file}, Message: err.Error()}}
	}
	v := read(file, data, newBudget(o), problems)
	return v, problems.Problems()
}
