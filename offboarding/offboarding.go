// Package offboarding takes members out of an organization: out of all user
// groups, out of workspaces where that is needed, and then out of the
// organization, with another member getting the works.
//
//	offboarder := offboarding.Offboarder{Client: client, Successor: "ann@example.com"}
//	plan, err := offboarder.Plan(ctx, "ben@example.com")
//	if err != nil { … }
//	plan.Print(os.Stdout) // what they have, and what would be done
//	report, err := plan.Apply(ctx)
//
// [Offboarder.Plan] only reads. [Plan.Apply] does what cannot be undone. It does
// nothing to a member if something is known to stand in the way: see
// [Leaver.Obstacle]. A plan can be saved, reviewed, and applied by another process:
// see [Plan.Encode].
//
// # What happens between the plan and its end
//
// Before each step that takes something from the member, they are read again, with
// their works, what they may ask Smart Q, their groups and the successor. One who has
// become an administrator, or is otherwise not as planned, stays: the error matches
// [ErrChanged]. Works that were published since go to the successor like the others,
// or stand in the way. What the member has come to be allowed to ask Smart Q goes to
// the successor, too.
//
// A write whose answer was lost is not sent again before a look at what became of
// it. What is gone already when its turn comes is no failure.
//
// If a member was taken out of the user groups, but could not be deleted, the
// [Report] has the groups that they were in just before, whatever the plan has, and
// [Offboarder.Restore] puts the member back.
//
// # Workspaces
//
// The documentation contradicts itself about members of workspaces: DeleteUser
// hands their works to the successor, and it refuses to delete them. So the member is
// deleted without leaving any workspace, and leaves them only if the service
// insists, as the works go to nobody in particular then. See [Offboarder.GiveUpWorks].
//
// # What is only listed
//
// DeleteUser hands works to the successor, and SmartqAuthTransfer what a member may
// ask Smart Q. No operation hands over data sources, data services, mail tasks and
// embedded Smart Qs: they are listed, for somebody to look after them in the console.
// What becomes of them is not documented. No operation lists the tickets of a
// member: a ticket is known only to whom it was given, and shows a report until it
// expires.
//
// # What is not known
//
// No operation tells who owns the organization. It is always an administrator, so
// administrators are deleted without being taken out of their groups before
// (being deleted ends that, too): if it is the owner, nothing is lost.
package offboarding

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/cloudaccount"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// An Offboarder has the client and the rules. Only Client is required.
type Offboarder struct {
	Client *quickbi.Client

	// Successor is the member who gets the works: no viewer, not deactivated, and with
	// at least the same role in their workspaces. Like a leaver, it is named by its
	// Quick BI id, the UID of the cloud account, or the account's name. Empty means the
	// owner of each workspace.
	Successor string

	// GiveUpWorks allows, if the service does not delete a member otherwise, to
	// take them out of workspaces that hold works or datasets of theirs. These then
	// go to somebody whom the service chooses, probably the owner of the workspace,
	// and not to the Successor. Without a Successor this is allowed anyway.
	GiveUpWorks bool

	// KeepSmartQ leaves it to you what the member may ask Smart Q. Otherwise the
	// Successor may then ask that, too.
	KeepSmartQ bool

	// MaxLeavers is how many members a plan may take out. Zero means 100.
	MaxLeavers int

	// MaxAge is how long after it was made a plan can be applied. Zero means a day.
	MaxAge time.Duration

	// Reports is a directory in which Apply leaves its report, which grows while it
	// works. A plan that has a report there is not applied again. Empty means none.
	Reports string

	// Progress is called by [Plan.Apply] with each line of its report.
	Progress func(Event)
}

// Errors that can be matched. The members that are not there, and those whose name
// is not enough, match [quickbi.ErrUserNotInOrganization] and
// [quickbi.ErrAccountNameAmbiguous].
var (
	ErrChanged           = errors.New("the member is not as planned")
	ErrTooManyLeavers    = errors.New("the plan takes out too many members")
	ErrExpired           = planfile.ErrExpired           // the plan is too old
	ErrOtherOrganization = planfile.ErrOtherOrganization // the plan is for another organization
	ErrApplied           = planfile.ErrApplied           // the plan has been applied already, or is being applied
)

const defaultMaxLeavers = 100

func (o Offboarder) check() error {
	switch {
	case o.Client == nil:
		return errors.New("offboarding: Client is missing")
	case o.MaxLeavers < 0 || o.MaxAge < 0:
		return errors.New("offboarding: MaxLeavers and MaxAge cannot be negative")
	}
	return nil
}

