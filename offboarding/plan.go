package offboarding

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

const (
	planFormat  = "quickbi offboarding plan"
	planVersion = 1
)

// A Plan is which members leave, what they have, and what has to be done. It can be
// applied once. Its Header has the ID of the plan, when it was Created and when it
// Expires, the Organization it is for, and as Source a hash of the names it was made
// from.
type Plan struct {
	planfile.Header

	HandsOver   bool   `json:"handsOver"` // there is to be a Successor
	Successor   Member `json:"successor"`
	GiveUpWorks bool   `json:"giveUpWorks"` // see [Offboarder]
	KeepSmartQ  bool   `json:"keepSmartQ"`  // see [Offboarder]

	Leavers []*Leaver `json:"leavers"`

	offboarder Offboarder
	applied    atomic.Bool
}

// A Member is a member of the organization, as far as it matters here.
type Member struct {
	UserID      string               `json:"userId"`
	AccountID   string               `json:"accountId"`
	AccountName string               `json:"accountName"`
	NickName    string               `json:"nickName"`
	UserType    quickbi.UserType     `json:"userType"`
	RoleIDs     []int64              `json:"roleIds"` // of the organization
	Deactivated quickbi.OptionalBool `json:"deactivated,omitzero"`
}

func memberOf(u quickbi.User) Member {
	return Member{u.UserID, u.AccountID, u.AccountName, u.NickName, u.UserType, append([]int64{}, u.RoleIDs...), u.IsDeleted}
}

// String names the member by nickname and id.
func (m Member) String() string { return named(m.NickName, m.UserID) }

// A Leaver is a member who is to leave, and what they have.
type Leaver struct {
	Member

	Works      []Item       `json:"works"`      // that the member owns
	Datasets   []Item       `json:"datasets"`   // that the member owns, in the workspaces they are in
	Workspaces []Membership `json:"workspaces"` // that the member is in, or owns
	Groups     []Item       `json:"groups"`     // user groups that the member is in
	Shared     []Item       `json:"shared"`     // works that are shared with the member, in any way
	SmartQ     []Item       `json:"smartQ"`     // datasets and themes that the member may ask Smart Q

	// Remaining are things in the member's name that no operation hands over: data
	// sources of their workspaces, data services, mail tasks, embedded Smart Qs.
	Remaining []Item `json:"remaining"`
	// Unread are what could not be listed, with the reason.
	Unread []string `json:"unread"`

	// Obstacles are reasons not to begin. There may be others, which only the
	// service knows.
	Obstacles []*Obstacle `json:"obstacles"`

	plan *Plan
}

// An Item is something that a member has.
type Item struct {
	Kind          string `json:"kind"` // such as "work" or "mail task"
	ID            string `json:"id"`
	Name          string `json:"name"`
	WorkspaceID   string `json:"workspaceId,omitempty"`
	WorkspaceName string `json:"workspaceName,omitempty"`
}

// String names the item, and the workspace it is in.
func (i Item) String() string {
	text := quoted(i.Name, i.ID)
	if i.WorkspaceName != "" {
		text += " in " + terminal.Name(i.WorkspaceName)
	}
	return text
}

// A Membership is a workspace that the member is in, with their roles there.
type Membership struct {
	WorkspaceID   string                  `json:"workspaceId"`
	WorkspaceName string                  `json:"workspaceName"`
	OwnerID       string                  `json:"ownerId"` // UserID
	Roles         []quickbi.WorkspaceRole `json:"roles"`
}

// An Obstacle is why a member cannot be taken out, and what to do about it. It
// matches what the service would refuse, or has refused, the member's removal with.
type Obstacle struct {
	Problem string            `json:"problem"`
	Advice  string            `json:"advice"`
	Code    quickbi.ErrorCode `json:"code,omitempty"`
	Err     error             `json:"-"` // of a call, or nil
}

func (o *Obstacle) Error() string {
	text := o.Problem + "; " + o.Advice
	if _, refused := errors.AsType[*quickbi.Error](o.Err); refused {
		text += ": " + terminal.Line(o.Err.Error()) // with what a look has found out
	}
	return text
}

// Unwrap returns Err, or Code if there is none.
func (o *Obstacle) Unwrap() error {
	switch {
	case o.Err != nil:
		return o.Err
	case o.Code != "":
		return o.Code
	}
	return nil
}

// Obstacle returns what is known to stand in the way, or nil. The error is, or
// holds, one [*Obstacle] or several.
func (l *Leaver) Obstacle() error {
	errs := make([]error, len(l.Obstacles))
	for i, o := range l.Obstacles {
		errs[i] = o
	}
	return errors.Join(errs...)
}

// Obstacle returns what is known to stand in the way of any leaver, or nil.
func (p *Plan) Obstacle() error {
	errs := make([]error, len(p.Leavers))
	for i, l := range p.Leavers {
		errs[i] = l.Obstacle()
	}
	return errors.Join(errs...)
}

// Kind is a kind of [Step].
type Kind string

// The kinds, in the order in which they are applied.
const (
	TransferSmartQ Kind = "transfer-smartq"
	WithdrawGroups Kind = "withdraw-groups"
	LeaveWorkspace Kind = "leave-workspace"
	DeleteMember   Kind = "delete-member"
)

// A Step is one thing that [Plan.Apply] does to a member.
type Step struct {
	Kind          Kind   `json:"kind"`
	WorkspaceID   string `json:"workspaceId,omitempty"` // of LeaveWorkspace
	WorkspaceName string `json:"workspaceName,omitempty"`
	OnlyIfNeeded  bool   `json:"onlyIfNeeded,omitempty"` // only if the service does not delete the member otherwise
}

