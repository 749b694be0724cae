package dirsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/internal/terminal"
	"github.com/quickbi-go/quickbi/settle"
)

// A Report says what [Plan.Apply] did. It can be written as JSON.
type Report struct {
	Plan     string    `json:"plan"` // its id
	File     string    `json:"-"`    // what grew in [Syncer.Reports]; "" without
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Records  int       `json:"records"`
	Done     Counts    `json:"done"`
	Failed   []Failure `json:"failed,omitempty"`
	Problems []Problem `json:"problems,omitempty"` // of the plan
	Unknown  []string  `json:"unknown,omitempty"`  // of the plan
	Outside  []string  `json:"outside,omitempty"`  // of the plan
	Blocked  string    `json:"blocked,omitempty"`  // of the plan
}

// A Failure is a change that was not made, or that may not have been made.
type Failure struct {
	Change
	Err error `json:"-"`
}

// MarshalJSON writes the change with the text of the error.
func (f Failure) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Change
		Error string `json:"error"`
	}{f.Change, f.Err.Error()})
}

// What reports of this package are called.
const (
	reportFormat  = "quickbi directory report"
	reportVersion = 1
)

// An entry is a line of a report that grows.
type entry struct {
	Time     time.Time `json:"time"`
	N        int       `json:"n,omitempty"` // place of the change in the plan, from 1
	Outcome  outcome   `json:"outcome,omitempty"`
	Error    string    `json:"error,omitempty"`
	Change   *Change   `json:"change,omitempty"`
	Finished bool      `json:"finished,omitempty"` // the last line
	Counts   *Counts   `json:"done,omitempty"`     // of the last line
}

// An outcome is what is known of a change. A later entry replaces an earlier one.
type outcome string

const (
	begun    outcome = "begun"   // about to be sent, or sent; of a process that was killed, nobody knows which
	halfDone outcome = "joined"  // the first of two calls is made, and the second is still to come, or has failed
	done     outcome = "done"    // made
	notDone  outcome = "failed"  // not made
	unknown  outcome = "unknown" // perhaps made
)

// outcomeOf returns what is known of a change after a call. A change of two calls is
// halfway after the first one.
func outcomeOf(kind Kind, err error, halfway bool) outcome {
	switch {
	case settle.InDoubt(err):
		return unknown
	case err == nil && kind == Move && !halfway, err != nil && halfway:
		return halfDone
	case err != nil:
		return notDone
	}
	return done
}

// reportHeader returns the first line of the plan's report.
func (p *Plan) reportHeader() planfile.Header {
	h := p.header
	h.Format, h.Version = reportFormat, reportVersion
	return h
}

