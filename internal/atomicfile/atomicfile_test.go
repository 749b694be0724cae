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
