package dirsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/listing"
	"github.com/quickbi-go/quickbi/internal/terminal"
	"github.com/quickbi-go/quickbi/settle"
)

// A WorkspaceRole is a role that a member has in a workspace.
type WorkspaceRole struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// A presetRole is a role that every workspace has.
type presetRole struct {
	id    int64
	names []string
}

// presetRoles are the roles that every workspace has, and what they are called; the
// name that is written comes first.
var presetRoles = []presetRole{
	{quickbi.WorkspaceRoleAdmin, []string{"admin", "administrator", "管理员", "空间管理员"}},
	{quickbi.WorkspaceRoleDeveloper, []string{"developer", "开发者", "空间开发者"}},
	{quickbi.WorkspaceRoleAnalyst, []string{"analyst", "分析师", "空间分析师"}},
	{quickbi.WorkspaceRoleViewer, []string{"viewer", "查看者", "阅览者", "空间查看者", "空间阅览者"}},
}

// A workspace is one of the organization.
type workspace struct {
	id, name, owner string // the owner's UserID
	leave           bool   // whoever has no record that names it leaves it
	needed          bool   // a record names it, or leave is set
	roles           []quickbi.Role
}

// shown names the workspace in texts that people read.
func (w *workspace) shown() string { return terminal.Name(w.name) }

// A seat is a member in a workspace.
type seat struct {
	member    memberAt
	workspace int // place in state.workspaces
}

func bySeat(a, b seat) int {
	return cmp.Or(cmp.Compare(a.member, b.member), cmp.Compare(a.workspace, b.workspace))
}

// A wish is what a record wants a member to be in a workspace.
type wish struct {
	seat
	roles string // names and ids, as the record writes them, sorted, each on a line
}

// A seatSet is what a change does in a workspace.
type seatSet struct {
	id, name string          // of the workspace
	roles    []WorkspaceRole // none: the member leaves
	was      []WorkspaceRole // none: the member joins
}

// A crowd is how many members a workspace has, and how many of them leave it or lose
// a role there.
type crowd struct {
	Workspace string `json:"workspace"`
	Members   int    `json:"members"`
	Leaving   int    `json:"leaving"`
}

// readWorkspaces lists the workspaces, if records are to name them.
func (s *state) readWorkspaces(ctx context.Context) error {
	if !s.UpdateWorkspaces {
		return nil
	}
	all, err := listing.Workspaces(ctx, s.Client, "")
	if err != nil {
		return fmt.Errorf("dirsync: listing the workspaces: %w", err)
	}
	for _, w := range all {
		s.workspaces = append(s.workspaces, workspace{id: w.WorkspaceID, name: w.WorkspaceName, owner: w.OwnerID})
	}
	for _, name := range s.LeaveWorkspaces {
		i, err := s.workspace(name)
		if err != nil {
			return fmt.Errorf("dirsync: LeaveWorkspaces: %w", err)
		}
		s.workspaces[i].leave, s.workspaces[i].needed = true, true
	}
	return nil
}

// workspace returns the place of the workspace that is meant by a name or an id.
func (s *state) workspace(name string) (int, error) {
	var exact, alike []int
	name = clean(name)
	for i, w := range s.workspaces {
		switch {
		case w.id == name:
			return i, nil
		case w.name == name:
			exact = append(exact, i)
		case same(clean(w.name)) == same(name):
			alike = append(alike, i)
		}
	}
	if len(exact) == 0 {
		exact = alike
	}
	switch len(exact) {
	case 0:
		return 0, fmt.Errorf("the organization has no workspace %s", terminal.Name(name))
	case 1:
		return exact[0], nil
	}
	ids := make([]string, len(exact))
	for n, i := range exact {
		ids[n] = s.workspaces[i].id
	}
	return 0, fmt.Errorf("the organization has %d workspaces %s: give the id, which is %s", len(exact), terminal.Name(name), strings.Join(ids, " or "))
}

