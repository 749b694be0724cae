package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	broken := errors.New("broken")
	write := func(text string, err error) error {
		return Write(path, func(w io.Writer) error {
			_, writeErr := io.WriteString(w, text)
			return errors.Join(writeErr, err)
		})
	}
	check := func(want string) {
		t.Helper()
		got, err := os.ReadFile(path)
		if want == "" && !errors.Is(err, os.ErrNotExist) || string(got) != want {
			t.Errorf("the file has %q (%v), want %q", got, err, want)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) > 1 {
			t.Errorf("%d files are left (%v)", len(entries), err)
		}
	}

	if err := write("half", broken); !errors.Is(err, broken) {
		t.Errorf("a failing write: %v", err)
	}
	check("")
	if err := write("first", nil); err != nil {
		t.Error(err)
	}
	check("first")
	if err := write("half of the sec", broken); !errors.Is(err, broken) {
		t.Errorf("a failing write: %v", err)
	}
	check("first")
	if err := write("second", nil); err != nil {
		t.Error(err)
	}
	check("second")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
	if err := Write(filepath.Join(dir, "none", "x"), func(io.Writer) error { return nil }); err == nil {
		t.Error("there is no such directory")
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "odd[name")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	names := []string{".other-1.tmp", ".plan-1.tmp", ".plan.json-1.tmp", "plan-1.tmp", "plan.json"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Clean(dir, "plan"); err != nil {
		t.Error(err)
	}
	for i, name := range names {
		_, err := os.Stat(filepath.Join(dir, name))
		if gone := i == 1 || i == 2; gone != errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Clean(filepath.Join(dir, "none"), "plan"); err == nil {
		t.Error("there is no such directory")
	}
}
