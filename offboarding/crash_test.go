package offboarding

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// TestMain applies a plan if it runs in a process that is to be killed.
func TestMain(m *testing.M) {
	if url := os.Getenv("OFFBOARDING_APPLY"); url != "" {
		os.Exit(applySaved(url))
	}
	os.Exit(m.Run())
}

func applySaved(url string) int {
	client, err := quickbi.NewClient(quickbi.WithEndpoint(url), quickbi.WithAccessKey(os.Getenv("OFFBOARDING_ID"), os.Getenv("OFFBOARDING_SECRET")))
	if err != nil {
		return 1
	}
	file, err := os.Open(os.Getenv("OFFBOARDING_PLAN"))
	if err != nil {
		return 1
	}
	defer file.Close()
	plan, err := Offboarder{Client: client, Reports: os.Getenv("OFFBOARDING_REPORTS")}.Decode(file)
	if err != nil {
		return 1
	}
	if _, err := plan.Apply(context.Background()); err != nil {
		return 1
	}
	return 0
}

// TestKilled kills a process while it deletes a member. What is left tells what was
// done, and is enough to put the member back into the groups.
func TestKilled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	dir := t.TempDir()
	p := o.plan(t, Offboarder{Successor: "ann"}, "ben")
	var saved bytes.Buffer
	if err := p.Encode(&saved); err != nil {
		t.Fatal(err)
	}
	planPath, journal := filepath.Join(dir, "plan.json"), planfile.JournalPath(dir, p.ID)
	if err := os.WriteFile(planPath, saved.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Fail("DeleteUser", quickbitest.DropBefore(), -1)
	o.Fail("CheckOrganizationMember", quickbitest.Delay(time.Minute), -1)

	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	id, secret := o.AccessKey()
	cmd := exec.Command(executable)
	cmd.Env = append(os.Environ(), "OFFBOARDING_ID="+id, "OFFBOARDING_SECRET="+secret, "OFFBOARDING_APPLY="+o.URL, "OFFBOARDING_PLAN="+planPath, "OFFBOARDING_REPORTS="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(journal)
		if strings.Contains(string(text), `{"kind":"delete-member"}`) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the process has done no more than\n%s", text)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	o.ClearFaults()

	text, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	report, err := ReadReport(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r := report.Results[0]
	if r.Deleted || len(r.Done) != 1 || r.Done[0].Kind != WithdrawGroups || len(r.Groups) != 2 || len(o.groups("ben")) != 0 {
		t.Errorf("%+v; Ben is in %v", r, o.groups("ben"))
	}
	rules := Offboarder{Client: o.client, Reports: dir}
	if err := rules.Restore(t.Context(), report); err != nil || len(o.groups("ben")) != 2 {
		t.Errorf("Restore: %v; Ben is in %v", err, o.groups("ben"))
	}
	again, err := rules.Decode(&saved)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Apply(t.Context()); !errors.Is(err, ErrApplied) {
		t.Errorf("the plan is applied twice: %v", err)
	}
}
