package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

var update = flag.Bool("update", false, "format the catalogue")

const catalogFile = "../../internal/catalog/catalog.json"

// TestRender keeps the catalogue as drift writes it, so that what -adopt changes is
// all that changes.
func TestRender(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(catalogFile)
	if err != nil {
		t.Fatal(err)
	}
	read := func(text []byte) (c catalog.Catalog) {
		t.Helper()
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := read(text)
	rendered, err := render(&c)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(rendered); !reflect.DeepEqual(got, c) {
		t.Error("what is rendered is another catalogue")
	}
	if *update {
		if err := os.WriteFile(catalogFile, rendered, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(rendered, text) {
		t.Error("catalog.json is not formatted as drift -adopt writes it: run go test -run TestRender -update .")
	}
}
