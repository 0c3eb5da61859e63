package runtime

import "time"

// WithResumeTimeout sets how long a session on a stream waits for its first delivery.
func WithResumeTimeout(limit time.Duration) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.resumeTimeout = limit })
}
