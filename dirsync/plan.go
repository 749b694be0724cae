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
	"strings"

	"github.com/quickbi-go/quickbi"
)

// Kind is a kind of [Change].
type Kind string

// The kinds, in the order in which they are applied.
const (
	CreateGroup  Kind = "create-group"
	AddMember    Kind = "add-member" // to the organization
	Join         Kind = "join"       // a group
	Move         Kind = "move"       // join a group and leave another, which happens only if joining succeeds
	Leave        Kind = "leave"      // a group
	DeleteMember Kind = "delete-member"
)

var kinds = []Kind{CreateGroup, AddMember, Join, Move, Leave, DeleteMember}

// A Change is one line of a plan.
type Change struct {
	Kind      Kind             `json:"kind"`
	Account   string           `json:"account,omitempty"`
	UserID    string           `json:"userId,omitempty"` // Quick BI's; "" of one who has yet to be added
	UserType  quickbi.UserType `json:"userType,omitempty"`
	Group     string           `json:"group,omitempty"`     // path of the group created, joined or left
	From      string           `json:"from,omitempty"`      // of Move: path of the group left
	Successor string           `json:"successor,omitempty"` // of DeleteMember: account that gets the works
}

// String returns the change as one line of a diff.
func (c Change) String() string {
	switch c.Kind {
	case CreateGroup:
		return "+ group " + c.Group
	case AddMember:
		return "+ member " + c.Account + " as " + userTypeName(c.UserType)
	case Join:
		return "+ " + c.Account + ": " + c.Group
	case Move:
		return "> " + c.Account + ": " + c.From + " -> " + c.Group
	case Leave:
		return "- " + c.Account + ": " + c.Group
	case DeleteMember:
		if c.Successor == "" {
			return "- member " + c.Account
		}
		return "- member " + c.Account + ", works to " + c.Successor
	}
	return string(c.Kind)
}

// Counts says how many changes there are of each kind.
type Counts struct {
	CreateGroup  int `json:"createGroup"`
	AddMember    int `json:"addMember"`
	Join         int `json:"join"`
	Move         int `json:"move"`
	Leave        int `json:"leave"`
	DeleteMember int `json:"deleteMember"`
}

// Total is the number of all changes.
func (c Counts) Total() int {
	return c.CreateGroup + c.AddMember + c.Join + c.Move + c.Leave + c.DeleteMember
}

