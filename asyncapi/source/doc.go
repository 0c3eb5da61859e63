// Package source turns the files of a contract into values that know where they stand.
//
//   - A Value is one JSON value with its Position in the file and its JSON pointer. YAML and JSON become the same values.
//   - Open reads a contract's own file. The Resolver that it returns follows references, and reads the files they lead to, within
//     what Options allow.
//   - A Problem is one thing wrong with a contract: where, what, and the way out. A Report collects the problems of a run.
//
// The package knows nothing of AsyncAPI beyond references, and decides nothing about Go.
//
// It is importable but not promised: it may change in any release.
package source
