// Package payload is what generated messages are made of: a [Codec] for each type, which is what the contract says about it as data and
// reads, writes and checks its values, and the value types that Go has no equal for ([Date], [UUID], [Decimal], [Duration], [Optional],
// [Raw]).
//
// Generated code has the codecs; programs use the value types and read the [Violations] of a payload that is not what its schema says. The
// package imports only the standard library.
//
// Reading is strict: duplicate names, invalid UTF-8, data after the value and
// nesting deeper than [MaxDepth] are refused, and every violation of the schema is reported with
// its place, not only the first.
package payload