// wantWorkspaces notes which workspaces a record wants a member to be in.
func (s *state) wantWorkspaces(i memberAt, r *Record) error {
	if !s.UpdateWorkspaces || r.Workspaces == nil {
		return nil // it says nothing
	}
	s.speaks[i] = true
	roles := make(map[int][]string)
	for _, name := range slices.Sorted(maps.Keys(r.Workspaces)) {
		if !isValue(name) {
			return fmt.Errorf("the workspace %s is not a name: a formula of the spreadsheet failed", name)
		}
		at, known := s.namedWorkspaces[name]
		if !known {
			at.place, at.err = s.workspace(name)
			s.namedWorkspaces[strings.Clone(name)] = at
		}
		if at.err != nil {
			return at.err
		}
		if len(r.Workspaces[name]) == 0 {
			return fmt.Errorf("there is no role for the workspace %s: write %s=viewer, for instance", terminal.Name(name), terminal.Name(name))
		}
		roles[at.place] = append(roles[at.place], r.Workspaces[name]...)
	}
	for place, names := range roles {
		s.workspaces[place].needed = true
		names = slices.Compact(slices.Sorted(slices.Values(names)))
		s.wishes = append(s.wishes, wish{seat{i, place}, s.intern(strings.Join(names, "\n"))})
	}
	return nil
}

// A namedWorkspace is what became of a name that a record has.
type namedWorkspace struct {
	place int
	err   error
}

// intern returns one copy of equal texts, of which there are few.
func (s *state) intern(text string) string {
	if known, ok := s.interned[text]; ok {
		return known
	}
	text = strings.Clone(text)
	s.interned[text] = text
	return text
}

// rolesIn returns the roles that a wish names, by id, sorted.
func (w *workspace) rolesIn(names string) ([]int64, error) {
	var ids []int64
	for name := range strings.SplitSeq(names, "\n") {
		name = clean(name)
		var found []int64
		for _, preset := range presetRoles {
			if slices.ContainsFunc(preset.names, func(known string) bool { return same(known) == same(name) }) {
				found = append(found, preset.id)
			}
		}
		for _, role := range w.roles {
			if strconv.FormatInt(role.RoleID, 10) == name || same(role.RoleName) == same(name) {
				found = append(found, role.RoleID)
			}
		}
		slices.Sort(found)
		switch found = slices.Compact(found); {
		case !isValue(name):
			return nil, fmt.Errorf("the role %s is not a name: a formula of the spreadsheet failed", name)
		case len(found) == 0:
			return nil, fmt.Errorf("the workspace %s has no role %s", w.shown(), terminal.Name(name))
		case len(found) > 1:
			return nil, fmt.Errorf("the workspace %s has %d roles %s: give the id", w.shown(), len(found), terminal.Name(name))
		}
		ids = append(ids, found[0])
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// named returns roles with their names.
func (w *workspace) named(ids []int64) []WorkspaceRole {
	roles := make([]WorkspaceRole, len(ids))
	for i, id := range ids {
		roles[i] = WorkspaceRole{id, strconv.FormatInt(id, 10)}
		for _, role := range w.roles {
			if role.RoleID == id && role.RoleName != "" {
				roles[i].Name = role.RoleName
			}
		}
		for _, preset := range presetRoles {
			if preset.id == id {
				roles[i].Name = preset.names[0]
			}
		}
	}
	return roles
}

func idsOf(roles []WorkspaceRole) []int64 {
	ids := make([]int64, len(roles))
	for i, role := range roles {
		ids[i] = role.ID
	}
	return ids
}

func namesOf(roles []WorkspaceRole) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = terminal.Name(role.Name)
	}
	return strings.Join(names, " and ")
}

