package quickbitest

import (
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
)

func TestOrganizationRoles(t *testing.T) {
	t.Parallel()
	e := office(t)
	if err := e.Seed(Organization{Roles: []Role{{RoleID: 456, RoleName: "Controller", AuthConfigs: []quickbi.RoleAuthConfig{{AuthKey: "data_service"}}}}}); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, role := range must[[]quickbi.Role](t, e, "ListOrganizationRoles") {
		ids = append(ids, role.RoleID)
		if role.IsSystemRole != (role.RoleID > 1000) {
			t.Errorf("%+v", role)
		}
	}
	if len(ids) != 5 || ids[0] != 456 || ids[4] != roleRegular {
		t.Errorf("roles %d", ids)
	}
	if role := must[quickbi.Role](t, e, "QueryOrganizationRoleConfig", "RoleId", "456"); role.RoleName != "Controller" || role.AuthConfigs[0].AuthKey != "data_service" {
		t.Errorf("%+v", role)
	}
	if role := must[quickbi.Role](t, e, "QueryOrganizationRoleConfig", "RoleId", "111111111"); !role.IsSystemRole || len(role.AuthConfigs) == 0 {
		t.Errorf("%+v", role)
	}
	mustRefuse(t, e, "User.Role.NotExist", "QueryOrganizationRoleConfig", "RoleId", "25")
	mustRefuse(t, e, "User.Role.NotExist", "ListOrganizationRoleUsers", "RoleId", "25")
}

func TestOrganizationRoleUsers(t *testing.T) {
	t.Parallel()
	e := office(t)
	users := func(role string, pairs ...string) string {
		var ids []string
		for _, row := range must[page[map[string]string]](t, e, "ListOrganizationRoleUsers", append(pairs, "RoleId", role)...).Data {
			ids = append(ids, row["UserId"])
		}
		return strings.ReplaceAll(strings.Join(ids, " "), OwnerUserID, "owner")
	}
	if got := users("111111113"); got != "ann bob cem dora eva" {
		t.Errorf("regular users: %s", got)
	}
	must[bool](t, e, "UpdateUser", "UserId", "ann", "RoleIds", "111111111,456")
	if got := users("111111113") + "; " + users("456") + "; " + users("111111111"); got != "bob cem dora eva; bob2 ann; owner ann" {
		t.Error(got)
	}
	if got := users("456", "Keyword", "OTHER"); got != "bob2" {
		t.Errorf("keyword: %s", got)
	}
	if got := users("111111113", "PageSize", "2", "PageNum", "2"); got != "dora eva" {
		t.Errorf("second page: %s", got)
	}
	must[bool](t, e, "DeleteUser", "UserId", "bob2")
	if got := users("456"); got != "ann" {
		t.Errorf("after a deletion: %s", got)
	}
}

func TestWorkspaceRoles(t *testing.T) {
	t.Parallel()
	e := office(t)
	var ids []int64
	for _, role := range must[[]quickbi.Role](t, e, "ListWorkspaceRoles", "WorkspaceId", "lab") {
		ids = append(ids, role.RoleID)
		if role.IsSystemRole != (role.RoleID < 900) {
			t.Errorf("%+v", role)
		}
	}
	if len(ids) != 6 || ids[0] != 25 || ids[5] != 901 {
		t.Errorf("roles %d", ids)
	}
	role := must[quickbi.Role](t, e, "QueryWorkspaceRoleConfig", "RoleId", "901")
	if role.RoleName != "Modeller" || role.AuthConfigs[0].AuthKey != "cube" || role.AuthConfigs[0].ActionAuthKeys[0] != "edit" {
		t.Errorf("%+v", role)
	}
	mustRefuse(t, e, "User.Role.NotExist", "QueryWorkspaceRoleConfig", "RoleId", "111111111")
	mustRefuse(t, e, "Invalid.Workspace", "ListWorkspaceRoles", "WorkspaceId", "nowhere")
}

func TestWorkspaceRoleUsers(t *testing.T) {
	t.Parallel()
	e := office(t)
	users := func(role string, pairs ...string) string {
		var ids []string
		for _, row := range must[page[map[string]string]](t, e, "ListWorkspaceRoleUsers", append(pairs, "RoleId", role)...).Data {
			ids = append(ids, row["WorkspaceName"]+":"+row["NickName"])
		}
		return strings.Join(ids, " ")
	}
	if got := users("25"); got != "Lab:Owner Vault:Ann" {
		t.Errorf("administrators: %s", got)
	}
	if got := users("25", "WorkspaceId", "vault"); got != "Vault:Ann" {
		t.Errorf("administrators of the vault: %s", got)
	}
	if got := users("25", "Keyword", "own"); got != "Lab:Owner" {
		t.Errorf("keyword: %s", got)
	}
	if got := users("900"); got != "Lab:Dora" {
		t.Errorf("auditors: %s", got)
	}
	must[bool](t, e, "UpdateWorkspaceUserRole", "WorkspaceId", "lab", "UserId", "dora", "RoleId", "25")
	must[bool](t, e, "DeleteUserFromWorkspace", "WorkspaceId", "lab", "UserId", "ann")
	if got := users("25") + "; " + users("900") + "; " + users("26"); got != "Lab:Owner Vault:Ann Lab:Dora; ; " {
		t.Error(got)
	}
	mustRefuse(t, e, "User.Role.NotExist", "ListWorkspaceRoleUsers", "RoleId", "77")
	mustRefuse(t, e, "Invalid.Workspace", "ListWorkspaceRoleUsers", "RoleId", "25", "WorkspaceId", "nowhere")
	mustRefuse(t, e, "User.Not.In.Organization", "ListWorkspaceUserRolesByUserId", "UserId", "nobody")
}
