package quickbi

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A CallOption changes one call. Every method, every iterator and [Client.Do] take
// them. An iterator applies them to each page's call.
type CallOption func(*callConfig) error

// A DoOption changes one call of [Client.Do]. Every [CallOption] is one.
// [AsRead], [AsCostlyRead], [AsGet] and [InBody] exist for Do alone: a method
// knows its operation.
type DoOption interface {
	apply(*callConfig) error
}

type doOption func(*callConfig) error

func (o CallOption) apply(cfg *callConfig) error {
	if o == nil {
		return errNilOption
	}
	return o(cfg)
}

func (o doOption) apply(cfg *callConfig) error { return o(cfg) }

var errNilOption = errors.New("an option is nil")

// callConfig is one call: the operation, its parameters and the effective options.
type callConfig struct {
	operation
	params      params
	timeout     time.Duration // of each attempt
	retry       RetryPolicy
	retryWrites bool
	header      http.Header // further headers; nil: none

	undocumented bool // send values that are not documented
}

// configure applies the options of one call on top of the client's.
func configure[O DoOption](c *Client, op operation, p params, opts []O) (callConfig, error) {
	if c == nil || c.httpClient == nil {
		return callConfig{}, invalidRequest(op.action, errors.New("the client was not made with NewClient"))
	}
	cfg := callConfig{operation: op, params: p, retry: c.retry, retryWrites: c.retryWrites}
	if len(opts) == 0 {
		cfg.timeout = max(op.documentedTimeout, c.timeout)
		return cfg, nil // which stays on the stack
	}
	changed := cfg
	var problems []error
	for _, opt := range opts {
		if any(opt) == nil {
			problems = append(problems, errNilOption)
		} else if err := opt.apply(&changed); err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) > 0 {
		return callConfig{}, invalidRequest(op.action, problems...)
	}
	if changed.timeout == 0 {
		changed.timeout = max(changed.documentedTimeout, c.timeout)
	}
	return changed, nil
}

// CallTimeout limits each attempt of the call, whatever [WithTimeout] says and the
// operation documents. The context limits the call as a whole.
func CallTimeout(d time.Duration) CallOption {
	return func(cfg *callConfig) error {
		if d <= 0 {
			return errors.New("CallTimeout: not a positive duration")
		}
		cfg.timeout = d
		return nil
	}
}

// CallRetry replaces the policy of [WithRetryPolicy]. RetryPolicy{MaxAttempts: 1}
// sends the call once.
func CallRetry(p RetryPolicy) CallOption {
	return func(cfg *callConfig) error {
		cfg.retry = p.withDefaults()
		if err := p.validate(); err != nil {
			return fmt.Errorf("CallRetry: %w", err)
		}
		return nil
	}
}

// CallRetryWrites is [WithRetryWrites] for one call: use it for writes whose
// second execution changes nothing.
func CallRetryWrites() CallOption {
	return func(cfg *callConfig) error {
		cfg.retryWrites = true
		return nil
	}
}

// CallHeader adds an HTTP header to every attempt of the call, such as a request id
// or the traceparent of a trace. The service ignores headers that it does not know,
// and the signature does not cover them. Headers that this package sets itself are
// refused. A repeated name replaces the value.
func CallHeader(name, value string) CallOption {
	return func(cfg *callConfig) error {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case !isHeaderName(name):
			return fmt.Errorf("CallHeader: %q is not the name of a header", name)
		case reservedHeaders[canonical] || strings.HasPrefix(canonical, "X-Acs-"):
			return fmt.Errorf("CallHeader: the client itself sets %s", canonical)
		case !isHeaderValue(value):
			return fmt.Errorf("CallHeader: the value of %s holds a control character", canonical)
		}
		if cfg.header == nil {
			cfg.header = make(http.Header, 1)
		}
		cfg.header[canonical] = []string{value}
		return nil
	}
}

// CallUndocumented sends values of enumerated parameters that the documentation
// does not list, and days before those that [Client.QueryAuditLog] documents.
// Without it they are refused: the service may ignore a value that it does not
// know. It is for a service that is newer than this package.
func CallUndocumented() CallOption {
	return func(cfg *callConfig) error {
		cfg.undocumented = true
		return nil
	}
}

// reservedHeaders belong to the connection, to the signature or to the body.
var reservedHeaders = map[string]bool{
	"Accept": true, "Accept-Encoding": true, "Authorization": true, "Connection": true, "Content-Encoding": true,
	"Content-Length": true, "Content-Type": true, "Date": true, "Expect": true, "Host": true, "Keep-Alive": true,
	"Proxy-Authorization": true, "Proxy-Connection": true, "Te": true, "Trailer": true, "Transfer-Encoding": true,
	"Upgrade": true, "User-Agent": true,
}

// isHeaderName reports whether s is a token of RFC 9110.
func isHeaderName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// isHeaderValue reports whether s holds no control characters but tabs.
func isHeaderValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// AsRead says that the operation changes nothing. It may then be sent again after
// any transient failure.
func AsRead() DoOption {
	return doOption(func(cfg *callConfig) error {
		cfg.access = readAccess
		return nil
	})
}

// AsCostlyRead says that the operation changes nothing, but takes long and costs
// something, like a question to a language model. Each attempt has a minute unless
// [CallTimeout] says otherwise. It is sent again only after a failure that proves
// that it was not executed.
func AsCostlyRead() DoOption {
	return doOption(func(cfg *callConfig) error {
		cfg.access, cfg.documentedTimeout = costlyAccess, longTimeout
		return nil
	})
}

// AsGet sends the operation with GET instead of POST.
func AsGet() DoOption {
	return doOption(func(cfg *callConfig) error {
		cfg.method = http.MethodGet
		return nil
	})
}

// InBody sends parameters in the body instead of the query. A name that is not among the
// parameters is an error: they may hold a password, which the query shows to proxies.
func InBody(names ...string) DoOption {
	return doOption(func(cfg *callConfig) error {
		p := &cfg.params
		unknown := problems{action: cfg.action}
		for _, name := range names {
			if v, ok := p.query[name]; ok {
				if p.form == nil {
					p.form = make(url.Values, len(names))
				}
				p.form[name] = v
				delete(p.query, name)
			} else if !p.form.Has(name) {
				unknown.add(shownName(name), "is named by InBody, but it is not given")
			}
		}
		return unknown.err()
	})
}

// ownNames refuses parameters of [Client.Do] that the signers would replace, or send
// beside the client's.
func ownNames(cfg *callConfig) error {
	refused := problems{action: cfg.action}
	for _, name := range slices.Sorted(maps.Keys(cfg.params.query)) {
		switch {
		case name == "":
			refused.add(shownName(name), "has no name")
		case clientParameters[name]:
			refused.add(name, "is set by the client itself")
		}
	}
	return refused.err()
}

// shownName returns the name of a parameter in an error, which an empty one would not
// be seen in.
func shownName(name string) string {
	if name == "" {
		return `""`
	}
	return name
}
