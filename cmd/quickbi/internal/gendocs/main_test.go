package main

import (
	"bytes"
	"os"
	"testing"
)

// The comments that the command shows are those of the package as it is.
func TestUpToDate(t *testing.T) {
	t.Parallel()
	want, err := Generate("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../operations.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("operations.json is out of date: run go generate in cmd/quickbi")
	}
}
