package offboarding

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/listing"
	"github.com/quickbi-go/quickbi/internal/terminal"
)

// read finds out what the leavers have. It drops those who have left since they
// were found, and returns an error for each.
func (p *Plan) read(ctx context.Context) (gone []error, err error) {
	client := p.offboarder.Client
	works, err := listing.Whole(ctx, func(ctx context.Context, page int) (quickbi.Page[quickbi.WorksInfo], error) {
		return listing.Page(client.QueryWorksByOrganization(ctx, &quickbi.QueryWorksByOrganizationRequest{PageNum: page, PageSize: listing.PerPage}))
	}, func(w quickbi.WorksInfo) string { return w.WorksID })
	if err != nil {
		return nil, fmt.Errorf("listing the works: %w", err)
	}
	byOwner := make(map[string][]Item)
	for _, w := range works {
		byOwner[w.OwnerID] = append(byOwner[w.OwnerID], itemOf(w))
	}
	r := reader{plan: p, datasets: make(map[string][]quickbi.Dataset), sources: make(map[string]sources), remaining: make(map[string][]Item)}
	if err := r.common(ctx); err != nil {
		return nil, err
	}
	if r.successor, err = p.readSuccessor(ctx); err != nil {
		return nil, err
	}
	p.Leavers = slices.DeleteFunc(p.Leavers, func(l *Leaver) bool {
		if err != nil {
			return false
		}
		readErr := r.leaver(ctx, l, byOwner[l.UserID])
		if errors.Is(readErr, quickbi.ErrUserNotInOrganization) {
			gone = append(gone, fmt.Errorf("offboarding: %s has just left: %w", l, readErr))
			return true
		}
		if readErr != nil {
			err = fmt.Errorf("%s: %w", l, readErr)
		}
		return false
	})
	return gone, err
}

func itemOf(w quickbi.WorksInfo) Item {
	return Item{Kind: "work", ID: w.WorksID, Name: w.WorksName, WorkspaceID: w.WorkspaceID, WorkspaceName: w.WorkspaceName}
}

// A reader reads what several leavers have in common only once.
type reader struct {
	plan      *Plan
	successor successor
	datasets  map[string][]quickbi.Dataset // by workspace
	sources   map[string]sources           // by workspace
	remaining map[string][]Item            // by owner
	unread    []string                     // what of remaining could not be listed
}

// sources are the data sources of a workspace, or why they cannot be listed.
type sources struct {
	list   []quickbi.DataSource
	unread string
}

// common reads the lists of the organization of things that are not handed over.
func (r *reader) common(ctx context.Context) error {
	client := r.plan.offboarder.Client
	add := func(owner string, item Item) { r.remaining[owner] = append(r.remaining[owner], item) }
	for _, list := range []struct {
		what string
		read func() error
	}{
		{"data services", func() error {
			for s, err := range client.QueryDataServiceListAll(ctx, nil) {
				if err != nil {
					return err
				}
				add(s.OwnerID, Item{"data service", s.APIID, s.Name, s.WorkspaceID, s.WorkspaceName})
			}
			return nil
		}},
		{"mail tasks", func() error {
			for t, err := range client.GetMailTaskListAll(ctx, nil) {
				if err != nil {
					return err
				}
				add(t.OwnerID, Item{Kind: "mail task", ID: t.MailID, Name: t.Name})
			}
			return nil
		}},
		{"embedded Smart Qs", func() error {
			resp, err := client.QueryCopilotEmbedConfig(ctx, nil)
			if err != nil {
				return err
			}
			for _, c := range resp.Result {
				add(c.CreatorID, Item{Kind: "embedded Smart Q", ID: c.CopilotID, Name: c.ShowName})
			}
			return nil
		}},
	} {
		unread, err := refused(list.what, list.read())
		if err != nil {
			return err
		}
		if unread != "" {
			r.unread = append(r.unread, unread)
		}
	}
	return nil
}

// refused returns, for a list that is only good to know, that it cannot be read. Only
// a refusal is no error: an edition may lack it, or the caller the right.
func refused(what string, err error) (unread string, _ error) {
	if err == nil {
		return "", nil
	}
	if e, ok := errors.AsType[*quickbi.Error](err); !ok || e.Code == "" ||
		errors.Is(err, quickbi.ErrAuthentication) || errors.Is(err, quickbi.ErrUnavailable) || errors.Is(err, quickbi.ErrThrottled) || errors.Is(err, quickbi.ErrUserNotInOrganization) {
		return "", fmt.Errorf("listing the %s: %w", what, err)
	}
	return what + ": " + err.Error(), nil
}

