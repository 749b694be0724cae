package quickbi

import (
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi/internal/json"
)

// GlobalOperator is the operator of a [GlobalCondition].
type GlobalOperator string

// The operators of global parameters.
const (
	GlobalEqual          GlobalOperator = "="
	GlobalGreater        GlobalOperator = ">"
	GlobalGreaterOrEqual GlobalOperator = ">="
	GlobalLess           GlobalOperator = "<"
	GlobalLessOrEqual    GlobalOperator = "<="
	GlobalIn             GlobalOperator = "in"         // one of several values
	GlobalLike           GlobalOperator = "like"       // LIKE '%value%'
	GlobalContain        GlobalOperator = "contain"    // LIKE '%value%'
	GlobalStartWith      GlobalOperator = "start-with" // LIKE 'value%'
	GlobalEndWith        GlobalOperator = "end-with"   // LIKE '%value'
)

func (GlobalOperator) documented() []string {
	return []string{
		string(GlobalEqual), string(GlobalGreater), string(GlobalGreaterOrEqual), string(GlobalLess), string(GlobalLessOrEqual),
		string(GlobalIn), string(GlobalLike), string(GlobalContain), string(GlobalStartWith), string(GlobalEndWith),
	}
}

// takesOne reports whether the operator takes a single value.
func (o GlobalOperator) takesOne() bool {
	switch o {
	case GlobalEqual, GlobalGreater, GlobalGreaterOrEqual, GlobalLess, GlobalLessOrEqual,
		GlobalLike, GlobalContain, GlobalStartWith, GlobalEndWith:
		return true
	}
	return false
}

// GlobalJoinAnd joins conditions: all must hold. The service has no other join.
const GlobalJoinAnd = "and"

// GlobalParam sets a global parameter of a report:
//
//	quickbi.GlobalParamOf("area", quickbi.GlobalIn, "华东", "华北")
//	quickbi.GlobalParamOf("price", quickbi.GlobalGreater, "0").And(quickbi.GlobalLess, "100")
//
// The published report must have a parameter with that key. A parameter of charts
// restricts the data. A parameter of a query control only sets a default that the
// viewer can change: it protects nothing.
type GlobalParam struct {
	Key        string            `json:"paramKey"`
	JoinType   string            `json:"joinType"` // GlobalJoinAnd, also if it is left out
	Conditions []GlobalCondition `json:"conditionList"`

	original `json:"-"`
}

// GlobalParamOf returns a parameter with one condition.
func GlobalParamOf(key string, operator GlobalOperator, values ...string) GlobalParam {
	return GlobalParam{Key: key, JoinType: GlobalJoinAnd}.And(operator, values...)
}

// And returns the parameter with one more condition.
func (p GlobalParam) And(operator GlobalOperator, values ...string) GlobalParam {
	p.Conditions = append(slices.Clip(p.Conditions), GlobalCondition{Operator: operator, Values: values})
	return p
}

// MarshalJSON writes the documented JSON, with the members that the parameter was read
// with.
func (p GlobalParam) MarshalJSON() ([]byte, error) {
	type plain GlobalParam
	if p.JoinType == "" {
		p.JoinType = GlobalJoinAnd
	}
	return writeDocument[plain](p, documentValues)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *GlobalParam) UnmarshalJSON(text []byte) (err error) {
	type plain GlobalParam
	p.original, err = readDocument(text, (*plain)(p))
	return err
}

// GlobalCondition is one condition of a [GlobalParam].
type GlobalCondition struct {
	Operator GlobalOperator `json:"operate"`
	Values   []string       `json:"value"` // several for GlobalIn, else one; numbers and dates as text, too

	original `json:"-"`
}

// globalConditionWire is a condition as JSON; Value is a text, or a list of texts.
type globalConditionWire struct {
	Operator GlobalOperator `json:"operate"`
	Value    any            `json:"value"`
}

