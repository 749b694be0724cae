package offboarding

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/settle"
)

// Apply takes the member out. It stops at the first failure. The error is an
// [*Obstacle] where it takes more than trying again. After any other, a new plan
// has what is left to do.
//
// An error that matches [quickbi.ErrOutcomeUnknown] says that the last step may
// have been done, and that looking failed, too.
func (p *Plan) Apply(ctx context.Context) error {
	if p.Gone {
		return nil
	}
	err := p.Obstacle()
	if err == nil {
		err = p.apply(ctx)
	}
	if err != nil {
		return fmt.Errorf("offboarding: %s: %w", named(p.User.NickName, p.UserID), err)
	}
	return nil
}

func (p *Plan) apply(ctx context.Context) error {
	if p.withdraws() {
		if err := p.perform(ctx, Step{Kind: WithdrawGroups}); err != nil {
			return err
		}
	}
	err := p.perform(ctx, Step{Kind: DeleteMember})
	if !errors.Is(err, quickbi.ErrMemberStillInWorkspace) || len(p.Workspaces) == 0 {
		return err
	}
	if names := p.withWorks(); len(names) > 0 {
		return &Obstacle{
			Problem: "the service wants the member to leave the workspaces first, of which these hold works or datasets of the member: " + strings.Join(names, ", "),
			Advice:  "give these to somebody else in the console, or allow with GiveUpWorks that the service chooses who gets them",
			Err:     err,
		}
	}
	for _, ws := range p.Workspaces {
		step := leaving(ws)
		step.OnlyIfNeeded = false
		if err := p.perform(ctx, step); err != nil {
			return err
		}
	}
	return p.perform(ctx, Step{Kind: DeleteMember})
}

// perform takes a step. Whatever a write is answered with: what counts is what is
// the case afterwards.
func (p *Plan) perform(ctx context.Context, step Step) error {
	outcome, err := settle.Do(ctx, settle.Write{
		Send:    func(ctx context.Context) error { return p.send(ctx, step) },
		Look:    func(ctx context.Context) (bool, error) { return p.look(ctx, step) },
		Already: nothingLeft[step.Kind],
	})
	switch outcome {
	case settle.NotDone:
		return explain(err)
	case settle.Unknown:
		return err
	}
	p.progress(step, outcome == settle.Already)
	return nil
}

// nothingLeft are the refusals that say that a step has been taken.
var nothingLeft = map[Kind][]error{
	WithdrawGroups: {quickbi.ErrUserNotInOrganization},
	LeaveWorkspace: {quickbi.ErrUserNotInOrganization, quickbi.ErrUserNotInWorkspace, quickbi.ErrWorkspaceNotFound},
	DeleteMember:   {quickbi.ErrUserNotInOrganization},
}

func (p *Plan) progress(step Step, already bool) {
	if p.offboarder.Progress != nil {
		p.offboarder.Progress(step, already)
	}
}

// send makes the call of a step.
func (p *Plan) send(ctx context.Context, step Step) error {
	var err error
	client := p.offboarder.Client
	switch step.Kind {
	case WithdrawGroups:
		_, err = client.WithdrawAllUserGroups(ctx, &quickbi.WithdrawAllUserGroupsRequest{UserID: p.UserID})
	case LeaveWorkspace:
		_, err = client.DeleteUserFromWorkspace(ctx, &quickbi.DeleteUserFromWorkspaceRequest{WorkspaceID: step.WorkspaceID, UserID: p.UserID})
	case DeleteMember:
		_, err = client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: p.UserID, TransferUserID: p.offboarder.Successor})
	}
	return err
}

// look finds out whether a step has been taken.
func (p *Plan) look(ctx context.Context, step Step) (bool, error) {
	client := p.offboarder.Client
	switch step.Kind {
	case WithdrawGroups:
		groups, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: p.UserID})
		if err != nil {
			return gone(err)
		}
		return len(groups.Result) == 0, nil
	case LeaveWorkspace:
		roles, err := client.ListWorkspaceUserRolesByUserId(ctx, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: p.UserID})
		if err != nil {
			return gone(err)
		}
		return !slices.ContainsFunc(roles.Result, func(r quickbi.UserWorkspaceRole) bool { return r.WorkspaceID == step.WorkspaceID }), nil
	default:
		member, err := client.CheckOrganizationMember(ctx, &quickbi.CheckOrganizationMemberRequest{UserID: p.UserID})
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
	} {
		if errors.Is(err, known.code) {
			return &Obstacle{Problem: known.problem, Advice: known.advice, Err: err}
		}
	}
	return err
}
