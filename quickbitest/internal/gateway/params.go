package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// unbounded has the parameters that take more values than the catalogue lists: their
// documentation says so in words.
var unbounded = map[string]bool{
	"AddUserToWorkspace RoleId": true, // since 6.0.3 it may be a role of the organization's own
}

// several has the parameters that take several values of their enumeration, separated by
// commas.
var several = map[string]bool{
	"AddUser CopilotModules": true,
}

// Bind finds the operation that an admitted request asks for, and its parameters:
// those that were sent and the documented defaults. Required ones are there, and all
// have their types and are within their bounds. Those of an enumeration have its spelling,
// although callers may write them in any letter case: examples of the documentation do.
//
// V1 clients may call by GET what is documented as POST, unless methods are strict: older
// pages of the documentation show such URLs, and some clients do so by default.
func (g *Gateway) Bind(r *Request) (*catalog.Operation, map[string]string, error) {
	api := catalog.Load()
	if r.Version != api.Version {
		return nil, nil, Refuse("InvalidVersion", "This product has no version %q.", r.Version)
	}
	op, ok := api.Operations[r.Action]
	if !ok {
		return nil, nil, Refuse("InvalidApi.NotFound", "This product has no operation %q.", r.Action)
	}
	lenient := r.Scheme == V1 && r.Method == http.MethodGet && !g.config.StrictMethods
	if r.Method != op.Method && !lenient {
		return nil, nil, Refuse("UnsupportedHTTPMethod", "%s is called by %s, not by %s.", r.Action, op.Method, r.Method)
	}
	params, err := r.params(op)
	return op, params, err
}

// params takes the parameters of op out of the request.
func (r *Request) params(op *catalog.Operation) (map[string]string, error) {
	params := make(map[string]string, len(op.Params))
	for _, p := range op.Params {
		value, sent := r.param(p)
		switch {
		case !sent && p.Required:
			return nil, missing(p.Name)
		case value == "" && p.Required:
			return nil, Refuse("System.Param.Empty", "The parameter %s has no value.", p.Name)
		case value == "" && (!sent || p.Type != "string"):
			if value = p.Default; value == "" {
				continue
			}
		}
		if unbounded[r.Action+" "+p.Name] {
			p.Minimum, p.Maximum, p.Enum = nil, nil, nil
		}
		if err := check(p, value); err != nil {
			return nil, err
		}
		var err error
		if params[p.Name], err = spell(p, value, several[r.Action+" "+p.Name]); err != nil {
			return nil, err
		}
	}
	return params, nil
}

// check says whether value is of the parameter's type and within its bounds.
func check(p catalog.Param, value string) error {
	switch p.Type {
	case "boolean":
		if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
			return Invalid(p.Name, "is neither true nor false")
		}
	case "int32", "long":
		bits := 64
		if p.Type == "int32" {
			bits = 32
		}
		n, err := strconv.ParseInt(value, 10, bits)
		switch {
		case err != nil:
			return Invalid(p.Name, "is not a number of type %s", p.Type)
		case p.Minimum != nil && n < *p.Minimum:
			return Invalid(p.Name, "is less than %d", *p.Minimum)
		case p.Maximum != nil && n > *p.Maximum:
			return Invalid(p.Name, "is more than %d", *p.Maximum)
		}
	}
	return nil
}

// spell returns the value as the enumeration of the parameter has it, if there is one.
func spell(p catalog.Param, value string, several bool) (string, error) {
	if len(p.Enum) == 0 || value == "" {
		return value, nil
	}
	parts := []string{value}
	if several {
		parts = strings.Split(value, ",")
	}
	for i, part := range parts {
		at := slices.IndexFunc(p.Enum, func(known string) bool { return strings.EqualFold(known, part) })
		if at < 0 {
			return "", Invalid(p.Name, "is none of %s", strings.Join(p.Enum, ", "))
		}
		parts[i] = p.Enum[at]
	}
	return strings.Join(parts, ","), nil
}