// leaver reads what one leaver has, besides works.
func (r *reader) leaver(ctx context.Context, l *Leaver, works []Item) error {
	client := r.plan.offboarder.Client
	var err error
	if l.Groups, err = r.plan.groupsOf(ctx, l.UserID); err != nil {
		return err
	}
	shared, err := client.QuerySharesToUserList(ctx, &quickbi.QuerySharesToUserListRequest{UserID: l.UserID})
	if err != nil {
		return err
	}
	l.Shared = items(shared.Result, func(w quickbi.Works) Item { return Item{Kind: "work", ID: w.WorksID, Name: w.WorksName} })
	if l.Workspaces, err = r.plan.workspacesOf(ctx, l.UserID); err != nil {
		return err
	}
	l.Works, l.Datasets = append([]Item{}, works...), []Item{}
	l.Remaining, l.Unread = append([]Item{}, r.remaining[l.UserID]...), append([]string{}, r.unread...)
	for _, ws := range l.Workspaces {
		if _, ok := r.datasets[ws.WorkspaceID]; !ok {
			if r.datasets[ws.WorkspaceID], err = listing.DatasetsIn(ctx, r.plan.offboarder.Client, ws.WorkspaceID); err != nil {
				return err
			}
		}
		l.Datasets = append(l.Datasets, datasetsOf(r.datasets[ws.WorkspaceID], l.UserID)...)
		found, err := r.sourcesIn(ctx, ws)
		if err != nil {
			return err
		}
		if found.unread != "" {
			l.Unread = append(l.Unread, found.unread)
		}
		for _, source := range found.list {
			if source.CreatorID == l.UserID {
				l.Remaining = append(l.Remaining, Item{"data source", source.DataSourceID, source.ShowName, ws.WorkspaceID, ws.WorkspaceName})
			}
		}
	}
	smartQ, err := r.plan.smartQOf(ctx, l.UserID)
	unread, err := refused(smartQRights, err)
	if err != nil {
		return err
	}
	if l.SmartQ = smartQ; unread != "" {
		l.SmartQ, l.Unread = []Item{}, append(l.Unread, unread)
	}
	l.Obstacles = r.plan.obstacles(l, r.successor)
	return nil
}

func (r *reader) sourcesIn(ctx context.Context, ws Membership) (sources, error) {
	if found, ok := r.sources[ws.WorkspaceID]; ok {
		return found, nil
	}
	var found sources
	resp, err := r.plan.offboarder.Client.ListDataSource(ctx, &quickbi.ListDataSourceRequest{WorkspaceID: ws.WorkspaceID})
	if err == nil {
		found.list = resp.Result
	}
	if found.unread, err = refused("data sources of the workspace "+named(ws.WorkspaceName, ws.WorkspaceID), err); err != nil {
		return found, err
	}
	r.sources[ws.WorkspaceID] = found
	return found, nil
}

func items[T any](all []T, item func(T) Item) []Item {
	out := make([]Item, len(all))
	for i, v := range all {
		out[i] = item(v)
	}
	return out
}

// itemsOf returns items of names by ids, sorted by id.
func itemsOf(kind string, names map[string]string) []Item {
	out := []Item{}
	for id, name := range names {
		out = append(out, Item{Kind: kind, ID: id, Name: name})
	}
	slices.SortFunc(out, func(a, b Item) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// groupsOf returns the user groups that a member is in.
func (p *Plan) groupsOf(ctx context.Context, userID string) ([]Item, error) {
	groups, err := p.offboarder.Client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: userID})
	if err != nil {
		return nil, err
	}
	return items(groups.Result, func(g quickbi.UserGroup) Item {
		return Item{Kind: "user group", ID: g.UserGroupID, Name: g.UserGroupName}
	}), nil
}

const smartQRights = "rights to ask Smart Q"

// smartQOf returns what a member may ask Smart Q.
func (p *Plan) smartQOf(ctx context.Context, userID string) ([]Item, error) {
	may, err := p.offboarder.Client.QueryLlmCubeWithThemeListByUserId(ctx, &quickbi.QueryLlmCubeWithThemeListByUserIdRequest{UserID: userID})
	if err != nil {
		return nil, err
	}
	return append(itemsOf("dataset", may.Result.Datasets), itemsOf("theme", may.Result.Themes)...), nil
}

