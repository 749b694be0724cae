package quickbitest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A Workspace is a group workspace. Its owner is one of its administrators.
type Workspace struct {
	WorkspaceID       string          `json:"WorkspaceId,omitempty"` // empty: generated
	WorkspaceName     string          `json:"WorkspaceName"`
	Description       string          `json:"WorkspaceDescription,omitempty"`
	OwnerID           string          `json:"Owner,omitempty"`             // a user's id; empty: the owner of the organization
	AllowPublish      *bool           `json:"AllowPublish,omitempty"`      // nil: true
	AllowShare        *bool           `json:"AllowShare,omitempty"`        // nil: true
	AllowViewAll      *bool           `json:"AllowViewAll,omitempty"`      // administrators and developers can edit each other's works; nil: true
	DefaultShareToAll bool            `json:"DefaultShareToAll,omitempty"` // works that do not say otherwise are for all members
	CreatedTime       int64           `json:"CreateTime,omitempty"`        // milliseconds since 1970; 0: now
	Users             []WorkspaceUser `json:"Users,omitempty"`             // members besides the owner, or the owner with more roles

	// ExportConfig is what lists tell of exports. nil: the service is older and does not.
	ExportConfig *quickbi.WorkspaceExportConfig `json:"WorkspaceExportConfig,omitempty"`
}

// A WorkspaceUser is a member of a workspace.
type WorkspaceUser struct {
	UserID  string  `json:"UserId"`
	RoleIDs []int64 `json:"RoleIds,omitempty"` // of the workspace; empty: viewer
}

// A workspace is a group workspace. Its owner is who created it and never leaves it, so
// that somebody can always take over works.
//
// There are no personal workspaces: no operation lists them.
type workspace struct {
	Workspace // but for its owner and users
	owner     *member
	created   time.Time
	seats     table[*seat] // by user id
	works     table[*work]
}

// A seat is the place of a member in a workspace.
type seat struct {
	member    *member
	workspace *workspace
	roles     []int64 // replaced as a whole
}

// The workspaceState is what the organization knows of workspaces.
type workspaceState struct {
	workspaces  table[*workspace]
	seatsByRole index[int64, *seat]
}

// createWorkspace creates a workspace that belongs to the owner of the organization.
// UseComment and OnlyAdminCreateDatasource are accepted, and change nothing that
// operations show.
func createWorkspace(c *call) (any, error) {
	if limit := c.limits.Workspaces; limit > 0 && c.workspaces.len() >= limit {
		return nil, gateway.Refuse("CreateWorkspace.Exceeds.Limits", "The organization has %d workspaces, as many as it may have.", limit)
	}
	ws := &workspace{owner: c.owner(), created: c.now, Workspace: Workspace{
		WorkspaceID:       gateway.NewUUID(),
		WorkspaceName:     c.string("WorkspaceName"),
		Description:       c.string("WorkspaceDescription"),
		AllowPublish:      new(true),
		AllowShare:        new(true),
		AllowViewAll:      new(true),
		DefaultShareToAll: c.bool("DefaultShareToAll"),
	}}
	set(c, "AllowPublish", ws.AllowPublish, (*call).bool)
	set(c, "AllowShare", ws.AllowShare, (*call).bool)
	set(c, "AllowViewAll", ws.AllowViewAll, (*call).bool)
	return c.addWorkspace(ws).WorkspaceID, nil
}

// addWorkspace adds the workspace and its owner. The id must be free.
func (o *organization) addWorkspace(ws *workspace) *workspace {
	o.workspaces.put(ws.WorkspaceID, ws)
	o.seat(ws.owner, ws, []int64{roleWorkspaceAdmin})
	return ws
}

