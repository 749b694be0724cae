package lockfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const pathVariable = "LOCKFILE_TEST_PATH"

// TestMain holds a lock until its process is killed, if it is told to.
func TestMain(m *testing.M) {
	if path := os.Getenv(pathVariable); path != "" {
		_, err := Acquire(path)
		fmt.Println(err)
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	os.Exit(m.Run())
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	if !Supported {
		t.Skip("this system has no locks")
	}
	path := filepath.Join(t.TempDir(), ".lock")
	hold := func() (answer string, kill func()) {
		t.Helper()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), pathVariable+"="+path)
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = stdin.Close() })
		if answer, err = bufio.NewReader(stdout).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		return answer, func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	answer, kill := hold()
	if answer != "<nil>\n" {
		t.Fatalf("%s", answer)
	}
	if _, err := Acquire(path); !errors.Is(err, ErrHeld) {
		t.Errorf("while another process has it: %v", err)
	}
	kill() // a crash leaves no lock
	var release func() error
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if release, err = Acquire(path); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatalf("after the process has gone: %v", err)
	}
	if _, err := Acquire(path); !errors.Is(err, ErrHeld) {
		t.Errorf("twice in one process: %v", err)
	}
	if answer, kill := hold(); answer != "it is locked by "+path+"\n" {
		t.Errorf("the other process: %s", answer)
		kill()
	} else {
		kill()
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = Acquire(path); err != nil {
		t.Fatalf("after it was released: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

func TestNoDirectory(t *testing.T) {
	t.Parallel()
	if _, err := Acquire(filepath.Join(t.TempDir(), "nowhere", ".lock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
