package quickbitest

import (
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"
)

// What an emulator remembers of calls.
const (
	journalCalls = 4096
	journalBytes = 64 << 20 // of parameters; more than the largest request
)

// A Call is one request that reached the emulator, and how it was answered.
//
// Of a request whose signature is wrong or missing only Time, Action if there is such an
// operation, Method, Signature and how it was answered are known: anybody can send one.
type Call struct {
	Time        time.Time // by the emulator's clock
	Action      string
	Version     string
	Method      string
	Signature   string // SignatureV1 or SignatureV3
	AccessKeyID string `json:"AccessKeyId"`
	Nonce       string

	// Query and Form are the parameters of the operation as they were sent, without
	// those of the protocol.
	Query url.Values
	Form  url.Values

	RequestID string `json:"RequestId"`
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

// size is the room that the parameters take, roughly.
func (c Call) size() (n int) {
	for _, values := range []url.Values{c.Query, c.Form} {
		for name, all := range values {
			n += len(name)
			for _, value := range all {
				n += len(value)
			}
		}
	}
	return n
}

// Calls returns the calls received since the last [Emulator.ResetCalls], oldest first.
// Only the latest are kept: up to 4096, and up to 64 MiB of parameters.
func (e *Emulator) Calls() []Call { return e.journal.all() }

// ResetCalls forgets the calls received so far.
func (e *Emulator) ResetCalls() { e.journal.reset() }

// A journal keeps the latest calls. The zero value is empty.
type journal struct {
	mu    sync.Mutex
	calls []Call
	bytes int // the size of all calls
}

func (j *journal) add(c Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, c)
	j.bytes += c.size()
	for len(j.calls) > journalCalls || j.bytes > journalBytes {
		j.bytes -= j.calls[0].size()
		j.calls[0] = Call{} // the place stays until the next growth, what was in it goes now
		j.calls = j.calls[1:]
	}
}

// all returns copies.
func (j *journal) all() []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	calls := slices.Clone(j.calls)
	for i := range calls {
		calls[i].Query, calls[i].Form = cloneValues(calls[i].Query), cloneValues(calls[i].Form)
	}
	return calls
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls, j.bytes = nil, 0
}

func cloneValues(v url.Values) url.Values {
	clone := maps.Clone(v)
	for name, values := range clone {
		clone[name] = slices.Clone(values)
	}
	return clone
}
