package quickbitest

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A Fault is a way for a call to go wrong. One of the functions below makes it,
// and its methods refine it; each returns a changed copy.
//
// The functions say whether the operation is carried out nevertheless. Where it
// is not by default, [Fault.Executed] makes it so.
type Fault struct {
	skip   bool // the operation does not run
	delay  time.Duration
	header http.Header
	text   text
	ending ending

	status      int
	statusGiven bool // not the documented one
	code        string
	message     string
	contentType string
	body        string
}

// text is what the answer says.
type text int

const (
	own          text = iota // what the operation answered
	refused                  // code, status, message
	raw                      // status, contentType, body
	unsuccessful             // "Success": false
	notPerformed             // "Result": false
)

// ending is how much of the answer is sent.
type ending int

const (
	whole ending = iota
	dropped
	truncated
	endless
)

// Refuse answers with an error code and does not carry out the operation. The
// status is the documented one. A code that is not documented needs
// [Fault.WithStatus]: without it, [Emulator.Fail] takes it for a misspelt one.
func Refuse(code string) Fault {
	return Fault{skip: true, text: refused, code: code, status: gateway.StatusOf(code), message: "Refused by a fault set in the emulator."}
}

// DropBefore closes the connection without an answer and does not carry out the
// operation. The request has been read, though, and its nonce is used.
func DropBefore() Fault { return Fault{skip: true, ending: dropped} }

// DropAfter carries out the operation and closes the connection without an answer.
func DropAfter() Fault { return Fault{ending: dropped} }

// Delay carries out the operation and waits before it answers.
func Delay(d time.Duration) Fault { return Fault{}.After(d) }

// Truncate carries out the operation and closes the connection half way through the answer.
func Truncate() Fault { return Fault{ending: truncated} }

// Raw answers with exactly this and does not carry out the operation.
func Raw(status int, contentType, body string) Fault {
	return Fault{skip: true, text: raw, status: status, contentType: contentType, body: body}
}

// Endless answers with a Result that does not end before the caller goes away, and
// does not carry out the operation.
func Endless() Fault {
	return Fault{
		skip: true, text: raw, ending: endless,
		status: http.StatusOK, contentType: "application/json;charset=utf-8", body: `{"Success":true,"Result":"`,
	}
}

// Unsuccessful answers with status 200 and "Success": false, and does not carry
// out the operation.
func Unsuccessful() Fault { return Fault{skip: true, text: unsuccessful} }

// NotPerformed answers with status 200 and "Result": false, and does not carry out
// the operation.
func NotPerformed() Fault { return Fault{skip: true, text: notPerformed} }

// Executed makes the emulator carry out the operation before the call goes wrong.
func (f Fault) Executed() Fault {
	f.skip = false
	return f
}

// After lets d pass before the answer, but after the operation. It is real time,
// whatever the emulator's clock, and ends when the caller gives up.
func (f Fault) After(d time.Duration) Fault {
	f.delay = d
	return f
}

// WithStatus sets the status of a refusal.
func (f Fault) WithStatus(status int) Fault {
	f.status, f.statusGiven = status, true
	return f
}

// WithMessage sets the message of a refusal.
func (f Fault) WithMessage(message string) Fault {
	f.message = message
	return f
}

// WithHeader adds a header to the answer, in place of one the emulator would send.
func (f Fault) WithHeader(name, value string) Fault {
	if f.header = f.header.Clone(); f.header == nil {
		f.header = make(http.Header)
	}
	f.header.Add(name, value)
	return f
}

// reply returns what is sent: the operation's own result or refusal, unless the fault
// replaces it.
func (f Fault) reply(req *gateway.Request, result any, err error) gateway.Reply {
	switch {
	case f.ending == dropped:
		return gateway.Reply{}
	case f.text == own && err != nil:
		return req.Refuse(err)
	}
	switch f.text {
	case refused:
		return req.Refuse(&gateway.Refusal{Code: f.code, Status: f.status, Message: f.message})
	case raw:
		return gateway.Reply{Status: f.status, ContentType: f.contentType, Body: []byte(f.body)}
	case unsuccessful:
		return req.Answer(false, nil)
	case notPerformed:
		return req.Answer(true, false)
	default:
		return req.Answer(true, result)
	}
}

// send writes the reply, as far as the fault lets it.
func (f Fault) send(w http.ResponseWriter, r *http.Request, reply gateway.Reply) {
	if f.delay > 0 {
		timer := time.NewTimer(f.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	if f.ending == dropped {
		panic(http.ErrAbortHandler)
	}

	header := w.Header()
	header.Set("Content-Type", reply.ContentType)
	if f.ending != endless {
		header.Set("Content-Length", strconv.Itoa(len(reply.Body)))
	}
	for name, values := range f.header {
		header[name] = values
	}
	w.WriteHeader(reply.Status)

	// A write fails only if the caller has gone.
	switch f.ending {
	case truncated:
		_, _ = w.Write(reply.Body[:len(reply.Body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case endless:
		_, err := w.Write(reply.Body)
		for filler := bytes.Repeat([]byte("x"), 1<<15); err == nil; _, err = w.Write(filler) {
			if err = r.Context().Err(); err != nil {
				break
			}
		}
		panic(http.ErrAbortHandler)
	default:
		_, _ = w.Write(reply.Body)
	}
}

// Fail makes the next calls of the action go wrong, as many as times says, or all
// that follow if times is negative. An empty action means any. Of several faults
// that fit a call, the one set first is used up first.
//
// It panics if there is no such operation or code: the fault would never come, and the
// test would test nothing.
func (e *Emulator) Fail(action string, f Fault, times int) {
	if err := f.check(action); err != nil {
		panic("quickbitest: Fail: " + err.Error())
	}
	e.faults.add(plannedFault{action: action, fault: f, left: times})
}

// check says whether the fault can happen to a call of the action.
func (f Fault) check(action string) error {
	switch {
	case action != "" && catalog.Load().Operations[action] == nil:
		return fmt.Errorf("there is no operation %q", action)
	case f.text == refused && !f.statusGiven && !gateway.Known(f.code):
		return fmt.Errorf("there is no code %q; a code of your own needs a status", f.code)
	}
	return nil
}

// ClearFaults ends all faults set by [Emulator.Fail].
func (e *Emulator) ClearFaults() { e.faults.clear() }

type plannedFault struct {
	action string
	fault  Fault
	left   int
}

type faults struct {
	mu      sync.Mutex
	planned []plannedFault
}

func (q *faults) add(p plannedFault) {
	if p.left == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.planned = append(q.planned, p)
}

func (q *faults) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.planned = nil
}

// next returns the fault for a call of the action; the zero fault is none.
func (q *faults) next(action string) Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.planned, func(p plannedFault) bool { return p.action == "" || p.action == action })
	if i < 0 {
		return Fault{}
	}
	f := q.planned[i].fault
	if q.planned[i].left--; q.planned[i].left == 0 {
		q.planned = slices.Delete(q.planned, i, i+1)
	}
	return f
}
