package dirsync

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// Kind is a kind of [Change].
type Kind uint8

// The kinds, in the order in which they are applied.
const (
	CreateGroup  Kind = iota
	RenameGroup       // mixed with CreateGroup and MoveGroup, as one makes room for the other
	MoveGroup         // below another group
	AddMember         // to the organization
	Reactivate        // a member
	UpdateMember      // nickname, user type, roles
	SetTag            // of a member
	Join              // a group
	Move              // join a group and leave another, which happens only if joining succeeds
	Leave             // a group
	JoinWorkspace
	SetWorkspaceRoles
	LeaveWorkspace // which is tried only if the member could join what it is to join
	Deactivate     // a member
	DeleteMember
)

var kindNames = [...]string{
	CreateGroup: "create-group", RenameGroup: "rename-group", MoveGroup: "move-group", AddMember: "add-member", Reactivate: "reactivate", UpdateMember: "update-member", SetTag: "set-tag",
	Join: "join", Move: "move", Leave: "leave",
	JoinWorkspace: "join-workspace", SetWorkspaceRoles: "set-workspace-roles", LeaveWorkspace: "leave-workspace", Deactivate: "deactivate", DeleteMember: "delete-member",
}

// String returns the name that stands in reports, such as "create-group".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// phase returns when changes of the kind are made, and where they stand in a plan.
func (k Kind) phase() int {
	switch k {
	case RenameGroup, MoveGroup:
		return int(CreateGroup)
	case Move, Leave:
		return int(Join)
	}
	return int(k)
}

// MarshalText returns the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the name.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("there is no kind of change called %q", text)
	}
	*k = Kind(i)
	return nil
}

// A Change is one line of a plan.
type Change struct {
	Kind              Kind             `json:"kind"`
	Account           string           `json:"account,omitempty"`
	UserID            string           `json:"userId,omitempty"` // Quick BI's; "" of one who has yet to be added
	AccountID         string           `json:"accountId,omitempty"`
	Deactivated       bool             `json:"deactivated,omitempty"` // of DeleteMember: it is deactivated already
	NickName          string           `json:"nickname,omitempty"`    // of AddMember
	UserType          quickbi.UserType `json:"userType,omitempty"`    // of AddMember
	Roles             []int64          `json:"roles,omitempty"`       // of AddMember
	Set               *Profile         `json:"set,omitempty"`         // of UpdateMember
	Was               *Profile         `json:"was,omitempty"`         // of UpdateMember: what Set replaces
	Tag               string           `json:"tag,omitempty"`         // of SetTag
	TagID             string           `json:"tagId,omitempty"`
	Value             string           `json:"value,omitempty"`      // of SetTag; "" takes the value away
	OldValue          string           `json:"oldValue,omitempty"`   // of SetTag: what Value replaces
	Group             string           `json:"group,omitempty"`      // path of the group created, renamed, moved, joined or left
	GroupID           string           `json:"groupId,omitempty"`    // "" of one that has yet to be created
	NewGroupID        string           `json:"newGroupId,omitempty"` // of CreateGroup: the id of its key
	ParentID          string           `json:"parentId,omitempty"`   // of CreateGroup, RenameGroup and MoveGroup: the group above, if it is there
	From              string           `json:"from,omitempty"`       // of Move: path of the group left; of RenameGroup and MoveGroup: the path before
	FromID            string           `json:"fromId,omitempty"`     // of Move: the group left; of RenameGroup and MoveGroup: the group above before
	Workspace         string           `json:"workspace,omitempty"`
	WorkspaceID       string           `json:"workspaceId,omitempty"`
	WorkspaceRoles    []WorkspaceRole  `json:"workspaceRoles,omitempty"`    // none: the member leaves
	OldWorkspaceRoles []WorkspaceRole  `json:"oldWorkspaceRoles,omitempty"` // what WorkspaceRoles replaces
	Successor         string           `json:"successor,omitempty"`         // of DeleteMember: account that gets the works
	SuccessorID       string           `json:"successorId,omitempty"`
}