// smartQAgain returns what the leaver may ask Smart Q now. If the plan could not list
// that and the service refuses it again, the list stays empty: the plan says so. A
// refusal that the plan does not have is an error.
func (l *Leaver) smartQAgain(ctx context.Context) ([]Item, error) {
	if !l.plan.handsOverSmartQ() {
		return l.SmartQ, nil
	}
	may, err := l.plan.smartQOf(ctx, l.UserID)
	unread, failed := refused(smartQRights, err)
	if failed != nil {
		return nil, failed
	}
	if unread == "" {
		return may, nil
	}
	if !slices.ContainsFunc(l.Unread, func(text string) bool { return strings.HasPrefix(text, smartQRights+": ") }) {
		return nil, fmt.Errorf("listing the %s: %w", smartQRights, err)
	}
	return l.SmartQ, nil
}

// workspacesOf returns the workspaces that a member is in or owns, with their roles.
func (p *Plan) workspacesOf(ctx context.Context, userID string) ([]Membership, error) {
	client := p.offboarder.Client
	roles, err := client.ListWorkspaceUserRolesByUserId(ctx, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: userID})
	if err != nil {
		return nil, err
	}
	place := make(map[string]int) // by WorkspaceID
	all := []Membership{}
	at := func(id string) *Membership {
		if _, ok := place[id]; !ok {
			place[id] = len(all)
			all = append(all, Membership{WorkspaceID: id})
		}
		return &all[place[id]]
	}
	for _, r := range roles.Result {
		ws := at(r.WorkspaceID)
		ws.WorkspaceName = r.WorkspaceName
		ws.Roles = append(ws.Roles, r.Role)
	}
	workspaces, err := listing.Workspaces(ctx, client, userID)
	if err != nil {
		return nil, err
	}
	for _, w := range workspaces {
		if _, in := place[w.WorkspaceID]; in || w.OwnerID == userID {
			ws := at(w.WorkspaceID)
			ws.WorkspaceName, ws.OwnerID = w.WorkspaceName, w.OwnerID
		}
	}
	return all, nil
}

func datasetsOf(all []quickbi.Dataset, owner string) []Item {
	var out []Item
	for _, d := range all {
		if d.OwnerID == owner {
			out = append(out, Item{"dataset", d.DatasetID, d.DatasetName, d.WorkspaceID, d.WorkspaceName})
		}
	}
	return out
}

// refresh reads a leaver again, just before something is taken from them: who they
// are, what they own in the workspaces they are in, what they may ask Smart Q, and,
// last of all, their groups.
// What it returns is how the leaver is now. The error is an [*Obstacle] if they must
// not be touched.
func (l *Leaver) refresh(ctx context.Context) (*Leaver, error) {
	p, client := l.plan, l.plan.offboarder.Client
	member, err := p.offboarder.member(ctx, l.UserID)
	if err != nil {
		return nil, err
	}
	if changes := l.changes(member); changes != "" {
		return nil, &Obstacle{Problem: "the member is not as planned: " + changes, Advice: "see whether they are still to leave, and make a new plan", Err: ErrChanged}
	}
	now := *l
	now.Works, now.Datasets = nil, nil
	if now.Workspaces, err = p.workspacesOf(ctx, l.UserID); err != nil {
		return nil, err
	}
	in := make(map[string]bool)
	for _, ws := range now.Workspaces {
		in[ws.WorkspaceID] = true
		works, err := listing.WorksIn(ctx, client, ws.WorkspaceID)
		if err != nil {
			return nil, err
		}
		for _, w := range works {
			if w.OwnerID == l.UserID {
				now.Works = append(now.Works, itemOf(w))
			}
		}
		datasets, err := listing.DatasetsIn(ctx, client, ws.WorkspaceID)
		if err != nil {
			return nil, err
		}
		now.Datasets = append(now.Datasets, datasetsOf(datasets, l.UserID)...)
	}
	for _, w := range l.Works {
		if !in[w.WorkspaceID] {
			now.Works = append(now.Works, w)
		}
	}
	successor, err := p.readSuccessor(ctx)
	if err != nil {
		return nil, err
	}
	if now.SmartQ, err = l.smartQAgain(ctx); err != nil {
		return nil, err
	}
	if now.Groups, err = p.groupsOf(ctx, l.UserID); err != nil {
		return nil, err
	}
	now.Obstacles = p.obstacles(&now, successor)
	return &now, now.Obstacle()
}

