package quickbitest

import (
	"cmp"
	"fmt"
	"time"
)

// An AccelerationTask extracts the data of a dataset into the Quick engine.
type AccelerationTask struct {
	JobID       string            `json:"JobId,omitempty"`                // empty: generated
	CreatorID   string            `json:"CreatorId,omitempty"`            // a user's id; empty: the owner of the dataset
	EnabledTime int64             `json:"EnableQuickindexTime,omitempty"` // milliseconds since 1970; 0: now
	Size        string            `json:"Size,omitempty"`                 // of the data; empty: "0"
	Runs        []AccelerationJob `json:"Runs,omitempty"`                 // oldest first
	RunSeconds  int               `json:"RunSeconds,omitempty"`           // how long a run takes that a call starts; 0: one second
	RunStatus   string            `json:"RunStatus,omitempty"`            // how it ends; empty: SUCCESS
}

// An AccelerationJob is one run of an [AccelerationTask].
type AccelerationJob struct {
	JobHistoryID string `json:"JobHistoryId,omitempty"` // empty: generated
	Status       string `json:"Status"`                 // TODO, CHECK_DEPENDENCY, RUNNING, SUCCESS, FAILURE, CANCELED, or WARNING
	StartTime    int64  `json:"GmtCreate,omitempty"`    // milliseconds since 1970; 0: now
	EndTime      int64  `json:"GmtModified,omitempty"`  // milliseconds since 1970; 0: when it started
	Log          string `json:"Log,omitempty"`
}

// jobStatuses maps the states of runs to the numbers that other operations use. The
// documentation has no number for CHECK_DEPENDENCY, and no name for a run that ended
// with a warning.
var jobStatuses = map[string]int{
	"TODO": 0, "CHECK_DEPENDENCY": 0, "RUNNING": 1, "SUCCESS": 2, "FAILURE": 3, "CANCELED": 4, "WARNING": 5,
}

// An acceleration belongs to a dataset.
type acceleration struct {
	jobID, size string
	creator     *member
	enabled     time.Time
	runs        []*accelerationRun
	takes       time.Duration // a run that is started
	outcome     string        // of a run that is started
}

// An accelerationRun is a run. It ends by itself when its time has come.
type accelerationRun struct {
	id, outcome, log string
	start, end       time.Time
}

// accelerate seeds the acceleration of a dataset, if it has one.
func (o *organization) accelerate(d *dataset, owner *member, s *AccelerationTask, now time.Time) error {
	if s == nil {
		return nil
	}
	creator, err := o.seedMember(s.CreatorID, owner)
	if err != nil {
		return err
	}
	a := &acceleration{
		jobID:   cmp.Or(s.JobID, newUserID()),
		size:    cmp.Or(s.Size, "0"),
		enabled: seededTime(s.EnabledTime, now),
		takes:   time.Duration(cmp.Or(s.RunSeconds, 1)) * time.Second,
		outcome: cmp.Or(s.RunStatus, "SUCCESS"),
	}
	if _, ok := jobStatuses[a.outcome]; !ok {
		return fmt.Errorf("there is no status %q of runs", a.outcome)
	}
	for _, r := range s.Runs {
		if _, ok := jobStatuses[r.Status]; !ok {
			return fmt.Errorf("there is no status %q of runs", r.Status)
		}
		run := &accelerationRun{id: cmp.Or(r.JobHistoryID, newUserID()), outcome: r.Status, log: r.Log}
		run.start, run.end = seedTimes(r.StartTime, r.EndTime, now)
		a.runs = append(a.runs, run)
	}
	o.dataMakers.set(&a.creator, d.workspace, creator)
	d.acceleration = a
	return nil
}

func (r *accelerationRun) seed() AccelerationJob {
	return AccelerationJob{
		JobHistoryID: r.id, Status: r.outcome, StartTime: r.start.UnixMilli(), EndTime: r.end.UnixMilli(), Log: r.log,
	}
}

func (r *accelerationRun) status(now time.Time) string {
	if now.Before(r.end) {
		return "RUNNING"
	}
	return r.outcome
}

// isOver says whether the run has ended.
func (r *accelerationRun) isOver(now time.Time) bool {
	status := r.status(now)
	return status != "TODO" && status != "CHECK_DEPENDENCY" && status != "RUNNING"
}

// modified is when something last happened to the run.
func (r *accelerationRun) modified(now time.Time) time.Time {
	if r.isOver(now) {
		return r.end
	}
	return r.start
}

// last returns the latest run, nil if there was none.
func (a *acceleration) last() *accelerationRun {
	if a == nil || len(a.runs) == 0 {
		return nil
	}
	return a.runs[len(a.runs)-1]
}
