package quickbitest

import (
	"math"
	"math/rand/v2"
	"time"
)

// WithLatency makes the emulator take its time before it answers a call, as a service
// far away does. Half of the answers take longer than the median, one in a hundred longer
// than p99; between and beyond, the times are distributed log-normally, as those of
// services usually are. Equal figures make all answers take as long. It is real time,
// whatever the emulator's clock, and comes after the operation; [Fault.After] adds to it.
//
// The figures are for the caller to choose: those of the real service depend on region,
// network and data, and are not documented. WithLatency panics unless 0 ≤ median ≤ p99.
func WithLatency(median, p99 time.Duration) Option {
	if median < 0 || p99 < median || median == 0 && p99 > 0 {
		panic("quickbitest: WithLatency: the median must be more than 0, and p99 not less than it")
	}
	return func(s *settings) { s.latency = latency{median, p99} }
}

// A latency is a distribution of times. The zero value is no time at all.
type latency struct{ median, p99 time.Duration }

// quantile99 is what 99 % of a normal distribution are less than.
const quantile99 = 2.3263478740408408

// sample returns how long the next answer takes.
func (l latency) sample() time.Duration {
	if l.median == l.p99 {
		return l.median
	}
	sigma := math.Log(float64(l.p99)/float64(l.median)) / quantile99
	return time.Duration(float64(l.median) * math.Exp(sigma*rand.NormFloat64()))
}
