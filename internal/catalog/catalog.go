// Package catalog holds the facts of the Quick BI API that the emulator and the
// conformance tests are driven by: every operation with its parameters, result
// tree and error codes. It contains no documentation text.
//
// The client itself does not import it: a program that only calls Quick BI
// does not carry the catalogue.
package catalog

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// Catalog is the whole API.
type Catalog struct {
	Product    string                `json:"product"`
	Version    string                `json:"version"`
	Endpoints  map[string]string     `json:"endpoints"` // region → host
	Sections   []Section             `json:"sections"`  // in the documentation's order
	Operations map[string]*Operation `json:"operations"`
}

// Section is one chapter of the documentation, and one source file of the client.
type Section struct {
	File  string `json:"file"` // without .go
	Title string `json:"title"`
}

// Operation is one documented operation. Its action is its key in the catalogue.
type Operation struct {
	Section        string   `json:"section"`
	Method         string   `json:"method"`                   // HTTP method
	Access         string   `json:"access"`                   // "read", "costly read" (not to be paid for twice) or "write"
	TimeoutSeconds int      `json:"timeoutSeconds,omitempty"` // 0: the usual 10
	PerSecond      int      `json:"perSecond,omitempty"`      // 0: the usual 50
	Deprecated     bool     `json:"deprecated,omitempty"`
	Params         []Param  `json:"params"`
	Result         Result   `json:"result"`
	Errors         []string `json:"errors"` // empty: not documented, the common codes apply
}

// Param is one request parameter.
type Param struct {
	Name       string   `json:"name"` // on the wire
	Type       string   `json:"type"` // string, boolean, int32 or long
	In         string   `json:"in"`   // query or body
	Required   bool     `json:"required,omitempty"`
	Deprecated bool     `json:"deprecated,omitempty"`
	Minimum    *int64   `json:"minimum,omitempty"`
	Maximum    *int64   `json:"maximum,omitempty"`
	Default    string   `json:"default,omitempty"`
	Enum       []string `json:"enum,omitempty"`
}

// Result is one node of a result tree: object nodes have Fields, array nodes Items.
type Result struct {
	Name   string   `json:"name,omitempty"` // on the wire; empty for the root and for items
	Type   string   `json:"type"`           // string, boolean, int32, long, double, float, object, array, map or any
	Fields []Result `json:"fields,omitempty"`
	Items  *Result  `json:"items,omitempty"`
}

// ErrorCode says where a documented code is seen.
type ErrorCode struct {
	HTTP       []int    `json:"http"`       // documented statuses
	Operations []string `json:"operations"` // ["*"]: nearly all
}

//go:embed catalog.json
var catalogJSON []byte

//go:embed errors.json
var errorsJSON []byte

// Load returns the catalogue. Callers share one copy and must not change it.
var Load = sync.OnceValue(func() *Catalog { return parse[*Catalog](catalogJSON) })

// Errors returns the documented error codes. Callers share one copy and must not change it.
var Errors = sync.OnceValue(func() map[string]ErrorCode { return parse[map[string]ErrorCode](errorsJSON) })

func parse[T any](data []byte) T {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		panic("catalog: " + err.Error()) // the data is compiled in: a bug, and the tests would have met it
	}
	return v
}
