package quickbitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/internal/loopback"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// adminPath is where programs that cannot call Go methods manage the emulator.
const adminPath = "/_emulator/"

// maxAdminBody is more than a seed of 100,000 users needs.
const maxAdminBody = 256 << 20

// maxSkew is how far the clock can be moved.
const maxSkew = 10 * 365 * 24 * time.Hour

// admin has what can be done, by path and method, with the body of the request. The
// result is answered as JSON; nil is answered as an empty object.
var admin = map[string]map[string]func(*Emulator, []byte) (any, error){
	"calls":  {http.MethodGet: adminCalls, http.MethodDelete: does((*Emulator).ResetCalls)},
	"clock":  {http.MethodGet: adminClock, http.MethodPut: adminSetClock},
	"faults": {http.MethodGet: adminFaults, http.MethodPost: adminFail, http.MethodDelete: does((*Emulator).ClearFaults)},
	"seed":   {http.MethodPost: adminSeed},
	"state":  {http.MethodGet: adminState, http.MethodDelete: does((*Emulator).Reset)},
}

// does makes an entry of what needs nothing and shows nothing.
func does(f func(*Emulator)) func(*Emulator, []byte) (any, error) {
	return func(e *Emulator, _ []byte) (any, error) {
		f(e)
		return nil, nil
	}
}

// serveAdmin answers requests from this machine only. They are not signed.
func (e *Emulator) serveAdmin(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	methods := admin[strings.TrimPrefix(r.URL.Path, adminPath)]
	do := methods[r.Method]
	switch {
	case !isLocal(r):
		writeAdmin(w, http.StatusForbidden, adminError{"The administration is open to programs on the emulator's own machine only."})
	case methods == nil:
		writeAdmin(w, http.StatusNotFound, adminError{"There are " + strings.Join(slices.Sorted(maps.Keys(admin)), ", ") + " under " + adminPath + "."})
	case do == nil:
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(methods)), ", "))
		writeAdmin(w, http.StatusMethodNotAllowed, adminError{"The method " + r.Method + " is not allowed here."})
	default:
		body, err := gateway.ReadBody(w, r, maxAdminBody, bodyTimeout)
		var result any
		if err == nil {
			result, err = do(e, body)
		}
		switch {
		case err != nil:
			writeAdmin(w, http.StatusBadRequest, adminError{err.Error()})
		case result == nil:
			writeAdmin(w, http.StatusOK, struct{}{})
		default:
			writeAdmin(w, http.StatusOK, result)
		}
	}
}

type adminError struct{ Error string }

func writeAdmin(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // fails if the caller has gone
}

// isLocal says whether a program on this machine sent the request by itself. It refuses
// browsers that show a page from elsewhere, by the Host and by the origin of the page,
// for reads as well as writes. It also refuses proxies that say for whom they speak.
func isLocal(r *http.Request) bool {
	write := *r
	write.Method = http.MethodPost // the check lets all reads pass
	return loopback.IsHostPort(r.RemoteAddr) && loopback.IsHostPort(r.Host) && http.NewCrossOriginProtection().Check(&write) == nil &&
		r.Header.Get("Forwarded") == "" && r.Header.Get("X-Forwarded-For") == ""
}

func adminCalls(e *Emulator, _ []byte) (any, error) { return orEmpty(e.Calls()), nil }

type adminTime struct {
	Now        time.Time
	SkewMillis int64
}

func adminClock(e *Emulator, _ []byte) (any, error) {
	return adminTime{Now: e.Now(), SkewMillis: time.Duration(e.skew.Load()).Milliseconds()}, nil
}

