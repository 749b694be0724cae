// Package redislimit keeps one quota among many processes. Quick BI allows 50
// calls a second of each operation to an account, however many processes make
// them; a limiter within one process cannot know of the others.
//
//	rdb := redis.NewClient(&redis.Options{Addr: "redis:6379", ContextTimeoutEnabled: true})
//	limiter, err := redislimit.New(rdb, redislimit.Config{Account: "acme"})
//	client, err := quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithLimiter(limiter))
//
// The quota is kept in Redis by GCRA, the generic cell rate algorithm, of
// github.com/go-redis/redis_rate. Clocks of the processes do not matter.
package redislimit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"github.com/quickbi-go/quickbi"
)

// ErrUnavailable says that Redis did not answer, so that nobody knows whether the
// quota has room. The request was not sent.
var ErrUnavailable = errors.New("redislimit: Redis does not answer")

// DefaultQuota is the documented quota of most operations, in calls a second.
const DefaultQuota = 50

// documented are the operations with another quota, in calls a second.
var documented = map[string]int{"GetMailTaskStatus": 1, "ManualRunMailTask": 1}

// Config says whose quota is kept, and how.
type Config struct {
	// Account names the Alibaba Cloud account whose quota it is. Processes with the
	// same Account and the same Redis share the quota. It is required.
	Account string
	// Quota is in calls a second of each operation; 0 is [DefaultQuota].
	Quota int
	// Quotas are those of single operations, by action. The documented ones,
	// GetMailTaskStatus and ManualRunMailTask with 1 a second, need not be given.
	Quotas map[string]int
	// Processes is among how many processes the quota is divided while Redis does
	// not answer: each then keeps to its share by itself. 0 means that calls fail
	// with [ErrUnavailable] instead. It must be at least the number that runs.
	Processes int
	// Timeout is how long an answer of Redis may take; 0 is 250 ms. A client of
	// go-redis keeps to it if its options have ContextTimeoutEnabled.
	Timeout time.Duration
}

const (
	// usedPercent is the part of a quota that is used. Requests that leave evenly
	// do not arrive evenly; the rest keeps any second within the quota.
	usedPercent = 96

	// probePause is how often a process without Redis looks whether it is back.
	probePause = 250 * time.Millisecond
	// quiet is how long nothing is sent when the way of counting changes: what one
	// way has let through is then out of the second that the other counts.
	quiet = time.Second
)

// A Limiter makes calls wait for their turn in the quota. It is a
// [quickbi.Limiter], and safe for concurrent use. Make one with [New].
type Limiter struct {
	rdb    redis.UniversalClient
	gcra   *redis_rate.Limiter
	config Config

	mu      sync.Mutex
	lanes   map[string]*lane // by action
	local   bool             // Redis does not answer
	probing bool             // it is being asked
	probed  time.Time        // when it last did not answer
	resume  time.Time        // nothing is sent before
}

// A lane is the queue of one operation's calls in this process. One call at a
// time asks Redis, so that waiting costs the same with any number of goroutines.
type lane struct {
	first chan struct{} // holds one value while somebody is at the front
	quota int
	local *rate.Limiter
}

// New returns a limiter that counts in rdb.
func New(rdb redis.UniversalClient, config Config) (*Limiter, error) {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("redislimit: "+format, args...))
	}
	if rdb == nil {
		problem("the Redis client is nil")
	}
	if config.Account == "" {
		problem("Account is missing")
	}
	if config.Quota == 0 {
		config.Quota = DefaultQuota
	}
	if config.Quota < 0 {
		problem("Quota is %d, not positive", config.Quota)
	}
	for action, quota := range config.Quotas {
		if quota <= 0 {
			problem("the quota of %s is %d, not positive", action, quota)
		}
	}
	if config.Processes < 0 {
		problem("Processes is %d, less than 0", config.Processes)
	}
	if config.Timeout == 0 {
		config.Timeout = 250 * time.Millisecond
	}
	if config.Timeout < 0 {
		problem("Timeout is %v, less than 0", config.Timeout)
	}
	if problems != nil {
		return nil, errors.Join(problems...)
	}
	return &Limiter{rdb: rdb, gcra: redis_rate.NewLimiter(rdb), config: config, lanes: make(map[string]*lane)}, nil
}

