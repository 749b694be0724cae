package offboarding

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/settle"
)

// Apply takes the leavers out, one after the other. The first failure ends what is
// done to that leaver, and the others go on, unless ctx has ended, the service does
// not accept the credentials, or the report cannot be written. The error, which is
// not nil if any leaver is not out, comes with a full report. Of each leaver, it is
// an [*Obstacle] where it takes more than trying again.
//
// Of an error that matches [quickbi.ErrOutcomeUnknown], the last step may have been
// done, and looking failed, too. After any error, a new plan has what is left to do.
//
// Apply does nothing if the plan is too old ([ErrExpired]), if it was made for
// another organization ([ErrOtherOrganization]), or if it has been applied or is
// being applied ([ErrApplied]); there is no report then.
func (p *Plan) Apply(ctx context.Context) (*Report, error) {
	if !p.applied.CompareAndSwap(false, true) {
		return nil, fmt.Errorf("offboarding: %w; make a new one", ErrApplied)
	}
	organization, err := planfile.Organization(ctx, p.offboarder.Client)
	if err == nil {
		err = p.Check(organization)
	}
	if err != nil {
		p.applied.Store(false) // nothing has been done
		return nil, fmt.Errorf("offboarding: %w", err)
	}
	journal, err := planfile.Begin(p.offboarder.Reports, p.Header)
	if err != nil {
		return nil, fmt.Errorf("offboarding: %w", err)
	}
	r := &run{Plan: p, ctx: ctx, journal: journal, report: &Report{Plan: p.ID}}
	var errs []error
	for _, l := range p.Leavers {
		if r.stop == nil {
			r.stop = ctx.Err()
		}
		err := r.stop
		if err != nil {
			err = fmt.Errorf("not tried: %w", err)
			_ = r.event(l, Event{State: Failed, Err: err}) // r.stop holds its error
		} else if err = r.takeOut(l); errors.Is(err, quickbi.ErrAuthentication) {
			r.stop = err
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("offboarding: %s: %w", l, err))
		}
	}
	if err := journal.Close(); err != nil {
		errs = append(errs, fmt.Errorf("offboarding: the report is not complete: %w", err))
	}
	return r.report, errors.Join(errs...)
}

// run is one Apply.
type run struct {
	*Plan
	ctx     context.Context
	journal *planfile.Journal
	report  *Report
	stop    error // nothing more is done
}

// event adds a line to the report. Its error says that nothing more must be done.
func (r *run) event(l *Leaver, e Event) error {
	e.Time, e.UserID, e.NickName = time.Now().UTC(), l.UserID, l.NickName
	if e.Err != nil {
		e.Error = e.Err.Error()
	}
	if err := r.journal.Append(e); err != nil {
		r.stop = err
		return err
	}
	r.report.add(e)
	if r.offboarder.Progress != nil {
		r.offboarder.Progress(e)
	}
	return nil
}

// A turn is what is done to one leaver.
type turn struct {
	*run
	leaver *Leaver // as they were last read
	fresh  bool    // nothing has been done since
	handed []Item  // what the successor may ask Smart Q now
}

// errGone says that the member has left the organization meanwhile.
var errGone = errors.New("the member has left")

// takeOut takes one leaver out.
func (r *run) takeOut(l *Leaver) error {
	t := &turn{run: r, leaver: l}
	err := l.Obstacle()
	if err == nil {
		err = t.steps()
	}
	switch {
	case errors.Is(err, errGone):
		return r.event(l, Event{Step: Step{Kind: DeleteMember}, State: Already})
	case err != nil:
		return errors.Join(err, r.event(l, Event{State: Failed, Err: err}))
	}
	return nil
}

// readAgain reads the leaver before something is taken from them, unless nothing
// has been done since it was read.
func (t *turn) readAgain() error {
	if t.fresh {
		return nil
	}
	now, err := t.leaver.refresh(t.ctx)
	switch {
	case errors.Is(err, quickbi.ErrUserNotInOrganization):
		return errGone
	case err != nil:
		return err
	}
	t.leaver, t.fresh = now, true
	return nil
}