func adminSetClock(e *Emulator, body []byte) (any, error) {
	var wanted struct{ SkewMillis *int64 }
	if err := readDocument(body, &wanted); err != nil {
		return nil, err
	}
	switch ms := wanted.SkewMillis; {
	case ms == nil:
		return nil, errors.New("SkewMillis is missing")
	case *ms > maxSkew.Milliseconds() || *ms < -maxSkew.Milliseconds():
		return nil, errors.New("SkewMillis is more than ten years")
	default:
		e.SetSkew(time.Duration(*ms) * time.Millisecond)
	}
	return adminClock(e, nil)
}

// An adminFault is a [Fault] in JSON.
type adminFault struct {
	Action      string            // empty: any
	Times       *int              // left out: 1; negative: all that follow
	Kind        string            // see adminKinds
	Code        string            // of a refusal
	Message     string            // of a refusal
	Status      int               // of a refusal or a raw answer
	ContentType string            // of a raw answer
	Body        string            // of a raw answer
	Header      map[string]string // added to the answer
	DelayMillis int64             // before the answer
	Executed    bool              // the operation is carried out nevertheless
}

// adminKinds are the functions that make faults.
var adminKinds = map[string]func(adminFault) Fault{
	"Delay":        func(adminFault) Fault { return Delay(0) },
	"DropAfter":    func(adminFault) Fault { return DropAfter() },
	"DropBefore":   func(adminFault) Fault { return DropBefore() },
	"Endless":      func(adminFault) Fault { return Endless() },
	"NotPerformed": func(adminFault) Fault { return NotPerformed() },
	"Raw":          func(f adminFault) Fault { return Raw(f.Status, f.ContentType, f.Body) },
	"Refuse":       func(f adminFault) Fault { return Refuse(f.Code) },
	"Truncate":     func(adminFault) Fault { return Truncate() },
	"Unsuccessful": func(adminFault) Fault { return Unsuccessful() },
}

func (f adminFault) fault() (Fault, error) {
	newFault, ok := adminKinds[f.Kind]
	switch {
	case !ok:
		return Fault{}, fmt.Errorf("the Kind is %q, and can be %s", f.Kind, strings.Join(slices.Sorted(maps.Keys(adminKinds)), ", "))
	case f.Kind == "Refuse" && f.Code == "":
		return Fault{}, errors.New("the Code is missing")
	case f.Kind == "Raw" && f.Status == 0:
		return Fault{}, errors.New("the Status is missing")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return Fault{}, fmt.Errorf("the Status is %d, and must be within 200 and 599", f.Status)
	case f.DelayMillis < 0 || f.DelayMillis > (24*time.Hour).Milliseconds():
		return Fault{}, errors.New("the DelayMillis is not within a day")
	}
	fault := newFault(f).After(time.Duration(f.DelayMillis) * time.Millisecond)
	if f.Status != 0 {
		fault = fault.WithStatus(f.Status)
	}
	if f.Message != "" {
		fault = fault.WithMessage(f.Message)
	}
	for name, value := range f.Header {
		fault = fault.WithHeader(name, value)
	}
	if f.Executed {
		fault = fault.Executed()
	}
	return fault, nil
}

func adminFail(e *Emulator, body []byte) (any, error) {
	var wanted adminFault
	if err := readDocument(body, &wanted); err != nil {
		return nil, err
	}
	fault, err := wanted.fault()
	if err == nil {
		err = fault.check(wanted.Action)
	}
	if err != nil {
		return nil, err
	}
	times := 1
	if wanted.Times != nil {
		times = *wanted.Times
	}
	e.Fail(wanted.Action, fault, times)
	return adminFaults(e, nil)
}

// adminFaults lists what is planned: for which action, and how often.
func adminFaults(e *Emulator, _ []byte) (any, error) {
	type planned struct {
		Action string
		Times  int
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	return collect(slices.Values(e.faults.planned), func(p plannedFault) planned { return planned{p.action, p.left} }), nil
}

func adminSeed(e *Emulator, body []byte) (any, error) { return nil, e.SeedJSON(bytes.NewReader(body)) }

func adminState(e *Emulator, _ []byte) (any, error) { return e.Snapshot(), nil }
