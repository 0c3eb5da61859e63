package runtime

import "github.com/scampgen/scampgen/runtime/internal/frame"

// A Decimal is an AMQP decimal in a header: its int32 Value divided by ten to the power of its uint8
// Scale.
type Decimal = frame.Decimal