// rolesOfAll returns which roles everybody has in a workspace, by UserID, sorted. The
// list of the workspace's members has one role of each only.
func rolesOfAll(ctx context.Context, client *quickbi.Client, workspaceID string, roles []quickbi.Role) (map[string][]int64, error) {
	has := make(map[string][]int64)
	add := func(userID string, role int64) {
		if role != 0 && !slices.Contains(has[userID], role) {
			has[userID] = append(has[userID], role)
		} else if _, known := has[userID]; !known {
			has[userID] = nil
		}
	}
	users, err := listing.Whole(ctx, func(ctx context.Context, page int) (quickbi.Page[quickbi.WorkspaceUser], error) {
		return listing.Page(client.QueryWorkspaceUserList(ctx, &quickbi.QueryWorkspaceUserListRequest{WorkspaceID: workspaceID, PageNum: page, PageSize: listing.PerPage}))
	}, func(u quickbi.WorkspaceUser) string { return u.UserID })
	if err != nil {
		return nil, err
	}
	for _, user := range users {
		add(user.UserID, user.Role.RoleID)
	}
	for _, role := range roles {
		holders, err := listing.Whole(ctx, func(ctx context.Context, page int) (quickbi.Page[quickbi.RoleUser], error) {
			return listing.Page(client.ListWorkspaceRoleUsers(ctx, &quickbi.ListWorkspaceRoleUsersRequest{RoleID: role.RoleID, WorkspaceID: workspaceID, PageNum: page, PageSize: listing.PerPage}))
		}, func(u quickbi.RoleUser) string { return u.UserID })
		if err != nil {
			return nil, err
		}
		for _, user := range holders {
			add(user.UserID, role.RoleID)
		}
	}
	for _, ids := range has {
		slices.Sort(ids)
	}
	return has, nil
}

// readSeats finds out who is in the workspaces that matter.
func (s *state) readSeats(ctx context.Context) (map[seat][]int64, error) {
	seats := make(map[seat][]int64)
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(s.Workers)
	for at := range s.workspaces {
		w := &s.workspaces[at]
		if !w.needed {
			continue
		}
		g.Go(func() error {
			resp, err := s.Client.ListWorkspaceRoles(ctx, &quickbi.ListWorkspaceRolesRequest{WorkspaceID: w.id})
			if err != nil {
				return fmt.Errorf("dirsync: listing the roles of the workspace %s: %w", w.shown(), err)
			}
			w.roles = resp.Result
			has, err := rolesOfAll(ctx, s.Client, w.id, w.roles)
			if err != nil {
				return fmt.Errorf("dirsync: listing who is in the workspace %s: %w", w.shown(), err)
			}
			mu.Lock()
			defer mu.Unlock()
			for userID, roles := range has {
				if i, ok := s.byUserID[userID]; ok { // the others joined after the members were listed
					seats[seat{i, at}] = roles
				}
			}
			return nil
		})
	}
	return seats, g.Wait()
}

// compareWorkspaces works out who joins and leaves workspaces, and who gets other
// roles there. It foresees what the service would refuse.
func (s *state) compareWorkspaces(ctx context.Context) ([]change, []seatSet, error) {
	if !s.UpdateWorkspaces {
		return nil, nil, nil
	}
	if len(s.LeaveWorkspaces) > 0 && len(s.speaks) == 0 {
		return nil, nil, errors.New("dirsync: LeaveWorkspaces has workspaces, but no record says which ones anybody is in")
	}
	p := s.plan
	has, err := s.readSeats(ctx)
	if err != nil {
		return nil, nil, err
	}
	wanted := make(map[seat]string)
	slices.SortStableFunc(s.wishes, func(a, b wish) int { return bySeat(a.seat, b.seat) })
	sets := make(map[seat]seatSet)
	for _, w := range s.wishes {
		if p.members[w.member].alone {
			continue
		}
		if first, twice := wanted[w.seat]; twice {
			if first != w.roles {
				s.problem(Problem{Account: p.members[w.member].label(), Text: fmt.Sprintf("another record of the account has different roles in the workspace %s", s.workspaces[w.workspace].shown())}, w.member)
			}
			continue
		}
		wanted[w.seat] = w.roles
		roles, err := s.checkSeat(w.seat, w.roles)
		if err != nil {
			s.problem(Problem{Account: p.members[w.member].label(), Text: err.Error()}, w.member)
			continue
		}
		if was, there := has[w.seat]; !there || !slices.Equal(was, roles) {
			space := &s.workspaces[w.workspace]
			sets[w.seat] = seatSet{space.id, space.name, space.named(roles), space.named(was)}
		}
	}
	for at := range has {
		if s.leaves(at, wanted) {
			space := &s.workspaces[at.workspace]
			sets[at] = seatSet{id: space.id, name: space.name, was: space.named(has[at])}
		}
	}
	if err := s.spareHolders(ctx, sets); err != nil {
		return nil, nil, err
	}
	return s.seatChanges(has, sets)
}

