package source

import (
	"cmp"
	"fmt"
	"time"
)

// Options say which files reading a contract may open, and how large they may be. The zero value
// allows only the contract's own folder, within the default limits: that is right for contracts
// from strangers.
type Options struct {
	// AllowOutside lets references lead to files outside the contract's
	// folder. It is the flag -allow-outside.
	AllowOutside bool
	// AllowRemote lets references lead to http and https addresses, which are
	// then fetched. It is the flag -allow-remote.
	AllowRemote bool

	MaxFileSize   int           // bytes of one file, and a quarter of those of all; 0 means DefaultMaxFileSize
	MaxDepth      int           // nesting of objects and arrays in one file; 0 means DefaultMaxDepth
	MaxNodes      int           // values in all files, where each alias counts as what it refers to; 0 means DefaultMaxNodes
	MaxFiles      int           // files, the contract's own included; 0 means DefaultMaxFiles
	RemoteTimeout time.Duration // for fetching one remote file, six times as long for all; 0 means DefaultRemoteTimeout
}

// The default limits. Within them, reading a contract takes at most a second or two and 400 MB.
// The largest of 929 public contracts has 70 kB, about 10,000 values and 30 levels.
const (
	DefaultMaxFileSize   = 4 << 20
	DefaultMaxDepth      = 200
	DefaultMaxNodes      = 300_000
	DefaultMaxFiles      = 500
	DefaultRemoteTimeout = 10 * time.Second
)

func (o Options) withDefaults() Options {
	o.MaxFileSize = cmp.Or(o.MaxFileSize, DefaultMaxFileSize)
	o.MaxDepth = cmp.Or(o.MaxDepth, DefaultMaxDepth)
	o.MaxNodes = cmp.Or(o.MaxNodes, DefaultMaxNodes)
	o.MaxFiles = cmp.Or(o.MaxFiles, DefaultMaxFiles)
	o.RemoteTimeout = cmp.Or(o.RemoteTimeout, DefaultRemoteTimeout)
	return o
}

// A budget is what reading may still consume. All files of a contract share one.
type budget struct {
	depth int // levels in one file
	nodes int // values left
	limit int // values at the start

	size     int // bytes of files left
	searched int // bytes left in which the line of a mistake is searched for
}

func newBudget(o Options) *budget {
	return &budget{depth: o.MaxDepth, nodes: o.MaxNodes, limit: o.MaxNodes, size: 4 * o.MaxFileSize, searched: maxSearched}
}

// spend subtracts n values from the budget. It returns what is wrong when too few are left or the
// level is too deep, else "".
func (b *budget) spend(n, level int) string {
	if level > b.depth {
		return fmt.Sprintf("nested deeper than %d levels", b.depth)
	}
	if n > b.nodes {
		b.nodes = 0
		return fmt.Sprintf("more than %d values after aliases are expanded", b.limit)
	}
	b.nodes -= n
	return ""
}
