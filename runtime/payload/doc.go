// Package payload is the JSON of generated messages: codecs, which read, write and check values by
// a table; a decoder that checks while it reads; the rules of a schema as data; and value types
// that the standard library lacks (Date, UUID, Decimal, Duration, Optional, Raw).
//
// Generated code uses most of it. Programs use the value types, and read the [Violations] of a
// payload that breaks its schema. The package imports only the standard library.
//
// Reading is strict. Duplicate names, invalid UTF-8, data after the value and nesting deeper than
// [MaxDepth] are refused. Every violation of the schema is reported with its JSON pointer, not only
// the first.
package payload