// ready reads the leaver again, and hands over what they may ask Smart Q and the
// successor may not, until there is nothing of that.
func (t *turn) ready() error {
	for {
		if err := t.readAgain(); err != nil {
			return err
		}
		handed := func(item Item) bool {
			return slices.ContainsFunc(t.handed, func(h Item) bool { return h.Kind == item.Kind && h.ID == item.ID })
		}
		if !t.leaver.transfersSmartQ() || !slices.ContainsFunc(t.leaver.SmartQ, func(item Item) bool { return !handed(item) }) {
			return nil
		}
		may := t.leaver.SmartQ
		if err := t.perform(Step{Kind: TransferSmartQ}); err != nil {
			return err
		}
		t.handed = append(t.handed, may...)
	}
}

func (t *turn) steps() error {
	if err := t.perform(Step{Kind: WithdrawGroups}); err != nil {
		return err
	}
	remove := Step{Kind: DeleteMember}
	err := t.perform(remove)
	if !errors.Is(err, quickbi.ErrMemberStillInWorkspace) || len(t.leaver.Workspaces) == 0 {
		return err
	}
	t.fresh = false // works can have been published while the service thought about it
	for _, ws := range slices.Clone(t.leaver.Workspaces) {
		if again := t.ready(); again != nil {
			return again
		}
		if names := t.leaver.withWorks(); len(names) > 0 {
			return &Obstacle{
				Problem: "the service wants the member to leave the workspaces first, of which these hold works or datasets of the member: " + strings.Join(names, ", "),
				Advice:  "give these to somebody else in the console, or allow with GiveUpWorks that the service chooses who gets them",
				Err:     err,
			}
		}
		step := leaving(ws)
		step.OnlyIfNeeded = false
		if err := t.perform(step); err != nil {
			return err
		}
	}
	return t.perform(remove)
}

// perform takes a step, and reports what became of it. Whatever a write is answered
// with: what counts is what is the case afterwards. Before the other steps, it takes
// TransferSmartQ if there is something to hand over.
func (t *turn) perform(step Step) error {
	if step.Kind != TransferSmartQ {
		if err := t.ready(); err != nil {
			return err
		}
	}
	l := t.leaver
	began := Event{Step: step, State: Began}
	if step.Kind == WithdrawGroups {
		if !l.withdraws() {
			return nil // they are in none, or may be the owner
		}
		began.Groups = l.Groups // as they are now: Restore gives back these
	}
	if err := t.event(l, began); err != nil {
		return err
	}
	t.fresh = false
	outcome, err := settle.Do(t.ctx, settle.Write{
		Send:    func(ctx context.Context) error { return l.send(ctx, step) },
		Look:    func(ctx context.Context) (bool, error) { return l.look(ctx, step) },
		Already: nothingLeft[step.Kind],
	})
	ended := Event{Step: step, State: Done}
	switch outcome {
	case settle.NotDone:
		err = explain(err)
		ended.State, ended.Err = NotDone, err
	case settle.Unknown:
		ended.State, ended.Err = Unknown, err
	case settle.Already:
		ended.State = Already
	}
	return errors.Join(err, t.event(l, ended))
}

// nothingLeft are the refusals that say that a step has been taken.
var nothingLeft = map[Kind][]error{
	WithdrawGroups: {quickbi.ErrUserNotInOrganization},
	LeaveWorkspace: {quickbi.ErrUserNotInOrganization, quickbi.ErrUserNotInWorkspace, quickbi.ErrWorkspaceNotFound},
	DeleteMember:   {quickbi.ErrUserNotInOrganization},
}

