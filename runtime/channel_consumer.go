package runtime

import (
	"context"
	"errors"
)

// openConsumerChannel opens a channel on c's consumer connection. What the consumer
// has to publish itself goes through producers.
func openConsumerChannel(ctx context.Context, c *Connection, producers ProducerSource, d *Declarations) (ConsumerChannel, error) {
	return nil, errors.New("consuming is not built yet")
}
