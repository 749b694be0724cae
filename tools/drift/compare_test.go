package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	const ours = `{
		"Same":    {"method": "POST", "section": "user", "access": "read", "errors": ["X"],
		            "params": [{"name": "Count", "type": "int32", "in": "query", "required": true, "maximum": 9}],
		            "result": {"type": "object", "fields": [{"name": "Size", "type": "float"}]}},
		"Gone":    {"method": "POST", "params": [], "result": {"type": "boolean"}, "errors": []},
		"Changed": {"method": "GET", "section": "user", "access": "write", "errors": ["Y"],
		            "params": [{"name": "Alpha", "type": "string", "in": "query"},
		                       {"name": "Beta", "type": "string", "in": "query", "deprecated": true},
		                       {"name": "Old", "type": "string", "in": "query"}],
		            "result": {"type": "array", "items": {"type": "object", "fields": [
		                       {"name": "Id", "type": "string"}, {"name": "Lost", "type": "string"}]}}}
	}`
	const theirs = `{
		"Same":    {"method": "POST", "version": "1",
		            "params": [{"name": "Count", "type": "integer", "in": "query", "required": true}],
		            "result": {"type": "object", "fields": [{"name": "Size", "type": "number"}]}},
		"Added":   {"method": "POST", "version": "1",
		            "params": [{"name": "Count", "type": "integer", "in": "body"}],
		            "result": {"type": "array", "items": {"type": "number"}}},
		"Changed": {"method": "POST", "version": "2", "besides": ["Code"],
		            "params": [{"name": "Alpha", "type": "boolean", "in": "query", "required": true},
		                       {"name": "Beta", "type": "string", "in": "body"},
		                       {"name": "New", "type": "integer", "in": "query"}],
		            "result": {"type": "array", "items": {"type": "object", "fields": [
		                       {"name": "Id", "type": "integer"}, {"name": "Fresh", "type": "boolean"}]}}}
	}`
	const merged = `{
		"Same":    {"method": "POST", "section": "user", "access": "read", "errors": ["X"],
		            "params": [{"name": "Count", "type": "int32", "in": "query", "required": true, "maximum": 9}],
		            "result": {"type": "object", "fields": [{"name": "Size", "type": "float"}]}},
		"Added":   {"method": "POST", "errors": [],
		            "params": [{"name": "Count", "type": "long", "in": "body"}],
		            "result": {"type": "array", "items": {"type": "double"}}},
		"Changed": {"method": "POST", "section": "user", "access": "write", "errors": ["Y"],
		            "params": [{"name": "Alpha", "type": "boolean", "in": "query", "required": true},
		                       {"name": "Beta", "type": "string", "in": "body", "deprecated": true},
		                       {"name": "New", "type": "long", "in": "query"}],
		            "result": {"type": "array", "items": {"type": "object", "fields": [
		                       {"name": "Fresh", "type": "boolean"}, {"name": "Id", "type": "long"}]}}}
	}`
	found := []string{
		"Added: only the package has this operation",
		"Changed version: 1, the package calls 2",
		`Changed answer: the package reads ["Code"] besides the result`,
		"Changed method: GET, the package sends POST",
		"Changed parameter Alpha type: string, the package has boolean",
		"Changed parameter Alpha required: false, the package has true",
		"Changed parameter Beta place: in the query, the package puts it into the body",
		"Changed parameter New: only the package has it",
		"Changed parameter Old: the package does not have it",
		"Changed result[].Fresh: only the package has it",
		"Changed result[].Id: string, the package has long",
		"Changed result[].Lost: the package does not have it",
		"Gone: the package does not have this operation",
	}
	subjects := []string{
		"Added", "Changed version", "Changed answer", "Changed method", "Changed parameter Alpha type", "Changed parameter Alpha required",
		"Changed parameter Beta place", "Changed parameter New", "Changed parameter Old", "Changed result[].Fresh", "Changed result[].Id",
		"Changed result[].Lost", "Gone",
	}

	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		var m merger
		got := merge(&m, "1", parse[map[string]*catalog.Operation](t, ours), parse[map[string]*operationFacts](t, theirs))
		if !slices.Equal(m.unknown, found) {
			t.Errorf("found\n%q, want\n%q", m.unknown, found)
		}
		if want := parse[map[string]*catalog.Operation](t, merged); !reflect.DeepEqual(got, want) {
			t.Errorf("merged %s", marshal(t, got))
		}
	})
	t.Run("known", func(t *testing.T) {
		t.Parallel()
		m := merger{known: map[string]string{"Nothing": "is not found"}}
		for _, subject := range subjects {
			m.known[subject] = "for a reason"
		}
		want := parse[map[string]*catalog.Operation](t, ours)
		got := merge(&m, "1", parse[map[string]*catalog.Operation](t, ours), parse[map[string]*operationFacts](t, theirs))
		if len(m.unknown) > 0 || !slices.Equal(m.stale(), []string{"Nothing"}) {
			t.Errorf("unknown: %q; stale: %q, want Nothing", m.unknown, m.stale())
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("known differences change the catalogue to %s", marshal(t, got))
		}
	})
}

func parse[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}