// seatChanges sorts what is done in workspaces, and counts for the limits.
func (s *state) seatChanges(has map[seat][]int64, sets map[seat]seatSet) ([]change, []seatSet, error) {
	p := s.plan
	crowds := make(map[int]*crowd)
	for at := range has {
		if crowds[at.workspace] == nil {
			crowds[at.workspace] = &crowd{Workspace: s.workspaces[at.workspace].name}
		}
		crowds[at.workspace].Members++
	}
	var changes []change
	var list []seatSet
	byKind := make(map[Kind][]seat)
	for at, set := range sets {
		if p.members[at.member].alone {
			continue
		}
		kind := SetWorkspaceRoles
		switch _, there := has[at]; {
		case !there:
			kind = JoinWorkspace
		case len(set.roles) == 0:
			kind = LeaveWorkspace
		}
		byKind[kind] = append(byKind[kind], at)
		if kind != JoinWorkspace && slices.ContainsFunc(set.was, func(r WorkspaceRole) bool { return !slices.Contains(set.roles, r) }) || kind == LeaveWorkspace {
			crowds[at.workspace].Leaving++
		}
	}
	for kind := JoinWorkspace; kind <= LeaveWorkspace; kind++ {
		for _, at := range slices.SortedFunc(slices.Values(byKind[kind]), bySeat) {
			changes = append(changes, change{kind, at.member, none, none})
			list = append(list, sets[at])
		}
	}
	for _, at := range slices.Sorted(maps.Keys(crowds)) {
		p.crowds = append(p.crowds, *crowds[at])
		p.WorkspaceMemberships += crowds[at].Members
	}
	return changes, list, nil
}

// leaves reports whether a member has to leave a workspace.
func (s *state) leaves(at seat, wanted map[seat]string) bool {
	p, m, space := s.plan, &s.plan.members[at.member], &s.workspaces[at.workspace]
	if _, ok := wanted[at]; ok || !space.leave || p.Blocked != "" {
		return false
	}
	switch {
	case m.alone, m.admin, m.inactive, space.owner == m.id:
		return false
	case m.named && !s.speaks[at.member]: // its records say nothing about workspaces
		return false
	}
	return !p.deletes(m) && !p.deactivates(m) // being deleted ends memberships, and who is deactivated keeps the works
}

// checkSeat returns the ids of the roles that a wish names, or why the service would
// refuse them.
func (s *state) checkSeat(at seat, names string) ([]int64, error) {
	space, m := &s.workspaces[at.workspace], &s.plan.members[at.member]
	roles, err := space.rolesIn(names)
	if err != nil {
		return nil, err
	}
	userType := s.userTypes[at.member]
	if n, isNew := s.plan.added[at.member]; isNew {
		userType = n.userType
	} else if set := s.plan.updates[at.member].set; set.UserType != 0 {
		userType = set.UserType
	}
	switch {
	case userType == quickbi.UserTypeViewer:
		return nil, fmt.Errorf("it is a viewer, who cannot be in the workspace %s", space.shown())
	case userType == quickbi.UserTypeAnalyst && (slices.Contains(roles, quickbi.WorkspaceRoleAdmin) || slices.Contains(roles, quickbi.WorkspaceRoleDeveloper)):
		return nil, fmt.Errorf("it is an analyst, who can be neither administrator nor developer of the workspace %s", space.shown())
	case m.id != "" && space.owner == m.id && !slices.Contains(roles, quickbi.WorkspaceRoleAdmin):
		return nil, fmt.Errorf("it owns the workspace %s, and stays administrator there", space.shown())
	}
	return roles, nil
}

