// Package spec has the tables of the specification, and checks contracts against them.
//
//   - The tables in table_*.go say which fields each object has, in which versions, and what
//     their values may be. A new field is a new row.
//   - The rules in rule_*.go are what the specification says of several objects together.
//   - Check applies both to the values of a contract, before the contract is decoded.
//
// Schemas and the bindings of amqp are checked by the packages that read them. The bindings of
// other protocols are not checked.
//
// The package is not stable: it can be imported, but may change in any release.
package spec