// MarshalJSON writes the documented JSON, an array for GlobalIn, else a text, with the
// members that the condition was read with.
func (c GlobalCondition) MarshalJSON() ([]byte, error) {
	return writeMembers(c, func(c GlobalCondition) any {
		wire := globalConditionWire{Operator: c.Operator, Value: c.Values}
		if len(c.Values) == 1 && !strings.EqualFold(string(c.Operator), string(GlobalIn)) {
			wire.Value = c.Values[0]
		}
		return wire
	}, documentValues)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *GlobalCondition) UnmarshalJSON(text []byte) error {
	var wire globalConditionWire
	came, err := readDocument(text, &wire)
	*c = GlobalCondition{Operator: wire.Operator, original: came}
	list, several := wire.Value.([]any)
	if !several && wire.Value != nil {
		list = []any{wire.Value}
	}
	for _, value := range list {
		switch value.(type) {
		case []any, map[string]any, nil: // which Values cannot hold
			c.Values = nil
			return err
		}
		c.Values = append(c.Values, fmt.Sprint(value))
	}
	return err
}

// GlobalParams are the global parameters of a ticket. The conditions of all of them
// must hold. The type writes the form that the service expects: compact JSON,
// percent-encoded once more, because the service decodes it twice.
type GlobalParams []GlobalParam

// EncodeValues writes the array as a parameter.
func (p GlobalParams) EncodeValues(key string, v *url.Values) error {
	if err := encodeJSON(key, []GlobalParam(p), v); err != nil {
		return err
	}
	v.Set(key, string(appendEscaped(nil, v.Get(key))))
	return nil
}

// UnmarshalJSON reads an array, in a string or not. The documentation shows one with
// quotes as HTML entities and with further text at the end.
func (p *GlobalParams) UnmarshalJSON(text []byte) error {
	type plain []GlobalParam
	if json.Value(text).Kind() != '"' {
		return decodeQuoted(text, (*plain)(p))
	}
	var s string
	if err := json.Unmarshal(text, &s, decodeOptions); err != nil {
		return err
	}
	*p = nil
	if strings.TrimSpace(s) == "" {
		return nil
	}
	unescaped, err := url.PathUnescape(s)
	if err != nil {
		unescaped = ""
	}
	var first error
	for _, form := range [...]string{s, html.UnescapeString(s), unescaped} {
		array := form[:strings.LastIndexByte(form, ']')+1]
		err := json.Unmarshal([]byte(array), (*plain)(p), decodeOptions)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
		*p = nil
	}
	return first
}

// matchesPart reports whether the operator searches for a part of a text.
func (o GlobalOperator) matchesPart() bool {
	switch o {
	case GlobalLike, GlobalContain, GlobalStartWith, GlobalEndWith:
		return true
	}
	return false
}

// check reports parameters that the service would refuse or, worse, ignore.
func (p GlobalParams) check(parameter string, problem func(parameter, text string)) {
	keys := make(map[string]bool, len(p))
	for i, param := range p {
		report := func(format string, args ...any) {
			problem(parameter, fmt.Sprintf(format, args...)+fmt.Sprintf(" at index %d", i))
		}
		if param.Key == "" {
			report("has no paramKey")
		}
		if keys[param.Key] {
			report("repeats the paramKey %q: which one counts is not documented", param.Key)
		}
		keys[param.Key] = true
		if param.JoinType != "" && param.JoinType != GlobalJoinAnd {
			report("joins by %q, which only %q can", param.JoinType, GlobalJoinAnd)
		}
		if len(param.Conditions) == 0 {
			report("has no condition")
		}
		for _, c := range param.Conditions {
			switch {
			case c.Operator == "":
				report("has a condition without operator")
			case len(c.Values) == 0:
				report("has no value for the operator %s", c.Operator)
			case len(c.Values) > 1 && c.Operator.takesOne():
				report("has %d values for the operator %s", len(c.Values), c.Operator)
			case c.Operator.matchesPart() && strings.TrimSpace(c.Values[0]) == "":
				report("has an empty value for the operator %s, which every text matches: nothing would be filtered", c.Operator)
			}
		}
	}
}
