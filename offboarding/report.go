package offboarding

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/internal/terminal"
	"github.com/quickbi-go/quickbi/settle"
)

// A State is how far a step is, or how a leaver's turn ended.
type State string

// The states.
const (
	Began   State = "began"    // the call is about to be made
	Done    State = "done"     // the step has been taken
	Already State = "already"  // there was nothing left to do
	NotDone State = "not-done" // the step has not been taken
	Unknown State = "unknown"  // the step may have been taken
	Failed  State = "failed"   // nothing more is done to the leaver; the event has no step
)

// An Event is a line of a report.
type Event struct {
	Time     time.Time `json:"time"`
	UserID   string    `json:"userId"` // of the leaver
	NickName string    `json:"nickName"`
	Step     Step      `json:"step,omitzero"`
	State    State     `json:"state"`
	Groups   []Item    `json:"groups,omitempty"` // with WithdrawGroups, before it: what the member is taken out of
	Error    string    `json:"error,omitempty"`
	Err      error     `json:"-"` // what Error is the text of; nil in a report that was read
}

// String returns the event as a line for a person.
func (e Event) String() string {
	text := named(e.NickName, e.UserID) + ": " + string(e.State)
	if e.Step.Kind != "" {
		text += ": " + e.Step.String()
	}
	if e.Error != "" {
		text += ": " + terminal.Line(e.Error)
	}
	return text
}

// A Report is what [Plan.Apply] did.
type Report struct {
	Plan    string // ID of the plan
	Results []*Result
}

// A Result is what became of a leaver.
type Result struct {
	UserID   string
	NickName string
	Done     []Step // that have been taken, by whomever
	Deleted  bool   // they are no member any more
	Groups   []Item // that they have been taken out of, or may have been
	Error    string // why they are still a member
	Err      error  // what Error is the text of; nil in a report that was read
}

// add takes an event into the report.
func (r *Report) add(e Event) {
	i := slices.IndexFunc(r.Results, func(r *Result) bool { return r.UserID == e.UserID })
	if i < 0 {
		i = len(r.Results)
		r.Results = append(r.Results, &Result{UserID: e.UserID, NickName: e.NickName})
	}
	result := r.Results[i]
	switch e.State {
	case Began:
		if e.Step.Kind == WithdrawGroups {
			result.Groups = e.Groups
		}
	case Done, Already:
		result.Done = append(result.Done, e.Step)
		result.Deleted = result.Deleted || e.Step.Kind == DeleteMember
	case NotDone:
		if e.Step.Kind == WithdrawGroups {
			result.Groups = nil
		}
	}
	if e.Error != "" {
		result.Error, result.Err = e.Error, e.Err
	}
	if result.Deleted {
		result.Error, result.Err = "", nil
	}
}

// ReadReport reads what [Plan.Apply] left in [Offboarder.Reports], complete or not.
func ReadReport(r io.Reader) (*Report, error) {
	head, events, err := planfile.ReadJournal[Event](r, planFormat, planVersion)
	if err != nil {
		return nil, fmt.Errorf("offboarding: %w", err)
	}
	report := &Report{Plan: head.ID}
	for e, err := range events {
		if err != nil {
			return nil, fmt.Errorf("offboarding: %w", err)
		}
		report.add(e)
	}
	return report, nil
}

// Restore puts those whom a report shows to have been taken out of their user
// groups, but not deleted, back into these. Who is in a group already stays. A
// group that is gone, and a member who is, are errors; the others are restored.
func (o Offboarder) Restore(ctx context.Context, report *Report) error {
	if err := o.check(); err != nil {
		return err
	}
	var errs []error
	for _, r := range report.Results {
		if r.Deleted || len(r.Groups) == 0 {
			continue
		}
		if err := o.restore(ctx, r); err != nil {
			errs = append(errs, fmt.Errorf("offboarding: restoring the groups of %s: %w", named(r.NickName, r.UserID), err))
		}
	}
	return errors.Join(errs...)
}

func (o Offboarder) restore(ctx context.Context, r *Result) error {
	var errs []error
	for _, group := range r.Groups {
		in := func(ctx context.Context) (bool, error) {
			resp, err := o.Client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: r.UserID})
			if err != nil {
				return false, err
			}
			return slices.ContainsFunc(resp.Result, func(g quickbi.UserGroup) bool { return g.UserGroupID == group.ID }), nil
		}
		there, err := in(ctx)
		if err == nil && !there {
			_, err = settle.Do(ctx, settle.Write{
				Send: func(ctx context.Context) error {
					_, err := o.Client.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: group.ID, UserIDs: []string{r.UserID}})
					return err
				},
				Look: in,
			})
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", named(group.Name, group.ID), err))
		}
		if errors.Is(err, quickbi.ErrUserNotInOrganization) {
			break // nor in the other groups
		}
	}
	return errors.Join(errs...)
}
