// Package schema reads the schemas of a contract, in whichever dialect they are written, into one Schema.
//
//   - Keywords is the table of keywords: how each is read, merged and exported follows from its row.
//   - A Reader reads schemas from values, one Schema for all references to the same, and reports what is wrong with them.
//   - Definitions writes schemas as JSON Schema draft-07.
//
// It is importable but not promised: it may change in any release.
package schema
