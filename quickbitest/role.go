package quickbitest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// The roles that every workspace has.
const (
	roleWorkspaceAdmin     int64 = 25
	roleWorkspaceDeveloper int64 = 26
	roleWorkspaceAnalyst   int64 = 27
	roleWorkspaceViewer    int64 = 30
)

// A Role is a role that the organization made, for itself or for its workspaces.
type Role struct {
	RoleID      int64                    `json:"RoleId"`
	RoleName    string                   `json:"RoleName,omitempty"`
	AuthConfigs []quickbi.RoleAuthConfig `json:"AuthConfigList,omitempty"` // what the role may do

	preset bool
	code   string // of a preset role of workspaces
}

// allow makes a configuration of the keys.
func allow(keys string, actions ...string) []quickbi.RoleAuthConfig {
	var all []quickbi.RoleAuthConfig
	for key := range strings.FieldsSeq(keys) {
		all = append(all, quickbi.RoleAuthConfig{AuthKey: quickbi.RoleAuthKey(key), ActionAuthKeys: actions})
	}
	return all
}

// What the preset roles may do is not documented; only the keys are.
const (
	organizationKeys = "quick_monitor subscription offline_download resource_package organization_ask developer_openapi " +
		"data_service admin_authorize3rd component_manage template_open custom_driver open_platform_custom_plugin enterprise_safety"
	worksKeys = "portal_create dashboard_create report_create screen_create analysis offline_download data_form"
	dataKeys  = "quick_etl cube datasource"
)

func organizationRoles() map[int64]Role {
	return map[int64]Role{
		roleAdmin:     {RoleID: roleAdmin, RoleName: "Organization administrator", AuthConfigs: allow(organizationKeys), preset: true},
		roleAuthAdmin: {RoleID: roleAuthAdmin, RoleName: "Permission administrator", preset: true},
		roleRegular:   {RoleID: roleRegular, RoleName: "Regular user", preset: true},
	}
}

// workspaceRoles returns the preset roles. Of their codes only the first is documented.
func workspaceRoles() map[int64]Role {
	role := func(id int64, name, code, keys string) Role {
		return Role{RoleID: id, RoleName: name, code: code, AuthConfigs: allow(keys, "edit"), preset: true}
	}
	return map[int64]Role{
		roleWorkspaceAdmin:     role(roleWorkspaceAdmin, "Workspace administrator", "role_workspace_admin", worksKeys+" "+dataKeys),
		roleWorkspaceDeveloper: role(roleWorkspaceDeveloper, "Workspace developer", "role_workspace_developer", worksKeys+" "+dataKeys),
		roleWorkspaceAnalyst:   role(roleWorkspaceAnalyst, "Workspace analyst", "role_workspace_analyst", worksKeys),
		roleWorkspaceViewer:    role(roleWorkspaceViewer, "Workspace viewer", "role_workspace_viewer", ""),
	}
}

// The roleState is what the organization knows of roles.
type roleState struct {
	roles          map[int64]Role
	perRole        index[int64, *member] // members by role
	workspaceRoles map[int64]Role
}

func newRoleState() roleState {
	return roleState{roles: organizationRoles(), workspaceRoles: workspaceRoles()}
}

// The ranks of workspace roles, in the order in which DeleteUser compares them.
const (
	rankViewing = iota
	rankSharing
	rankDevelopment
	rankManagement
)

// developing lists the keys that make a role one for developers.
var developing = strings.Fields(dataKeys)

// rank returns the rank of a workspace role. A role that the organization made is for
// developers if it may do something with data, and for sharing if it may do anything
// else.
func (r Role) rank() int {
	switch {
	case r.RoleID == roleWorkspaceAdmin:
		return rankManagement
	case slices.ContainsFunc(r.AuthConfigs, func(a quickbi.RoleAuthConfig) bool { return slices.Contains(developing, string(a.AuthKey)) }):
		return rankDevelopment
	case len(r.AuthConfigs) > 0:
		return rankSharing
	}
	return rankViewing
}

// rank returns the highest rank of the roles that a member of a workspace has.
func (o *organization) rank(s *seat) int {
	best := rankViewing
	for _, id := range s.roles {
		best = max(best, o.workspaceRoles[id].rank())
	}
	return best
}

func (o *organization) seedRole(r Role, _ time.Time) error { return seedRoleOf(o.roles, r) }

func (o *organization) seedWorkspaceRole(r Role, _ time.Time) error {
	return seedRoleOf(o.workspaceRoles, r)
}

