package quickbitest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// mailing returns an emulator with mail tasks, and a way to move its clock.
func mailing(t testing.TB) *Emulator {
	t.Helper()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := seeded(t, WithClock(func() time.Time { return now }))
	err := e.Seed(Organization{MailTasks: []MailTask{
		{MailID: "weekly", Name: "Weekly", OwnerID: "ann", Runs: []MailTaskRun{
			{TaskID: 10, Status: "SENT", ExecTime: "2026-02-01 08:00:00"},
			{TaskID: 11, Status: "FAILED", ExecTime: "2026-02-08 08:00:00"},
		}},
		{MailID: "daily", Name: "Daily", Paused: true},
		{MailID: "broken", Name: "Broken", OwnerID: "ann", Failing: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestGetMailTaskList(t *testing.T) {
	t.Parallel()
	e := mailing(t)
	type list struct {
		page[mailTaskResult]
		Pre, Next int
	}
	ids := func(pairs ...string) string {
		t.Helper()
		var ids []string
		for _, row := range must[list](t, e, "GetMailTaskList", pairs...).Data {
			ids = append(ids, row.MailID)
		}
		return strings.Join(ids, " ")
	}
	for want, pairs := range map[string][]string{
		"weekly daily broken": nil,
		"weekly broken":       {"UserNick", "Ann"},
		"daily":               {"Paused", "true"},
		"broken":              {"PageSize", "2", "PageNum", "2", "Paused", ""},
		"":                    {"UserNick", "Nobody"},
	} {
		if got := ids(pairs...); got != want {
			t.Errorf("%v: %s, want %s", pairs, got, want)
		}
	}
	first := must[list](t, e, "GetMailTaskList", "PageSize", "1", "PageNum", "2")
	want := list{
		page: page[mailTaskResult]{PageNum: 2, PageSize: 1, TotalNum: 3, TotalPages: 3, Data: []mailTaskResult{
			{MailTask{MailID: "daily", Name: "Daily", OwnerID: OwnerUserID, Paused: true}, "Owner"},
		}},
		Pre: 1, Next: 3,
	}
	if diff := cmp.Diff(want, first, cmp.AllowUnexported(list{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := must[list](t, e, "GetMailTaskList"); p.PageSize != 25 || p.Pre != 0 || p.Next != 0 {
		t.Errorf("%+v", p)
	}

	must[bool](t, e, "UpdateUser", "UserId", "ann", "NickName", "Anna")
	if got := ids("UserNick", "Anna"); got != "weekly broken" {
		t.Errorf("after the change of the name: %s", got)
	}
	must[bool](t, e, "DeleteUser", "UserId", "ann")
	if got := ids(); got != "daily" {
		t.Errorf("after Ann has gone: %s", got)
	}
	mustRefuse(t, e, "Mail.Not.Found", "ManualRunMailTask", "MailId", "weekly")
}

func TestMailRuns(t *testing.T) {
	t.Parallel()
	e := mailing(t)
	status := func(id string, pairs ...string) []mailRunResult {
		t.Helper()
		return must[[]mailRunResult](t, e, "GetMailTaskStatus", append(pairs, "MailId", id)...)
	}
	check := func(got []mailRunResult, want ...mailRunResult) {
		t.Helper()
		if diff := cmp.Diff(append([]mailRunResult{}, want...), got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	mustRefuse(t, e, "Mail.Not.Found", "GetMailTaskStatus", "MailId", "monthly")
	mustRefuse(t, e, "Mail.Not.Found", "ManualRunMailTask", "MailId", "monthly")
	check(status("daily"))
	check(status("weekly"), mailRunResult{MailTaskRun{11, "FAILED", "2026-02-08 08:00:00"}, "weekly"})
	check(status("weekly", "TaskId", "10"), mailRunResult{MailTaskRun{10, "SENT", "2026-02-01 08:00:00"}, "weekly"})
	check(status("weekly", "TaskId", "12"))

	must[bool](t, e, "ManualRunMailTask", "MailId", "weekly")
	must[bool](t, e, "ManualRunMailTask", "MailId", "broken")
	must[bool](t, e, "ManualRunMailTask", "MailId", "daily") // paused
	check(status("weekly"), mailRunResult{MailTaskRun{12, "PROCESSING", "2026-03-01 20:00:00"}, "weekly"})
	mustRefuse(t, e, "MailTask.Already.Running", "ManualRunMailTask", "MailId", "weekly")

	e.SetSkew(mailRunTime)
	check(status("weekly"), mailRunResult{MailTaskRun{12, "SENT", "2026-03-01 20:00:00"}, "weekly"})
	check(status("broken"), mailRunResult{MailTaskRun{13, "FAILED", "2026-03-01 20:00:00"}, "broken"})
	mustRefuse(t, e, "MailApi.Beyond.ScheduleLimit", "ManualRunMailTask", "MailId", "weekly")
	e.SetSkew(mailRunPause - 61*time.Second)
	if g := do(t, e, "ManualRunMailTask", "MailId", "weekly"); !strings.Contains(g.Message, "in 2 minutes") {
		t.Error(g.Message)
	}
	e.SetSkew(mailRunPause)
	must[bool](t, e, "ManualRunMailTask", "MailId", "weekly")
	check(status("weekly", "TaskId", "12"), mailRunResult{MailTaskRun{12, "SENT", "2026-03-01 20:00:00"}, "weekly"})
}

func TestSeedMailTask(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]MailTask{
		`there is no user "nobody"`:        {OwnerID: "nobody"},
		"already":                          {MailID: "weekly"},
		`cannot be "PROCESSING"`:           {Runs: []MailTaskRun{{TaskID: 1, Status: "PROCESSING"}}},
		"is not a time":                    {Runs: []MailTaskRun{{TaskID: 1, Status: "SENT", ExecTime: "yesterday"}}},
		"not in order":                     {Runs: []MailTaskRun{{TaskID: 1, Status: "SENT"}, {TaskID: 2, Status: "SENT", ExecTime: "2020-01-01 00:00:00"}}},
		"two runs 1":                       {Runs: []MailTaskRun{{TaskID: 1, Status: "SENT"}, {TaskID: 1, Status: "SENT"}}},
		`quickbitest: mail task 0, "Name"`: {Name: "Name", OwnerID: "nobody"},
	} {
		if err := mailing(t).Seed(Organization{MailTasks: []MailTask{s}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", s, err, want)
		}
	}
}