// Plan finds out what members have and what has to be done. They are named by their
// Quick BI id, the UID of their cloud account, or the account's name, such as
// "main:sub", "sub@main.onaliyun.com" or "sub".
//
// It reads the list of all works of the organization, 1000 a call, once for all
// leavers. An error that matches [quickbi.ErrUserNotInOrganization] or
// [quickbi.ErrAccountNameAmbiguous] names those of whom it is not clear who is meant;
// with it comes a plan for the others, or nil if there are none.
func (o Offboarder) Plan(ctx context.Context, leavers ...string) (*Plan, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(leavers) == 0 {
		return nil, errors.New("offboarding: no member is named")
	}
	organization, err := planfile.Organization(ctx, o.Client)
	if err != nil {
		return nil, fmt.Errorf("offboarding: finding out which organization this is: %w", err)
	}
	p := &Plan{Header: planfile.NewHeader(planFormat, planVersion, organization, o.MaxAge), GiveUpWorks: o.GiveUpWorks, KeepSmartQ: o.KeepSmartQ, offboarder: o}
	p.Source = fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(strings.Join(leavers, "\n"))))
	if o.Successor != "" {
		p.HandsOver = true
		switch p.Successor, err = o.find(ctx, o.Successor); {
		case errors.Is(err, quickbi.ErrUserNotInOrganization):
			p.Successor = Member{UserID: o.Successor, RoleIDs: []int64{}} // an obstacle
		case err != nil:
			return nil, fmt.Errorf("offboarding: the successor: %w", err)
		}
	}

	var problems []error
	seen := make(map[string]bool)
	for _, who := range leavers {
		member, err := o.find(ctx, who)
		switch {
		case errors.Is(err, quickbi.ErrUserNotInOrganization), errors.Is(err, quickbi.ErrAccountNameAmbiguous):
			problems = append(problems, fmt.Errorf("offboarding: %w", err))
			continue
		case err != nil:
			return nil, fmt.Errorf("offboarding: %w", err)
		case member.UserID == p.Successor.UserID:
			return nil, fmt.Errorf("offboarding: %s cannot leave and be the successor", member)
		case !seen[member.UserID]:
			seen[member.UserID] = true
			p.Leavers = append(p.Leavers, &Leaver{Member: member, plan: p})
		}
	}
	if len(p.Leavers) == 0 {
		return nil, errors.Join(problems...)
	}
	if most := cmp.Or(o.MaxLeavers, defaultMaxLeavers); len(p.Leavers) > most {
		return nil, fmt.Errorf("offboarding: %w: %d, and MaxLeavers is %d", ErrTooManyLeavers, len(p.Leavers), most)
	}
	gone, err := p.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("offboarding: planning: %w", err)
	}
	problems = append(problems, gone...)
	if len(p.Leavers) == 0 {
		p = nil
	}
	return p, errors.Join(problems...)
}

// find returns the member whom somebody means. The error matches
// [quickbi.ErrUserNotInOrganization] if there is none, and
// [quickbi.ErrAccountNameAmbiguous] if there are several.
func (o Offboarder) find(ctx context.Context, who string) (Member, error) {
	if who == "" {
		return Member{}, errors.New("the name of a member is empty")
	}
	var found []quickbi.User
	take := func(resp *quickbi.Response[quickbi.User], err error) error {
		switch {
		case errors.Is(err, quickbi.ErrUserNotInOrganization):
			return nil
		case err != nil:
			return fmt.Errorf("looking for the member %s: %w", terminal.Name(who), err)
		case len(found) == 0 || found[0].UserID != resp.Result.UserID:
			found = append(found, resp.Result)
		}
		return nil
	}
	if err := take(o.Client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: who})); err != nil {
		return Member{}, err
	}
	account := quickbi.QueryUserInfoByAccountRequest{Account: who}
	if name := cloudaccount.Split(who); name.Sign != 0 {
		account = quickbi.QueryUserInfoByAccountRequest{Account: name.Login, ParentAccountName: name.Parent}
	}
	if err := take(o.Client.QueryUserInfoByAccount(ctx, &account)); err != nil {
		return Member{}, err
	}
	switch len(found) {
	case 0:
		return Member{}, fmt.Errorf("no member of the organization has the id or the account %s: %w", terminal.Name(who), quickbi.ErrUserNotInOrganization)
	case 1:
		return o.complete(ctx, found[0])
	}
	return Member{}, fmt.Errorf("%s is the id of %s, and the account of %s: %w", terminal.Name(who), memberOf(found[0]), memberOf(found[1]), quickbi.ErrAccountNameAmbiguous)
}

// member reads a member.
func (o Offboarder) member(ctx context.Context, userID string) (Member, error) {
	resp, err := o.Client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: userID})
	if err != nil {
		return Member{}, err
	}
	return o.complete(ctx, resp.Result)
}

// complete finds out whether a user is deactivated. Older versions of the service
// tell it only in the list of members.
func (o Offboarder) complete(ctx context.Context, user quickbi.User) (Member, error) {
	m := memberOf(user)
	if m.Deactivated.Known() || m.NickName == "" {
		return m, nil
	}
	for user, err := range o.Client.QueryUserListAll(ctx, &quickbi.QueryUserListRequest{Keyword: m.NickName}) {
		if err != nil {
			return Member{}, err
		}
		if user.UserID == m.UserID {
			m.Deactivated = user.IsDeleted
		}
	}
	return m, nil
}