// Undo makes a plan of a report, as it grew in [Syncer.Reports], that takes back
// what can be taken back: joins, leaves, moves, changes of profiles and tags,
// deactivations. Whatever is no longer as the report left it stays as it is. What
// cannot be taken back is among the plan's Problems: groups stay, members who were
// added stay, and those who were deleted are gone.
//
// The report may be that of a process that was killed, and have changes that were begun
// and whose outcome it does not know. Of these, the organization tells: what is as the
// change would have left it is taken back, and all else was not made, or is somebody
// else's. Expect [ErrOtherOrganization].
func (s Syncer) Undo(ctx context.Context, report io.Reader) (*Plan, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	head, entries, err := planfile.ReadJournal[entry](report, reportFormat, reportVersion)
	if err != nil {
		return nil, fmt.Errorf("dirsync: %w", err)
	}
	last, halfway := make(map[int]entry), make(map[int]bool)
	for e, err := range entries {
		if err != nil {
			return nil, fmt.Errorf("dirsync: %w", err)
		}
		if e.Change != nil {
			last[e.N] = e
			halfway[e.N] = halfway[e.N] || e.Outcome == halfDone
		}
	}
	organization, err := planfile.Organization(ctx, s.Client)
	if err != nil {
		return nil, fmt.Errorf("dirsync: asking for the organization: %w", err)
	}
	if organization != head.Organization {
		return nil, fmt.Errorf("dirsync: %w: the report is of %q, and this is %q", ErrOtherOrganization, head.Organization, organization)
	}
	p := s.newPlan(planfile.NewHeader(planFormat, planVersion, organization, s.MaxAge))
	p.header.Source = "undo of " + head.ID
	u := undo{client: s.Client, plan: p, members: make(map[string]map[string]bool)}
	var changes, groups []Change
	for _, n := range slices.Sorted(maps.Keys(last)) {
		e := last[n]
		c := *e.Change
		back := c
		switch {
		case e.Outcome == notDone:
			continue
		case c.Kind == RenameGroup || c.Kind == MoveGroup:
			groups = append(groups, c)
			continue
		case c.Kind == CreateGroup || c.Kind == AddMember || c.Kind == DeleteMember:
			p.Problems = append(p.Problems, Problem{Account: c.Account, Text: fmt.Sprintf("%v: cannot be undone (%s)", c, e.Outcome)})
			continue
		case c.Kind == Join || c.Kind == Move && (e.Outcome == halfDone || !halfway[n]):
			// A member who has not begun to leave the old group, and is not in it, was taken out by somebody else.
			back.Kind, back.From, back.FromID = Leave, "", ""
		case c.Kind == Leave:
			back.Kind = Join
		case c.Kind == Deactivate:
			back.Kind = Reactivate
		case c.Kind == Reactivate:
			back.Kind = Deactivate
		case c.Kind == UpdateMember:
			back.Set, back.Was = c.Was, c.Set
		case c.Kind == SetTag:
			back.Value, back.OldValue = c.OldValue, c.Value
		case c.Kind == JoinWorkspace || c.Kind == SetWorkspaceRoles || c.Kind == LeaveWorkspace:
			back.WorkspaceRoles, back.OldWorkspaceRoles = c.OldWorkspaceRoles, c.WorkspaceRoles
			back.Kind = map[Kind]Kind{JoinWorkspace: LeaveWorkspace, SetWorkspaceRoles: SetWorkspaceRoles, LeaveWorkspace: JoinWorkspace}[c.Kind]
			if c.Kind == JoinWorkspace && e.Outcome != done && len(c.WorkspaceRoles) > 1 {
				// The first call gives the first role, the second one all.
				first := c.WorkspaceRoles[:1]
				switch half, err := u.stillInWorkspace(ctx, c, first); {
				case err != nil:
					return nil, err
				case half:
					back.OldWorkspaceRoles = first
				}
			}
		default:
			back.Group, back.GroupID, back.From, back.FromID = c.From, c.FromID, c.Group, c.GroupID
		}
		if back, err = u.still(ctx, back); err != nil {
			return nil, err
		}
		if back.Kind != CreateGroup {
			changes = append(changes, back)
		}
	}
	if groups, err = u.takeBackGroups(ctx, groups); err != nil {
		return nil, err
	}
	if err := p.add(slices.Concat(groups, changes)); err != nil {
		return nil, fmt.Errorf("dirsync: reading the report: %w", err)
	}
	for i := range p.groups {
		g := &p.groups[i]
		g.members = len(u.members[g.id])
		p.Memberships += g.members
		for _, c := range p.changes {
			if c.from == groupAt(i) {
				g.leaving++
			}
		}
	}
	return p, nil
}

// deactivations returns when members were deactivated, by UserID. It reads that in the
// reports, and leaves out those who have come back.
func (s *state) deactivations() (map[string]time.Time, error) {
	since := make(map[string]time.Time)
	if !s.Deactivate {
		return since, nil
	}
	files, err := os.ReadDir(s.Reports) // sorted by name, and so by time
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("dirsync: looking for reports: %w", err)
	}
	for _, entry := range files {
		if filepath.Ext(entry.Name()) != ".jsonl" {
			continue
		}
		file := filepath.Join(s.Reports, entry.Name())
		if err := s.deactivationsIn(file, since); err != nil {
			return nil, fmt.Errorf("dirsync: reading the report %s: %w", file, err)
		}
	}
	return since, nil
}

func (s *state) deactivationsIn(name string, since map[string]time.Time) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	var head planfile.Header
	if err := json.NewDecoder(file).Decode(&head); err != nil || head.Format != reportFormat || head.Organization != s.plan.header.Organization {
		return nil // it is not about this directory
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, entries, err := planfile.ReadJournal[entry](file, reportFormat, reportVersion)
	if err != nil {
		return err
	}
	for e, err := range entries {
		switch {
		case err != nil:
			return err
		case e.Change == nil:
		case e.Change.Kind == Deactivate && e.Outcome != notDone:
			since[e.Change.UserID] = e.Time
		case e.Change.Kind == Deactivate, e.Change.Kind == Reactivate && e.Outcome == done:
			delete(since, e.Change.UserID)
		}
	}
	return nil
}