func (o *organization) seedWorkspace(s Workspace, now time.Time) error {
	s.WorkspaceID = cmp.Or(s.WorkspaceID, gateway.NewUUID())
	owner, err := o.seedMember(s.OwnerID, o.owner())
	switch {
	case err != nil:
		return err
	case o.workspaces.has(s.WorkspaceID):
		return fmt.Errorf("there is a workspace %q already", s.WorkspaceID)
	case s.WorkspaceName == "":
		return errors.New("there is no name")
	case owner.UserType != developer:
		return fmt.Errorf("user %q is no developer, and cannot own a workspace", s.OwnerID)
	}
	s.AllowPublish, s.AllowShare = cmp.Or(s.AllowPublish, new(true)), cmp.Or(s.AllowShare, new(true))
	s.AllowViewAll = cmp.Or(s.AllowViewAll, new(true))
	ws := o.addWorkspace(&workspace{Workspace: s, owner: owner, created: seededTime(s.CreatedTime, now)})
	for _, user := range s.Users {
		m, ok := o.members.get(user.UserID)
		if !ok {
			return fmt.Errorf("there is no user %q", user.UserID)
		}
		roles := user.RoleIDs
		if len(roles) == 0 {
			roles = []int64{roleWorkspaceViewer}
		}
		var err error
		if s, there := ws.seats.get(m.UserID); there && s.isOwner() {
			err = o.reseat(s, roles)
		} else {
			err = o.admit(m, ws, roles)
		}
		if err != nil {
			return fmt.Errorf("user %q: %w", user.UserID, err)
		}
	}
	return nil
}

func (ws *workspace) seed() Workspace {
	s := ws.Workspace
	s.OwnerID, s.CreatedTime, s.Users = ws.owner.UserID, ws.created.UnixMilli(), nil
	for seat := range ws.seats.all() {
		if !seat.isOwner() || len(seat.roles) > 1 {
			s.Users = append(s.Users, WorkspaceUser{seat.member.UserID, seat.roles})
		}
	}
	return s
}

// seat makes the member one of the workspace with exactly these roles.
func (o *organization) seat(m *member, ws *workspace, roles []int64) {
	s, ok := ws.seats.get(m.UserID)
	if !ok {
		s = &seat{member: m, workspace: ws}
		ws.seats.put(m.UserID, s)
		m.seats.put(ws.WorkspaceID, s)
	}
	for _, id := range s.roles {
		o.seatsByRole.remove(id, s.key())
	}
	s.roles = roles
	for _, id := range s.roles {
		o.seatsByRole.put(id, s.key(), s)
	}
}

// unseat takes the member out of the workspace.
func (o *organization) unseat(s *seat) {
	for _, id := range s.roles {
		o.seatsByRole.remove(id, s.key())
	}
	s.workspace.seats.remove(s.member.UserID)
	s.member.seats.remove(s.workspace.WorkspaceID)
}

// leaveWorkspaces takes the member out of all workspaces.
func (o *organization) leaveWorkspaces(m *member) {
	for _, s := range slices.Collect(m.seats.all()) {
		o.unseat(s)
	}
}

// key is unique to the seat.
func (s *seat) key() string { return s.workspace.WorkspaceID + "/" + s.member.UserID }

func (s *seat) isOwner() bool { return s.workspace.owner == s.member }

// admit seats a member who is not in the workspace yet.
func (o *organization) admit(m *member, ws *workspace, roles []int64) error {
	if s, ok := ws.seats.get(m.UserID); ok {
		if slices.Equal(s.roles, roles) {
			return gateway.Refuse("User.AlreadyIn.Role", "The user is in the workspace already, with this role.")
		}
		return gateway.Refuse("User.AlreadyIn.Workspace", "The user is in the workspace already.")
	}
	if err := o.checkSeat(m, roles); err != nil {
		return err
	}
	if m.UserType == viewer {
		return gateway.Refuse("Viewer.AddInTo.Workspace", "The user %q is a viewer, who cannot be in a workspace.", m.UserID)
	}
	o.seat(m, ws, roles)
	return nil
}