// String returns the change as one line of a diff.
func (c Change) String() string {
	switch c.Kind {
	case CreateGroup:
		return "+ group " + terminal.Name(c.Group)
	case RenameGroup, MoveGroup:
		return "> group " + terminal.Name(c.From) + " -> " + terminal.Name(c.Group)
	case AddMember:
		return "+ member " + terminal.Name(c.Account) + " as " + userTypeName(c.UserType)
	case Reactivate:
		return "+ member " + terminal.Name(c.Account) + " is back"
	case UpdateMember:
		if c.Set == nil || c.Was == nil {
			break
		}
		return "~ " + terminal.Name(c.Account) + ": " + c.Was.String() + " -> " + c.Set.String()
	case SetTag:
		return "~ " + terminal.Name(c.Account) + ": tag " + terminal.Name(c.Tag) + " " + terminal.Name(c.OldValue) + " -> " + terminal.Name(c.Value)
	case JoinWorkspace:
		return "+ " + terminal.Name(c.Account) + ": workspace " + terminal.Name(c.Workspace) + " as " + namesOf(c.WorkspaceRoles)
	case SetWorkspaceRoles:
		return "~ " + terminal.Name(c.Account) + ": workspace " + terminal.Name(c.Workspace) + " " + namesOf(c.OldWorkspaceRoles) + " -> " + namesOf(c.WorkspaceRoles)
	case LeaveWorkspace:
		return "- " + terminal.Name(c.Account) + ": workspace " + terminal.Name(c.Workspace)
	case Deactivate:
		return "- member " + terminal.Name(c.Account) + " is deactivated"
	case Join:
		return "+ " + terminal.Name(c.Account) + ": " + terminal.Name(c.Group)
	case Move:
		return "> " + terminal.Name(c.Account) + ": " + terminal.Name(c.From) + " -> " + terminal.Name(c.Group)
	case Leave:
		return "- " + terminal.Name(c.Account) + ": " + terminal.Name(c.Group)
	case DeleteMember:
		if c.Successor == "" {
			return "- member " + terminal.Name(c.Account)
		}
		return "- member " + terminal.Name(c.Account) + ", works to " + terminal.Name(c.Successor)
	}
	return c.Kind.String()
}

// Counts says how many changes there are of each kind.
type Counts struct {
	CreateGroup       int `json:"createGroup"`
	RenameGroup       int `json:"renameGroup,omitempty"`
	MoveGroup         int `json:"moveGroup,omitempty"`
	AddMember         int `json:"addMember"`
	Reactivate        int `json:"reactivate,omitempty"`
	UpdateMember      int `json:"updateMember,omitempty"`
	SetTag            int `json:"setTag,omitempty"`
	Join              int `json:"join"`
	Move              int `json:"move"`
	Leave             int `json:"leave"`
	JoinWorkspace     int `json:"joinWorkspace,omitempty"`
	SetWorkspaceRoles int `json:"setWorkspaceRoles,omitempty"`
	LeaveWorkspace    int `json:"leaveWorkspace,omitempty"`
	Deactivate        int `json:"deactivate,omitempty"`
	DeleteMember      int `json:"deleteMember"`
}

// Total is the number of all changes.
func (c Counts) Total() int {
	n := 0
	for kind := range kindNames {
		n += *c.of(Kind(kind))
	}
	return n
}

func (c Counts) String() string {
	if c.Total() == 0 {
		return "no changes"
	}
	var parts []string
	for i, name := range kindNames {
		if n := *c.of(Kind(i)); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, name))
		}
	}
	return strings.Join(parts, ", ")
}

