package quickbitest

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// An Acceleration is what extracts the data of a dataset into the Quick engine.
type Acceleration struct {
	JobID       string            `json:"JobId,omitempty"`                // empty: made up
	CreatorID   string            `json:"CreatorId,omitempty"`            // a user's id; empty: the owner of the dataset
	EnabledTime int64             `json:"EnableQuickindexTime,omitempty"` // milliseconds since 1970; 0: now
	Size        string            `json:"Size,omitempty"`                 // of the data; empty: "0"
	Runs        []AccelerationRun `json:"Runs,omitempty"`                 // oldest first
	RunSeconds  int               `json:"RunSeconds,omitempty"`           // how long a run takes that a call starts; 0: one second
	RunStatus   string            `json:"RunStatus,omitempty"`            // how it ends; empty: SUCCESS
}

// An AccelerationRun is one run of an [Acceleration].
type AccelerationRun struct {
	JobHistoryID string `json:"JobHistoryId,omitempty"` // empty: made up
	Status       string `json:"Status"`                 // TODO, CHECK_DEPENDENCY, RUNNING, SUCCESS, FAILURE, CANCELED, or WARNING
	StartTime    int64  `json:"GmtCreate,omitempty"`    // milliseconds since 1970; 0: now
	EndTime      int64  `json:"GmtModified,omitempty"`  // milliseconds since 1970; 0: when it started
	Log          string `json:"Log,omitempty"`
}

// jobStatuses has the numbers by which other operations call the states of runs.
// The documentation has no number for the checking of dependencies, and no name
// for a run that ended with a warning.
var jobStatuses = map[string]int{
	"TODO": 0, "CHECK_DEPENDENCY": 0, "RUNNING": 1, "SUCCESS": 2, "FAILURE": 3, "CANCELED": 4, "WARNING": 5,
}

// An acceleration is that of a dataset.
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