// checkSeat says whether the member can have the roles in a workspace.
func (o *organization) checkSeat(m *member, roles []int64) error {
	for _, id := range roles {
		role, ok := o.workspaceRoles[id]
		switch {
		case !ok:
			return gateway.Refuse("User.RoleType.Valid", "Workspaces have no role %d.", id)
		case m.UserType == viewer && !role.preset:
			return gateway.Refuse("Viewer.CannotHave.CustomRole", "A viewer cannot have the custom role %d.", id)
		case m.UserType == analyst && (id == roleWorkspaceAdmin || id == roleWorkspaceDeveloper):
			return gateway.Refuse("AnalystUser.NotSupport.AdminOrDevRole", "An analyst is neither administrator nor developer of a workspace.")
		case m.UserType == analyst && role.rank() > rankSharing:
			return gateway.Refuse("UserAnalyst.NotSupport.ThisRole", "Role %d allows more than an analyst may do.", id)
		}
	}
	return nil
}

// reseat gives a member of the workspace other roles.
func (o *organization) reseat(s *seat, roles []int64) error {
	if s.isOwner() && !slices.Contains(roles, roleWorkspaceAdmin) {
		return gateway.Refuse("Remove.AdminRoleOf.WorkspaceOwner", "The owner of the workspace must remain its administrator.")
	}
	if err := o.checkSeat(s.member, roles); err != nil {
		return err
	}
	o.seat(s.member, s.workspace, roles)
	return nil
}

// findWorkspace returns the workspace with the id, or the refusal with the code.
func (o *organization) findWorkspace(id, code string) (*workspace, error) {
	return o.workspaces.find(id, code, "workspace")
}

// seat finds the place of the member UserId in the workspace WorkspaceId.
func (c *call) seat() (*seat, error) {
	ws, err := c.findWorkspace(c.string("WorkspaceId"), "Workspace.Not.Exist")
	if err != nil {
		return nil, err
	}
	m, err := c.findMember(c.string("UserId"), "User.Not.In.Organization")
	if err != nil {
		return nil, err
	}
	return ws.seatOf(m)
}

func (ws *workspace) seatOf(m *member) (*seat, error) {
	if s, ok := ws.seats.get(m.UserID); ok {
		return s, nil
	}
	return nil, gateway.Refuse("User.NotIn.Workspace", "The user %q is not in the workspace.", m.UserID)
}

func addUserToWorkspace(c *call, ws *workspace, m *member) (any, error) {
	if err := c.admit(m, ws, []int64{c.int64("RoleId")}); err != nil {
		return nil, err
	}
	return true, nil
}

// A batchResult tells what became of each user of a batch.
type batchResult struct {
	Total, Success, Failure int
	FailureDetail           map[string]string // by user id
}

// batch does something for all users that UserIds names, each for itself. A user
// who is named twice counts once.
func (c *call) batch(do func(*member) error) batchResult {
	r := batchResult{FailureDetail: make(map[string]string)}
	for _, id := range distinct(c.list("UserIds")) {
		m, err := c.findMember(id, "User.Not.In.Organization")
		if err == nil {
			err = do(m)
		}
		r.Total++
		if err != nil {
			r.Failure++
			r.FailureDetail[id] = batchFailure(err)
		} else {
			r.Success++
		}
	}
	return r
}

// batchFailure writes a refusal as a batch shows it. The documentation's one example
// has another code than the single call.
func batchFailure(err error) string {
	if r, ok := errors.AsType[*gateway.Refusal](err); ok && (r.Code == "User.AlreadyIn.Workspace" || r.Code == "User.AlreadyIn.Role") {
		return "AE0150010001: " + r.Message
	}
	return err.Error()
}

// distinct drops duplicates and keeps the order.
func distinct[T comparable](all []T) []T {
	seen := make(map[T]bool, len(all))
	return slices.DeleteFunc(all, func(v T) bool {
		again := seen[v]
		seen[v] = true
		return again
	})
}

func addWorkspaceUsers(c *call, ws *workspace) (any, error) {
	return c.batch(func(m *member) error { return c.admit(m, ws, []int64{c.int64("RoleId")}) }), nil
}

