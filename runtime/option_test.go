package runtime

import "testing"

// TestOptions passes the same options to a producer and a consumer. They apply in their order, and
// an option that follows takes precedence.
func TestOptions(t *testing.T) {
	first, last := &Counters{}, &Counters{}
	shared := []Option{WithObserver(first), Options(WithObserver(last), WithDeclareMode(DeclareVerify)), Options()}
	source := settled(Settlement{Outcome: OutcomeAcked})
	for name, test := range map[string]struct {
		observer Observer
		mode     *DeclareMode
		want     DeclareMode
	}{
		"producer": {
			newProducerConfig(source.Info(), []ProducerOption{Options(shared...)}).observer,
			newProducerConfig(source.Info(), []ProducerOption{Options(shared...)}).declareMode, DeclareVerify,
		},
		"consumer": {
			newConsumerConfig(newFakeSource().Info(), []ConsumerOption{Options(shared...), WithDeclareMode(DeclareAssume)}).observer,
			newConsumerConfig(newFakeSource().Info(), []ConsumerOption{Options(shared...), WithDeclareMode(DeclareAssume)}).declareMode, DeclareAssume,
		},
	} {
		if test.observer != last || test.mode == nil || *test.mode != test.want {
			t.Errorf("%s: the observer is %p, not %p, or the mode is %v", name, test.observer, last, test.mode)
		}
	}
}
