package quickbitest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreateWorkspace(t *testing.T) {
	t.Parallel()
	e := office(t)
	id := must[string](t, e, "CreateWorkspace", "WorkspaceName", "New lab", "WorkspaceDescription", "empty", "AllowShare", "false")
	want := workspaceRow{
		WorkspaceID: id, WorkspaceName: "New lab", WorkspaceDescription: "empty", OrganizationID: OrganizationID,
		Owner: OwnerUserID, OwnerAccountName: "owner", RealOwnerAccountName: "Owner",
		CreateTime: "2026-05-04 12:00:00", CreateUser: OwnerUserID, CreateUserAccountName: "owner",
		ModifiedTime: "2026-05-04 12:00:00", ModifyUser: OwnerUserID, ModifyUserAccountName: "owner",
		AllowPublishOperation: true,
	}
	list := must[page[workspaceRow]](t, e, "QueryOrganizationWorkspaceList", "Keyword", "LAB", "PageSize", "1", "PageNum", "2")
	if diff := cmp.Diff(page[workspaceRow]{PageNum: 2, PageSize: 1, TotalNum: 2, TotalPages: 2, Data: []workspaceRow{want}}, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := seats(t, e, id); got != "owner" {
		t.Errorf("in the new workspace: %s", got)
	}
	if got := must[roleInfo](t, e, "QueryUserRoleInfoInWorkspace", "WorkspaceId", id, "UserId", OwnerUserID); got.RoleID != 25 || got.RoleCode != "role_workspace_admin" {
		t.Errorf("%+v", got)
	}
	if err := e.Seed(Organization{Limits: Limits{Workspaces: 3}}); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, e, "CreateWorkspace.Exceeds.Limits", "CreateWorkspace", "WorkspaceName", "one too many")
}

