// Package offboarding takes a member out of an organization: out of all user
// groups, out of workspaces where that is needed, and then out of the
// organization, with another member getting the works.
//
//	offboarder := offboarding.Offboarder{Client: client, Successor: successor}
//	plan, err := offboarder.Plan(ctx, leaver)
//	if err != nil { … }
//	plan.Print(os.Stdout) // what the member has, and what would be done
//	err = plan.Apply(ctx)
//
// [Offboarder.Plan] only reads. [Plan.Apply] does what cannot be undone. It does
// nothing at all if something is known to stand in the way: see [Plan.Obstacle].
//
// # Running it again
//
// There is nothing to resume and nothing to keep. A new plan has what is still to
// be done, and that of a member who is gone is empty. Whatever is gone already
// when its turn comes is no failure. A write whose answer was lost is not sent
// again before a look at what became of it.
//
// # Workspaces
//
// The documentation has two minds about members of workspaces: DeleteUser hands
// their works to the successor, and it refuses to delete them. So the member is
// deleted without leaving any workspace, and leaves them only if the service
// insists, as the works go to nobody in particular then. See [Offboarder.GiveUpWorks].
//
// # What it does not see
//
// No operation tells who owns the organization. It is always an administrator, so
// administrators are deleted without being taken out of their groups before
// (being deleted ends that, too): if it is the owner, it was all for nothing, but
// nothing is lost.
//
// What else there is in a member's name is not looked at, and what becomes of it
// is not documented: data sources, data services, mail tasks, tickets, Smart Q.
package offboarding

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/quickbi-go/quickbi"
)

// An Offboarder has the client and the rules. Its zero value but for the Client can be used.
type Offboarder struct {
	Client *quickbi.Client

	// Successor is the UserID of the member who gets the works: no viewer, and with
	// at least the same role in their workspaces. Empty means the owner of each workspace.
	Successor string

	// GiveUpWorks allows, if the service does not delete the member otherwise, to
	// take it out of workspaces that hold works or datasets of the member. They then
	// go to somebody whom the service chooses, probably the owner of the workspace,
	// and not to the Successor. Without a Successor this is allowed anyway.
	GiveUpWorks bool

	// Progress is called by [Plan.Apply] after each step. already says that there
	// was nothing left to do.
	Progress func(step Step, already bool)
}

// Plan finds out what the member has and what has to be done. For one who is no
// member any more it returns a plan with Gone set. It reads the list of all works
// of the organization, 1000 a call.
func (o Offboarder) Plan(ctx context.Context, userID string) (*Plan, error) {
	switch {
	case o.Client == nil:
		return nil, errors.New("offboarding: Client is missing")
	case userID == "":
		return nil, errors.New("offboarding: the member's UserID is empty")
	case userID == o.Successor:
		return nil, errors.New("offboarding: nobody can be their own successor")
	}
	p := &Plan{UserID: userID, offboarder: o}
	err := p.read(ctx)
	if errors.Is(err, quickbi.ErrUserNotInOrganization) { // possibly since a moment ago
		return &Plan{UserID: userID, Gone: true, offboarder: o}, nil
	}
	if err == nil && o.Successor != "" {
		err = p.readSuccessor(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("offboarding: planning for %s: %w", userID, err)
	}
	return p, nil
}

// read finds out what the member has.
func (p *Plan) read(ctx context.Context) error {
	client := p.offboarder.Client
	user, err := client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: p.UserID})
	if err != nil {
		return err
	}
	p.User = user.Result
	groups, err := client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: p.UserID})
	if err != nil {
		return err
	}
	p.Groups = groups.Result
	shared, err := client.QuerySharesToUserList(ctx, &quickbi.QuerySharesToUserListRequest{UserID: p.UserID})
	if err != nil {
		return err
	}
	p.Shared = shared.Result
	if err := p.readWorkspaces(ctx); err != nil {
		return err
	}
	for works, err := range client.QueryWorksByOrganizationAll(ctx, nil) {
		if err != nil {
			return err
		}
		if works.OwnerID == p.UserID {
			p.Works = append(p.Works, works)
		}
	}
	for _, ws := range p.Workspaces {
		for dataset, err := range client.QueryDatasetListAll(ctx, &quickbi.QueryDatasetListRequest{WorkspaceID: ws.WorkspaceID}) {
			if err != nil {
				return err
			}
			if dataset.OwnerID == p.UserID {
				p.Datasets = append(p.Datasets, dataset)
			}
		}
		if ws.Owner == p.UserID {
			p.Obstacles = append(p.Obstacles, &Obstacle{
				Problem: "the member owns the workspace " + named(ws.WorkspaceName, ws.WorkspaceID),
				Advice:  "give it another owner in the console, no operation can",
				Err:     quickbi.ErrWorkspaceOwnerNotRemovable,
			})
		}
	}
	return nil
}

