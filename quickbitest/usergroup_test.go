package quickbitest

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// members lists the ids of what is directly in a group.
func members(t testing.TB, e *Emulator, group string, pairs ...string) string {
	t.Helper()
	var list []string
	for _, m := range must[[]map[string]any](t, e, "QueryUserGroupMember", append(pairs, "UserGroupId", group)...) {
		list = append(list, m["Id"].(string))
	}
	return strings.Join(list, " ")
}

// children lists the ids of the groups below one.
func children(t testing.TB, e *Emulator, parent string) string {
	t.Helper()
	var list []string
	for _, g := range must[[]childGroupResult](t, e, "QueryUserGroupListByParentId", "ParentUserGroupId", parent) {
		list = append(list, g.ID)
	}
	return strings.Join(list, " ")
}

// groupsOf lists the ids of the groups a user is in.
func groupsOf(t testing.TB, e *Emulator, user string) string {
	t.Helper()
	var list []string
	for _, g := range must[[]groupResult](t, e, "ListUserGroupsByUserId", "UserId", user) {
		list = append(list, g.ID)
	}
	return strings.Join(list, " ")
}

func TestCreateUserGroup(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 20, 30, 0, 0, time.UTC)
	e := seeded(t, WithClock(func() time.Time { return now }))
	id := must[string](t, e, "CreateUserGroup", "ParentUserGroupId", "sales", "UserGroupName", "Key accounts", "UserGroupDescription", "large (中)")
	if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("id %q", id)
	}
	// The two spellings of one thing.
	for action, call := range map[string]struct {
		pairs []string
		want  map[string]any
	}{
		"GetUserGroupInfo": {[]string{"Keyword", "KEY"}, map[string]any{
			"UsergroupId": id, "UsergroupName": "Key accounts", "UsergroupDesc": "large (中)", "ParentUsergroupId": "sales",
		}},
		"QueryUserGroupListByParentId": {[]string{"ParentUserGroupId", "sales"}, map[string]any{
			"UserGroupId": id, "UserGroupName": "Key accounts", "UserGroupDescription": "large (中)", "ParentUserGroupId": "sales",
		}},
	} {
		maps.Copy(call.want, map[string]any{
			"IdentifiedPath": "north/sales/" + id,
			"CreateTime":     "2026-03-02 04:30:00", "CreateUser": OwnerUserID,
			"ModifiedTime": "2026-03-02 04:30:00", "ModifyUser": OwnerUserID,
		})
		if diff := cmp.Diff([]map[string]any{call.want}, must[[]map[string]any](t, e, action, call.pairs...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", action, diff)
		}
	}

	create := func(parent, id, name string) []string {
		return []string{"ParentUserGroupId", parent, "UserGroupId", id, "UserGroupName", name}
	}
	if got := must[string](t, e, "CreateUserGroup", create("-1", "pop0001", "Sales")...); got != "pop0001" { // not a sibling of the other Sales
		t.Errorf("id %q", got)
	}
	mustRefuse(t, e, "UserGroup.Parent.NotFound", "CreateUserGroup", create("nowhere", "", "x")...)
	mustRefuse(t, e, "Duplicate.UserGroup.Id", "CreateUserGroup", create("-1", "pop0001", "x")...)
	mustRefuse(t, e, "Duplicate.UserGroupName.Error", "CreateUserGroup", create("-1", "", "Sales")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateUserGroup", create("-1", "-1", "x")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateUserGroup", create("-1", "a,b", "x")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateUserGroup", create("-1", strings.Repeat("x", 65), "x")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateUserGroup", create("-1", "", strings.Repeat("x", 256))...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateUserGroup", create("-1", "", "a*b")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateUserGroup", append(create("-1", "", "x"), "UserGroupDescription", "50%")...)
	must[string](t, e, "CreateUserGroup", create("-1", strings.Repeat("x", 64), strings.Repeat("中", 255))...)
	if got := children(t, e, "-1"); got != "north south pop0001 "+strings.Repeat("x", 64) {
		t.Errorf("at the root: %s", got)
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	parent := "-1"
	for i := range maxLayers {
		id := "layer" + strconv.Itoa(i+1)
		must[string](t, e, "CreateUserGroup", "ParentUserGroupId", parent, "UserGroupId", id, "UserGroupName", id)
		parent = id
	}
	mustRefuse(t, e, "UserGroup.Layer.Limited", "CreateUserGroup", "ParentUserGroupId", "layer10", "UserGroupName", "deep")
	mustRefuse(t, e, "UserGroup.Layer.Limited", "TransferUsergroup", "UserGroupId", "north", "ParentUserGroupId", "layer9") // with sales below it
	must[bool](t, e, "TransferUsergroup", "UserGroupId", "north", "ParentUserGroupId", "layer8")
	list := must[struct{ UserGroupModels []groupResult }](t, e, "ListByUserGroupId", "UserGroupIds", "sales")
	if got := list.UserGroupModels[0].IdentifiedPath; got != "layer1/layer2/layer3/layer4/layer5/layer6/layer7/layer8/north/sales" {
		t.Error(got)
	}
}

func TestUpdateUserGroup(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := seeded(t, WithClock(func() time.Time { return now }))
	e.SetSkew(time.Hour)
	must[bool](t, e, "UpdateUserGroup", "UserGroupId", "south", "UserGroupName", "Deep South", "UserGroupDescription", "")
	g := must[[]groupResult](t, e, "GetUserGroupInfo", "Keyword", "deep")[0]
	if g.Name != "Deep South" || g.Description != "" || g.CreateTime != "2026-03-01 20:00:00" || g.ModifiedTime != "2026-03-01 21:00:00" {
		t.Errorf("%+v", g)
	}
	must[bool](t, e, "UpdateUserGroup", "UserGroupId", "south", "UserGroupName", "Deep South") // its own
	must[bool](t, e, "UpdateUserGroup", "UserGroupId", "north", "UserGroupName", "South")      // free since the change

	mustRefuse(t, e, "Usergroup.Not.Exist", "UpdateUserGroup", "UserGroupId", "west")
	mustRefuse(t, e, "UserGroup.Remove.RootNode", "UpdateUserGroup", "UserGroupId", "-1")
	mustRefuse(t, e, "Duplicate.UserGroupName.Error", "UpdateUserGroup", "UserGroupId", "south", "UserGroupName", "South")
	mustRefuse(t, e, "Invalid.Parameter.Error", "UpdateUserGroup", "UserGroupId", "south", "UserGroupName", "a?")
}

func TestDeleteUserGroup(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	mustRefuse(t, e, "Usergroup.Not.Exist", "DeleteUserGroup", "UserGroupId", "west")
	mustRefuse(t, e, "UserGroup.Remove.RootNode", "DeleteUserGroup", "UserGroupId", "-1")
	mustRefuse(t, e, "UserGroup.Remove.WithChildren", "DeleteUserGroup", "UserGroupId", "north")
	must[bool](t, e, "DeleteUserGroup", "UserGroupId", "sales")
	must[bool](t, e, "DeleteUserGroup", "UserGroupId", "north")
	if got := groupsOf(t, e, "ann"); got != "" {
		t.Errorf("Ann is in %s", got)
	}
	if got := children(t, e, "-1"); got != "south" {
		t.Errorf("left: %s", got)
	}
	must[string](t, e, "CreateUserGroup", "ParentUserGroupId", "-1", "UserGroupId", "north", "UserGroupName", "North")
}

func TestTransferUsergroup(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	must[bool](t, e, "TransferUsergroup", "UserGroupId", "sales", "ParentUserGroupId", "south")
	if north, south := children(t, e, "north"), children(t, e, "south"); north != "" || south != "sales" {
		t.Errorf("north: %s; south: %s", north, south)
	}
	must[bool](t, e, "TransferUsergroup", "UserGroupId", "sales", "ParentUserGroupId", "-1")
	if root := children(t, e, "-1"); root != "north south sales" {
		t.Errorf("root: %s", root)
	}
	mustRefuse(t, e, "Usergroup.Not.Exist", "TransferUsergroup", "UserGroupId", "west", "ParentUserGroupId", "-1")
	mustRefuse(t, e, "Usergroup.Not.Exist", "TransferUsergroup", "UserGroupId", "-1", "ParentUserGroupId", "north")
	mustRefuse(t, e, "UserGroup.Parent.NotFound", "TransferUsergroup", "UserGroupId", "sales", "ParentUserGroupId", "west")
	mustRefuse(t, e, "UserGroup.Parent.NotFound", "TransferUsergroup", "UserGroupId", "sales", "ParentUserGroupId", "sales")
	must[string](t, e, "CreateUserGroup", "ParentUserGroupId", "north", "UserGroupId", "inner", "UserGroupName", "Sales")
	mustRefuse(t, e, "UserGroup.Parent.NotFound", "TransferUsergroup", "UserGroupId", "north", "ParentUserGroupId", "inner")
	mustRefuse(t, e, "Duplicate.UserGroupName.Error", "TransferUsergroup", "UserGroupId", "sales", "ParentUserGroupId", "north")
}

func TestListByUserGroupId(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	list := must[struct {
		UserGroupModels    []groupResult
		FailedUserGroupIDs []string `json:"FailedUserGroupIds"`
	}](t, e, "ListByUserGroupId", "UserGroupIds", "south,west,north,south,,-1")
	var found []string
	for _, g := range list.UserGroupModels {
		found = append(found, g.ID)
	}
	if diff := cmp.Diff([][]string{{"south", "north"}, {"west", "-1"}}, [][]string{found, list.FailedUserGroupIDs}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGroupMembers(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	must[bool](t, e, "AddUserGroupMember", "UserGroupId", "north", "UserIdList", "bob2,ann,bob2")
	must[bool](t, e, "AddUserGroupMember", "UserGroupId", "north", "UserIdList", "bob,ann")
	want := []map[string]any{
		{"Id": "sales", "Name": "Sales", "IsUserGroup": true, "ParentUserGroupId": "north", "ParentUserGroupName": "North"},
		{"Id": "bob2", "Name": "Other Bob", "IsUserGroup": false, "ParentUserGroupId": "north", "ParentUserGroupName": "North"},
		{"Id": "ann", "Name": "Ann", "IsUserGroup": false, "ParentUserGroupId": "north", "ParentUserGroupName": "North"},
		{"Id": "bob", "Name": "Bob", "IsUserGroup": false, "ParentUserGroupId": "north", "ParentUserGroupName": "North"},
	}
	if diff := cmp.Diff(want, must[[]map[string]any](t, e, "QueryUserGroupMember", "UserGroupId", "north")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := members(t, e, "north", "Keyword", "BOB"); got != "bob2 bob" {
		t.Errorf("Bobs: %s", got)
	}
	if got := members(t, e, "-1"); got != "north south" {
		t.Errorf("root: %s", got)
	}

	must[bool](t, e, "AddUserGroupMembers", "UserId", "ann", "UserGroupIds", "south,north")
	if got := groupsOf(t, e, "ann"); got != "sales north south" {
		t.Errorf("Ann is in %s", got)
	}
	must[bool](t, e, "DeleteUserGroupMember", "UserId", "ann", "UserGroupId", "north")
	must[bool](t, e, "DeleteUserGroupMember", "UserId", "ann", "UserGroupId", "north")
	if got := groupsOf(t, e, "ann") + "; " + members(t, e, "north"); got != "sales south; sales bob2 bob" {
		t.Error(got)
	}
	must[bool](t, e, "DeleteUserGroupMembers", "UserId", "ann", "UserGroupIds", "south,north")
	if got := groupsOf(t, e, "ann"); got != "sales" {
		t.Errorf("Ann is in %s", got)
	}
	must[bool](t, e, "WithdrawAllUserGroups", "UserId", "bob")
	must[bool](t, e, "WithdrawAllUserGroups", "UserId", "bob")
	if got := groupsOf(t, e, "bob") + "; " + members(t, e, "sales"); got != "; ann" {
		t.Error(got)
	}
}

func TestGroupMemberRefusals(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	for _, tt := range []struct{ code, action, params string }{
		{"Usergroup.Not.Exist", "AddUserGroupMember", "UserGroupId=west UserIdList=ann"},
		{"Usergroup.Not.Exist", "AddUserGroupMember", "UserGroupId=-1 UserIdList=ann"},
		{"Invalid.User", "AddUserGroupMember", "UserGroupId=south UserIdList=ann,nobody"},
		{"Parameter.Length.Exceed", "AddUserGroupMember", "UserGroupId=south UserIdList=" + strings.Repeat("ann,", 1001)},
		{"Invalid.User", "AddUserGroupMembers", "UserId=nobody UserGroupIds=south"},
		{"Usergroup.Not.Exist", "AddUserGroupMembers", "UserId=ann UserGroupIds=south,west"},
		{"Usergroup.Not.Exist", "DeleteUserGroupMember", "UserId=ann UserGroupId=west"},
		{"User.Not.In.Organization", "DeleteUserGroupMember", "UserId=nobody UserGroupId=sales"},
		{"Usergroup.NotBelongTo.CurrentOrganization", "DeleteUserGroupMembers", "UserId=ann UserGroupIds=sales,west"},
		{"User.Not.In.Organization", "DeleteUserGroupMembers", "UserId=nobody UserGroupIds=sales"},
		{"User.Not.In.Organization", "WithdrawAllUserGroups", "UserId=nobody"},
		{"User.Not.In.Organization", "ListUserGroupsByUserId", "UserId=nobody"},
		{"Usergroup.Not.Exist", "QueryUserGroupMember", "UserGroupId=west"},
		{"Usergroup.Not.Exist", "QueryUserGroupListByParentId", "ParentUserGroupId=west"},
		{"System.Param.Empty", "GetUserGroupInfo", "Keyword="},
	} {
		var pairs []string
		for p := range strings.FieldsSeq(tt.params) {
			k, v, _ := strings.Cut(p, "=")
			pairs = append(pairs, k, v)
		}
		mustRefuse(t, e, tt.code, tt.action, pairs...)
	}
	// All or nothing.
	if got := members(t, e, "south") + "; " + groupsOf(t, e, "ann"); got != "; sales" {
		t.Error(got)
	}
	must[bool](t, e, "AddUserGroupMember", "UserGroupId", "south", "UserIdList", strings.Repeat("ann,", 1000))
}
