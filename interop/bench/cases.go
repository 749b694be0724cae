package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/quickbi-go/quickbi/interop/bench/floor"
)

// A benchCase is one thing that a client does.
type benchCase struct {
	name       string
	answer     answer
	goroutines int // that share the client and the calls; 0: none but the caller
	call       func(ctx context.Context, c caller) error

	// wanted is how our client alone should compare with the floor; zero: no matter.
	wantedTime, wantedAllocations float64
}

var errNotRefused = errors.New("the call should have been refused")

const makingAClient = "making a client" // the case that has no call

var cases = []benchCase{
	{name: "small call", answer: doneAnswer, call: deleteUser, wantedTime: 1, wantedAllocations: 0.85},
	{name: "page of 1000 members", answer: pageAnswer, wantedTime: 0.4, wantedAllocations: 0.85,
		call: func(ctx context.Context, c caller) error {
			_, err := c.queryUserList(ctx, 1, pageSize)
			return err
		}},
	{name: "refused call", answer: refusedAnswer, wantedTime: 1, wantedAllocations: 0.85,
		call: func(ctx context.Context, c caller) error {
			if c.deleteUser(ctx, goneUser, userID(2)) == nil {
				return errNotRefused
			}
			return nil
		}},
	{name: "1000 ids in one call", answer: doneAnswer, wantedTime: 0.5, wantedAllocations: 0.85,
		call: func(ctx context.Context, c caller) error {
			return c.addUserGroupMember(ctx, "6c1f0d52-3a7e-4b19-9d44-0be5a7731c01", thousandIDs)
		}},
	{name: "64 goroutines", answer: doneAnswer, goroutines: 64, call: deleteUser, wantedTime: 1, wantedAllocations: 0.85},
	{name: makingAClient},
}

func deleteUser(ctx context.Context, c caller) error { return c.deleteUser(ctx, userOne, userTwo) }

var (
	userOne, userTwo = userID(1), userID(2)

	thousandIDs = func() []string {
		ids := make([]string, idsOfCall)
		for i := range ids {
			ids[i] = userID(i)
		}
		return ids
	}()
)

// run performs the case n times with a client.
func (bc benchCase) run(ctx context.Context, c caller, n int) error {
	if bc.goroutines == 0 {
		for range n {
			if err := bc.call(ctx, c); err != nil {
				return err
			}
		}
		return nil
	}
	var (
		left   atomic.Int64
		failed atomic.Pointer[error]
		wg     sync.WaitGroup
	)
	left.Store(int64(n))
	for range bc.goroutines {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := bc.call(ctx, c); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// capture remembers what is sent before it answers.
type capture struct {
	stub
	method string
	params url.Values
}

func (c *capture) RoundTrip(req *http.Request) (*http.Response, error) {
	c.method, c.params = req.Method, req.URL.Query()
	if req.Body != nil {
		text, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		if len(text) > 0 {
			return nil, fmt.Errorf("%d bytes of body", len(text))
		}
	}
	for _, name := range []string{ // of the V1 signature
		"AccessKeyId", "Action", "Format", "RegionId", "Signature", "SignatureMethod", "SignatureNonce",
		"SignatureType", "SignatureVersion", "Timestamp", "Version",
	} {
		delete(c.params, name)
	}
	return c.stub.RoundTrip(req)
}

// compare makes sure that all peers do the same work: they send the same, decode
// the page to the same members, field by field, and find out why they are refused.
func compare(ctx context.Context, peers []peer) error {
	var page floor.Page
	sent := map[string]*capture{}
	for _, p := range peers {
		problem := func(format string, args ...any) error {
			return fmt.Errorf("%s: "+format, append([]any{p.name}, args...)...)
		}
		for _, bc := range cases {
			if bc.call == nil {
				continue
			}
			wire := &capture{stub: stub(bc.answer)}
			c, err := p.open("127.0.0.1", wire)
			if err != nil {
				return problem("%w", err)
			}
			if err := bc.call(ctx, c); err != nil {
				return problem("%s: %w", bc.name, err)
			}
			if first := sent[bc.name]; first == nil {
				sent[bc.name] = wire
			} else if first.method != wire.method || !reflect.DeepEqual(first.params, wire.params) {
				return problem("%s: sends %s %v, the floor %s %v", bc.name, wire.method, wire.params, first.method, first.params)
			}
		}
		c, err := p.open("127.0.0.1", (*stub)(&pageAnswer))
		if err != nil {
			return problem("%w", err)
		}
		list, err := c.queryUserList(ctx, 1, pageSize)
		if err != nil {
			return problem("%w", err)
		}
		switch decoded := c.page(list); {
		case len(decoded.Data) != pageSize:
			return problem("decodes %d members", len(decoded.Data))
		case page.Data == nil:
			page = decoded
		default:
			if err := samePage(page, decoded); err != nil {
				return problem("%w", err)
			}
		}
		if c, err = p.open("127.0.0.1", (*stub)(&refusedAnswer)); err != nil {
			return problem("%w", err)
		}
		if code := c.code(c.deleteUser(ctx, goneUser, userTwo)); code != "User.Not.In.Organization" {
			return problem("is refused with the code %q", code)
		}
	}
	return nil
}

func samePage(a, b floor.Page) error {
	for i := range a.Data {
		x, y := reflect.ValueOf(a.Data[i]), reflect.ValueOf(b.Data[i])
		for f := range x.NumField() {
			if !reflect.DeepEqual(x.Field(f).Interface(), y.Field(f).Interface()) {
				return fmt.Errorf("member %d: %s is %v, the floor has %v", i, x.Type().Field(f).Name, y.Field(f), x.Field(f))
			}
		}
	}
	if a.Data, b.Data = nil, nil; !reflect.DeepEqual(a, b) {
		return fmt.Errorf("the page is %v, the floor has %v", b, a)
	}
	return nil
}