// of returns where the changes of a kind are counted.
func (c *Counts) of(kind Kind) *int {
	return [...]*int{
		CreateGroup: &c.CreateGroup, RenameGroup: &c.RenameGroup, MoveGroup: &c.MoveGroup, AddMember: &c.AddMember, Reactivate: &c.Reactivate, UpdateMember: &c.UpdateMember, SetTag: &c.SetTag,
		Join: &c.Join, Move: &c.Move, Leave: &c.Leave,
		JoinWorkspace: &c.JoinWorkspace, SetWorkspaceRoles: &c.SetWorkspaceRoles, LeaveWorkspace: &c.LeaveWorkspace, Deactivate: &c.Deactivate, DeleteMember: &c.DeleteMember,
	}[kind]
}

// A Problem is why a record cannot be followed. The member it is about stays as it is.
type Problem struct {
	Account string `json:"account,omitempty"`
	Origin  string `json:"origin,omitempty"` // of the record
	Text    string `json:"problem"`
}

func (p Problem) String() string {
	var parts []string
	for _, part := range []string{p.Account, p.Origin, p.Text} {
		if part != "" {
			parts = append(parts, terminal.Line(part))
		}
	}
	return strings.Join(parts, ": ")
}

// A Plan is what has to change for an organization to be as the source says.
type Plan struct {
	Made                 time.Time
	Records              int // in the source
	Members              int // of the organization, now
	Memberships          int // in the groups that belong to the source, now
	WorkspaceMemberships int // in the workspaces that records or LeaveWorkspaces name, now

	Unknown  []string  // accounts that are no members, and not to be added
	Outside  []string  // paths that records name, but that are not within [Syncer.Within]
	Inactive []string  // accounts of deactivated members whom the source has, and who stay so: no report tells that the source deactivated them
	Keyless  []string  // paths of groups that were there before they had a key in [Syncer.Groups]: renaming one in the source makes another group
	Nameless []string  // UserIDs of members whom no record can name: they have no account; they stay as they are
	Problems []Problem // of records that were not followed
	// Blocked says why the plan takes nothing away from anybody: a record with
	// content names nobody, and so may be about anybody. It is "" if there is no such
	// record.
	Blocked string

	syncer    Syncer
	header    planfile.Header
	witnesses []string // members by whom the organization is known
	members   []member // those there are, and those to be added
	groups    []group  // those there are, and those that records name
	added     map[memberAt]newMember
	updates   map[memberAt]update
	steps     map[int]groupStep // by the places of changes
	tags      map[int]tagSet    // by the places of changes
	seats     map[int]seatSet   // by the places of changes
	crowds    []crowd           // of the workspaces that matter
	changes   []change          // in the order of their kinds; groups come before those in them
	successor memberAt          // or none
	applied   atomic.Bool
}

// A change is a [Change] that names members and groups by their places.
type change struct {
	kind   Kind
	member memberAt // or none
	group  groupAt  // created or joined, or none
	from   groupAt  // left, or none
}

// A newMember is what a member to be added has besides the account.
type newMember struct {
	nickName string
	wanted   string // the nickname that the record gives
	userType quickbi.UserType
	roles    []int64
}

// maxSourceErrors is how many errors of a source are told at once.
const maxSourceErrors = 10