// seedRoleOf adds a role. A preset one gets another name and configuration.
func seedRoleOf(roles map[int64]Role, r Role) error {
	r.preset, r.code = roles[r.RoleID].preset, roles[r.RoleID].code
	roles[r.RoleID] = r
	return nil
}

// A roleInfo is a preset role of a workspace.
type roleInfo struct {
	RoleID   int64 `json:"RoleId"`
	RoleName string
	RoleCode string
}

// presetOf returns the strongest preset role that a member of a workspace has, or nil.
// Smaller ids are stronger.
func (o *organization) presetOf(s *seat) *roleInfo {
	for _, id := range slices.Sorted(slices.Values(s.roles)) {
		if role := o.workspaceRoles[id]; role.preset {
			return &roleInfo{RoleID: role.RoleID, RoleName: role.RoleName, RoleCode: role.code}
		}
	}
	return nil
}

// result shows the role with its configuration.
func (r Role) result() quickbi.Role {
	return quickbi.Role{
		RoleID: r.RoleID, RoleName: r.RoleName, IsSystemRole: r.preset,
		AuthConfigs: orEmpty(r.AuthConfigs),
	}
}

// sortedRoles lists roles by id; there are never many.
func sortedRoles(roles map[int64]Role) []Role {
	return slices.SortedFunc(maps.Values(roles), func(a, b Role) int { return cmp.Compare(a.RoleID, b.RoleID) })
}

// findRole returns the role of the organization with the id, or the refusal with the code.
func (o *organization) findRole(id, code string) (Role, error) { return roleOf(o.roles, id, code) }

// findWorkspaceRole is findRole for the roles of workspaces.
func (o *organization) findWorkspaceRole(id, code string) (Role, error) {
	return roleOf(o.workspaceRoles, id, code)
}

func roleOf(roles map[int64]Role, id, code string) (Role, error) {
	n, _ := strconv.ParseInt(id, 10, 64) // the catalogue knows it as a number
	if role, ok := roles[n]; ok {
		return role, nil
	}
	return Role{}, gateway.Refuse(code, "There is no role %s.", id)
}

// listOrganizationRoles lists all roles. The documentation speaks of roles that the
// organization made, but its example is a preset one.
func listOrganizationRoles(c *call) (any, error) {
	return collect(slices.Values(sortedRoles(c.roles)), Role.result), nil
}

func queryOrganizationRoleConfig(c *call, role Role) (any, error) {
	return role.result(), nil
}

func listOrganizationRoleUsers(c *call, role Role) (any, error) {
	type roleUser struct {
		UserID   string `json:"UserId"`
		NickName string
	}
	all := search(c, "Keyword", c.perRole.all(role.RoleID), func(m *member) string { return m.NickName })
	return paginate(c, all, func(m *member) roleUser { return roleUser{m.UserID, m.NickName} }), nil
}

func listWorkspaceRoles(c *call, _ *workspace) (any, error) {
	return collect(slices.Values(sortedRoles(c.workspaceRoles)), Role.result), nil
}

func queryWorkspaceRoleConfig(c *call, role Role) (any, error) {
	return role.result(), nil
}

func listWorkspaceRoleUsers(c *call, role Role, ws *workspace) (any, error) {
	type workspaceRoleUser struct {
		UserID   string `json:"UserId"`
		NickName string
		inWorkspace
	}
	all := c.seatsByRole.all(role.RoleID)
	if ws != nil {
		all = filter(ws.seats.all(), func(s *seat) bool { return slices.Contains(s.roles, role.RoleID) })
	}
	all = search(c, "Keyword", all, func(s *seat) string { return s.member.NickName })
	return paginate(c, all, func(s *seat) workspaceRoleUser {
		return workspaceRoleUser{s.member.UserID, s.member.NickName, s.workspace.named()}
	}), nil
}

// listWorkspaceUserRolesByUserId has a row for each role in each workspace.
func listWorkspaceUserRolesByUserId(c *call, m *member) (any, error) {
	type roleModel struct {
		RoleID   string `json:"RoleId"`
		RoleName string
		RoleCode string `json:",omitempty"`
	}
	type workspaceUserRole struct {
		inWorkspace
		RoleModel roleModel
	}
	rows := []workspaceUserRole{}
	for s := range m.seats.all() {
		for _, id := range slices.Sorted(slices.Values(s.roles)) {
			role := c.workspaceRoles[id]
			rows = append(rows, workspaceUserRole{s.workspace.named(), roleModel{strconv.FormatInt(id, 10), role.RoleName, role.code}})
		}
	}
	return rows, nil
}
