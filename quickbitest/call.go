package quickbitest

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// A call is what a handler works on: the organization, the time, and the
// parameters, which are known to be there if required and to have their types.
type call struct {
	*organization
	now    time.Time
	action string
	op     *catalog.Operation
	params map[string]string // what was sent, and the documented defaults
}

// unbounded has the parameters that take more values than the catalogue lists: their
// documentation says so in words.
var unbounded = map[string]bool{
	"AddUserToWorkspace RoleId": true, // since 6.0.3 it may be a role of the organization's own
}

// bind takes the parameters of op out of the request and checks them against the catalogue.
func bind(op *catalog.Operation, req *request) (map[string]string, error) {
	params := make(map[string]string, len(op.Params))
	for _, p := range op.Params {
		value, sent := req.param(p)
		switch {
		case !sent && p.Required:
			return nil, missing(p.Name)
		case value == "" && p.Required:
			return nil, refuse("System.Param.Empty", "The parameter %s has no value.", p.Name)
		case value == "" && (!sent || p.Type != "string"):
			if value = p.Default; value == "" {
				continue
			}
		}
		if unbounded[req.action+" "+p.Name] {
			p.Minimum, p.Maximum, p.Enum = nil, nil, nil
		}
		if err := check(p, value); err != nil {
			return nil, err
		}
		params[p.Name] = value
	}
	return params, nil
}

// check says whether value is of the parameter's type and within its bounds.
func check(p catalog.Param, value string) error {
	switch p.Type {
	case "boolean":
		if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
			return invalid(p.Name, "is neither true nor false")
		}
	case "int32", "long":
		bits := 64
		if p.Type == "int32" {
			bits = 32
		}
		n, err := strconv.ParseInt(value, 10, bits)
		switch {
		case err != nil:
			return invalid(p.Name, "is not a number of type %s", p.Type)
		case p.Minimum != nil && n < *p.Minimum:
			return invalid(p.Name, "is less than %d", *p.Minimum)
		case p.Maximum != nil && n > *p.Maximum:
			return invalid(p.Name, "is more than %d", *p.Maximum)
		}
	}
	if len(p.Enum) > 0 && value != "" && !slices.Contains(p.Enum, value) {
		return invalid(p.Name, "is none of %s", strings.Join(p.Enum, ", "))
	}
	return nil
}

// invalid refuses the value of a parameter.
func invalid(name, format string, args ...any) error {
	return refuse("Invalid.Parameter.Error", "The parameter %s %s.", name, fmt.Sprintf(format, args...))
}

// param returns the value of a parameter. To ask for one that the operation does
// not have is a mistake in the handler.
func (c *call) param(name string) (value string, ok bool) {
	if !slices.ContainsFunc(c.op.Params, func(p catalog.Param) bool { return p.Name == name }) {
		panic("quickbitest: " + c.action + " has no parameter " + name)
	}
	value, ok = c.params[name]
	return value, ok
}

// has says whether the caller sent the parameter, be it empty.
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

// decode reads a parameter that holds a JSON document.
func (c *call) decode(name string, v any) error {
	if err := json.Unmarshal([]byte(c.string(name)), v); err != nil {
		return invalid(name, "is not the JSON it should be: %v", err)
	}
	return nil
}

// A page is the result of most operations that list. Its members have these names
// nearly everywhere; where they do not, the handler makes its own of what cut returns.
type page[T any] struct {
	PageNum    int
	PageSize   int
	TotalNum   int
	TotalPages int
	Data       []T
}

// paginate renders the page that PageNum and PageSize ask for.
func paginate[T, R any](c *call, all iter.Seq[T], render func(T) R) page[R] {
	return cut(all, c.int("PageNum"), c.int("PageSize"), render)
}

// cut renders page number num of all. Numbers and sizes below one mean the
// documented defaults, page 1 of 10 rows.
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
