package quickbitest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const (
	// How long a run takes, and how long after a run the task cannot be run by hand
	// again. The documentation gives no figures for either.
	mailRunTime  = 10 * time.Second
	mailRunPause = 5 * time.Minute
)

// A MailTask is a subscription that sends works by mail. The emulator sends nothing,
// and runs a task only by ManualRunMailTask.
type MailTask struct {
	MailID  string        `json:"MailId,omitempty"` // empty: generated
	Name    string        `json:"SubscribeName"`
	OwnerID string        `json:"BizOwnerUserId,omitempty"` // empty: the organization's owner
	Paused  bool          `json:"Paused"`
	Failing bool          `json:"Failing,omitempty"` // its runs do not succeed
	Runs    []MailTaskRun `json:"Runs,omitempty"`    // oldest first
}

// A MailTaskRun is one run of a [MailTask].
type MailTaskRun struct {
	TaskID   int64  `json:"taskId"`
	Status   string `json:"status"`             // SENT or FAILED
	ExecTime string `json:"execTime,omitempty"` // such as "2024-10-09 17:34:11"; empty: now
}

// The mailTaskState is what the organization knows of mail tasks.
type mailTaskState struct {
	mailTasks   table[*mailTask]
	mailTasksOf index[string, *mailTask] // by the owner's id
	lastMailRun int64                    // the highest id so far
}

type mailTask struct {
	MailTask // but for its owner and runs
	owner    *member
	runs     []mailRun // oldest first
	byRun    map[int64]int
}

type mailRun struct {
	id     int64
	start  time.Time
	failed bool
	end    time.Time
}

// A mailTaskResult is a task as it is listed.
type mailTaskResult struct {
	MailTask
	BizOwnerName string
}

// result shows the task without what only seeds have.
func (t *mailTask) result() mailTaskResult {
	return mailTaskResult{MailTask{MailID: t.MailID, Name: t.Name, OwnerID: t.owner.UserID, Paused: t.Paused}, t.owner.NickName}
}

// A mailRunResult is a run as it is listed.
type mailRunResult struct {
	MailTaskRun
	MailID string `json:"mailId"`
}

func (r mailRun) status(now time.Time) string {
	switch {
	case now.Before(r.end):
		return "PROCESSING"
	case r.failed:
		return "FAILED"
	default:
		return "SENT"
	}
}

func (t *mailTask) run(i int, now time.Time) mailRunResult {
	r := t.runs[i]
	return mailRunResult{MailTaskRun{TaskID: r.id, Status: r.status(now), ExecTime: written(r.start)}, t.MailID}
}

func (t *mailTask) addRun(r mailRun) {
	t.byRun[r.id] = len(t.runs)
	t.runs = append(t.runs, r)
}

func getMailTaskList(c *call) (any, error) {
	all := c.mailTasks.all()
	if nick := c.string("UserNick"); nick != "" {
		all = new(table[*mailTask]).all()
		if owner := c.byNick[nick]; owner != nil {
			all = c.mailTasksOf.all(owner.UserID)
		}
	}
	if c.has("Paused") {
		all = filter(all, func(t *mailTask) bool { return t.Paused == c.bool("Paused") })
	}
	return paginate(c, all, (*mailTask).result).withNeighbours(), nil
}

// getMailTaskStatus shows the latest run, or the one that TaskId names. It shows
// nothing for an unknown run.
func getMailTaskStatus(c *call, t *mailTask) (any, error) {
	i, ok := len(t.runs)-1, len(t.runs) > 0
	if c.has("TaskId") {
		i, ok = t.byRun[c.int64("TaskId")]
	}
	if !ok {
		return []mailRunResult{}, nil
	}
	return []mailRunResult{t.run(i, c.now)}, nil
}

// manualRunMailTask starts a run. A paused task can be run by hand, too.
func manualRunMailTask(c *call, t *mailTask) (any, error) {
	if len(t.runs) > 0 {
		last := t.runs[len(t.runs)-1]
		if last.status(c.now) == "PROCESSING" {
			return nil, gateway.Refuse("MailTask.Already.Running", "The mail task has been running since %s.", written(last.start))
		}
		if wait := last.start.Add(mailRunPause).Sub(c.now); wait > 0 {
			return nil, gateway.Refuse("MailApi.Beyond.ScheduleLimit", "The mail task was run a short while ago; try again in %d minutes.",
				(wait+time.Minute-1)/time.Minute)
		}
	}
	c.lastMailRun++
	t.addRun(mailRun{id: c.lastMailRun, start: c.now, end: c.now.Add(mailRunTime), failed: t.Failing})
	return true, nil
}

// dropMailTasks drops the tasks of a member who leaves.
func (o *organization) dropMailTasks(m *member) {
	for t := range o.mailTasksOf.all(m.UserID) {
		o.mailTasks.remove(t.MailID)
	}
	delete(o.mailTasksOf, m.UserID)
}

func (o *organization) seedMailTask(s MailTask, now time.Time) error {
	s.MailID = cmp.Or(s.MailID, newUserID())
	owner, err := o.seedMember(s.OwnerID, o.owner())
	switch {
	case err != nil:
		return err
	case o.mailTasks.has(s.MailID):
		return fmt.Errorf("there is a mail task %q already", s.MailID)
	}
	t := &mailTask{MailTask: s, owner: owner, byRun: make(map[int64]int)}
	last := o.lastMailRun
	for _, r := range s.Runs {
		start, err := parseWritten(r.ExecTime, now)
		switch {
		case err != nil:
			return err
		case !slices.Contains([]string{"SENT", "FAILED"}, r.Status):
			return fmt.Errorf("the status of a run cannot be %q", r.Status)
		case len(t.runs) > 0 && start.Before(t.runs[len(t.runs)-1].start):
			return errors.New("the runs are not in order")
		}
		if _, ok := t.byRun[r.TaskID]; ok {
			return fmt.Errorf("there are two runs %d", r.TaskID)
		}
		t.addRun(mailRun{id: r.TaskID, start: start, end: start, failed: r.Status == "FAILED"})
		last = max(last, r.TaskID)
	}
	o.lastMailRun = last
	o.mailTasks.put(t.MailID, t)
	o.mailTasksOf.put(t.owner.UserID, t.MailID, t)
	return nil
}

// seed is the inverse of seedMailTask. A run under way is shown as it will end.
func (t *mailTask) seed() MailTask {
	s := t.MailTask
	s.OwnerID, s.Runs = t.owner.UserID, nil
	for i, r := range t.runs {
		s.Runs = append(s.Runs, t.run(i, r.end).MailTaskRun)
	}
	return s
}