// String returns the step as a line of a plan.
func (s Step) String() string {
	switch s.Kind {
	case TransferSmartQ:
		return "let the successor ask Smart Q what the member may ask"
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
	return terminal.Name(string(s.Kind))
}

// Steps returns what [Plan.Apply] would do to the member, in this order, if nothing
// stands in the way.
func (l *Leaver) Steps() []Step {
	var steps []Step
	if l.transfersSmartQ() {
		steps = append(steps, Step{Kind: TransferSmartQ})
	}
	if l.withdraws() {
		steps = append(steps, Step{Kind: WithdrawGroups})
	}
	if len(l.withWorks()) == 0 {
		for _, ws := range l.Workspaces {
			steps = append(steps, leaving(ws))
		}
	}
	return append(steps, Step{Kind: DeleteMember})
}

func leaving(ws Membership) Step {
	return Step{Kind: LeaveWorkspace, WorkspaceID: ws.WorkspaceID, WorkspaceName: ws.WorkspaceName, OnlyIfNeeded: true}
}

func (p *Plan) handsOverSmartQ() bool { return p.HandsOver && !p.KeepSmartQ }

func (l *Leaver) transfersSmartQ() bool { return l.plan.handsOverSmartQ() && len(l.SmartQ) > 0 }

// withdraws reports whether the member is taken out of the groups before they are
// deleted: not if they could be the owner of the organization.
func (l *Leaver) withdraws() bool { return len(l.Groups) > 0 && !l.isAdministrator() }

// isAdministrator takes a member whose roles are not told for one.
func (m Member) isAdministrator() bool {
	return len(m.RoleIDs) == 0 || slices.Contains(m.RoleIDs, quickbi.OrganizationRoleAdmin)
}

// owned returns how much the member owns in a workspace.
func (l *Leaver) owned(workspaceID string) int {
	n := 0
	for _, item := range slices.Concat(l.Works, l.Datasets) {
		if item.WorkspaceID == workspaceID {
			n++
		}
	}
	return n
}

// withWorks lists the workspaces that must not be left, because the works there
// would not go to the successor.
func (l *Leaver) withWorks() []string {
	if !l.plan.HandsOver || l.plan.GiveUpWorks {
		return nil
	}
	var names []string
	for _, ws := range l.Workspaces {
		if l.owned(ws.WorkspaceID) > 0 {
			names = append(names, named(ws.WorkspaceName, ws.WorkspaceID))
		}
	}
	return names
}

// Encode writes the plan as a JSON document, for [Offboarder.Decode].
func (p *Plan) Encode(w io.Writer) error {
	if err := planfile.Encode(w, p); err != nil {
		return fmt.Errorf("offboarding: saving the plan: %w", err)
	}
	return nil
}

// Decode reads a plan that was saved. Who leaves, the successor, and what is done with
// works and Smart Q are as it says; everything else is as the Offboarder has it.
func (o Offboarder) Decode(r io.Reader) (*Plan, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p, err := planfile.Decode[Plan](r, planFormat, planVersion)
	if err != nil {
		return nil, fmt.Errorf("offboarding: %w", err)
	}
	p.offboarder = o
	for i, l := range p.Leavers {
		if l == nil || l.UserID == "" {
			return nil, fmt.Errorf("offboarding: the plan does not say who leaver %d is", i+1)
		}
		l.plan = p
	}
	return p, nil
}

// Print writes what each leaver has, what would be done, and what stands in the
// way. Names that others have chosen are quoted, so that they cannot pass for lines
// of the plan.
func (p *Plan) Print(w io.Writer) error {
	out := bufio.NewWriter(w) // it keeps the first error
	heir := "the owners of the workspaces"
	if p.HandsOver {
		heir = p.Successor.String()
	}
	for _, l := range p.Leavers {
		fmt.Fprintf(out, "%s leaves, works go to %s\n", l, heir)
		if l.isAdministrator() {
			fmt.Fprintln(out, "  is an administrator of the organization, perhaps its owner")
		}
		list(out, "owns works", l.Works, Item.String)
		list(out, "owns datasets", l.Datasets, Item.String)
		list(out, "is in workspaces", l.Workspaces, func(m Membership) string {
			roles := make([]string, len(m.Roles))
			for i, r := range m.Roles {
				roles[i] = terminal.Name(r.RoleName)
			}
			if m.OwnerID == l.UserID {
				roles = append(roles, "owner")
			}
			return quoted(m.WorkspaceName, m.WorkspaceID) + " as " + strings.Join(roles, " and ")
		})
		list(out, "is in user groups", l.Groups, Item.String)
		list(out, "is shown by sharing", l.Shared, Item.String)
		list(out, "may ask Smart Q", l.SmartQ, Item.String)
		list(out, "leaves behind", l.Remaining, func(i Item) string { return i.Kind + " " + i.String() })
		for _, text := range l.Unread {
			fmt.Fprintf(out, "  not known: %s\n", terminal.Line(text))
		}
		for i, step := range l.Steps() {
			fmt.Fprintf(out, "  %d. %v\n", i+1, step)
		}
		for _, obstacle := range l.Obstacles {
			fmt.Fprintf(out, "  impossible: %s\n", terminal.Line(obstacle.Error()))
		}
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

// named writes a name with the id that makes it unambiguous.
func named(name, id string) string {
	if name == "" {
		return terminal.Name(id)
	}
	return strconv.Quote(name) + " (" + terminal.Name(id) + ")"
}

// quoted writes a name, or the id of what has none.
func quoted(name, id string) string {
	if name == "" {
		return terminal.Name(id)
	}
	return strconv.Quote(name)
}
