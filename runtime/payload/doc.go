// Package payload is what generated messages are made of: a JSON decoder that checks while it reads,
// functions that append JSON to a buffer, the rules of a schema as data, and the
// value types that Go has no equal for (Date, UUID, Decimal, Duration, Optional, Nullable, Raw).
//
// Generated code calls most of it; programs use the value types and read the
// [Violations] of a payload that is not what its schema says. The package
// imports only the standard library.
//
// Reading is strict: duplicate names, invalid UTF-8, data after the value and
// nesting deeper than [MaxDepth] are refused, and every violation of the schema is reported with
// its place, not only the first.
package payload
