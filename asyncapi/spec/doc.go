// Package spec has the specification's tables, and checks contracts against them.
//
//   - The tables in table_*.go say which fields each object has, in which versions, and what their values may be. To add a field is to
//     add a row.
//   - The rules in rule_*.go are what the specification says of several objects together.
//   - Check applies both to the values of a contract, before the contract is decoded.
//
// Schemas and the bindings of amqp are checked by the packages that read them. The bindings of
// other protocols are not checked.
//
// The package is importable but not promised: it may change in any release.
package spec
