package quickbi

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"strings"
)

// Page is one page of a list.
type Page[T any] struct {
	Data       []T `json:"Data"`
	PageNum    int `json:"PageNum"`  // counted from 1
	PageSize   int `json:"PageSize"` // entries in a full page
	TotalNum   int `json:"TotalNum"` // entries of all pages
	TotalPages int `json:"TotalPages"`
}

// entries, pages and total let an iterator read every kind of page.
func (p *Page[T]) entries() []T               { return p.Data }
func (p *Page[T]) extent() (pages, total int) { return p.TotalPages, p.TotalNum }

// pager is a pointer to a page type P that holds entries of type T.
type pager[P, T any] interface {
	*P
	entries() []T
	extent() (pages, total int) // of the whole list; 0 where the service does not say
}

// all returns the entries of all pages, from the one that in asks for. It finds
// the page's number and size in the request by their names on the wire. A page that
// repeats the one before it ends the list with an error: there would be no end. So
// does a list that becomes shorter meanwhile: it must not look complete.
func all[T, Q, P any, PP pager[P, T]](ctx context.Context, in *Q,
	fetch func(context.Context, *Q, ...CallOption) (*Response[P], error), opts []CallOption,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var q Q // a copy for every range over the sequence
		if in != nil {
			q = *in
		}
		rt := requestTypeOf(reflect.TypeFor[Q]())
		v := reflect.ValueOf(&q).Elem()
		page, size := v.Field(rt.page), v.Field(rt.pageSize)
		if size.IsZero() {
			size.SetInt(rt.defaultPageSize())
		}
		first := max(page.Int(), 1)
		full := int(size.Int()) // entries of a page that is not the last
		seen, longest := 0, 0   // entries that came, and that there were at most
		var changed error
		var none T
		var before []T
		for n := first; ; n++ {
			page.SetInt(n)
			resp, err := fetch(ctx, &q, opts...)
			if err != nil {
				yield(none, err)
				return
			}
			entries := PP(&resp.Result).entries()
			if len(entries) > 0 && reflect.DeepEqual(entries, before) {
				yield(none, misled[Q](resp.RequestID, fmt.Sprintf("page %d repeats the one before it: the service ignores the number of the page", n)))
				return
			}
			before = entries
			for _, entry := range entries {
				if !yield(entry, nil) {
					return
				}
			}
			seen += len(entries)
			pages, total := PP(&resp.Result).extent()
			if longest = max(longest, total); total > 0 && total < longest && changed == nil {
				changed = shrunk[Q](resp.RequestID, longest, total)
			}
			last := len(entries) == 0
			switch {
			case last:
			case pages > 0:
				last = n >= int64(pages)
			case total > 0:
				last = int(first-1)*int(size.Int())+seen >= total
			case n == first:
				// The service may give less at once than it is asked for: only the next
				// page tells whether this is all.
				full = min(full, len(entries))
			default:
				last = len(entries) < full
			}
			if !last {
				continue
			}
			if changed != nil {
				yield(none, changed)
			}
			return
		}
	}
}

// bare makes a page of a list without anything around it.
type bare[T any] []T

func (p *bare[T]) entries() []T               { return *p }
func (p *bare[T]) extent() (pages, total int) { return 0, 0 }

// allBare is all for operations that take a page number and answer a bare list,
// which does not say how many entries there are: a page shorter than the first one,
// or an empty one, is the last.
func allBare[T, Q any](ctx context.Context, in *Q,
	fetch func(context.Context, *Q, ...CallOption) (*Response[[]T], error), opts []CallOption,
) iter.Seq2[T, error] {
	return all[T](ctx, in, func(ctx context.Context, q *Q, opts ...CallOption) (*Response[bare[T]], error) {
		resp, err := fetch(ctx, q, opts...)
		if err != nil {
			return nil, err
		}
		return &Response[bare[T]]{resp.RequestID, resp.Success, resp.Result}, nil
	}, opts)
}

// allAtOnce returns the entries of a list whose request has a page size, but no
// page number. If the first answer does not hold all entries, it asks once more,
// for as many as there are. A list that is still truncated must not look
// complete: it ends with an error.
func allAtOnce[T, Q, P any, PP pager[P, T]](ctx context.Context, in *Q,
	fetch func(context.Context, *Q, ...CallOption) (*Response[P], error), opts []CallOption,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var q Q // a copy for every range over the sequence
		if in != nil {
			q = *in
		}
		typ := reflect.TypeFor[Q]()
		rt := requestTypeOf(typ)
		size, most := reflect.ValueOf(&q).Elem().Field(rt.pageSize), rt.defaultPageSize()
		if size.IsZero() {
			size.SetInt(most)
		}
		for again := true; ; again = false {
			resp, err := fetch(ctx, &q, opts...)
			if err != nil {
				yield(none, err)
				return
			}
			entries := PP(&resp.Result).entries()
			pages, total := PP(&resp.Result).extent()
			count, wanted := fmt.Sprintf("%d of %d", len(entries), total), min(int64(total), most)
			whole := len(entries) >= total
			if total == 0 { // not told
				count, wanted = fmt.Sprintf("only %d", len(entries)), most
				whole = pages == 1 || pages == 0 && int64(len(entries)) < size.Int()
			}
			if !whole && again && wanted > size.Int() {
				size.SetInt(wanted)
				continue
			}
			for _, entry := range entries {
				if !yield(entry, nil) {
					return
				}
			}
			if !whole {
				yield(none, misled[Q](resp.RequestID, "the list is truncated: "+count+" entries came, and there is no way to ask for the rest"))
			}
			return
		}
	}
}

// ErrTooManyEntries says that a list has more entries than [Collect] was to take.
const ErrTooManyEntries = ErrorClass("too many entries")

// Collect returns the entries of a list before anything is done with them:
//
//	pending, err := quickbi.Collect(client.QueryApprovalInfoAll(ctx, in), 10_000)
//	if err != nil { … }
//	for _, application := range pending { … } // decide
//
// It is for lists whose entries leave them when they are acted upon. The service
// pages by number, so each entry that leaves moves those behind it forward, and
// an iterator that is still running would skip as many.
//
// With an error come the entries before it. A list of more than most entries
// ends with [ErrTooManyEntries], and the first most of them.
func Collect[T any](list iter.Seq2[T, error], most int) ([]T, error) {
	var entries []T
	for entry, err := range list {
		if err != nil {
			return entries, err
		}
		if len(entries) == most {
			return entries, fmt.Errorf("%w: the list has more than %d", ErrTooManyEntries, most)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// ErrListChanged says that a list became shorter while an iterator walked through
// it. The service pages by number: what left the list moved the entries behind it
// forward, and some may have been skipped. All entries that came were yielded
// before. Read the list again; use [Collect] to act upon entries that leave it.
const ErrListChanged = ErrorClass("list changed while it was read")

// shrunk is the error of a list that is shorter than it was.
func shrunk[Q any](requestID string, before, now int) error {
	e := misled[Q](requestID, fmt.Sprintf("it had %d entries, and has %d now: some may have been skipped", before, now))
	e.class = ErrListChanged
	return e
}

// misled is the error of a list that the answers do not let an iterator walk through.
func misled[Q any](requestID, message string) *Error {
	return &Error{
		Action:    strings.TrimSuffix(reflect.TypeFor[Q]().Name(), "Request"),
		RequestID: requestID,
		Message:   message,
		class:     ErrInvalidResponse,
	}
}
