package offboarding

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi"
)

// A Plan is what a member has, and what has to be done for it to leave.
type Plan struct {
	UserID    string
	Gone      bool // no member any more; all that follows is empty
	User      quickbi.User
	Successor *quickbi.User // nil: none is wanted, or there is no such member

	Works      []quickbi.WorksInfo // that the member owns
	Datasets   []quickbi.Dataset   // that the member owns, in the workspaces it is in
	Workspaces []Membership        // that the member is in, or owns
	Groups     []quickbi.UserGroup // that the member is in; for good order, and to restore what cannot be undone
	Shared     []quickbi.Works     // that are shared with the member, in any way

	// Obstacles are reasons not to begin. There may be others, which only the
	// service knows.
	Obstacles []*Obstacle

	offboarder Offboarder
}

// A Membership is a workspace that the member is in, with its roles there.
type Membership struct {
	quickbi.Workspace
	Roles []quickbi.AssignedRole
}

// An Obstacle is why a member cannot be taken out, and what to do about it. It
// matches what the service would refuse, or has refused, the member's removal with.
type Obstacle struct {
	Problem string
	Advice  string
	Err     error // an error of a call, or a quickbi.ErrorCode
}

func (o *Obstacle) Error() string {
	text := o.Problem + "; " + o.Advice
	if refusal, ok := errors.AsType[*quickbi.Error](o.Err); ok {
		text += ": " + refusal.Error()
	}
	return text
}

// Unwrap returns Err.
func (o *Obstacle) Unwrap() error { return o.Err }

// Obstacle returns what is known to stand in the way, or nil. The error is, or
// holds, one [*Obstacle] or several.
func (p *Plan) Obstacle() error {
	errs := make([]error, len(p.Obstacles))
	for i, o := range p.Obstacles {
		errs[i] = o
	}
	return errors.Join(errs...)
}

// Kind is a kind of [Step].
type Kind string

// The kinds, in the order in which they are applied.
const (
	WithdrawGroups Kind = "withdraw-groups"
	LeaveWorkspace Kind = "leave-workspace"
	DeleteMember   Kind = "delete-member"
)

// A Step is one thing that [Plan.Apply] does.
type Step struct {
	Kind          Kind
	WorkspaceID   string // of LeaveWorkspace
	WorkspaceName string
	OnlyIfNeeded  bool // only if the service does not delete the member otherwise
}

// String returns the step as a line of a plan.
func (s Step) String() string {
	switch s.Kind {
	case WithdrawGroups:
		return "take out of all user groups"
	case LeaveWorkspace:
		text := "take out of the workspace " + named(s.WorkspaceName, s.WorkspaceID)
		if s.OnlyIfNeeded {
			text += ", if the service insists"
		}
		return text
	case DeleteMember:
		return "delete from the organization"
	}
	return string(s.Kind)
}

// Steps returns what [Plan.Apply] would do, in this order, if nothing stands in the way.
func (p *Plan) Steps() []Step {
	if p.Gone {
		return nil
	}
	var steps []Step
	if p.withdraws() {
		steps = append(steps, Step{Kind: WithdrawGroups})
	}
	if len(p.withWorks()) == 0 {
		for _, ws := range p.Workspaces {
			steps = append(steps, leaving(ws))
		}
	}
	return append(steps, Step{Kind: DeleteMember})
}

func leaving(ws Membership) Step {
	return Step{Kind: LeaveWorkspace, WorkspaceID: ws.WorkspaceID, WorkspaceName: ws.WorkspaceName, OnlyIfNeeded: true}
}

// withdraws reports whether the member is taken out of the groups before it is
// deleted: not if it could be the owner of the organization.
func (p *Plan) withdraws() bool { return len(p.Groups) > 0 && !p.isAdministrator() }

// isAdministrator takes a member whose roles are not told for one.
func (p *Plan) isAdministrator() bool {
	return len(p.User.RoleIDs) == 0 || slices.Contains(p.User.RoleIDs, quickbi.OrganizationRoleAdmin)
}

// owned returns how much the member owns in a workspace.
func (p *Plan) owned(workspaceID string) int {
	n := 0
	for _, works := range p.Works {
		if works.WorkspaceID == workspaceID {
			n++
		}
	}
	for _, dataset := range p.Datasets {
		if dataset.WorkspaceID == workspaceID {
			n++
		}
	}
	return n
}

// withWorks lists the workspaces that must not be left, because the works there
// would not go to the successor.
func (p *Plan) withWorks() []string {
	if p.offboarder.Successor == "" || p.offboarder.GiveUpWorks {
		return nil
	}
	var names []string
	for _, ws := range p.Workspaces {
		if p.owned(ws.WorkspaceID) > 0 {
			names = append(names, named(ws.WorkspaceName, ws.WorkspaceID))
		}
	}
	return names
}

// Print writes what the member has, what would be done, and what stands in the way.
func (p *Plan) Print(w io.Writer) error {
	out := bufio.NewWriter(w) // it keeps the first error
	if p.Gone {
		fmt.Fprintf(out, "%s is no member of the organization: there is nothing to do\n", p.UserID)
		return out.Flush()
	}
	heir := "the owners of the workspaces"
	if p.offboarder.Successor != "" {
		heir = p.offboarder.Successor
	}
	if p.Successor != nil {
		heir = named(p.Successor.NickName, p.Successor.UserID)
	}
	fmt.Fprintf(out, "%s leaves, works go to %s\n", named(p.User.NickName, p.UserID), heir)
	if p.isAdministrator() {
		fmt.Fprintln(out, "  is an administrator of the organization, perhaps its owner")
	}
	list(out, "owns works", p.Works, func(v quickbi.WorksInfo) string {
		return fmt.Sprintf("%q in %s", v.WorkName, v.WorkspaceName)
	})
	list(out, "owns datasets", p.Datasets, func(v quickbi.Dataset) string {
		return fmt.Sprintf("%q in %s", v.DatasetName, v.WorkspaceName)
	})
	list(out, "is in workspaces", p.Workspaces, func(v Membership) string {
		roles := make([]string, len(v.Roles))
		for i, r := range v.Roles {
			roles[i] = r.RoleName
		}
		if v.Owner == p.UserID {
			roles = append(roles, "owner")
		}
		return fmt.Sprintf("%q as %s", v.WorkspaceName, strings.Join(roles, " and "))
	})
	list(out, "is in user groups", p.Groups, func(v quickbi.UserGroup) string { return fmt.Sprintf("%q", v.UserGroupName) })
	list(out, "is shown by sharing", p.Shared, func(v quickbi.Works) string { return fmt.Sprintf("%q", v.WorkName) })
	for i, step := range p.Steps() {
		fmt.Fprintf(out, "  %d. %v\n", i+1, step)
	}
	for _, obstacle := range p.Obstacles {
		fmt.Fprintf(out, "  impossible: %v\n", obstacle)
	}
	return out.Flush()
}

// maxListed is how much of a list is printed.
const maxListed = 10

func list[T any](out io.Writer, what string, all []T, text func(T) string) {
	if len(all) == 0 {
		return
	}
	var texts []string
	for _, v := range all[:min(len(all), maxListed)] {
		texts = append(texts, text(v))
	}
	if more := len(all) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	fmt.Fprintf(out, "  %s (%d): %s\n", what, len(all), strings.Join(texts, ", "))
}