// takeBackGroups returns the changes that give groups their names and places back, from
// the last one on. It follows how that makes the groups, so that each fits the one before.
func (u *undo) takeBackGroups(ctx context.Context, done []Change) ([]Change, error) {
	now := make(map[string]quickbi.UserGroup)
	var back []Change
	for _, c := range slices.Backward(done) {
		g, known := now[c.GroupID]
		if !known {
			found, err := groupsByID(ctx, u.client, []string{c.GroupID})
			if err != nil {
				return nil, fmt.Errorf("dirsync: reading the group %s: %w", terminal.Name(c.Group), err)
			}
			g = found[c.GroupID]
		}
		after, err := splitPath(c.Group)
		if err != nil {
			return nil, fmt.Errorf("dirsync: reading the report: %w", err)
		}
		before, err := splitPath(c.From)
		if err != nil {
			return nil, fmt.Errorf("dirsync: reading the report: %w", err)
		}
		if g.UserGroupName == after[len(after)-1] && (c.ParentID == "" || g.ParentUserGroupID == c.ParentID) {
			parent := g.ParentUserGroupID
			g.UserGroupName, g.ParentUserGroupID = before[len(before)-1], c.FromID
			c.From, c.Group, c.FromID, c.ParentID = c.Group, c.From, parent, c.FromID
			back = append(back, c)
		}
		now[c.GroupID] = g
	}
	return back, nil
}

// An undo looks at what is to be taken back.
type undo struct {
	client  *quickbi.Client
	plan    *Plan
	members map[string]map[string]bool // UserIDs, by group
}

// still returns the part of a change that is yet to be made, and a change of the kind
// CreateGroup if there is none.
func (u *undo) still(ctx context.Context, c Change) (Change, error) {
	nothing := Change{Kind: CreateGroup}
	switch c.Kind {
	case Deactivate, Reactivate:
		inactive, err := isInactive(ctx, u.client, c.UserID)
		switch {
		case errors.Is(err, quickbi.ErrUserNotInOrganization):
			return nothing, nil
		case err != nil:
			return c, fmt.Errorf("dirsync: reading the member %s: %w", terminal.Name(c.Account), err)
		case inactive == (c.Kind == Deactivate):
			return nothing, nil
		}
		return c, nil
	case SetTag:
		if still, err := u.stillTag(ctx, c, c.OldValue); err != nil || !still {
			return nothing, err
		}
		return c, nil
	case JoinWorkspace, SetWorkspaceRoles, LeaveWorkspace:
		if still, err := u.stillInWorkspace(ctx, c, c.OldWorkspaceRoles); err != nil || !still {
			return nothing, err
		}
		return c, nil
	case UpdateMember:
		resp, err := u.client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: c.UserID})
		switch {
		case errors.Is(err, quickbi.ErrUserNotInOrganization):
			return nothing, nil
		case err != nil:
			return c, fmt.Errorf("dirsync: reading the member %s: %w", terminal.Name(c.Account), err)
		case c.Set == nil || c.Was == nil || !isSet(*c.Was, resp.Result):
			return nothing, nil // somebody has changed it since
		}
		return c, nil
	}
	join, leave := c.Kind == Join || c.Kind == Move, c.Kind == Leave || c.Kind == Move
	from, fromID := c.From, c.FromID
	if c.Kind == Leave {
		from, fromID = c.Group, c.GroupID
	}
	if join {
		in, there, err := u.in(ctx, c.GroupID, c.UserID)
		if err != nil {
			return c, err
		}
		if !there {
			u.plan.Problems = append(u.plan.Problems, Problem{Account: c.Account, Text: fmt.Sprintf("cannot join %s again: the group is gone", terminal.Name(c.Group))})
		}
		join = there && !in
	}
	if leave {
		in, _, err := u.in(ctx, fromID, c.UserID)
		if err != nil {
			return c, err
		}
		leave = in
	}
	switch {
	case join && leave:
		return c, nil
	case join:
		c.Kind, c.From, c.FromID = Join, "", ""
	case leave:
		c.Kind, c.Group, c.GroupID, c.From, c.FromID = Leave, from, fromID, "", ""
	default:
		return nothing, nil
	}
	return c, nil
}

// in reports whether a member is in a group, and whether the group is there.
func (u *undo) in(ctx context.Context, groupID, userID string) (in, there bool, err error) {
	members, asked := u.members[groupID]
	if !asked {
		resp, err := u.client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: groupID})
		switch {
		case err == nil:
			members = make(map[string]bool)
			for _, m := range resp.Result {
				if !m.IsUserGroup {
					members[m.ID] = true
				}
			}
		case !errors.Is(err, quickbi.ErrUserGroupNotFound):
			return false, false, fmt.Errorf("dirsync: listing what is in a group: %w", err)
		}
		u.members[groupID] = members
	}
	return members[userID], members != nil, nil
}
