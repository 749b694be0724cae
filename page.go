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
	PageNum    int `json:"PageNum"`    // counted from 1
	PageSize   int `json:"PageSize"`   // entries in a full page
	TotalNum   int `json:"TotalNum"`   // entries of all pages
	TotalPages int `json:"TotalPages"` // Not filled by ListApiDatasource.
}

// entries and extent let an iterator read every kind of page.
func (p *Page[T]) entries() []T               { return p.Data }
func (p *Page[T]) extent() (pages, total int) { return p.TotalPages, p.TotalNum }

// pager is a pointer to a page type P that holds entries of type T.
type pager[P, T any] interface {
	*P
	entries() []T
	extent() (pages, total int) // of the whole list; 0 where the service does not say
}

// all returns the entries of all pages, from the page of the request on. It finds
// number and size of the page in the request by their wire names. A page that
// repeats the previous one ends the list with an error: there would be no end. So
// does a list that becomes shorter meanwhile, or of which entries are missing: it must
// not look complete.
func all[T, Q, P any, PP pager[P, T]](ctx context.Context, c *Client, in *Q,
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
				yield(none, misled[Q](c, resp.RequestID, fmt.Sprintf("page %d repeats the one before it: the service ignores the number of the page", n)))
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
				changed = shrunk[Q](c, resp.RequestID, longest, total)
			}
			last := len(entries) == 0
			switch {
			case last:
			case pages > 0:
				last = n >= int64(pages)
			case total > 0:
				last = int(first-1)*int(size.Int())+seen >= total
			case n == first:
				// The service may return less than the page size: only the next page
				// shows whether this is all.
				full = min(full, len(entries))
			default:
				last = len(entries) < full
			}
			if !last {
				continue
			}
			missing := longest-int(first-1)*int(size.Int()) > seen
			switch {
			case changed != nil:
			case missing && total < longest:
				changed = shrunk[Q](c, resp.RequestID, longest, total)
			case missing:
				changed = misled[Q](c, resp.RequestID, fmt.Sprintf("the list has %d entries, and only %d came", longest, seen))
			}
			if changed != nil {
				yield(none, changed)
			}
			return
		}
	}
}

// bare is a list without a page around it.
type bare[T any] []T

func (p *bare[T]) entries() []T               { return *p }
func (p *bare[T]) extent() (pages, total int) { return 0, 0 }

// allBare is all for operations with a page number whose answer is a bare list,
// without a total: a page shorter than the first one, or an empty one, is the last.
func allBare[T, Q any](ctx context.Context, c *Client, in *Q,
	fetch func(context.Context, *Q, ...CallOption) (*Response[[]T], error), opts []CallOption,
) iter.Seq2[T, error] {
	return all[T](ctx, c, in, func(ctx context.Context, q *Q, opts ...CallOption) (*Response[bare[T]], error) {
		resp, err := fetch(ctx, q, opts...)
		if err != nil {
			return nil, err
		}
		return &Response[bare[T]]{resp.RequestID, resp.Success, resp.Result}, nil
	}, opts)
}

// allAtOnce returns the entries of a list whose request has a page size, but no
// page number. If the first answer does not hold all entries, it asks once more
// with a page size for all of them. A list that is still truncated ends with an
// error: it must not look complete.
func allAtOnce[T, Q, P any, PP pager[P, T]](ctx context.Context, c *Client, in *Q,
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
			short, wanted := fmt.Sprintf("the list is truncated: %d of %d entries came, and there is no way to ask for the rest", len(entries), total), min(int64(total), most)
			whole := len(entries) >= total
			if total == 0 { // not told
				short, wanted = fmt.Sprintf("the list is truncated: only %d entries came, and there is no way to ask for the rest", len(entries)), most
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
				yield(none, misled[Q](c, resp.RequestID, short))
			}
			return
		}
	}
}

// ErrTooManyEntries says that a list has more entries than the limit given to [Collect].
const ErrTooManyEntries = ErrorClass("too many entries")

// Collect returns all entries of a list, so that they can be acted upon afterwards:
//
//	pending, err := quickbi.Collect(client.QueryApprovalInfoAll(ctx, in), 10_000)
//	if err != nil { … }
//	for _, application := range pending { … } // decide
//
// It is for lists whose entries leave them when they are acted upon. The service
// pages by number: each entry that leaves moves those behind it forward, and an
// iterator that is still running skips as many.
//
// An error comes with the entries before it. If the list is longer than the limit,
// Collect returns that many entries and [ErrTooManyEntries].
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
// it. The service pages by number: entries that leave the list move those behind
// them forward, and the iterator may have skipped some. It has yielded all entries
// that came. Read the list again; use [Collect] to act upon entries that leave it.
const ErrListChanged = ErrorClass("list changed while it was read")

// shrunk is the error of a list that is shorter than it was.
func shrunk[Q any](c *Client, requestID string, before, now int) error {
	e := misled[Q](c, requestID, fmt.Sprintf("it had %d entries, and has %d now: some may have been skipped", before, now))
	e.class = ErrListChanged
	return e
}

// misled is the error of an iterator whose answers do not lead to the end of the list.
func misled[Q any](c *Client, requestID, message string) *Error {
	return &Error{
		Action:    strings.TrimSuffix(reflect.TypeFor[Q]().Name(), "Request"),
		RequestID: requestID,
		Message:   message,
		class:     ErrInvalidResponse,

		hintLanguage: c.hintLanguage,
	}
}