// Plan compares the organization with the source. It changes nothing.
//
// An error of the source is one of Plan: what is missing in half of a source
// must not be taken away. The first ten are reported together.
func (s Syncer) Plan(ctx context.Context, source iter.Seq2[Record, error]) (*Plan, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	if source == nil {
		return nil, errors.New("dirsync: the source is nil")
	}
	organization, err := planfile.Organization(ctx, s.Client)
	if err != nil {
		return nil, fmt.Errorf("dirsync: asking for the organization: %w", err)
	}
	p := s.newPlan(planfile.NewHeader(planFormat, planVersion, organization, s.MaxAge))
	st := newState(&s, p)
	if err := st.read(ctx); err != nil {
		return nil, err
	}
	if organization == "" {
		p.witnesses = chooseWitnesses(p.members)
	}
	if p.successor, err = st.successor(ctx); err != nil {
		return nil, err
	}
	var bad sourceError
	sum := newSourceHash()
	for _, g := range s.Groups {
		fmt.Fprintf(sum, "group %q %q;", g.Key, g.Path)
	}
	for r, err := range source {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("dirsync: reading the source: %w", ctx.Err())
		}
		if err == nil {
			err = r.check()
		}
		switch {
		case err != nil:
			if bad = append(bad, err); len(bad) < maxSourceErrors {
				continue
			}
		case len(bad) == 0:
			sum.add(&r)
			st.take(r)
			continue
		default:
			continue // nothing will come of it
		}
		break
	}
	if len(bad) > 0 {
		return nil, bad
	}
	p.header.Source = sum.String()
	if err := st.askAll(ctx); err != nil {
		return nil, err
	}
	st.followPending()
	if err := st.checkWithin(); err != nil {
		return nil, err
	}
	return p, st.compare(ctx)
}

// sourceError is what a source yielded.
type sourceError []error

func (e sourceError) Unwrap() []error { return e }

func (e sourceError) Error() string {
	texts := make([]string, len(e))
	for i, err := range e {
		texts[i] = err.Error()
	}
	return "dirsync: reading the source: " + strings.Join(texts, "; ")
}

// compare works out the changes from what is and what is wanted.
func (s *state) compare(ctx context.Context) error {
	p := s.plan
	for i := range p.members[:p.Members] {
		switch m := &p.members[i]; {
		case m.named || m.alone:
		case s.maybe[memberAt(i)] != "":
			s.problem(Problem{Account: m.label(), Text: s.maybe[memberAt(i)]}, memberAt(i))
		case s.idsOnly && m.accountID == "":
			// An account without a name may be that of a member whose id Quick BI does not know yet.
			s.problem(Problem{Account: m.label(), Text: "Quick BI does not know the account's id yet, and there are records without an account name, so that it is not clear whether there is one of it"}, memberAt(i))
		}
	}
	if err := errors.Join(s.spareHidden(ctx), s.spareOwners(ctx)); err != nil {
		return err
	}
	s.compareProfiles()
	seats, seatSets, err := s.compareWorkspaces(ctx)
	if err != nil {
		return err
	}
	alone := func(e edge) bool { return p.members[e.member].alone || s.frozen[e.group] }
	have, want := slices.DeleteFunc(s.have, alone), slices.DeleteFunc(s.want, alone)
	slices.SortFunc(want, byMember)
	want = slices.Compact(want)
	joins, leaves := missing(have, want), missing(want, have)
	if p.Blocked != "" {
		leaves = nil
	}
	for _, e := range leaves {
		p.groups[e.group].leaving++
	}
	// Being deleted ends memberships. To end them before would leave a member whom the
	// service does not delete without them.
	leaves = slices.DeleteFunc(leaves, func(e edge) bool { return p.deletes(&p.members[e.member]) })

	create := make(map[groupAt]bool)
	for _, e := range joins {
		for i := e.group; i != none && p.groups[i].id == "" && !create[i]; i = p.groups[i].parent {
			create[i] = true
		}
	}
	groups, steps, err := s.groupSteps(create)
	if err != nil {
		return err
	}
	p.changes = groups
	for i, step := range steps {
		p.steps[i] = step
	}
	var first, last []change
	for i := range p.members {
		at := memberAt(i)
		m := &p.members[i]
		switch {
		case m.alone:
		case m.isNew():
			first = append(first, change{AddMember, at, none, none})
		case (p.deletes(m) || p.deactivates(m)) && at == p.successor:
			return fmt.Errorf("dirsync: the successor %s is not in the source and would be deleted", m.shown())
		case p.deletes(m):
			last = append(last, change{DeleteMember, at, none, none})
		case p.deactivates(m):
			last = append(last, change{Deactivate, at, none, none})
		case m.named && m.inactive && p.syncer.Deactivate && m.ours:
			first = append(first, change{Reactivate, at, none, none})
		case m.named && m.inactive:
			p.Inactive = append(p.Inactive, m.label())
		}
		if _, ok := p.updates[at]; ok && !m.alone {
			first = append(first, change{UpdateMember, at, none, none})
		}
	}
	byKind := func(a, b change) int { return int(a.kind) - int(b.kind) }
	slices.SortStableFunc(first, byKind)
	slices.SortStableFunc(last, byKind)
	tags, sets, err := s.compareTags(ctx)
	if err != nil {
		return err
	}
	p.changes = append(p.changes, first...)
	for n, set := range sets {
		p.tags[len(p.changes)+n] = set
	}
	p.changes = slices.Concat(p.changes, tags, memberSteps(joins, leaves))
	for n, set := range seatSets {
		p.seats[len(p.changes)+n] = set
	}
	p.changes = slices.Concat(p.changes, seats, last)
	p.Outside = slices.Sorted(maps.Keys(s.outside))
	return nil
}