func (c Counts) String() string {
	if c.Total() == 0 {
		return "no changes"
	}
	var parts []string
	for _, kind := range kinds {
		if n := *c.of(kind); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	return strings.Join(parts, ", ")
}

// of returns where the changes of a kind are counted.
func (c *Counts) of(kind Kind) *int {
	switch kind {
	case CreateGroup:
		return &c.CreateGroup
	case AddMember:
		return &c.AddMember
	case Join:
		return &c.Join
	case Move:
		return &c.Move
	case Leave:
		return &c.Leave
	}
	return &c.DeleteMember
}

// A Problem is why a record cannot be followed. The member it is about stays as it is.
type Problem struct {
	Account string `json:"account,omitempty"`
	Origin  string `json:"origin,omitempty"` // of the record
	Text    string `json:"problem"`
}

func (p Problem) String() string {
	parts := slices.DeleteFunc([]string{p.Account, p.Origin, p.Text}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// A Plan is what has to change for an organization to be as the source says.
type Plan struct {
	Records     int // in the source
	Members     int // of the organization, now
	Memberships int // in the groups that belong to the source, now

	Unknown  []string  // accounts that are no members, and not to be added
	Outside  []string  // paths that records name, but that are not within [Syncer.Within]
	Problems []Problem // of records that were not followed

	syncer    Syncer
	members   []member // those there are, and those to be added
	groups    []group  // those there are, and those that records name
	added     []newMember
	creates   []int32 // groups; parents come before children
	adds      []int32 // members
	joins     []edge  // sorted
	leaves    []edge  // sorted
	deletes   []int32
	successor int32 // or none
}

// A newMember is what a member to be added has besides the account.
type newMember struct {
	nickName string
	userType quickbi.UserType
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
	p := &Plan{syncer: s}
	st := &state{
		Syncer: &s, plan: p,
		byUserID: make(map[string]int32), byAccountID: make(map[string]int32),
		byLogin: make(map[string]int32), byPath: make(map[string]int32), outside: make(map[string]bool),
	}
	if err := st.read(ctx); err != nil {
		return nil, err
	}
	st.byUserID = nil
	if p.successor, err = st.successor(); err != nil {
		return nil, err
	}

	var bad sourceError
	for r, err := range source {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("dirsync: reading the source: %w", ctx.Err())
		}
		switch {
		case err != nil:
			if bad = append(bad, err); len(bad) < maxSourceErrors {
				continue
			}
		case len(bad) == 0:
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
	return p, st.compare()
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
func (s *state) compare() error {
	p := s.plan
	if s.idsOnly {
		// An account without a name may be that of a member whose id Quick BI does not know yet.
		for i := range p.members[:p.Members] {
			if m := &p.members[i]; !m.named && !m.alone && m.accountID == "" {
				s.problem(Problem{Account: m.label(), Text: "Quick BI does not know the account's id yet, and there are records without an account name, so that it is not clear whether there is one of it"}, int32(i))
			}
		}
	}
	alone := func(e edge) bool { return p.members[e.member()].alone }
	have, want := slices.DeleteFunc(s.have, alone), slices.DeleteFunc(s.want, alone)
	slices.Sort(want)
	want = slices.Compact(want)
	p.joins, p.leaves = missing(have, want), missing(want, have)

	create := make(map[int32]bool)
	for _, e := range p.joins {
		for i := e.group(); i != none && p.groups[i].id == "" && !create[i]; i = p.groups[i].parent {
			create[i] = true
			p.creates = append(p.creates, i)
		}
	}
	slices.SortFunc(p.creates, func(a, b int32) int { return strings.Compare(p.groups[a].path, p.groups[b].path) })

	for i := range p.members {
		switch m := &p.members[i]; {
		case m.alone:
		case i >= p.Members:
			p.adds = append(p.adds, int32(i))
		case p.syncer.DeleteMembers && !m.named && !m.admin:
			if int32(i) == p.successor {
				return fmt.Errorf("dirsync: the successor %s is not in the source and would be deleted", m.label())
			}
			p.deletes = append(p.deletes, int32(i))
		}
	}
	p.added = s.added
	p.Outside = slices.Sorted(maps.Keys(s.outside))
	return nil
}

// missing returns what of all is not in there. Both are sorted.
func missing(there, all []edge) []edge {
	var out []edge
	for _, e := range all {
		for len(there) > 0 && there[0] < e {
			there = there[1:]
		}
		if len(there) == 0 || there[0] != e {
			out = append(out, e)
		}
	}
	return out
}

// ErrTooManyRemovals is matched by the error of [Plan.Guard].
var ErrTooManyRemovals = errors.New("the plan takes away too much")

// Guard returns an error if the plan takes away more than [Syncer.MaxRemove]
// allows. [Plan.Apply] does nothing then.
func (p *Plan) Guard() error {
	for _, part := range []struct {
		n, of int
		what  string
	}{
		{len(p.leaves), p.Memberships, "memberships would end"},
		{len(p.deletes), p.Members, "members would be deleted"},
	} {
		if part.n > 0 && float64(part.n) > p.syncer.MaxRemove*float64(part.of) {
			return fmt.Errorf("dirsync: %w: %d of %d %s, and at most %.4g%% may. If the source is whole, allow it with MaxRemove",
				ErrTooManyRemovals, part.n, part.of, part.what, max(0, p.syncer.MaxRemove*100))
		}
	}
	return nil
}

// Counts returns how many changes there are.
func (p *Plan) Counts() Counts {
	c := Counts{CreateGroup: len(p.creates), AddMember: len(p.adds), DeleteMember: len(p.deletes)}
	for s := range p.steps() {
		*c.of(s.kind())++
	}
	return c
}

// Empty reports whether nothing has to change.
func (p *Plan) Empty() bool {
	return len(p.creates)+len(p.adds)+len(p.joins)+len(p.leaves)+len(p.deletes) == 0
}

// Changes returns all changes: groups, members to add, memberships by member,
// members to delete.
func (p *Plan) Changes() iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for _, i := range p.creates {
			if !yield(p.creation(i)) {
				return
			}
		}
		for _, i := range p.adds {
			if !yield(p.addition(i)) {
				return
			}
		}
		for s := range p.steps() {
			if !yield(p.change(s)) {
				return
			}
		}
		for _, i := range p.deletes {
			if !yield(p.deletion(i)) {
				return
			}
		}
	}
}

func (p *Plan) creation(i int32) Change { return Change{Kind: CreateGroup, Group: p.groups[i].path} }

func (p *Plan) addition(i int32) Change {
	m := &p.members[i]
	return Change{Kind: AddMember, Account: m.label(), UserID: m.id, UserType: p.added[int(i)-p.Members].userType}
}

func (p *Plan) deletion(i int32) Change {
	c := Change{Kind: DeleteMember, Account: p.members[i].label(), UserID: p.members[i].id}
	if p.successor != none {
		c.Successor = p.members[p.successor].label()
	}
	return c
}

func (p *Plan) change(s step) Change {
	m := &p.members[s.member]
	c := Change{Kind: s.kind(), Account: m.label(), UserID: m.id}
	switch c.Kind {
	case Join:
		c.Group = p.groups[s.join].path
	case Leave:
		c.Group = p.groups[s.leave].path
	default:
		c.Group, c.From = p.groups[s.join].path, p.groups[s.leave].path
	}
	return c
}

// A step is what happens to a member: a group to join, a group to leave, or both.
type step struct{ member, join, leave int32 }

func (s step) kind() Kind {
	switch {
	case s.leave == none:
		return Join
	case s.join == none:
		return Leave
	}
	return Move
}

// steps walks along joins and leaves. A join and a leave of the same member make a move.
func (p *Plan) steps() iter.Seq[step] {
	return func(yield func(step) bool) {
		joins, leaves := p.joins, p.leaves
		for len(joins) > 0 || len(leaves) > 0 {
			var s step
			switch {
			case len(leaves) == 0 || len(joins) > 0 && joins[0].member() < leaves[0].member():
				s = step{joins[0].member(), joins[0].group(), none}
			case len(joins) == 0 || leaves[0].member() < joins[0].member():
				s = step{leaves[0].member(), none, leaves[0].group()}
			default:
				s = step{joins[0].member(), joins[0].group(), leaves[0].group()}
			}
			if s.join != none {
				joins = joins[1:]
			}
			if s.leave != none {
				leaves = leaves[1:]
			}
			if !yield(s) {
				return
			}
		}
	}
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
	fmt.Fprintf(out, "%d records, %d members, %d memberships: %v\n", p.Records, p.Members, p.Memberships, p.Counts())
	if len(p.Unknown) > 0 {
		fmt.Fprintf(out, "accounts that are no members: %d\n", len(p.Unknown))
	}
	if len(p.Outside) > 0 {
		fmt.Fprintf(out, "groups left alone: %s\n", strings.Join(p.Outside, ", "))
	}
	return out.Flush()
}
