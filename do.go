package quickbi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/quickbi-go/quickbi/internal/json"
)

// Do calls an operation without a method in this package. It is signed, limited,
// retried and checked like any other; without [AsRead] or [AsCostlyRead] it counts
// as a write. The Result of the answer is decoded into out, a pointer, unless out is
// nil. Parameters that the client itself sets, such as Action, Version and Format, are
// refused.
func (c *Client) Do(ctx context.Context, action string, parameters url.Values, out any, opts ...DoOption) error {
	if err := checkAction(action); err != nil {
		return c.inLanguage(invalidRequest("Do", err))
	}
	result := reflect.ValueOf(out)
	if out != nil && (result.Kind() != reflect.Pointer || result.IsNil()) {
		return c.inLanguage(invalidRequest(action, fmt.Errorf("the result goes into a %T, which is not a pointer to a variable", out)))
	}
	p := params{query: make(url.Values, len(parameters))}
	for name, v := range parameters {
		p.query[name] = v
	}
	cfg, err := configure(c, write(action), p, append([]DoOption{doOption(ownNames)}, opts...))
	if err != nil {
		return c.inLanguage(err)
	}
	if out != nil {
		result.Elem().SetZero()
	}
	return c.do(ctx, cfg, &doAnswer{out: out})
}

// doAnswer is the answer of [Client.Do]. Only the caller knows the type of its result.
type doAnswer struct {
	envelope[json.Value]
	out any
}

func (a *doAnswer) bind() error {
	if a.out == nil {
		return nil
	}
	result := reflect.ValueOf(a.out).Elem()
	if isMissingResult(a.Result) {
		switch result.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
			return nil
		}
		return errNoResult
	}
	err := unmarshal(a.Result, a.out, exactOptions, tolerantExactOptions())
	if err != nil {
		result.SetZero()
	}
	return err
}

// checkAction reports a name that cannot be that of an operation.
func checkAction(action string) error {
	if action == "" {
		return errors.New("the action is empty")
	}
	if strings.Trim(action, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") != "" || len(action) > 128 {
		return errors.New("the action is not the name of an operation: it holds characters other than letters and digits, or ends with a line break")
	}
	return nil
}