// deletes reports whether the member is to be deleted, if nothing speaks against it.
func (p *Plan) deletes(m *member) bool {
	return p.syncer.DeleteMembers && p.goes(m) && (!p.syncer.Deactivate || m.inactive && m.expired)
}

// deactivates reports whether the member is to be deactivated.
func (p *Plan) deactivates(m *member) bool { return p.syncer.Deactivate && p.goes(m) && !m.inactive }

// goes reports whether the source has no record of a member whom it may remove.
func (p *Plan) goes(m *member) bool {
	return p.Blocked == "" && !m.isNew() && !m.named && !m.admin && !m.alone
}

// spareOwners leaves members alone whom the service would not delete, because they
// own workspaces.
func (s *state) spareOwners(ctx context.Context) error {
	if !slices.ContainsFunc(s.plan.members, func(m member) bool { return s.plan.deletes(&m) }) {
		return nil
	}
	for ws, err := range s.Client.QueryOrganizationWorkspaceListAll(ctx, nil) {
		if err != nil {
			return fmt.Errorf("dirsync: listing the workspaces: %w", err)
		}
		if i, ok := s.byUserID[ws.OwnerID]; ok && s.plan.deletes(&s.plan.members[i]) {
			m := &s.plan.members[i]
			s.problem(Problem{Account: m.label(), Text: fmt.Sprintf("it is to be deleted, but owns the workspace %s: give that another owner in the console, no operation can", terminal.Name(ws.WorkspaceName))}, i)
		}
	}
	return nil
}

// missing returns the edges of all that are not in there. Both are sorted by member.
func missing(there, all []edge) []edge {
	var out []edge
	for _, e := range all {
		for len(there) > 0 && byMember(there[0], e) < 0 {
			there = there[1:]
		}
		if len(there) == 0 || there[0] != e {
			out = append(out, e)
		}
	}
	return out
}

// Counts returns how many changes there are.
func (p *Plan) Counts() Counts {
	var counts Counts
	for _, c := range p.changes {
		*counts.of(c.kind)++
	}
	return counts
}

// Empty reports whether nothing has to change.
func (p *Plan) Empty() bool { return len(p.changes) == 0 }

// Changes returns all changes in the order of their kinds, memberships by member.
func (p *Plan) Changes() iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for i := range p.changes {
			if !yield(p.change(i)) {
				return
			}
		}
	}
}