func TestWorkspaceList(t *testing.T) {
	t.Parallel()
	e := office(t)
	for user, want := range map[string]string{"": "lab vault", "ann": "lab vault", "dora": "lab", "eva": ""} {
		var got []string
		for _, row := range must[page[workspaceRow]](t, e, "QueryOrganizationWorkspaceList", "UserId", user).Data {
			got = append(got, row.WorkspaceID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("workspaces of %q: %s, want %s", user, got, want)
		}
	}
	mustRefuse(t, e, "User.Not.In.Organization", "QueryOrganizationWorkspaceList", "UserId", "nobody")
	if row := must[page[workspaceRow]](t, e, "QueryOrganizationWorkspaceList", "Keyword", "vault").Data[0]; row.AllowShareOperation || row.Owner != "ann" {
		t.Errorf("%+v", row)
	}
}

func TestAddUserToWorkspace(t *testing.T) {
	t.Parallel()
	e := office(t)
	add := func(ws, user, role string) []string {
		return []string{"WorkspaceId", ws, "UserId", user, "RoleId", role}
	}
	if !must[bool](t, e, "AddUserToWorkspace", add("lab", "eva", "26")...) {
		t.Error("not added")
	}
	if got := seats(t, e, "lab"); got != "owner ann cem dora eva" {
		t.Errorf("in the lab: %s", got)
	}
	if got := workspaceRolesOf(t, e, "eva"); got != "lab:26" {
		t.Errorf("Eva: %s", got)
	}
	must[bool](t, e, "AddUserToWorkspace", add("vault", "eva", "900")...) // a role of the organization's own
	for code, params := range map[string][]string{
		"Workspace.Not.Exist":                   add("nowhere", "eva", "26"),
		"Invalid.User.Organization":             add("lab", "nobody", "26"),
		"User.AlreadyIn.Role":                   add("lab", "eva", "26"),
		"User.AlreadyIn.Workspace":              add("lab", "eva", "25"),
		"Viewer.AddInTo.Workspace":              add("lab", "bob", "30"),
		"AnalystUser.NotSupport.AdminOrDevRole": add("lab", "bob2", "26"),
		"Viewer.CannotHave.CustomRole":          add("lab", "bob", "900"),
		"UserAnalyst.NotSupport.ThisRole":       add("lab", "bob2", "901"),
		"User.RoleType.Valid":                   add("lab", "bob2", "28"),
	} {
		mustRefuse(t, e, code, "AddUserToWorkspace", params...)
	}
}

func TestAddWorkspaceUsers(t *testing.T) {
	t.Parallel()
	e := office(t)
	got := must[batchResult](t, e, "AddWorkspaceUsers", "WorkspaceId", "lab", "RoleId", "25", "UserIds", "eva,ann,bob,nobody,bob2,eva")
	want := batchResult{Total: 5, Success: 1, Failure: 4, FailureDetail: map[string]string{
		"ann":    "AE0150010001: ",
		"bob":    "Viewer.AddInTo.Workspace: ",
		"bob2":   "AnalystUser.NotSupport.AdminOrDevRole: ",
		"nobody": "User.Not.In.Organization: ",
	}}
	for id, prefix := range want.FailureDetail {
		if strings.HasPrefix(got.FailureDetail[id], prefix) {
			got.FailureDetail[id] = prefix
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := workspaceRolesOf(t, e, "eva"); got != "lab:25" {
		t.Errorf("Eva: %s", got)
	}
	mustRefuse(t, e, "Workspace.Not.Exist", "AddWorkspaceUsers", "WorkspaceId", "nowhere", "RoleId", "25", "UserIds", "eva")
}

func TestWorkspaceUserList(t *testing.T) {
	t.Parallel()
	e := office(t)
	type row struct {
		UserID, AccountID, AccountName, NickName string
		Role                                     *roleInfo
	}
	list := must[page[row]](t, e, "QueryWorkspaceUserList", "WorkspaceId", "lab", "PageSize", "3", "PageNum", "2")
	if list.TotalNum != 4 || list.TotalPages != 2 || len(list.Data) != 1 || list.Data[0].NickName != "Dora" || list.Data[0].Role != nil {
		t.Errorf("%+v", list)
	}
	list = must[page[row]](t, e, "QueryWorkspaceUserList", "WorkspaceId", "lab", "Keyword", "ANN")
	if list.TotalNum != 1 || list.Data[0].AccountName != "ann@example.com" || list.Data[0].Role.RoleID != 26 {
		t.Errorf("%+v", list)
	}
	mustRefuse(t, e, "Workspace.Not.Exist", "QueryWorkspaceUserList", "WorkspaceId", "nowhere")
	mustRefuse(t, e, "User.PresetWorkspaceRole.NotExist", "QueryUserRoleInfoInWorkspace", "WorkspaceId", "lab", "UserId", "dora")
	mustRefuse(t, e, "User.NotIn.Workspace", "QueryUserRoleInfoInWorkspace", "WorkspaceId", "lab", "UserId", "eva")
	mustRefuse(t, e, "User.Not.In.Organization", "QueryUserRoleInfoInWorkspace", "WorkspaceId", "lab", "UserId", "nobody")
}

func TestUpdateWorkspaceUserRole(t *testing.T) {
	t.Parallel()
	e := office(t)
	update := func(user string, pairs ...string) []string {
		return append([]string{"WorkspaceId", "lab", "UserId", user}, pairs...)
	}
	must[bool](t, e, "UpdateWorkspaceUserRole", update("dora", "RoleIds", "900,30,26", "RoleId", "25")...)
	if got := workspaceRolesOf(t, e, "dora"); got != "lab:26 lab:30 lab:900" {
		t.Errorf("Dora: %s", got)
	}
	if got := must[roleInfo](t, e, "QueryUserRoleInfoInWorkspace", "WorkspaceId", "lab", "UserId", "dora"); got.RoleID != 26 {
		t.Errorf("the strongest of them: %+v", got)
	}
	for code, params := range map[string][]string{
		"User.AlreadyIn.Role":                   update("dora", "RoleIds", "26,30,900"),
		"System.Param.Empty":                    update("dora"),
		"User.RoleType.Valid":                   update("dora", "RoleIds", "30,77"),
		"Invalid.Parameter.Error":               update("dora", "RoleIds", "x"),
		"User.NotIn.Workspace":                  update("eva", "RoleId", "30"),
		"AnalystUser.NotSupport.AdminOrDevRole": update("cem", "RoleId", "26"),
		"UserAnalyst.NotSupport.ThisRole":       update("cem", "RoleIds", "901"),
		"Remove.AdminRoleOf.WorkspaceOwner":     update(OwnerUserID, "RoleId", "26"),
	} {
		mustRefuse(t, e, code, "UpdateWorkspaceUserRole", params...)
	}
	mustRefuse(t, e, "System.Param.Empty", "UpdateWorkspaceUserRole", update("dora", "RoleIds", ",")...)
	must[bool](t, e, "UpdateWorkspaceUserRole", update(OwnerUserID, "RoleIds", "25,900")...) // an administrator still

	// Who is in a workspace does not become a viewer.
	mustRefuse(t, e, "ChangeTo.Viewer.Error", "UpdateUser", "UserId", "cem", "UserType", "2")
	must[bool](t, e, "DeleteUserFromWorkspace", "WorkspaceId", "lab", "UserId", "cem")
	must[bool](t, e, "DeleteUserFromWorkspace", "WorkspaceId", "vault", "UserId", "cem")
	must[bool](t, e, "UpdateUser", "UserId", "cem", "UserType", "2")
}

func TestUpdateWorkspaceUsersRole(t *testing.T) {
	t.Parallel()
	e := office(t)
	got := must[batchResult](t, e, "UpdateWorkspaceUsersRole", "WorkspaceId", "lab", "RoleId", "26", "UserIds", "ann,cem,dora,eva,"+OwnerUserID)
	if got.Total != 5 || got.Success != 2 || got.Failure != 3 {
		t.Errorf("%+v", got)
	}
	for id, code := range map[string]string{"cem": "AnalystUser.NotSupport", "eva": "User.NotIn.Workspace", OwnerUserID: "Remove.AdminRoleOf.WorkspaceOwner"} {
		if !strings.HasPrefix(got.FailureDetail[id], code) {
			t.Errorf("%s: %s", id, got.FailureDetail[id])
		}
	}
	if got := workspaceRolesOf(t, e, "dora"); got != "lab:26" {
		t.Errorf("Dora: %s", got)
	}
	mustRefuse(t, e, "Workspace.Not.Exist", "UpdateWorkspaceUsersRole", "WorkspaceId", "nowhere", "RoleId", "26", "UserIds", "ann")
}

func TestDeleteUserFromWorkspace(t *testing.T) {
	t.Parallel()
	e := office(t)
	remove := func(ws, user string) []string { return []string{"WorkspaceId", ws, "UserId", user} }
	must[bool](t, e, "DeleteUserFromWorkspace", remove("lab", "ann")...)
	if got := seats(t, e, "lab"); got != "owner cem dora" {
		t.Errorf("in the lab: %s", got)
	}
	if got := owned(t, e, OwnerUserID); got != "sales portal" {
		t.Errorf("works of the owner: %s", got)
	}
	if got := owned(t, e, "ann"); got != "gold other" {
		t.Errorf("works of Ann: %s", got)
	}
	mustRefuse(t, e, "User.NotIn.Workspace", "DeleteUserFromWorkspace", remove("lab", "ann")...)
	mustRefuse(t, e, "CanNot.Remove.WorkspaceOwner", "DeleteUserFromWorkspace", remove("vault", "ann")...)
	mustRefuse(t, e, "Workspace.Not.Exist", "DeleteUserFromWorkspace", remove("nowhere", "ann")...)
	mustRefuse(t, e, "User.Not.In.Organization", "DeleteUserFromWorkspace", remove("lab", "nobody")...)
}

// TestDeleteUserInWorkspaces is about what becomes of works and of the places in
// workspaces when a member is deleted.
func TestDeleteUserInWorkspaces(t *testing.T) {
	t.Parallel()
	e := office(t)
	mustRefuse(t, e, "CanNot.Remove.WorkspaceOwner", "DeleteUser", "UserId", "ann")
	mustRefuse(t, e, "Works.Transfer.Error", "DeleteUser", "UserId", "cem", "TransferUserId", "dora") // may only look
	mustRefuse(t, e, "Viewer.AddInTo.Workspace", "DeleteUser", "UserId", "cem", "TransferUserId", "bob")
	mustRefuse(t, e, "Transfer.TargetUser.NotExist", "DeleteUser", "UserId", "cem", "TransferUserId", "nobody")
	if got := seats(t, e, "lab"); got != "owner ann cem dora" {
		t.Errorf("a refusal has changed the lab: %s", got)
	}

	must[bool](t, e, "DeleteUser", "UserId", "cem", "TransferUserId", "bob2")
	if got := workspaceRolesOf(t, e, "bob2"); got != "lab:27" { // not in the vault, where there was nothing to take over
		t.Errorf("the successor: %s", got)
	}
	if got := owned(t, e, "bob2"); got != "costs" {
		t.Errorf("works of the successor: %s", got)
	}
	if got := seats(t, e, "lab") + "; " + seats(t, e, "vault"); got != "owner ann dora bob2; ann" {
		t.Errorf("%s", got)
	}

	must[bool](t, e, "DeleteUser", "UserId", "bob2")
	if got := owned(t, e, OwnerUserID); got != "costs portal" {
		t.Errorf("works of the owner: %s", got)
	}
	list := must[page[map[string]any]](t, e, "ListWorkspaceRoleUsers", "RoleId", "27")
	if list.TotalNum != 0 {
		t.Errorf("analysts: %+v", list)
	}
}

func TestSuccessorOfADeveloper(t *testing.T) {
	t.Parallel()
	e := office(t)
	if err := e.Seed(Organization{Works: []Works{{WorksID: "draft", WorksName: "Draft", WorkspaceID: "lab", OwnerID: "dora"}}}); err != nil {
		t.Fatal(err)
	}
	must[bool](t, e, "UpdateWorkspaceUserRole", "WorkspaceId", "lab", "UserId", "dora", "RoleId", "26")
	mustRefuse(t, e, "UserAnalyst.NotSupport.ThisRole", "DeleteUser", "UserId", "dora", "TransferUserId", "bob2")
	mustRefuse(t, e, "Works.Transfer.Error", "DeleteUser", "UserId", "dora", "TransferUserId", "cem")
	must[bool](t, e, "DeleteUser", "UserId", "dora", "TransferUserId", "ann")
	if got := owned(t, e, "ann"); got != "sales gold other draft" {
		t.Errorf("works of Ann: %s", got)
	}
}

// TestSuccessorOfData is about a member who has a dataset and no works.
func TestSuccessorOfData(t *testing.T) {
	t.Parallel()
	e := office(t)
	if err := e.Seed(Organization{Datasets: []Dataset{{DatasetID: "cube1", DatasetName: "Orders", WorkspaceID: "lab", OwnerID: "dora"}}}); err != nil {
		t.Fatal(err)
	}
	owner := func() string {
		return must[page[map[string]any]](t, e, "QueryDatasetList", "WorkspaceId", "lab").Data[0]["OwnerId"].(string)
	}
	must[bool](t, e, "DeleteUser", "UserId", "dora", "TransferUserId", "eva")
	if got := owner() + " " + workspaceRolesOf(t, e, "eva"); got != "eva lab:900" {
		t.Error(got)
	}
	must[bool](t, e, "DeleteUserFromWorkspace", "WorkspaceId", "lab", "UserId", "eva")
	if got := owner(); got != OwnerUserID {
		t.Error(got)
	}
	// It can be authorized as works can.
	must[string](t, e, "AddWorksAuthorization", "ResourceId", "cube1", "ResourceType", "cube", "AuthorizeScope", "0", "AuthorizedId", "eva", "AuthPoints", "11")
	must[bool](t, e, "DeleteAuthorizationByUserId", "ResourceId", "cube1", "ResourceType", "cube", "QbiUserId", "eva")
}

func TestSeedWorkspace(t *testing.T) {
	t.Parallel()
	for want, ws := range map[string]Workspace{
		`there is no name`:                           {WorkspaceID: "x"},
		`there is a workspace "lab" already`:         {WorkspaceID: "lab", WorkspaceName: "N"},
		`there is no user "nobody"`:                  {WorkspaceName: "N", OwnerID: "nobody"},
		`user "cem" is no developer`:                 {WorkspaceName: "N", OwnerID: "cem"},
		`user "bob": Viewer.AddInTo.Workspace: `:     {WorkspaceName: "N", Users: []WorkspaceUser{{UserID: "bob"}}},
		`user "ann": User.RoleType.Valid: `:          {WorkspaceName: "N", Users: []WorkspaceUser{{UserID: "ann", RoleIDs: []int64{1}}}},
		`user "ann": Remove.AdminRoleOf.Workspace`:   {WorkspaceName: "N", OwnerID: "ann", Users: []WorkspaceUser{{UserID: "ann"}}},
		`there is no user "x"`:                       {WorkspaceName: "N", Users: []WorkspaceUser{{UserID: "x"}}},
		`user "ann": User.AlreadyIn.Role: The user `: {WorkspaceName: "N", Users: []WorkspaceUser{{UserID: "ann"}, {UserID: "ann"}}},
	} {
		err := office(t).Seed(Organization{Workspaces: []Workspace{ws}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestRolesOfWorkspaceOwner has an owner keep further roles in a snapshot.
func TestRolesOfWorkspaceOwner(t *testing.T) {
	t.Parallel()
	e := office(t)
	must[bool](t, e, "UpdateWorkspaceUserRole", "WorkspaceId", "lab", "UserId", OwnerUserID, "RoleIds", "25,900")
	again := NewEmulator()
	if err := again.Seed(e.Snapshot()); err != nil {
		t.Fatal(err)
	}
	if got := workspaceRolesOf(t, again, OwnerUserID); got != "lab:25 lab:900" {
		t.Errorf("the owner: %s", got)
	}
}
