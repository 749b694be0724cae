package witness

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHelpExample runs the example at the end of the emulator's help: what it says must
// work with Alibaba Cloud's own client. It is not parallel: the witnesses install the same
// client.
func TestHelpExample(t *testing.T) {
	l := languages["Python"]
	if err := l.missing(); err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip(err)
	}
	program := filepath.Join(t.TempDir(), "quickbi-emulator")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/quickbi-go/quickbi/cmd/quickbi-emulator").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	help, err := exec.CommandContext(t.Context(), program, "-h").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, help)
	}
	_, example, ok := strings.Cut(string(help), "\nPython, with alibabacloud_quickbi_public20220101:\n\n\t")
	if !ok || !strings.Contains(example, "127.0.0.1:8080") {
		t.Fatalf("the help has no example in Python:\n%s", help)
	}
	dir, err := l.installed(t.Context(), "Python")
	if err != nil {
		t.Fatal(err)
	}
	example = strings.ReplaceAll(example, "\n\t", "\n")
	example = strings.ReplaceAll(example, "127.0.0.1:8080", startEmulator(t, program).host)
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "venv", "bin", "python"), "-c", example).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "'UserId': '00000000000000000000000000000001'") {
		t.Errorf("%v\n%s", err, out)
	}
}
