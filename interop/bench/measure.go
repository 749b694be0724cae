package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"
)

// sample is what one call costs.
type sample struct {
	Nanoseconds    float64 `json:"nanoseconds"`
	CPUNanoseconds float64 `json:"cpuNanoseconds"`
	Bytes          float64 `json:"bytes"`
	Allocations    float64 `json:"allocations"`
	NewConnections float64 `json:"newConnections"` // over loopback only
}

// result is what a peer needs for a case, and how that compares with the floor.
type result struct {
	Case      string `json:"case"`
	Transport string `json:"transport"`
	Peer      string `json:"peer"`
	Calls     int    `json:"callsPerRound"`
	Cost      sample `json:"cost"`  // the median of the rounds
	Ratio     ratio  `json:"ratio"` // the median of the rounds' ratios
}

// ratio is a cost as a multiple of the floor's in the same round.
type ratio struct {
	Time        float64 `json:"time"`
	TimeLow     float64 `json:"timeLowerQuartile"`
	TimeHigh    float64 `json:"timeUpperQuartile"`
	CPU         float64 `json:"cpu"`
	Bytes       float64 `json:"bytes"`
	Allocations float64 `json:"allocations"`
}

const (
	clientAlone  = "client alone"
	overLoopback = "over loopback"
)

// A contest is one case with all peers, over one transport.
type contest struct {
	benchCase
	transport string
	racers    []*racer
}

// A racer is a peer in a contest.
type racer struct {
	name    string
	run     func(n int) error
	calls   int // in a round
	samples []sample
}

// contests are all cases over both transports.
func contests(ctx context.Context, cases []benchCase, net *loopback) ([]*contest, error) {
	var list []*contest
	for _, transport := range []string{clientAlone, overLoopback} {
		for _, bc := range cases {
			if bc.call == nil && transport == overLoopback {
				continue // it would be the same again
			}
			c := &contest{benchCase: bc, transport: transport}
			for _, p := range peers {
				r := &racer{name: p.name}
				if bc.call == nil {
					r.run = func(n int) error { return open(p, n) }
				} else {
					var rt http.RoundTripper // none: what the peer ships
					if transport == clientAlone {
						rt = (*stub)(&bc.answer)
					}
					client, err := p.open(net.host, rt)
					if err != nil {
						return nil, fmt.Errorf("%s: %w", p.name, err)
					}
					r.run = func(n int) error { return bc.run(ctx, client, n) }
				}
				c.racers = append(c.racers, r)
			}
			list = append(list, c)
		}
	}
	return list, nil
}

func open(p peer, n int) error {
	for range n {
		if _, err := p.open("127.0.0.1", nil); err != nil {
			return err
		}
	}
	return nil
}

// calibrate finds how many calls take the duration, which warms up, too.
func (r *racer) calibrate(d time.Duration, goroutines int) error {
	for n := max(1, goroutines); ; {
		started := time.Now()
		if err := r.run(n); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		took := time.Since(started)
		if took >= d/2 || n >= 1<<30 {
			r.calls = max(int(float64(n)*float64(d)/float64(took)), goroutines, 1)
			return nil
		}
		n *= 2
	}
}

// measure runs one round.
func (r *racer) measure(net *loopback) error {
	var before, after runtime.MemStats
	connections, err := net.connections()
	if err != nil {
		return err
	}
	runtime.GC() // nobody pays for another's garbage
	runtime.ReadMemStats(&before)
	cpu, started := cpuTime(), time.Now()
	if err := r.run(r.calls); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	took, cpu := time.Since(started), cpuTime()-cpu
	runtime.ReadMemStats(&after)
	connectionsAfter, err := net.connections()
	if err != nil {
		return err
	}
	n := float64(r.calls)
	r.samples = append(r.samples, sample{
		Nanoseconds:    float64(took) / n,
		CPUNanoseconds: float64(cpu) / n,
		Bytes:          float64(after.TotalAlloc-before.TotalAlloc) / n,
		Allocations:    float64(after.Mallocs-before.Mallocs) / n,
		NewConnections: float64(connectionsAfter-connections) / n,
	})
	return nil
}

// race runs all contests in rounds. In each round every peer has its turn in
// every contest, in changing order, so that what slows the machine down for a
// while slows all of them down.
func race(ctx context.Context, list []*contest, net *loopback, d time.Duration, rounds int, progress func(string)) error {
	for _, c := range list {
		progress("warming up: " + c.name + ", " + c.transport)
		for _, r := range c.racers {
			if err := r.calibrate(d, c.goroutines); err != nil {
				return fmt.Errorf("%s, %s: %w", c.name, c.transport, err)
			}
		}
	}
	for round := range rounds {
		progress(fmt.Sprintf("round %d of %d", round+1, rounds))
		for _, c := range list {
			for i := range c.racers {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := c.racers[(i+round)%len(c.racers)].measure(net); err != nil {
					return fmt.Errorf("%s, %s: %w", c.name, c.transport, err)
				}
			}
		}
	}
	return nil
}

// results are the medians.
func (c *contest) results() []result {
	var list []result
	floor := c.racers[0].samples
	for _, r := range c.racers {
		of := func(cost func(s sample) float64) []float64 {
			values := make([]float64, len(r.samples))
			for i, s := range r.samples {
				values[i] = cost(s)
			}
			return values
		}
		toFloor := func(cost func(s sample) float64) []float64 {
			values := of(cost)
			for i := range values {
				values[i] /= max(cost(floor[i]), 1e-9)
			}
			return values
		}
		var (
			ns     = func(s sample) float64 { return s.Nanoseconds }
			cpu    = func(s sample) float64 { return s.CPUNanoseconds }
			bytes  = func(s sample) float64 { return s.Bytes }
			allocs = func(s sample) float64 { return s.Allocations }
			conns  = func(s sample) float64 { return s.NewConnections }
		)
		times := toFloor(ns)
		list = append(list, result{
			Case: c.name, Transport: c.transport, Peer: r.name, Calls: r.calls,
			Cost: sample{
				Nanoseconds: quantile(of(ns), 0.5), CPUNanoseconds: quantile(of(cpu), 0.5), Bytes: quantile(of(bytes), 0.5),
				Allocations: quantile(of(allocs), 0.5), NewConnections: quantile(of(conns), 0.5),
			},
			Ratio: ratio{
				Time: quantile(times, 0.5), TimeLow: quantile(times, 0.25), TimeHigh: quantile(times, 0.75),
				CPU: quantile(toFloor(cpu), 0.5), Bytes: quantile(toFloor(bytes), 0.5), Allocations: quantile(toFloor(allocs), 0.5),
			},
		})
	}
	return list
}

// quantile returns the q-quantile of values, between two of them where it does not fall on one.
func quantile(values []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(values))
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 == len(s) {
		return s[i]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}