// accelerate gives the dataset the acceleration, if there is any.
func (o *organization) accelerate(d *dataset, owner *member, s *Acceleration, now time.Time) error {
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

// allotDatasetAccelerationTask starts a run. It takes as long as the seed says, by
// the emulator's clock, and then ends as the seed says.
func allotDatasetAccelerationTask(c *call) (any, error) {
	d, err := c.dataset("CubeId")
	if err != nil {
		return nil, err
	}
	a := d.acceleration
	if a == nil {
		return nil, gateway.Refuse("Quick.Job.NotExist", "The dataset is not accelerated.")
	}
	if last := a.last(); last != nil {
		switch status := last.status(c.now); {
		case !last.isOver(c.now):
			return nil, gateway.Refuse("Repeat.Running.Job", "The last run is not over.")
		case status == "FAILURE" || status == "WARNING":
			return nil, gateway.Refuse("Last.Job.Failed", "The last run ended with %s.", status)
		}
	}
	a.runs = append(a.runs, &accelerationRun{
		id: newUserID(), outcome: a.outcome, log: "Extracted the data of " + d.name + ".",
		start: c.now, end: c.now.Add(a.takes),
	})
	return true, nil
}

// queryLastAccelerationEngineJob documents no code for a dataset that was never
// accelerated.
func queryLastAccelerationEngineJob(c *call) (any, error) {
	type job struct {
		JobHistoryID string `json:"JobHistoryId"`
		Status       string
		GmtCreate    string
		GmtModified  string `json:",omitempty"` // of a run that is over
	}
	d, err := c.dataset("CubeId")
	if err != nil {
		return nil, err
	}
	last := d.acceleration.last()
	if last == nil {
		return nil, gateway.Invalid("CubeId", "is that of a dataset whose acceleration has never run")
	}
	j := job{JobHistoryID: last.id, Status: last.status(c.now), GmtCreate: written(last.start)}
	if last.isOver(c.now) {
		j.GmtModified = written(last.end)
	}
	return j, nil
}

// A neighbourPage is a page that names its neighbours. 0 means that there is none.
type neighbourPage[T any] struct {
	page[T]
	Next, Pre int
}

// paginateByNo is paginate for operations that call the number of the page PageNo.
func paginateByNo[T, R any](c *call, all iter.Seq[T], render func(T) R) neighbourPage[R] {
	p := neighbourPage[R]{page: cut(all, c.int("PageNo"), c.int("PageSize"), render)}
	if p.PageNum < p.TotalPages {
		p.Next = p.PageNum + 1
	}
	p.Pre = p.PageNum - 1
	return p
}

// compactTime is how the lists of accelerations write times, unlike all other operations.
const compactTime = "20060102 15:04:05"

// listAccelerationOfWorkspace takes CubeName for a part of the name.
func listAccelerationOfWorkspace(c *call) (any, error) {
	type row struct {
		JobID                string `json:"JobId"`
		JobHistoryID         string `json:"JobHistoryId"`
		JobStatus            int
		CubeID               string `json:"CubeId"`
		CubeName             string
		CreatorName          string
		EnableQuickindexTime string
		LastModifyTime       string
		Size                 string
	}
	ws, err := c.findWorkspace(c.string("WorkspaceId"), "Workspace.NotIn.Organization")
	if err != nil {
		return nil, err
	}
	creator, name := c.string("CreatorId"), strings.ToLower(c.string("CubeName"))
	all := filter(c.datasetsIn.all(ws.id), func(d *dataset) bool {
		return d.acceleration != nil &&
			(creator == "" || d.acceleration.creator.UserID == creator) &&
			strings.Contains(strings.ToLower(d.name), name)
	})
	return paginateByNo(c, all, func(d *dataset) row {
		a := d.acceleration
		r := row{
			JobID:                a.jobID,
			CubeID:               d.id,
			CubeName:             d.name,
			CreatorName:          a.creator.NickName,
			EnableQuickindexTime: a.enabled.In(beijing).Format(compactTime),
			LastModifyTime:       a.enabled.In(beijing).Format(compactTime),
			Size:                 a.size,
		}
		if last := a.last(); last != nil {
			r.JobHistoryID, r.JobStatus = last.id, jobStatuses[last.status(c.now)]
			r.LastModifyTime = last.modified(c.now).In(beijing).Format(compactTime)
		}
		return r
	}), nil
}

// queryAccelerationLogByCubeID lists the runs that started between the two times,
// the latest first.
func queryAccelerationLogByCubeID(c *call) (any, error) {
	type row struct {
		JobID        string `json:"JobId"`
		JobHistoryID string `json:"JobHistoryId"`
		JobStatus    string
		JonStartDate string // spelt so
		Duration     string // seconds
		Log          string
	}
	d, err := c.dataset("CubeId")
	if err != nil {
		return nil, err
	}
	from, err := c.timeOf("StartDate")
	if err != nil {
		return nil, err
	}
	to, err := c.timeOf("EndDate")
	if err != nil {
		return nil, err
	}
	if to.Before(from) {
		return nil, gateway.Invalid("EndDate", "is before StartDate")
	}
	var runs []*accelerationRun
	if d.acceleration != nil {
		runs = slices.Clone(d.acceleration.runs)
		slices.Reverse(runs)
	}
	runs = slices.DeleteFunc(runs, func(r *accelerationRun) bool {
		start := r.start.Truncate(time.Second)
		return start.Before(from) || start.After(to)
	})
	return paginateByNo(c, slices.Values(runs), func(r *accelerationRun) row {
		end := r.end
		if !r.isOver(c.now) {
			end = c.now
		}
		return row{
			JobID:        d.acceleration.jobID,
			JobHistoryID: r.id,
			JobStatus:    strconv.Itoa(jobStatuses[r.status(c.now)]),
			JonStartDate: written(r.start),
			Duration:     strconv.FormatInt(int64(end.Sub(r.start)/time.Second), 10),
			Log:          r.log,
		}
	}), nil
}

// timeOf returns the time in the parameter.
func (c *call) timeOf(name string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateTime, c.string(name), beijing)
	if err != nil {
		return t, gateway.Invalid(name, "is no time of the form yyyy-MM-dd HH:mm:ss")
	}
	return t, nil
}
