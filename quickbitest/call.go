package quickbitest

import (
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A call is what a handler works on: the organization, the time, and the parameters.
// Required parameters are there, and all have their types, bounds and enumerated values:
// handlers check only what the catalogue does not know.
type call struct {
	*organization
	now    time.Time
	action string
	op     *catalog.Operation
	params map[string]string // what was sent, and the documented defaults
}

// param returns the value of a parameter. It panics if the operation has no such
// parameter: that is a mistake in the handler.
func (c *call) param(name string) (value string, ok bool) {
	if !slices.ContainsFunc(c.op.Params, func(p catalog.Param) bool { return p.Name == name }) {
		panic("quickbitest: " + c.action + " has no parameter " + name)
	}
	value, ok = c.params[name]
	return value, ok
}

// has says whether the caller sent the parameter, empty or not.
func (c *call) has(name string) bool {
	_, ok := c.param(name)
	return ok
}

// string returns the parameter, "" if it was not sent.
func (c *call) string(name string) string {
	value, _ := c.param(name)
	return value
}

// int64 returns the parameter, 0 if it was not sent. The catalogue must know it
// as a number: that is what makes the conversion safe.
func (c *call) int64(name string) int64 {
	n, _ := strconv.ParseInt(c.string(name), 10, 64)
	return n
}

// int is int64 for parameters of type int32.
func (c *call) int(name string) int { return int(c.int64(name)) }

// bool returns the parameter, false if it was not sent.
func (c *call) bool(name string) bool { return strings.EqualFold(c.string(name), "true") }

// list returns the elements of a comma-separated parameter. Empty ones do not count.
func (c *call) list(name string) []string {
	return slices.DeleteFunc(strings.Split(c.string(name), ","), func(s string) bool { return s == "" })
}

// set changes the field to what read makes of the parameter, if the caller sent it.
func set[T any](c *call, name string, field *T, read func(c *call, name string) T) {
	if c.has(name) {
		*field = read(c, name)
	}
}

// time returns the parameter, which is a time of the form in Beijing.
func (c *call) time(name, form string) (time.Time, error) {
	t, err := time.ParseInLocation(form, c.string(name), beijing)
	if err != nil {
		return t, gateway.Invalid(name, "is %q, not a time such as %s", c.string(name), form)
	}
	return t, nil
}

// decode reads a parameter that holds a JSON document. The members must have values.
func (c *call) decode(name string, v any, members ...string) error {
	if err := json.Unmarshal([]byte(c.string(name)), v); err != nil {
		return gateway.Invalid(name, "is not the expected JSON: %v", err)
	}
	return c.needsMembers(name, members...)
}

// needsMembers refuses a document, which is known to be JSON, unless the members have
// values.
func (c *call) needsMembers(name string, members ...string) error {
	var document map[string]any
	_ = json.Unmarshal([]byte(c.string(name)), &document)
	for _, member := range members {
		if document[member] == nil || document[member] == "" {
			return gateway.Invalid(name, "has no %s", member)
		}
	}
	return nil
}

// search lists the elements whose text contains the parameter, in any letter case.
// Without the parameter these are all.
func search[T any](c *call, param string, all iter.Seq[T], text func(T) string) iter.Seq[T] {
	return searchLower(c, param, all, func(v T) string { return strings.ToLower(text(v)) })
}

// searchLower is search in texts that are in lower case already.
func searchLower[T any](c *call, param string, all iter.Seq[T], text func(T) string) iter.Seq[T] {
	keyword := strings.ToLower(c.string(param))
	if keyword == "" {
		return all
	}
	return filter(all, func(v T) bool { return strings.Contains(text(v), keyword) })
}

// only lists the elements that are of the value of the parameter. Without the parameter
// these are all.
func only[T any](c *call, param string, all iter.Seq[T], is func(v T, value string) bool) iter.Seq[T] {
	value := c.string(param)
	if value == "" {
		return all
	}
	return filter(all, func(v T) bool { return is(v, value) })
}

// A page is the result of most operations that list. Nearly all of them use these
// names; the handlers of the others convert it.
type page[T any] struct {
	PageNum    int
	PageSize   int
	TotalNum   int
	TotalPages int
	Data       []T
}

// paginate renders the page that the parameters ask for: the first one, if the operation
// has none for the number. A size below one means the documented default.
func paginate[T, R any](c *call, all iter.Seq[T], render func(T) R) page[R] {
	num, size := 1, 0
	for _, p := range c.op.Params {
		switch p.Name {
		case "Page", "PageNo", "PageNum":
			num = c.int(p.Name)
		case "PageSize":
			if size = c.int(p.Name); size < 1 {
				size, _ = strconv.Atoi(p.Default)
			}
		}
	}
	return cut(all, num, size, render)
}

// A neighbourPage is a page that names its neighbours. 0 means that there is none.
type neighbourPage[T any] struct {
	page[T]
	Next, Pre int
}

func (p page[T]) withNeighbours() neighbourPage[T] {
	n := neighbourPage[T]{page: p, Pre: p.PageNum - 1}
	if p.PageNum < p.TotalPages {
		n.Next = p.PageNum + 1
	}
	return n
}

// cut renders page number num of all. Numbers and sizes below one mean page 1 of 10 rows.
func cut[T, R any](all iter.Seq[T], num, size int, render func(T) R) page[R] {
	if num < 1 {
		num = 1
	}
	if size < 1 {
		size = 10
	}
	p := page[R]{PageNum: num, PageSize: size, Data: []R{}}
	for row := range all {
		if p.TotalNum/size == num-1 {
			p.Data = append(p.Data, render(row))
		}
		p.TotalNum++
	}
	p.TotalPages = (p.TotalNum + size - 1) / size
	return p
}
