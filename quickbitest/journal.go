package quickbitest

import (
	"net/url"
	"slices"
	"sync"
	"time"
)

// journalSize is how many calls an emulator remembers.
const journalSize = 4096

// A Call is one request that reached the emulator, and how it was answered.
type Call struct {
	Time        time.Time // by the emulator's clock
	Action      string
	Version     string
	Method      string
	Signature   string // SignatureV1 or SignatureV3
	AccessKeyID string // as claimed
	Nonce       string

	// Query and Form are the parameters of the operation as they were sent, without
	// those of the protocol. They must not be changed.
	Query url.Values
	Form  url.Values

	RequestID string
	Status    int    // of the answer, whether or not the caller waited for it; 0 if there was none
	Code      string // of the refusal; empty if there was none
	Executed  bool   // the operation was carried out, whatever the answer said
}

// Param returns a parameter of the operation, wherever it was sent.
func (c Call) Param(name string) string {
	if c.Query.Has(name) {
		return c.Query.Get(name)
	}
	return c.Form.Get(name)
}

// Calls returns the calls received since the last [Emulator.ResetCalls], oldest
// first; of more than 4096 only the latest are kept.
func (e *Emulator) Calls() []Call { return e.journal.all() }

// ResetCalls forgets the calls received so far.
func (e *Emulator) ResetCalls() { e.journal.reset() }

// A journal keeps the latest calls. The zero value is empty.
type journal struct {
	mu    sync.Mutex
	calls []Call
	next  int // where the next one goes, once all places are taken
}

func (j *journal) add(c Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.calls) < journalSize {
		j.calls = append(j.calls, c)
		return
	}
	j.calls[j.next] = c
	j.next = (j.next + 1) % journalSize
}

func (j *journal) all() []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Concat(j.calls[j.next:], j.calls[:j.next])
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls, j.next = nil, 0
}