// Wait returns when the operation in ctx may be called, see
// [quickbi.ActionFromContext], or with the error of ctx. Without Redis it returns
// [ErrUnavailable], or keeps to the process's share if the Config has Processes.
func (l *Limiter) Wait(ctx context.Context) error {
	action := quickbi.ActionFromContext(ctx)
	lane := l.lane(action)
	select {
	case lane.first <- struct{}{}:
		defer func() { <-lane.first }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		now, pause, err := l.turn(ctx, action, lane)
		if now || err != nil {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// lane returns the queue of the operation.
func (l *Limiter) lane(action string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.lanes[action]; ok {
		return known
	}
	quota, ok := l.config.Quotas[action]
	if !ok {
		if quota, ok = documented[action]; !ok {
			quota = l.config.Quota
		}
	}
	share := rate.Limit(quota) * usedPercent / 100 / rate.Limit(max(l.config.Processes, 1))
	made := &lane{first: make(chan struct{}, 1), quota: quota, local: rate.NewLimiter(share, 1)}
	l.lanes[action] = made
	return made
}

// turn reports whether the call may go now, or after what pause to ask again.
func (l *Limiter) turn(ctx context.Context, action string, lane *lane) (now bool, pause time.Duration, err error) {
	l.mu.Lock()
	local, pause, unseen := l.local, time.Until(l.resume), time.Since(l.probed)
	if local && unseen >= probePause && !l.probing {
		l.probing = true
		go l.probe(context.WithoutCancel(ctx))
	}
	l.mu.Unlock()
	switch {
	case local && unseen >= l.blind():
		return false, probePause / 10, nil // the probe goes first: others may be back at Redis
	case pause > 0:
		return false, min(pause, probePause), nil
	case local:
		turn := lane.local.Reserve()
		if delay := turn.Delay(); delay > 0 {
			turn.Cancel()
			return false, min(delay, probePause), nil
		}
		return true, 0, nil
	}

	var answer *redis_rate.Result
	err = l.ask(ctx, func(ctx context.Context) (err error) {
		answer, err = l.gcra.Allow(ctx, "quickbi:"+l.config.Account+":"+action, redis_rate.Limit{
			Rate: lane.quota * usedPercent, Period: 100 * time.Second, Burst: burst(lane.quota),
		})
		return err
	})
	switch {
	case err == nil && answer.Allowed > 0:
		return true, 0, nil
	case err == nil:
		return false, max(answer.RetryAfter, time.Millisecond), nil
	case ctx.Err() != nil:
		return false, 0, context.Cause(ctx)
	case l.config.Processes == 0:
		return false, 0, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	l.leave()
	return false, 0, nil
}

// burst lets the next call make up for one that was late. It takes what
// usedPercent leaves.
func burst(quota int) int { return max(1, quota*(100-usedPercent)/100) }

func (l *Limiter) ask(ctx context.Context, question func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, l.config.Timeout)
	defer cancel()
	return question(ctx)
}

// blind is for how long a process can go on by itself although Redis is back.
func (l *Limiter) blind() time.Duration { return probePause + l.config.Timeout }

// probe looks whether Redis is back. By the time one process counts in it again,
// no other goes on without it.
func (l *Limiter) probe(ctx context.Context) {
	err := l.ask(ctx, func(ctx context.Context) error { return l.rdb.Ping(ctx).Err() })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.probing, l.probed = false, time.Now()
	if err == nil {
		l.local, l.resume = false, l.probed.Add(l.blind()+quiet)
	}
}

// leave goes over to counting without Redis.
func (l *Limiter) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.local {
		l.local, l.probed = true, time.Now()
		l.resume = l.probed.Add(quiet)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
