// Package source reads the files of a contract into values that know their position.
//
//   - A Value is one JSON value with its Position in the file and its JSON pointer. YAML and
//     JSON become the same values.
//   - Open reads a contract's own file. The Resolver that it returns follows references, and
//     reads the files that they lead to, if Options allow it.
//   - A Reader reads values by Tables, which say which fields an object has and what their
//     types are.
//   - A Problem is one thing that is wrong with a contract: where, what, and what to do. A
//     Report collects the problems of a run.
//
// The package knows nothing of AsyncAPI except references, and decides nothing about Go.
//
// It is not stable: it can be imported, but may change in any release.
package source
