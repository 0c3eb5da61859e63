// Package schema reads the schemas of a contract, whatever their dialect, into one type.
//
//   - Keywords is the table of keywords. How each is read, merged and exported follows from its
//     row.
//   - A Reader reads schemas from values, and reports what is wrong with them. All references
//     to one schema lead to the same *Schema.
//   - Definitions exports schemas as JSON Schema draft-07.
//
// The package is not stable: it can be imported, but may change in any release.
package schema
