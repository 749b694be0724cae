package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestRun reads a made-up package of the generator's shape in testdata/site, adopts
// it into an empty catalogue, and finds that they agree.
func TestRun(t *testing.T) {
	site := installed(t, "testdata/site")

	var printed bytes.Buffer
	if err := run(nil, &printed, os.Stderr); err != nil {
		t.Fatal(err)
	}
	const want = `{"package": "alibabacloud-quickbi-public20220101", "version": "7.8.9", "operations": {
		"PaintFence": {"method": "POST", "version": "2022-01-01",
			"params": [{"name": "FenceID", "type": "string", "in": "query", "required": true}, {"name": "Colors", "type": "integer", "in": "body"}],
			"result": {"type": "boolean"}, "besides": ["Code"]},
		"ListFencesV2": {"method": "GET", "version": "2022-01-01",
			"params": [{"name": "Page", "type": "integer", "in": "query"}],
			"result": {"type": "array", "items": {"type": "object", "fields": [
				{"name": "Length", "type": "number"}, {"name": "Notes", "type": "map", "items": {"type": "any"}}]}}},
		"Rest": {"method": "POST", "version": "2022-01-01", "params": []}}}`
	if got := parse[any](t, printed.String()); !reflect.DeepEqual(got, parse[any](t, want)) {
		t.Fatalf("facts: %s", printed.Bytes())
	}

	file := filepath.Join(t.TempDir(), "catalog.json")
	const empty = `{"product": "quickbi-public", "version": "2022-01-01", "endpoints": {}, "sections": [], "operations": {}}`
	if err := os.WriteFile(file, []byte(empty), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run([]string{"-catalog", file, "-diff"}, &out, os.Stderr); err == nil || !strings.Contains(out.String(), "PaintFence: only the package") {
		t.Errorf("-diff against nothing: %v, printed %q", err, out.String())
	}
	if text, _ := os.ReadFile(file); string(text) != empty {
		t.Error("-diff changes the catalogue")
	}
	if err := run([]string{"-catalog", file, "-adopt"}, &out, os.Stderr); err != nil {
		t.Errorf("-adopt: %v", err)
	}
	text, _ := os.ReadFile(file)
	if !json.Valid(text) || !strings.Contains(string(text), `{"name": "Length", "type": "double"}`) {
		t.Errorf("adopted: %s", text)
	}
	// All that is left is what the catalogue has no place for.
	out.Reset()
	if err := run([]string{"-catalog", file, "-diff"}, &out, os.Stderr); err == nil || out.String() != "PaintFence answer: the package reads [\"Code\"] besides the result\n" {
		t.Errorf("-diff after -adopt: %v, printed %q", err, out.String())
	}

	// A shape that the reader does not know is an error, not half a catalogue.
	client := filepath.Join(site, "alibabacloud_quickbi_public20220101", "client.py")
	source, err := os.ReadFile(client)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"another name on the wire": {"query['FenceID'] = request.fence_id", "query['FenceId'] = request.fence_id"},
		"a parameter not sent":     {"body['Colors'] = request.colors", "pass"},
		"a value computed":         {"query['FenceID'] = request.fence_id", "query['FenceID'] = shorten(request.fence_id)"},
	} {
		changed := strings.Replace(string(source), change[0], change[1], 1)
		if err := os.WriteFile(client, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run([]string{"-catalog", file, "-diff"}, &out, os.Stderr); err == nil || !strings.Contains(err.Error(), "paint_fence") {
			t.Errorf("%s: %v, want an error that names the method", name, err)
		}
	}
}

func TestRunWithoutPackage(t *testing.T) {
	installed(t, "testdata") // has no package
	err := run(nil, os.Stderr, os.Stderr)
	if err == nil || !strings.Contains(err.Error(), "is not installed") {
		t.Errorf("got %v, want that it is not installed", err)
	}
}

// installed lets python3 find what is in a copy of the folder, and returns the copy.
func installed(t *testing.T, folder string) string {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	site := t.TempDir()
	if err := os.CopyFS(site, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", site)
	return site
}
