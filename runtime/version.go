package runtime

// version is what the broker shows of the client.
const version = "0.1.0"

// IsAtLeastVersion0_1_0 is used by generated code: that does not compile with a runtime that is too
// old for it. A constant of this kind is added when generated code begins to use something new.
// None is ever removed.
const IsAtLeastVersion0_1_0 = true