// readWorkspaces finds out which workspaces the member is in, and with which roles.
func (p *Plan) readWorkspaces(ctx context.Context) error {
	client := p.offboarder.Client
	roles, err := client.ListWorkspaceUserRolesByUserId(ctx, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: p.UserID})
	if err != nil {
		return err
	}
	place := make(map[string]int) // by WorkspaceID
	add := func(ws quickbi.Workspace) int {
		place[ws.WorkspaceID] = len(p.Workspaces)
		p.Workspaces = append(p.Workspaces, Membership{Workspace: ws})
		return place[ws.WorkspaceID]
	}
	for _, r := range roles.Result {
		i, ok := place[r.WorkspaceID]
		if !ok {
			i = add(quickbi.Workspace{WorkspaceID: r.WorkspaceID, WorkspaceName: r.WorkspaceName})
		}
		p.Workspaces[i].Roles = append(p.Workspaces[i].Roles, r.Role)
	}
	for ws, err := range client.QueryOrganizationWorkspaceListAll(ctx, &quickbi.QueryOrganizationWorkspaceListRequest{UserID: p.UserID}) {
		if err != nil {
			return err
		}
		if i, ok := place[ws.WorkspaceID]; ok {
			p.Workspaces[i].Workspace = ws
		} else if ws.Owner == p.UserID {
			add(ws)
		}
	}
	return nil
}

// readSuccessor finds out whether the successor can be one, as far as that is documented.
func (p *Plan) readSuccessor(ctx context.Context) error {
	client, id := p.offboarder.Client, p.offboarder.Successor
	obstacle := func(err error, advice, format string, args ...any) {
		p.Obstacles = append(p.Obstacles, &Obstacle{Problem: fmt.Sprintf(format, args...), Advice: advice, Err: err})
	}
	user, err := client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: id})
	if errors.Is(err, quickbi.ErrUserNotInOrganization) {
		obstacle(quickbi.ErrTransferTargetNotFound, "name one by the UserID", "the successor %s is no member of the organization", id)
		return nil
	}
	if err != nil {
		return err
	}
	p.Successor = &user.Result
	successor := named(user.Result.NickName, id)
	if user.Result.UserType == quickbi.UserTypeViewer {
		obstacle(quickbi.ErrViewerCannotJoinWorkspace, "name another one, or change the user type", "the successor %s is a viewer", successor)
		return nil
	}
	roles, err := client.ListWorkspaceUserRolesByUserId(ctx, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: id})
	if errors.Is(err, quickbi.ErrUserNotInOrganization) {
		return errors.New("the successor has just left the organization")
	}
	if err != nil {
		return err
	}
	there := make(map[string][]quickbi.AssignedRole)
	for _, r := range roles.Result {
		there[r.WorkspaceID] = append(there[r.WorkspaceID], r.Role)
	}
	for _, ws := range p.Workspaces {
		if p.owned(ws.WorkspaceID) == 0 {
			continue
		}
		has, in := there[ws.WorkspaceID]
		needed, known := rank(ws.Roles)
		worth, comparable := rank(has)
		switch {
		case !known:
		case !in && user.Result.UserType == quickbi.UserTypeAnalyst && needed >= rankDeveloper:
			obstacle(quickbi.ErrAnalystRoleUnsupported, "name another one",
				"the successor %s is an analyst, who cannot have the member's role in the workspace %s", successor, named(ws.WorkspaceName, ws.WorkspaceID))
		case in && comparable && worth < needed:
			obstacle(quickbi.ErrWorkTransfer, "name another one, or give the successor that role",
				"the successor %s may do less than the member in the workspace %s", successor, named(ws.WorkspaceName, ws.WorkspaceID))
		}
	}
	return nil
}

// The predefined roles of a workspace, by what they are worth.
const (
	rankViewer = 1 + iota
	rankAnalyst
	rankDeveloper
	rankAdmin
)

// rank returns what the best of the roles is worth. It is not known if one of them
// is not predefined.
func rank(roles []quickbi.AssignedRole) (best int, known bool) {
	for _, r := range roles {
		worth, ok := map[int64]int{
			quickbi.WorkspaceRoleViewer:    rankViewer,
			quickbi.WorkspaceRoleAnalyst:   rankAnalyst,
			quickbi.WorkspaceRoleDeveloper: rankDeveloper,
			quickbi.WorkspaceRoleAdmin:     rankAdmin,
		}[r.RoleID]
		if !ok {
			return 0, false
		}
		best = max(best, worth)
	}
	return best, len(roles) > 0
}

// named writes a name with the id that makes it unambiguous.
func named(name, id string) string {
	if name == "" {
		return id
	}
	return strconv.Quote(name) + " (" + id + ")"
}