// spareHolders leaves members alone who are to leave a workspace where they own
// anything: the service gives this to somebody of its own choice, and for good.
func (s *state) spareHolders(ctx context.Context, sets map[seat]seatSet) error {
	owners := make(map[int]map[string]int) // by workspace
	for at, set := range sets {
		if len(set.roles) == 0 {
			owners[at.workspace] = nil
		}
	}
	for _, at := range slices.Sorted(maps.Keys(owners)) {
		var err error
		if owners[at], err = ownersIn(ctx, s.Client, s.workspaces[at].id); err != nil {
			return fmt.Errorf("dirsync: listing who owns what in the workspace %s: %w", s.workspaces[at].shown(), err)
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(sets), bySeat) {
		m := &s.plan.members[at.member]
		if n := owners[at.workspace][m.id]; n > 0 && len(sets[at].roles) == 0 {
			s.problem(Problem{Account: m.label(), Text: ownsThings(s.workspaces[at.workspace].name, n)}, at.member)
		}
	}
	return nil
}

func ownsThings(workspace string, n int) string {
	return fmt.Sprintf("it is to leave the workspace %s, but owns %d works, datasets or data sources there: give them to somebody else first", terminal.Name(workspace), n)
}

// counts count what everybody owns in a workspace, by UserID: a kind of thing each.
var counts = [...]func(ctx context.Context, client *quickbi.Client, workspaceID string, owns map[string]int) error{
	countWorks, countDatasets, countDataSources,
}

// ownersIn returns how many things everybody owns in a workspace, by UserID.
func ownersIn(ctx context.Context, client *quickbi.Client, workspaceID string) (map[string]int, error) {
	owns := make(map[string]int)
	for _, count := range counts {
		if err := count(ctx, client, workspaceID, owns); err != nil {
			return nil, err
		}
	}
	return owns, nil
}

func countWorks(ctx context.Context, client *quickbi.Client, workspaceID string, owns map[string]int) error {
	works, err := listing.WorksIn(ctx, client, workspaceID)
	for _, w := range works {
		owns[w.OwnerID]++
	}
	return err
}

func countDatasets(ctx context.Context, client *quickbi.Client, workspaceID string, owns map[string]int) error {
	datasets, err := listing.DatasetsIn(ctx, client, workspaceID)
	for _, d := range datasets {
		owns[d.OwnerID]++
	}
	return err
}

func countDataSources(ctx context.Context, client *quickbi.Client, workspaceID string, owns map[string]int) error {
	resp, err := client.ListDataSource(ctx, &quickbi.ListDataSourceRequest{WorkspaceID: workspaceID})
	if err != nil {
		return err
	}
	for _, s := range resp.Result {
		owns[s.CreatorID]++
	}
	return nil
}

// A seatBatch is changes in one workspace that one call makes: members get one role.
type seatBatch struct {
	workspaceID string
	role        int64
	changes     []int
}

// seatBatches cuts changes of a kind into calls. What a call for several members
// cannot do, which is other roles than the preset ones, or several, comes alone.
func (p *Plan) seatBatches(changes iter.Seq[int]) (together []seatBatch, alone []int) {
	type call struct {
		workspaceID string
		role        int64
	}
	open := make(map[call]int) // in together
	size := make(map[call]int)
	for i := range changes {
		set := p.seats[i]
		if len(set.roles) != 1 || !slices.ContainsFunc(presetRoles, func(r presetRole) bool { return r.id == set.roles[0].ID }) {
			alone = append(alone, i)
			continue
		}
		c := call{set.id, set.roles[0].ID}
		n := escapedLen(p.members[p.changes[i].member].id) + len("%2C")
		at, ok := open[c]
		if !ok || size[c]+n > p.syncer.MaxURL || len(together[at].changes) == p.syncer.MaxIDs {
			at, size[c] = len(together), otherURL+escapedLen(set.id)
			open[c] = at
			together = append(together, seatBatch{workspaceID: set.id, role: c.role})
		}
		together[at].changes = append(together[at].changes, i)
		size[c] += n
	}
	return together, alone
}

// setSeats lets members join workspaces, or gives them other roles there.
func (r *run) setSeats(kind Kind) {
	var mu sync.Mutex
	var ready []int
	parallel(r, r.only(kind), func(i int) {
		err := r.notAdded(r.changes[i].member)
		done := false
		if err == nil {
			done, err = r.seated(i)
		}
		if done || err != nil {
			r.finish(err, i)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		ready = append(ready, i)
	})
	slices.Sort(ready)
	together, alone := r.seatBatches(slices.Values(ready))
	parallel(r, slices.Values(together), func(b seatBatch) {
		r.begin(b.changes...)
		r.sendSeats(kind, b, 1)
	})
	r.each(slices.Values(alone), r.setSeat)
}

// seated reads the roles of a member in a workspace again, if they are to be replaced.
// Those that somebody gave or took away meanwhile stay so.
func (r *run) seated(i int) (done bool, err error) {
	if r.changes[i].kind != SetWorkspaceRoles {
		return false, nil
	}
	set := r.seats[i]
	has, there, err := r.rolesNow(i)
	switch {
	case err != nil:
		return false, err
	case there && slices.Equal(has, idsOf(set.roles)):
		return true, nil // somebody has done it
	case !there || !slices.Equal(has, idsOf(set.was)):
		return false, fmt.Errorf("%w: it has other roles in the workspace %s now", ErrChanged, terminal.Name(set.name))
	}
	return false, nil
}

// rolesNow reads the roles of a member in a workspace, and whether it is there.
func (r *run) rolesNow(i int) (has []int64, there bool, err error) {
	err = r.call(r.ctx, func(ctx context.Context) (err error) {
		has, there, err = rolesOf(ctx, r.client, r.seats[i].id, r.members[r.changes[i].member].id)
		return err
	})
	return has, there, err
}

// sendSeats makes one call for several members. Of those that the service says failed,
// and if the answer was lost, of all, it looks at what is the case.
func (r *run) sendSeats(kind Kind, b seatBatch, n int) {
	users := make([]string, len(b.changes))
	for i, c := range b.changes {
		users[i] = r.members[r.changes[c].member].id
	}
	ctx, cancel := settle.WriteContext(r.ctx)
	defer cancel()
	err := r.call(ctx, func(ctx context.Context) (err error) {
		if kind == JoinWorkspace {
			_, err = r.client.AddWorkspaceUsers(ctx, &quickbi.AddWorkspaceUsersRequest{WorkspaceID: b.workspaceID, UserIDs: users, RoleID: b.role})
		} else {
			_, err = r.client.UpdateWorkspaceUsersRole(ctx, &quickbi.UpdateWorkspaceUsersRoleRequest{WorkspaceID: b.workspaceID, UserIDs: users, RoleID: b.role})
		}
		return err
	})
	partial, isPartial := errors.AsType[*quickbi.PartialError](err)
	if err == nil || !isPartial && !settle.InDoubt(err) && !errors.Is(err, quickbi.ErrNotPerformed) {
		r.finish(err, b.changes...)
		return
	}
	has, lookErr := r.lookAtSeats(b.workspaceID)
	if lookErr != nil {
		r.finish(settle.NotFoundOut(err, lookErr), b.changes...)
		return
	}
	var again []int
	for i, c := range b.changes {
		switch {
		case slices.Equal(has[users[i]], []int64{b.role}):
			r.finish(nil, c)
		case isPartial:
			r.finish(ofEntry(partial, users[i]), c)
		case settle.InDoubt(err) && n < settle.MaxSends && r.ctx.Err() == nil:
			again = append(again, c)
		default:
			r.finish(settle.NotExecuted(err), c)
		}
	}
	if len(again) > 0 {
		r.sendSeats(kind, seatBatch{b.workspaceID, b.role, again}, n+1)
	}
}

// ofEntry returns the part of an error that is about one member.
func ofEntry(partial *quickbi.PartialError, userID string) error {
	for _, entry := range partial.Failed {
		if entry.ID == userID {
			return &quickbi.PartialError{Failed: []quickbi.FailedEntry{entry}}
		}
	}
	return settle.NotExecuted(partial)
}

// lookAtSeats returns the roles that everybody has in a workspace.
func (r *run) lookAtSeats(workspaceID string) (has map[string][]int64, err error) {
	ctx, cancel := settle.LookContext(r.ctx)
	defer cancel()
	err = r.call(ctx, func(ctx context.Context) error {
		roles, err := r.client.ListWorkspaceRoles(ctx, &quickbi.ListWorkspaceRolesRequest{WorkspaceID: workspaceID})
		if err != nil {
			return err
		}
		has, err = rolesOfAll(ctx, r.client, workspaceID, roles.Result)
		return err
	})
	return has, err
}

// setSeat does for one member what a call for several cannot.
func (r *run) setSeat(i int) error {
	c, set := r.changes[i], r.seats[i]
	userID, roles := r.members[c.member].id, idsOf(set.roles)
	if c.kind == JoinWorkspace {
		err := r.settle(i, func(ctx context.Context) error {
			_, err := r.client.AddUserToWorkspace(ctx, &quickbi.AddUserToWorkspaceRequest{WorkspaceID: set.id, UserID: userID, RoleID: roles[0]})
			return err
		}, func(ctx context.Context) (bool, error) {
			has, there, err := rolesOf(ctx, r.client, set.id, userID)
			return there && slices.Equal(has, roles[:1]), err
		}, quickbi.ErrUserAlreadyInWorkspace, quickbi.ErrUserAlreadyInRole)
		if err != nil || len(roles) == 1 {
			return err
		}
		r.half(i)
	}
	return r.settle(i, func(ctx context.Context) error {
		_, err := r.client.UpdateWorkspaceUserRole(ctx, &quickbi.UpdateWorkspaceUserRoleRequest{WorkspaceID: set.id, UserID: userID, RoleIDs: roles})
		return err
	}, func(ctx context.Context) (bool, error) {
		has, _, err := rolesOf(ctx, r.client, set.id, userID)
		return slices.Equal(has, roles), err
	}, quickbi.ErrUserAlreadyInRole)
}

// rolesOf returns the roles of a member in a workspace, sorted, and whether the member
// is there.
func rolesOf(ctx context.Context, client *quickbi.Client, workspaceID, userID string) (roles []int64, there bool, err error) {
	resp, err := client.ListWorkspaceUserRolesByUserId(ctx, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: userID})
	if err != nil {
		return nil, false, err
	}
	for _, role := range resp.Result {
		if role.WorkspaceID == workspaceID {
			roles, there = append(roles, role.Role.RoleID), true
		}
	}
	slices.Sort(roles)
	return roles, there, nil
}

// leaveWorkspace takes a member out of a workspace. Before, it reads the member, the
// roles and who owns what there again.
func (r *run) leaveWorkspace(i int) error {
	c, set := r.changes[i], r.seats[i]
	userID := r.members[c.member].id
	switch err := r.stillAsPlanned(c.member); {
	case errors.Is(err, quickbi.ErrUserNotInOrganization):
		return nil // gone already
	case err != nil:
		return err
	}
	has, there, err := r.rolesNow(i)
	switch {
	case err != nil:
		return err
	case !there:
		return nil // gone already
	case !slices.Equal(has, idsOf(set.was)):
		return fmt.Errorf("%w: it has other roles in the workspace %s now", ErrChanged, terminal.Name(set.name))
	}
	owns := make(map[string]int)
	for _, count := range counts {
		if err := r.call(r.ctx, func(ctx context.Context) error { return count(ctx, r.client, set.id, owns) }); err != nil {
			return err
		}
	}
	if owns[userID] > 0 {
		return fmt.Errorf("%w: %s", ErrChanged, ownsThings(set.name, owns[userID]))
	}
	return r.settle(i, func(ctx context.Context) error {
		_, err := r.client.DeleteUserFromWorkspace(ctx, &quickbi.DeleteUserFromWorkspaceRequest{WorkspaceID: set.id, UserID: userID})
		return err
	}, func(ctx context.Context) (bool, error) {
		_, there, err := rolesOf(ctx, r.client, set.id, userID)
		if errors.Is(err, quickbi.ErrUserNotInOrganization) {
			return true, nil
		}
		return err == nil && !there, err
	}, quickbi.ErrUserNotInWorkspace, quickbi.ErrUserNotInOrganization)
}

// leaveWorkspaces takes members out of workspaces. A member who could not join a group
// or workspace stays everywhere.
func (r *run) leaveWorkspaces() {
	kept := r.couldNotJoin()
	r.each(r.only(LeaveWorkspace), func(i int) error {
		if err := kept[r.changes[i].member]; err != nil {
			return err
		}
		return r.leaveWorkspace(i)
	})
}

// stillInWorkspace reports whether a member has these roles in a workspace; none means
// that the member is not in it.
func (u *undo) stillInWorkspace(ctx context.Context, c Change, roles []WorkspaceRole) (bool, error) {
	has, _, err := rolesOf(ctx, u.client, c.WorkspaceID, c.UserID)
	switch {
	case errors.Is(err, quickbi.ErrUserNotInOrganization):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("dirsync: reading the workspaces of %s: %w", terminal.Name(c.Account), err)
	}
	return slices.Equal(has, idsOf(roles)), nil
}
