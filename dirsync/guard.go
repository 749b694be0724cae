package dirsync

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/quickbi-go/quickbi/internal/terminal"
)

// ErrGuard is matched by the errors of [Plan.Guard].
var ErrGuard = errors.New("the plan changes too much")

// A GuardError is a limit that a plan exceeds. It matches [ErrGuard].
type GuardError struct {
	Field     string // of [Syncer], which allows more
	Flag      string // the flag that sets the field in the programs that come with this package
	Group     string // of MaxRemovePerGroup: its path
	Workspace string // of limits for workspaces: its name, or "" for all together
	N, Of     int    // how many changes there are, and of how many members or memberships
	Most      int    // how many are allowed
}

var guardTexts = map[string]string{
	"MaxRemove":         "memberships would end",
	"MaxRemoveCount":    "memberships would end",
	"MaxRemovePerGroup": "members would leave the group",
	"MaxDelete":         "members would be deleted or deactivated",
	"MaxDeleteCount":    "members would be deleted or deactivated",
}

func (e *GuardError) Error() string {
	if e.Field == "MaxAdd" {
		return fmt.Sprintf("%d paid seats would be taken by members who are added, come back or get another user type, and at most %d may; allow it with %s (%s)", e.N, e.Most, e.Field, e.Flag)
	}
	group := ""
	switch {
	case e.Group != "":
		group = " " + terminal.Name(e.Group)
	case e.Workspace != "":
		return fmt.Sprintf("%d of %d members would leave the workspace %s or lose a role there, and at most %d may; if the source is whole, allow it with %s (%s)",
			e.N, e.Of, terminal.Name(e.Workspace), e.Most, e.Field, e.Flag)
	}
	return fmt.Sprintf("%d of %d %s%s, and at most %d may; if the source is whole, allow it with %s (%s)",
		e.N, e.Of, guardTexts[e.Field], group, e.Most, e.Field, e.Flag)
}

// Is matches [ErrGuard].
func (e *GuardError) Is(target error) bool { return target == ErrGuard }

// The limits that hold if a [Syncer] does not say otherwise.
const (
	defaultMaxRemove         = 0.1
	defaultMaxRemoveCount    = 1000
	defaultMaxRemovePerGroup = 0.5
	defaultMaxDelete         = 0.01
	defaultMaxDeleteCount    = 50
	defaultMaxAdd            = 100
	defaultMaxAge            = 24 * time.Hour

	// fewRemovals from one group, and fewDeletions, are allowed whatever the share:
	// in a small organization everybody is a large share.
	fewRemovals  = 5
	fewDeletions = 3
)

// Guard returns an error if the plan changes more than the limits of the [Syncer]
// allow: see [Syncer.MaxRemove] and the fields after it. It matches [ErrGuard], and
// holds a [*GuardError] for each limit. [Plan.Apply] does nothing then.
func (p *Plan) Guard() error {
	s := &p.syncer
	var errs []error
	check := func(field, flag, group string, n, of, most int) {
		if n > max(most, 0) {
			errs = append(errs, &GuardError{Field: field, Flag: flag, Group: group, N: n, Of: of, Most: max(most, 0)})
		}
	}
	counts := p.Counts()
	removed := 0
	for i := range p.groups {
		removed += p.groups[i].leaving
	}
	check("MaxRemove", "-max-remove", "", removed, p.Memberships, share(s.MaxRemove, p.Memberships, 0))
	lost := 0
	for _, c := range p.crowds {
		lost += c.Leaving
	}
	check("MaxRemove", "-max-remove", "", lost, p.WorkspaceMemberships, share(s.MaxRemove, p.WorkspaceMemberships, fewRemovals))
	check("MaxRemoveCount", "-max-remove-count", "", removed+lost, p.Memberships+p.WorkspaceMemberships, s.MaxRemoveCount)
	deleted := counts.DeleteMember + counts.Deactivate
	check("MaxDelete", "-max-delete", "", deleted, p.Members, share(s.MaxDelete, p.Members, fewDeletions))
	check("MaxDeleteCount", "-max-delete-count", "", deleted, p.Members, s.MaxDeleteCount)
	seats := counts.AddMember + counts.Reactivate
	for _, c := range p.changes {
		if c.kind == UpdateMember && p.updates[c.member].set.UserType != 0 {
			seats++
		}
	}
	check("MaxAdd", "-max-add", "", seats, p.Members, s.MaxAdd)

	for i := range p.groups {
		g := &p.groups[i]
		check("MaxRemovePerGroup", "-max-remove-per-group", g.path, g.leaving, g.members, share(s.MaxRemovePerGroup, g.members, fewRemovals))
	}
	for _, c := range p.crowds {
		if most := share(s.MaxRemovePerGroup, c.Members, fewRemovals); c.Leaving > most {
			errs = append(errs, &GuardError{Field: "MaxRemovePerGroup", Flag: "-max-remove-per-group", Workspace: c.Workspace, N: c.Leaving, Of: c.Members, Most: most})
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("dirsync: %w: %w", ErrGuard, joined(errs))
}

// share returns how many of n a share allows, but not fewer than few if it allows any.
func share(share float64, n, few int) int {
	switch {
	case share < 0:
		return 0
	case share >= 1:
		return math.MaxInt
	}
	const rounding = 1e-9 // 0.29 of 100 is 29
	return max(int(share*float64(n)+rounding), few)
}

// joined is errors.Join on one line.
type joined []error

func (j joined) Unwrap() []error { return j }

func (j joined) Error() string {
	const most = 5
	text := ""
	for i, err := range j {
		switch {
		case i == most:
			return fmt.Sprintf("%s; and %d more", text, len(j)-most)
		case i > 0:
			text += "; "
		}
		text += err.Error()
	}
	return text
}
