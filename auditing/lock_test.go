package auditing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/lockfile"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// The variables of a process that exports to a directory.
const (
	exportURL = "AUDITING_TEST_URL"
	exportDir = "AUDITING_TEST_DIR"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(exportURL); url != "" {
		client, err := quickbi.NewClient(quickbi.WithEndpoint(url), quickbi.WithAccessKey(quickbitest.AccessKeyID, quickbitest.AccessKeySecret))
		if err == nil {
			_, err = Exporter{Client: client}.Export(context.Background(), os.Getenv(exportDir), CSV, Members)
		}
		fmt.Println(err)
		return
	}
	os.Exit(m.Run())
}

// A directory is for one process at a time. One that was killed is in nobody's way.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	if !lockfile.Supported {
		t.Skip("this system has no locks")
	}
	server, e := newOffice(t)
	dir := filepath.Join(t.TempDir(), "audit")
	begun := make(chan struct{})
	server.Fail("QueryUserList", quickbitest.Delay(time.Hour), 1)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), exportURL+"="+server.URL, exportDir+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(begun)
		for range 1000 {
			for _, call := range server.Calls() {
				if call.Action == "QueryUserList" {
					return
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Error("the other process does not begin")
	}()
	<-begun
	if m, err := e.Export(t.Context(), dir, CSV, Members); !errors.Is(err, ErrInUse) || m != nil {
		t.Errorf("while another process exports: %v", err)
	}
	if got := files(t, dir); len(got) > 2 { // the manifest, and the file that the other one writes
		t.Errorf("%v", got)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	m, err := e.Export(t.Context(), dir, CSV, Members)
	if err != nil {
		t.Fatalf("after the other process was killed: %v", err)
	}
	if err := m.Verify(dir); err != nil || len(m.Files) != 1 || m.Files[0].Rows == 0 {
		t.Errorf("%v, %+v", err, m.Files)
	}
}