// updateWorkspaceUserRole replaces all roles. It refuses a user who has exactly these
// roles already.
func updateWorkspaceUserRole(c *call, s *seat) (any, error) {
	roles := []int64{c.int64("RoleId")}
	if c.string("RoleIds") != "" {
		var err error
		if roles, err = c.numbers("RoleIds"); err != nil {
			return nil, err
		}
	} else if !c.has("RoleId") {
		return nil, gateway.Refuse("System.Param.Empty", "The call needs RoleIds or RoleId.")
	}
	if slices.Equal(slices.Sorted(slices.Values(s.roles)), slices.Sorted(slices.Values(roles))) {
		return nil, gateway.Refuse("User.AlreadyIn.Role", "The user has these roles in the workspace already.")
	}
	if err := c.reseat(s, roles); err != nil {
		return nil, err
	}
	return true, nil
}

// numbers returns the elements of a comma-separated parameter, each of them once.
func (c *call) numbers(name string) ([]int64, error) {
	var all []int64
	for _, s := range c.list(name) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, gateway.Invalid(name, "has %q, which is no number", s)
		}
		all = append(all, n)
	}
	if len(all) == 0 {
		return nil, gateway.Refuse("System.Param.Empty", "The parameter %s has no value.", name)
	}
	return distinct(all), nil
}

func updateWorkspaceUsersRole(c *call, ws *workspace) (any, error) {
	return c.batch(func(m *member) error {
		s, err := ws.seatOf(m)
		if err != nil {
			return err
		}
		return c.reseat(s, []int64{c.int64("RoleId")})
	}), nil
}

// deleteUserFromWorkspace gives what the user owns in the workspace to the workspace's
// owner.
func deleteUserFromWorkspace(c *call, s *seat) (any, error) {
	if s.isOwner() {
		return nil, gateway.Refuse("CanNot.Remove.WorkspaceOwner", "The owner cannot be removed from the workspace.")
	}
	c.handOver(s, s.workspace.owner)
	c.unseat(s)
	return true, nil
}

// owns says whether the member has works, datasets or data sources in the workspace.
func (o *organization) owns(s *seat) bool {
	for w := range s.member.works.all() {
		if w.workspace == s.workspace {
			return true
		}
	}
	for _, ws := range o.dataOwners[s.member] {
		if ws == s.workspace {
			return true
		}
	}
	return false
}

// handOver gives everything that the member owns in the workspace to another of its
// members.
func (o *organization) handOver(s *seat, to *member) {
	for _, w := range slices.Collect(s.member.works.all()) {
		if w.workspace == s.workspace {
			w.give(to)
		}
	}
	o.handOverData(s.member, s.workspace, to)
}

// A succession says who takes over what the member has in each workspace.
type succession struct {
	seat *seat
	heir *member
	new  bool // the heir has to join the workspace
}

// succeed decides who gets the works of a member who is about to leave the
// organization. It changes nothing yet. The heir gets them or, without one, the owner
// of the workspace.
//
// The documentation contradicts itself about members of workspaces. It has a refusal to
// delete them, Member.ExistInWorkspace.Error, and it says who gets their works when
// they are deleted. The emulator deletes them; they leave all their workspaces. Only
// the owner of a workspace cannot be deleted, because no operation gives a workspace
// away; the code is that of removing the owner from the workspace. Fail makes the
// emulator answer the other code.
//
// The heir joins the workspaces in which there is something to take over, with the
// roles of the member who leaves. An heir who is in such a workspace already must have
// a role of at least the same rank there.
func (o *organization) succeed(m, heir *member) ([]succession, error) {
	var all []succession
	for s := range m.seats.all() {
		if s.isOwner() {
			return nil, gateway.Refuse("CanNot.Remove.WorkspaceOwner", "The user owns the workspace %q.", s.workspace.WorkspaceID)
		}
		next := succession{seat: s, heir: s.workspace.owner}
		if heir != nil && o.owns(s) {
			next.heir = heir
			there, ok := s.workspace.seats.get(heir.UserID)
			next.new = !ok
			switch {
			case ok && o.rank(there) < o.rank(s):
				return nil, gateway.Refuse("Works.Transfer.Error", "The successor may do less in the workspace %q than the user.", s.workspace.WorkspaceID)
			case !ok && o.checkSeat(heir, s.roles) != nil:
				return nil, gateway.Refuse("UserAnalyst.NotSupport.ThisRole", "The successor cannot have the user's role in the workspace %q.", s.workspace.WorkspaceID)
			}
		}
		all = append(all, next)
	}
	return all, nil
}

