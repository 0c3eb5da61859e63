package runtime

// A Decimal is an AMQP decimal in a header: Value divided by ten to the power of Scale.
type Decimal struct {
	Scale uint8
	Value int32
}