// send makes the call of a step.
func (l *Leaver) send(ctx context.Context, step Step) error {
	var err error
	client, heir := l.plan.offboarder.Client, l.plan.Successor.UserID
	switch step.Kind {
	case TransferSmartQ:
		_, err = client.SmartqAuthTransfer(ctx, &quickbi.SmartqAuthTransferRequest{OriginUserID: l.UserID, TargetUserIDs: []string{heir}})
	case WithdrawGroups:
		_, err = client.WithdrawAllUserGroups(ctx, &quickbi.WithdrawAllUserGroupsRequest{UserID: l.UserID})
	case LeaveWorkspace:
		_, err = client.DeleteUserFromWorkspace(ctx, &quickbi.DeleteUserFromWorkspaceRequest{WorkspaceID: step.WorkspaceID, UserID: l.UserID})
	case DeleteMember:
		_, err = client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: l.UserID, TransferUserID: heir})
	}
	return err
}

// look finds out whether a step has been taken.
func (l *Leaver) look(ctx context.Context, step Step) (bool, error) {
	client := l.plan.offboarder.Client
	switch step.Kind {
	case TransferSmartQ:
		may, err := client.QueryLlmCubeWithThemeListByUserId(ctx, &quickbi.QueryLlmCubeWithThemeListByUserIdRequest{UserID: l.plan.Successor.UserID})
		if err != nil {
			return false, err
		}
		for _, item := range l.SmartQ {
			_, cube := may.Result.Datasets[item.ID]
			_, theme := may.Result.Themes[item.ID]
			if !cube && !theme {
				return false, nil
			}
		}
		return true, nil
	case WithdrawGroups:
		groups, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: l.UserID})
		if err != nil {
			return gone(err)
		}
		return len(groups.Result) == 0, nil
	case LeaveWorkspace:
		roles, err := client.ListWorkspaceUserRolesByUserId(ctx, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: l.UserID})
		if err != nil {
			return gone(err)
		}
		return !slices.ContainsFunc(roles.Result, func(r quickbi.UserWorkspaceRole) bool { return r.WorkspaceID == step.WorkspaceID }), nil
	default:
		member, err := client.CheckOrganizationMember(ctx, &quickbi.CheckOrganizationMemberRequest{UserID: l.UserID})
		if err != nil {
			return gone(err)
		}
		return !member.Result, nil
	}
}

// gone reports whether a look failed because the member is gone, so that every step has been taken.
func gone(err error) (bool, error) {
	if errors.Is(err, quickbi.ErrUserNotInOrganization) {
		return true, nil
	}
	return false, err
}

// explain makes an obstacle of a refusal that stays until somebody does something about it.
func explain(err error) error {
	for _, known := range []struct {
		code            quickbi.ErrorCode
		problem, advice string
	}{
		{quickbi.ErrOrganizationOwnerNotRemovable, "the member owns the organization", "its owner cannot be taken out"},
		{quickbi.ErrWorkspaceOwnerNotRemovable, "the member owns a workspace", "give it another owner in the console, no operation can"},
		{quickbi.ErrTransferTargetNotFound, "the successor is no member of the organization, or has never logged in", "name another one"},
		{quickbi.ErrViewerCannotJoinWorkspace, "the successor is a viewer", "name another one, or change the user type"},
		{quickbi.ErrAnalystRoleUnsupported, "the successor is an analyst, who cannot have the member's role in a workspace", "name another one"},
		{quickbi.ErrWorkTransfer, "the works cannot be handed on", "see whether the successor has at least the same role in their workspaces"},
		{quickbi.ErrQueryNotPermitted, "what the member may ask Smart Q cannot be handed on", "see whether the successor may use Smart Q, or set KeepSmartQ"},
		{quickbi.ErrRoleLacksFunction, "what the member may ask Smart Q cannot be handed on", "see whether the successor may use Smart Q, or set KeepSmartQ"},
	} {
		if errors.Is(err, known.code) {
			return &Obstacle{Problem: known.problem, Advice: known.advice, Err: err}
		}
	}
	return err
}