// bequeath does what succeed has decided.
func (o *organization) bequeath(all []succession) {
	for _, next := range all {
		if next.new {
			o.seat(next.heir, next.seat.workspace, next.seat.roles)
		}
		o.handOver(next.seat, next.heir)
	}
}

// A workspaceRow is a workspace as it is listed. Only its members change after it was
// created, and its owner created it.
type workspaceRow struct {
	WorkspaceID           string `json:"WorkspaceId"`
	WorkspaceName         string
	WorkspaceDescription  string
	OrganizationID        string `json:"OrganizationId"`
	Owner                 string
	OwnerAccountName      string
	RealOwnerAccountName  string
	CreateTime            string
	CreateUser            string
	CreateUserAccountName string
	ModifiedTime          string
	ModifyUser            string
	ModifyUserAccountName string
	AllowPublishOperation bool
	AllowShareOperation   bool
	WorkspaceExportConfig *quickbi.WorkspaceExportConfig `json:",omitempty"`
}

func (ws *workspace) row() workspaceRow {
	return workspaceRow{
		WorkspaceID:           ws.WorkspaceID,
		WorkspaceName:         ws.WorkspaceName,
		WorkspaceDescription:  ws.Description,
		OrganizationID:        OrganizationID,
		Owner:                 ws.owner.UserID,
		OwnerAccountName:      ws.owner.AccountName,
		RealOwnerAccountName:  ws.owner.NickName,
		CreateTime:            written(ws.created),
		CreateUser:            ws.owner.UserID,
		CreateUserAccountName: ws.owner.AccountName,
		ModifiedTime:          written(ws.created),
		ModifyUser:            ws.owner.UserID,
		ModifyUserAccountName: ws.owner.AccountName,
		AllowPublishOperation: *ws.AllowPublish,
		AllowShareOperation:   *ws.AllowShare,
		WorkspaceExportConfig: ws.ExportConfig,
	}
}

// An inWorkspace says in which workspace something is, as many results do.
type inWorkspace struct {
	WorkspaceID   string `json:"WorkspaceId"`
	WorkspaceName string
}

func (ws *workspace) named() inWorkspace { return inWorkspace{ws.WorkspaceID, ws.WorkspaceName} }

// queryOrganizationWorkspaceList lists all workspaces or, with UserId, the user's.
func queryOrganizationWorkspaceList(c *call, m *member) (any, error) {
	all := c.workspaces.all()
	if m != nil {
		all = slices.Values(collect(m.seats.all(), func(s *seat) *workspace { return s.workspace }))
	}
	all = search(c, "Keyword", all, func(ws *workspace) string { return ws.WorkspaceName })
	return paginate(c, all, (*workspace).row), nil
}

// queryWorkspaceUserList lists members. The keyword may be in either of their names.
func queryWorkspaceUserList(c *call, ws *workspace) (any, error) {
	type workspaceUserRow struct {
		UserID      string `json:"UserId"`
		AccountID   string `json:"AccountId"`
		AccountName string
		NickName    string
		Role        *roleInfo `json:",omitempty"`
	}
	all := searchLower(c, "Keyword", ws.seats.all(), func(s *seat) string { return s.member.names })
	return paginate(c, all, func(s *seat) workspaceUserRow {
		return workspaceUserRow{s.member.UserID, s.member.AccountID, s.member.AccountName, s.member.NickName, c.presetOf(s)}
	}), nil
}

func queryUserRoleInfoInWorkspace(c *call, s *seat) (any, error) {
	if info := c.presetOf(s); info != nil {
		return info, nil
	}
	return nil, gateway.Refuse("User.PresetWorkspaceRole.NotExist", "All roles of the user in the workspace are custom roles.")
}