// change returns the change at a place of the plan.
func (p *Plan) change(i int) Change {
	in := p.changes[i]
	c := Change{Kind: in.kind}
	if in.member != none {
		m := &p.members[in.member]
		c.Account, c.UserID, c.AccountID = m.account, m.id, m.accountID
		if c.Account == "" {
			c.Account = m.label()
		}
	}
	if in.group != none {
		c.Group, c.GroupID = p.groups[in.group].path, p.groups[in.group].id
	}
	switch in.kind {
	case CreateGroup:
		c.NewGroupID = p.groups[in.group].newID
		if parent := p.groups[in.group].parent; parent != none {
			c.ParentID = p.groups[parent].id
		}
	case RenameGroup, MoveGroup:
		step := p.steps[i]
		c.Group, c.From, c.ParentID, c.FromID = step.to, step.from, p.idOf(step.parent), p.idOf(step.old.parent)
	case AddMember:
		n := p.added[in.member]
		c.NickName, c.UserType, c.Roles = n.nickName, n.userType, n.roles
	case UpdateMember:
		u := p.updates[in.member]
		c.Set, c.Was = &u.set, &u.was
	case SetTag:
		tag := p.tags[i]
		c.Tag, c.TagID, c.Value, c.OldValue = tag.name, tag.id, tag.value, tag.was
	case JoinWorkspace, SetWorkspaceRoles, LeaveWorkspace:
		set := p.seats[i]
		c.Workspace, c.WorkspaceID, c.WorkspaceRoles, c.OldWorkspaceRoles = set.name, set.id, set.roles, set.was
	case Move:
		c.From, c.FromID = p.groups[in.from].path, p.groups[in.from].id
	case Leave:
		c.Group, c.GroupID = p.groups[in.from].path, p.groups[in.from].id
	case DeleteMember:
		c.Deactivated = p.members[in.member].inactive
		if p.successor != none {
			c.Successor, c.SuccessorID = p.members[p.successor].label(), p.members[p.successor].id
		}
	}
	return c
}

// memberSteps walks along joins and leaves, both sorted by member. A join and a leave of
// the same member make a move.
func memberSteps(joins, leaves []edge) []change {
	var changes []change
	for len(joins) > 0 || len(leaves) > 0 {
		var c change
		switch {
		case len(leaves) == 0 || len(joins) > 0 && joins[0].member < leaves[0].member:
			c = change{Join, joins[0].member, joins[0].group, none}
		case len(joins) == 0 || leaves[0].member < joins[0].member:
			c = change{Leave, leaves[0].member, none, leaves[0].group}
		default:
			c = change{Move, joins[0].member, joins[0].group, leaves[0].group}
		}
		if c.group != none {
			joins = joins[1:]
		}
		if c.from != none {
			leaves = leaves[1:]
		}
		changes = append(changes, c)
	}
	return changes
}

// Print writes the changes, one a line, the problems, and how many there are of each.
func (p *Plan) Print(w io.Writer) error {
	out := bufio.NewWriter(w) // it keeps the first error
	for c := range p.Changes() {
		if _, err := fmt.Fprintln(out, c); err != nil {
			return err
		}
	}
	for _, problem := range p.Problems {
		fmt.Fprintln(out, "?", problem)
	}
	if p.Blocked != "" {
		fmt.Fprintln(out, "! nothing is taken away from anybody:", terminal.Line(p.Blocked))
	}
	fmt.Fprintf(out, "%d records, %d members, %d memberships", p.Records, p.Members, p.Memberships)
	if p.WorkspaceMemberships > 0 {
		fmt.Fprintf(out, ", %d of workspaces", p.WorkspaceMemberships)
	}
	fmt.Fprintf(out, ": %v\n", p.Counts())
	if len(p.Unknown) > 0 {
		fmt.Fprintf(out, "accounts that are no members: %d\n", len(p.Unknown))
	}
	if len(p.Inactive) > 0 {
		fmt.Fprintf(out, "deactivated by hand, and left so: %s\n", quotedAll(p.Inactive))
	}
	if len(p.Keyless) > 0 {
		fmt.Fprintf(out, "groups that have a key, but were there before: %s\n", quotedAll(p.Keyless))
	}
	if len(p.Outside) > 0 {
		fmt.Fprintf(out, "groups left alone: %s\n", quotedAll(p.Outside))
	}
	return out.Flush()
}