// changes tells how a member differs from what was planned, or "".
func (m Member) changes(now Member) string {
	var texts []string
	note := func(what string, before, after any) {
		texts = append(texts, fmt.Sprintf("%s: %v before, %v now", what, before, after))
	}
	if before, after := slices.Sorted(slices.Values(m.RoleIDs)), slices.Sorted(slices.Values(now.RoleIDs)); !slices.Equal(before, after) {
		note("organization roles", before, after)
	}
	if m.UserType != now.UserType {
		note("user type", m.UserType, now.UserType)
	}
	switch {
	case m.AccountID == "": // not known before the first login
		if m.NickName != now.NickName {
			note("nickname", terminal.Name(m.NickName), terminal.Name(now.NickName))
		}
	case m.AccountID != now.AccountID:
		note("account id", terminal.Name(m.AccountID), terminal.Name(now.AccountID))
	}
	if m.Deactivated.Known() && now.Deactivated.Known() && m.Deactivated != now.Deactivated {
		note("deactivated", m.Deactivated, now.Deactivated)
	}
	return strings.Join(texts, "; ")
}

// A successor is the successor as they are now.
type successor struct {
	there bool
	Member
	roles map[string][]quickbi.WorkspaceRole // by workspace
}

// readSuccessor reads the successor. There may be none.
func (p *Plan) readSuccessor(ctx context.Context) (successor, error) {
	client, id := p.offboarder.Client, p.Successor.UserID
	if !p.HandsOver {
		return successor{}, nil
	}
	member, err := p.offboarder.member(ctx, id)
	if errors.Is(err, quickbi.ErrUserNotInOrganization) {
		return successor{}, nil
	}
	if err != nil {
		return successor{}, fmt.Errorf("reading the successor: %w", err)
	}
	roles, err := client.ListWorkspaceUserRolesByUserId(ctx, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: id})
	if errors.Is(err, quickbi.ErrUserNotInOrganization) {
		return successor{}, nil
	}
	if err != nil {
		return successor{}, fmt.Errorf("reading the successor: %w", err)
	}
	s := successor{there: true, Member: member, roles: make(map[string][]quickbi.WorkspaceRole)}
	for _, r := range roles.Result {
		s.roles[r.WorkspaceID] = append(s.roles[r.WorkspaceID], r.Role)
	}
	return s, nil
}

// obstacles returns what is known to stand in the way of a leaver, as far as that is documented.
func (p *Plan) obstacles(l *Leaver, heir successor) []*Obstacle {
	obstacles := []*Obstacle{}
	add := func(code quickbi.ErrorCode, advice, format string, args ...any) {
		obstacles = append(obstacles, &Obstacle{Problem: fmt.Sprintf(format, args...), Advice: advice, Code: code})
	}
	for _, ws := range l.Workspaces {
		if ws.OwnerID == l.UserID {
			add(quickbi.ErrWorkspaceOwnerNotRemovable, "give it another owner in the console, no operation can",
				"the member owns the workspace %s", named(ws.WorkspaceName, ws.WorkspaceID))
		}
	}
	switch {
	case !p.HandsOver:
		return obstacles
	case !heir.there:
		add(quickbi.ErrTransferTargetNotFound, "name another one", "the successor %s is no member of the organization", p.Successor)
		return obstacles
	case heir.Deactivated.True():
		add(quickbi.ErrTransferTargetNotFound, "name another one, or activate the successor", "the successor %s is deactivated", heir)
		return obstacles
	case heir.UserType == quickbi.UserTypeViewer:
		add(quickbi.ErrViewerCannotJoinWorkspace, "name another one, or change the user type", "the successor %s is a viewer", heir)
		return obstacles
	}
	for _, ws := range l.Workspaces {
		if l.owned(ws.WorkspaceID) == 0 {
			continue
		}
		has, in := heir.roles[ws.WorkspaceID]
		needed, known := rank(ws.Roles)
		worth, comparable := rank(has)
		switch {
		case !known:
		case !in && heir.UserType == quickbi.UserTypeAnalyst && needed >= rankDeveloper:
			add(quickbi.ErrAnalystRoleUnsupported, "name another one",
				"the successor %s is an analyst, who cannot have the member's role in the workspace %s", heir, named(ws.WorkspaceName, ws.WorkspaceID))
		case in && comparable && worth < needed:
			add(quickbi.ErrWorkTransfer, "name another one, or give the successor that role",
				"the successor %s may do less than the member in the workspace %s", heir, named(ws.WorkspaceName, ws.WorkspaceID))
		}
	}
	return obstacles
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
func rank(roles []quickbi.WorkspaceRole) (best int, known bool) {
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
