package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// facts is what the package says, in the catalogue's terms. Python knows one type
// of whole numbers and one of others: integer and number.
type facts struct {
	Package    string
	Version    string // of the package
	Operations map[string]*operationFacts
}

type operationFacts struct {
	catalog.Operation
	Version string   // of the API
	Besides []string // members of the answer besides RequestId, Success and Result
}

// A merger compares the catalogue with the package and makes a third one of both:
// the package's facts, except where a difference is known for a reason.
type merger struct {
	known   map[string]string // reasons by subject
	used    map[string]bool   // subjects of known differences that were found
	unknown []string          // the other differences, as text
}

// differs notes a difference and reports whether the package's fact is to be taken.
func (m *merger) differs(subject, format string, args ...any) bool {
	if m.known[subject] != "" {
		m.used[subject] = true
		return false
	}
	m.unknown = append(m.unknown, subject+": "+fmt.Sprintf(format, args...))
	return true
}

// merge returns the merged operations. What is found on the way is in m.
func merge(m *merger, version string, ours map[string]*catalog.Operation, theirs map[string]*operationFacts) map[string]*catalog.Operation {
	m.used = map[string]bool{}
	merged := map[string]*catalog.Operation{}
	for _, action := range union(ours, theirs) {
		our, their := ours[action], theirs[action]
		switch {
		case our == nil:
			if m.differs(action, "only the package has this operation") {
				our = &catalog.Operation{Method: their.Method, Errors: []string{}}
				our.Params, our.Result = wideParams(their.Params), wideResult(their.Result)
				merged[action] = our
			}
			continue
		case their == nil:
			if !m.differs(action, "the package does not have this operation") {
				merged[action] = our
			}
			continue
		}
		// The catalogue has no place for these two: they can only be known.
		if their.Version != version {
			m.differs(action+" version", "%s, the package calls %s", version, their.Version)
		}
		if len(their.Besides) > 0 {
			m.differs(action+" answer", "the package reads %q besides the result", their.Besides)
		}
		op := *our
		if our.Method != their.Method && m.differs(action+" method", "%s, the package sends %s", our.Method, their.Method) {
			op.Method = their.Method
		}
		op.Params = mergeLists(m, action+" parameter ", our.Params, wideParams(their.Params), func(p catalog.Param) string { return p.Name }, m.param)
		op.Result = m.result(action+" result", our.Result, wideResult(their.Result))
		merged[action] = &op
	}
	return merged
}

// stale returns the known differences that were not found.
func (m *merger) stale() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m.known)), func(subject string) bool { return m.used[subject] })
}

func (m *merger) param(subject string, our, their catalog.Param) catalog.Param {
	if wide(our.Type) != their.Type && m.differs(subject+" type", "%s, the package has %s", our.Type, their.Type) {
		our.Type = their.Type
	}
	if our.In != their.In && m.differs(subject+" place", "in the %s, the package puts it into the %s", our.In, their.In) {
		our.In = their.In
	}
	if our.Required != their.Required && m.differs(subject+" required", "%t, the package has %t", our.Required, their.Required) {
		our.Required = their.Required
	}
	return our
}

func (m *merger) result(subject string, our, their catalog.Result) catalog.Result {
	if wide(our.Type) != their.Type {
		if m.differs(subject, "%s, the package has %s", cmp.Or(our.Type, "nothing"), cmp.Or(their.Type, "nothing")) {
			return their
		}
		return our
	}
	our.Fields = mergeLists(m, subject+".", our.Fields, their.Fields, func(r catalog.Result) string { return r.Name }, m.result)
	if our.Items != nil && their.Items != nil {
		items := m.result(subject+"[]", *our.Items, *their.Items)
		our.Items = &items
	}
	return our
}

// mergeLists merges what has a name, in the order of the names.
func mergeLists[T any](m *merger, prefix string, ours, theirs []T, name func(T) string, both func(subject string, our, their T) T) (merged []T) {
	our, their := map[string]T{}, map[string]T{}
	for _, e := range ours {
		our[name(e)] = e
	}
	for _, e := range theirs {
		their[name(e)] = e
	}
	for _, n := range union(our, their) {
		o, inOurs := our[n]
		t, inTheirs := their[n]
		switch {
		case !inOurs:
			if m.differs(prefix+n, "only the package has it") {
				merged = append(merged, t)
			}
		case !inTheirs:
			if !m.differs(prefix+n, "the package does not have it") {
				merged = append(merged, o)
			}
		default:
			merged = append(merged, both(prefix+n, o, t))
		}
	}
	return merged
}

// wide returns the widest of the types that are one type in Python.
func wide(typ string) string {
	switch typ {
	case "int32", "integer":
		return "long"
	case "float", "number":
		return "double"
	}
	return typ
}

func wideParams(params []catalog.Param) []catalog.Param {
	params = slices.Clone(params)
	for i := range params {
		params[i].Type = wide(params[i].Type)
	}
	return params
}

func wideResult(r catalog.Result) catalog.Result {
	r.Type = wide(r.Type)
	r.Fields = slices.Clone(r.Fields)
	for i := range r.Fields {
		r.Fields[i] = wideResult(r.Fields[i])
	}
	if r.Items != nil {
		items := wideResult(*r.Items)
		r.Items = &items
	}
	return r
}

// union returns the keys of both maps in alphabetical order.
func union[A, B any](a map[string]A, b map[string]B) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
