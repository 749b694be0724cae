package quickbitest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// TestStory tells the life of a department by the calls of a client: it is founded,
// filled, given a workspace, shared with, and dissolved. After each chapter several
// operations have to tell the same of it.
func TestStory(t *testing.T) {
	t.Parallel()
	d := newDepartment(t)
	for _, chapter := range []struct {
		name string
		tell func(*department)
	}{
		{"founded", (*department).found},
		{"filled", (*department).fill},
		{"tagged", (*department).tag},
		{"furnished", (*department).furnish},
		{"shared to", (*department).share},
		{"given a portal", (*department).open},
		{"restricted", (*department).restrict},
		{"embedded", (*department).embed},
		{"deserted", (*department).desert},
		{"dissolved", (*department).dissolve},
	} {
		if !t.Run(chapter.name, func(t *testing.T) { d.tell(t, chapter.tell) }) {
			return // what follows builds on it
		}
	}
}

// A department is one in the making. People and groups are known by their names.
type department struct {
	t      *testing.T
	ctx    context.Context
	server *quickbitest.Server
	client *quickbi.Client

	people map[string]string // ids by nickname
	groups map[string]string // ids by name
	gone   []string          // ids of those who were deleted

	desk, area        string         // workspace, tag
	orders            string         // dataset
	rule              string         // for rows of the dataset
	forPia, forNobody quickbi.Secret // tickets; the latter shows what the owner of the work sees
}

func newDepartment(t *testing.T) *department {
	t.Helper()
	server := quickbitest.NewServer()
	t.Cleanup(server.Close)
	err := server.Seed(quickbitest.Organization{Limits: quickbitest.Limits{Developers: 4, Workspaces: 1, EmbeddedWorks: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return &department{
		server: server,
		client: server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{BaseDelay: time.Millisecond})),
		people: map[string]string{"Owner": quickbitest.OwnerUserID}, groups: make(map[string]string),
	}
}

func (d *department) tell(t *testing.T, chapter func(*department)) {
	d.t, d.ctx = t, t.Context()
	chapter(d)
}

// must makes a call that must succeed.
func must[Q, R any](d *department, call func(context.Context, *Q, ...quickbi.CallOption) (*quickbi.Response[R], error), in *Q) R {
	d.t.Helper()
	resp, err := call(d.ctx, in)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.Result
}

// document reads a document that must be readable.
func document[T any](d *department, text quickbi.Document[T]) T {
	d.t.Helper()
	value, err := text.Value()
	if err != nil {
		d.t.Fatal(err)
	}
	return value
}

// partly makes a call that must work for a part of what it is for.
func partly[Q, R any](d *department, call func(context.Context, *Q, ...quickbi.CallOption) (*quickbi.Response[R], error), in *Q) (R, *quickbi.PartialError) {
	d.t.Helper()
	resp, err := call(d.ctx, in)
	partial, ok := errors.AsType[*quickbi.PartialError](err)
	if !ok {
		d.t.Fatalf("%T: got %v, want a *PartialError", in, err)
	}
	return resp.Result, partial
}

// refused makes a call that must be refused.
func refused[Q, R any](d *department, want error, call func(context.Context, *Q, ...quickbi.CallOption) (*quickbi.Response[R], error), in *Q) {
	d.t.Helper()
	if resp, err := call(d.ctx, in); !errors.Is(err, want) {
		d.t.Errorf("%T: got %v, %v, want %v", in, resp, err, want)
	}
}

// lost makes a call that is carried out, but whose answer is lost.
func lost[Q, R any](d *department, call func(context.Context, *Q, ...quickbi.CallOption) (*quickbi.Response[R], error), in *Q) {
	d.t.Helper()
	d.server.Fail("", quickbitest.DropAfter(), 1)
	refused(d, quickbi.ErrOutcomeUnknown, call, in)
}

// is compares what an operation shows with what the story has, in any order.
func is[T any](d *department, what string, listed []T, show func(T) string, want string) {
	d.t.Helper()
	if got := words(listed, show); got != want {
		d.t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// name returns the nickname of the person, or the name of the group, with the id.
func (d *department) name(id string) string {
	for _, names := range []map[string]string{d.people, d.groups} {
		for name, other := range names {
			if other == id {
				return name
			}
		}
	}
	return id
}

// ids returns the ids of people.
func (d *department) ids(nicks ...string) (ids []string) {
	for _, nick := range nicks {
		ids = append(ids, d.people[nick])
	}
	return ids
}

func (d *department) found() {
	add := func(account, nick string, kind quickbi.UserType) *quickbi.AddUserRequest {
		return &quickbi.AddUserRequest{AccountID: account, NickName: nick, UserType: kind}
	}
	for _, hired := range []struct {
		account, nick string
		kind          quickbi.UserType
	}{
		{"2001", "Lea", quickbi.UserTypeDeveloper},
		{"2002", "Max", quickbi.UserTypeDeveloper},
		{"2003", "Tim", quickbi.UserTypeDeveloper},
		{"2004", "Noa", quickbi.UserTypeAnalyst},
		{"2005", "Pia", quickbi.UserTypeViewer},
	} {
		d.people[hired.nick] = must(d, d.client.AddUser, add(hired.account, hired.nick, hired.kind)).UserID
	}
	refused(d, quickbi.ErrUserAlreadyInOrganization, d.client.AddUser, add("2001", "Lee", quickbi.UserTypeViewer))
	refused(d, quickbi.ErrNicknameTaken, d.client.AddUser, add("2006", "Lea", quickbi.UserTypeViewer))
	refused(d, quickbi.ErrDeveloperLimit, d.client.AddUser, add("2006", "Kim", quickbi.UserTypeDeveloper))
	refused(d, quickbi.ErrQuota, d.client.UpdateUser, &quickbi.UpdateUserRequest{UserID: d.people["Noa"], UserType: quickbi.UserTypeDeveloper})
	page := must(d, d.client.QueryUserList, &quickbi.QueryUserListRequest{PageSize: 4, PageNum: 2})
	if page.TotalNum != 6 || page.TotalPages != 2 || len(page.Data) != 2 {
		d.t.Errorf("the second page of members: %+v", page)
	}
	if noa := must(d, d.client.QueryUserInfoByAccount, &quickbi.QueryUserInfoByAccountRequest{Account: "2004"}); noa.UserID != d.people["Noa"] || noa.UserType != quickbi.UserTypeAnalyst {
		d.t.Errorf("Noa by account: %+v", noa)
	}

	group := func(name, parent string) *quickbi.CreateUserGroupRequest {
		return &quickbi.CreateUserGroupRequest{UserGroupName: name, ParentUserGroupID: parent}
	}
	d.groups["Sales"] = must(d, d.client.CreateUserGroup, group("Sales", quickbi.RootUserGroupID))
	d.groups["North"] = must(d, d.client.CreateUserGroup, group("North", d.groups["Sales"]))
	d.groups["South"] = must(d, d.client.CreateUserGroup, group("South", quickbi.RootUserGroupID)) // to be moved
	refused(d, quickbi.ErrDuplicateUserGroupName, d.client.CreateUserGroup, group("North", d.groups["Sales"]))
	refused(d, quickbi.ErrDuplicateUserGroupID, d.client.CreateUserGroup, &quickbi.CreateUserGroupRequest{UserGroupName: "East", ParentUserGroupID: quickbi.RootUserGroupID, UserGroupID: d.groups["North"]})
	refused(d, quickbi.ErrParentUserGroupNotFound, d.client.CreateUserGroup, group("East", "nowhere"))
	d.layers(group)

	must(d, d.client.TransferUsergroup, &quickbi.TransferUsergroupRequest{UserGroupID: d.groups["South"], ParentUserGroupID: d.groups["Sales"]})
	refused(d, quickbi.ErrDuplicateUserGroupName, d.client.UpdateUserGroup, &quickbi.UpdateUserGroupRequest{UserGroupID: d.groups["South"], UserGroupName: "North"})
	refused(d, quickbi.ErrParentUserGroupNotFound, d.client.TransferUsergroup, &quickbi.TransferUsergroupRequest{UserGroupID: d.groups["Sales"], ParentUserGroupID: d.groups["North"]})

	is(d, "at the top", must(d, d.client.QueryUserGroupListByParentId, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: quickbi.RootUserGroupID}),
		func(g quickbi.ChildUserGroup) string { return g.UserGroupName }, "Sales")
	is(d, "below Sales", must(d, d.client.QueryUserGroupListByParentId, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: d.groups["Sales"]}),
		func(g quickbi.ChildUserGroup) string { return g.UserGroupName }, "North South")
	is(d, "in Sales", must(d, d.client.QueryUserGroupMember, &quickbi.QueryUserGroupMemberRequest{UserGroupID: d.groups["Sales"]}),
		func(m quickbi.UserGroupMember) string { return m.Name }, "North South")
	is(d, "with an o", must(d, d.client.GetUserGroupInfo, &quickbi.GetUserGroupInfoRequest{Keyword: "O"}),
		func(g quickbi.UserGroup) string { return d.name(g.ParentUserGroupID) + "/" + g.UserGroupName }, "Sales/North Sales/South")
	lookup, missing := partly(d, d.client.ListByUserGroupId, &quickbi.ListByUserGroupIdRequest{UserGroupIDs: []string{d.groups["South"], "nowhere"}})
	if g := lookup.UserGroups; len(g) != 1 || g[0].IdentifiedPath != d.groups["Sales"]+"/"+d.groups["South"] || missing.Failed[0].ID != "nowhere" {
		d.t.Errorf("South after it was moved: %+v", lookup)
	}
}

// layers builds groups below North down to the last layer, and takes them away again.
func (d *department) layers(group func(name, parent string) *quickbi.CreateUserGroupRequest) {
	d.t.Helper()
	chain := []string{d.groups["Sales"], d.groups["North"]}
	for len(chain) < 10 {
		chain = append(chain, must(d, d.client.CreateUserGroup, group("Below", chain[len(chain)-1])))
	}
	refused(d, quickbi.ErrUserGroupTooDeep, d.client.CreateUserGroup, group("Below", chain[9]))
	refused(d, quickbi.ErrUserGroupTooDeep, d.client.TransferUsergroup, &quickbi.TransferUsergroupRequest{UserGroupID: d.groups["South"], ParentUserGroupID: chain[9]})
	refused(d, quickbi.ErrUserGroupHasChildren, d.client.DeleteUserGroup, &quickbi.DeleteUserGroupRequest{UserGroupID: chain[8]})
	for _, id := range slices.Backward(chain[2:]) {
		must(d, d.client.DeleteUserGroup, &quickbi.DeleteUserGroupRequest{UserGroupID: id})
	}
	refused(d, quickbi.ErrUserGroupNotFound, d.client.DeleteUserGroup, &quickbi.DeleteUserGroupRequest{UserGroupID: chain[9]})
	refused(d, quickbi.ErrRootUserGroupNotRemovable, d.client.DeleteUserGroup, &quickbi.DeleteUserGroupRequest{UserGroupID: quickbi.RootUserGroupID})
}

// forget takes one who was deleted out of the people or the groups.
func (d *department) forget(names map[string]string, name string) {
	d.gone = append(d.gone, names[name])
	delete(names, name)
}

// inGroups asks for the groups of each person and for the people in each group.
func (d *department) inGroups(want string) {
	d.t.Helper()
	var ofPeople, ofGroups []string
	for nick, id := range d.people {
		for _, g := range must(d, d.client.ListUserGroupsByUserId, &quickbi.ListUserGroupsByUserIdRequest{UserID: id}) {
			ofPeople = append(ofPeople, g.UserGroupName+":"+nick)
		}
	}
	for name, id := range d.groups {
		for _, m := range must(d, d.client.QueryUserGroupMember, &quickbi.QueryUserGroupMemberRequest{UserGroupID: id}) {
			if !m.IsUserGroup {
				ofGroups = append(ofGroups, name+":"+m.Name)
			}
		}
	}
	itself := func(s string) string { return s }
	is(d, "groups of people", ofPeople, itself, want)
	is(d, "people of groups", ofGroups, itself, want)
}

func (d *department) fill() {
	north, south := d.groups["North"], d.groups["South"]
	must(d, d.client.AddUserGroupMember, &quickbi.AddUserGroupMemberRequest{UserGroupID: north, UserIDs: d.ids("Lea", "Max", "Lea")})
	lost(d, d.client.AddUserGroupMember, &quickbi.AddUserGroupMemberRequest{UserGroupID: south, UserIDs: d.ids("Noa")})
	d.inGroups("North:Lea North:Max South:Noa")
	must(d, d.client.AddUserGroupMember, &quickbi.AddUserGroupMemberRequest{UserGroupID: south, UserIDs: d.ids("Noa")}) // again, to be sure

	must(d, d.client.AddUserGroupMembers, &quickbi.AddUserGroupMembersRequest{UserID: d.people["Pia"], UserGroupIDs: []string{north, south}})
	must(d, d.client.DeleteUserGroupMember, &quickbi.DeleteUserGroupMemberRequest{UserID: d.people["Pia"], UserGroupID: north})

	// All of a call or nothing of it.
	refused(d, quickbi.ErrGroupUserNotFound, d.client.AddUserGroupMember, &quickbi.AddUserGroupMemberRequest{UserGroupID: north, UserIDs: append(d.ids("Tim"), "nobody")})
	refused(d, quickbi.ErrUserGroupNotFound, d.client.AddUserGroupMembers, &quickbi.AddUserGroupMembersRequest{UserID: d.people["Tim"], UserGroupIDs: []string{north, "nowhere"}})
	refused(d, quickbi.ErrUserGroupOfOtherOrganization, d.client.DeleteUserGroupMembers, &quickbi.DeleteUserGroupMembersRequest{UserID: d.people["Lea"], UserGroupIDs: []string{north, "nowhere"}})
	refused(d, quickbi.ErrUserNotInOrganization, d.client.WithdrawAllUserGroups, &quickbi.WithdrawAllUserGroupsRequest{UserID: "nobody"})
	d.server.ResetCalls()
	refused(d, quickbi.ErrInvalidRequest, d.client.AddUserGroupMember, &quickbi.AddUserGroupMemberRequest{UserGroupID: north, UserIDs: make([]string, 1001)})
	if calls := d.server.Calls(); len(calls) > 0 {
		d.t.Errorf("1001 ids were sent: %+v", calls)
	}
	d.inGroups("North:Lea North:Max South:Noa South:Pia")
}

func (d *department) tag() {
	d.area = must(d, d.client.AddUserTagMeta, &quickbi.AddUserTagMetaRequest{TagName: "Area", Description: "where they sell"})
	refused(d, quickbi.ErrDuplicateTagName, d.client.AddUserTagMeta, &quickbi.AddUserTagMetaRequest{TagName: "Area"})
	refused(d, quickbi.ErrInvalidNameFormat, d.client.AddUserTagMeta, &quickbi.AddUserTagMetaRequest{TagName: "Area!"})
	set := func(nick, tag string, values ...string) *quickbi.UpdateUserTagValueRequest {
		return &quickbi.UpdateUserTagValueRequest{UserID: d.people[nick], TagID: tag, TagValues: values}
	}
	must(d, d.client.UpdateUserTagValue, set("Noa", d.area, "south", "west"))
	must(d, d.client.UpdateUserTagValue, set("Pia", d.area, "south"))
	must(d, d.client.UpdateUserTagValue, set("Pia", d.area, quickbi.UserTagCleared))
	refused(d, quickbi.ErrUserTagNotInOrganization, d.client.UpdateUserTagValue, set("Pia", "none", "south"))
	must(d, d.client.UpdateUserTagMeta, &quickbi.UpdateUserTagMetaRequest{TagID: d.area, TagName: "Region"})

	is(d, "tags", must(d, d.client.QueryUserTagMetaList, &quickbi.QueryUserTagMetaListRequest{}),
		func(t quickbi.UserTag) string { return t.TagName + ": " + t.Description }, "Region: where they sell")
	for nick, want := range map[string]string{"Noa": "Region=south,west", "Pia": ""} {
		is(d, "tags of "+nick, must(d, d.client.QueryUserTagValueList, &quickbi.QueryUserTagValueListRequest{UserID: d.people[nick]}),
			func(v quickbi.UserTagValue) string { return v.TagName + "=" + strings.Join(v.TagValues, ",") }, want)
	}
}

// inWorkspace asks for the roles of each person and for the people with each role.
func (d *department) inWorkspace(want string) {
	d.t.Helper()
	var ofPeople, ofRoles []string
	for nick, id := range d.people {
		roles := must(d, d.client.ListWorkspaceUserRolesByUserId, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: id})
		for _, r := range roles {
			ofPeople = append(ofPeople, fmt.Sprint(nick, ":", r.Role.RoleID))
		}
		page := must(d, d.client.QueryOrganizationWorkspaceList, &quickbi.QueryOrganizationWorkspaceListRequest{UserID: id})
		if page.TotalNum != len(roles) {
			d.t.Errorf("%s has %d roles in %d workspaces", nick, len(roles), page.TotalNum)
		}
	}
	for _, role := range presetRoles {
		for u, err := range d.client.ListWorkspaceRoleUsersAll(d.ctx, &quickbi.ListWorkspaceRoleUsersRequest{RoleID: role}) {
			if err != nil {
				d.t.Fatal(err)
			}
			ofRoles = append(ofRoles, fmt.Sprint(u.NickName, ":", role))
		}
	}
	itself := func(s string) string { return s }
	is(d, "roles of people", ofPeople, itself, want)
	is(d, "people with roles", ofRoles, itself, want)
	is(d, "people in the workspace", must(d, d.client.QueryWorkspaceUserList, &quickbi.QueryWorkspaceUserListRequest{WorkspaceID: d.desk}).Data,
		func(u quickbi.WorkspaceUser) string { return fmt.Sprint(u.NickName, ":", u.Role.RoleID) }, want)
}

// canRead asks in three ways who can read the work.
func (d *department) canRead(work, want string) {
	d.t.Helper()
	var readers []string
	for nick, id := range d.people {
		can := must(d, d.client.CheckReadable, &quickbi.CheckReadableRequest{UserID: id, WorksID: work})
		isIt := func(w quickbi.Works) bool { return w.WorksID == work }
		listed := slices.ContainsFunc(must(d, d.client.QueryReadableResourcesListByUserIdV2, &quickbi.QueryReadableResourcesListByUserIdV2Request{UserID: id, WorkspaceID: d.desk}), isIt)
		//lint:ignore SA1019 It has to agree with its successor.
		before := slices.ContainsFunc(must(d, d.client.QueryReadableResourcesListByUserId, &quickbi.QueryReadableResourcesListByUserIdRequest{UserID: id}), isIt)
		if can != listed || can != before {
			d.t.Errorf("whether %s can read %s: %t, %t, %t", nick, work, can, listed, before)
		}
		if can {
			readers = append(readers, nick)
		}
	}
	is(d, "readers of "+work, readers, func(s string) string { return s }, want)
}

// owners asks in three ways who owns the works of the workspace.
func (d *department) owners(want string) {
	d.t.Helper()
	works := must(d, d.client.QueryWorksByWorkspace, &quickbi.QueryWorksByWorkspaceRequest{WorkspaceID: d.desk}).Data
	is(d, "works of the workspace", works, func(w quickbi.WorksInfo) string { return w.WorksID + ":" + w.OwnerName }, want)
	is(d, "works of the organization", must(d, d.client.QueryWorksByOrganization, &quickbi.QueryWorksByOrganizationRequest{}).Data,
		func(w quickbi.WorksInfo) string { return w.WorksID + ":" + d.name(w.OwnerID) }, want)
	for _, w := range works {
		if one := must(d, d.client.QueryWorks, &quickbi.QueryWorksRequest{WorksID: w.WorksID}); one.OwnerID != w.OwnerID {
			d.t.Errorf("%s is owned by %s and %s", w.WorksID, d.name(one.OwnerID), d.name(w.OwnerID))
		}
	}
}

func (d *department) furnish() {
	d.desk = must(d, d.client.CreateWorkspace, &quickbi.CreateWorkspaceRequest{WorkspaceName: "Sales desk", AllowViewAll: new(false)})
	refused(d, quickbi.ErrWorkspaceLimit, d.client.CreateWorkspace, &quickbi.CreateWorkspaceRequest{WorkspaceName: "Another"})
	enter := func(nick string, role int64) *quickbi.AddUserToWorkspaceRequest {
		return &quickbi.AddUserToWorkspaceRequest{WorkspaceID: d.desk, UserID: d.people[nick], RoleID: role}
	}
	must(d, d.client.AddUserToWorkspace, enter("Lea", quickbi.WorkspaceRoleAdmin))
	refused(d, quickbi.ErrUserAlreadyInRole, d.client.AddUserToWorkspace, enter("Lea", quickbi.WorkspaceRoleAdmin))
	refused(d, quickbi.ErrUserAlreadyInWorkspace, d.client.AddUserToWorkspace, enter("Lea", quickbi.WorkspaceRoleViewer))
	refused(d, quickbi.ErrViewerCannotJoinWorkspace, d.client.AddUserToWorkspace, enter("Pia", quickbi.WorkspaceRoleViewer))
	refused(d, quickbi.ErrAnalystCannotBeAdminOrDeveloper, d.client.AddUserToWorkspace, enter("Noa", quickbi.WorkspaceRoleDeveloper))
	together, left := partly(d, d.client.AddWorkspaceUsers, &quickbi.AddWorkspaceUsersRequest{
		WorkspaceID: d.desk, UserIDs: append(d.ids("Max", "Noa", "Pia", "Lea"), "nobody"), RoleID: quickbi.WorkspaceRoleAnalyst,
	})
	if together.Success != 2 || together.Failure != 3 || !errors.Is(left, quickbi.ErrViewerCannotJoinWorkspace) || !errors.Is(left, quickbi.ErrUserNotInOrganization) {
		d.t.Errorf("together: %+v", together)
	}
	must(d, d.client.UpdateWorkspaceUserRole, &quickbi.UpdateWorkspaceUserRoleRequest{WorkspaceID: d.desk, UserID: d.people["Max"], RoleIDs: []int64{quickbi.WorkspaceRoleDeveloper}})
	refused(d, quickbi.ErrWorkspaceOwnerNotRemovable, d.client.DeleteUserFromWorkspace, &quickbi.DeleteUserFromWorkspaceRequest{WorkspaceID: d.desk, UserID: d.people["Owner"]})
	refused(d, quickbi.ErrWorkspaceOwnerNeedsAdminRole, d.client.UpdateWorkspaceUserRole, &quickbi.UpdateWorkspaceUserRoleRequest{WorkspaceID: d.desk, UserID: d.people["Owner"], RoleIDs: []int64{quickbi.WorkspaceRoleViewer}})
	refused(d, quickbi.ErrWorkspaceMemberCannotBecomeViewer, d.client.UpdateUser, &quickbi.UpdateUserRequest{UserID: d.people["Noa"], UserType: quickbi.UserTypeViewer})
	d.inWorkspace("Lea:25 Max:26 Noa:27 Owner:25")

	// Max brings the data.
	source := must(d, d.client.AddDataSource, &quickbi.AddDataSourceRequest{AddModel: quickbi.DataSourceModel{
		UserID: d.people["Max"], WorkspaceID: d.desk, DataSourceType: "mysql", ShowName: "Orders database", Password: quickbi.NewSecret("hidden"),
	}})
	create := &quickbi.CreateDatasetRequest{WorkspaceID: d.desk, DataSourceID: source, TableName: "orders", DatasetName: "Orders", UserID: d.people["Max"]}
	must(d, d.client.CreateDataset, create)
	create.UserID = d.people["Tim"]
	refused(d, quickbi.ErrUserNotInWorkspace, d.client.CreateDataset, create)
	datasets := must(d, d.client.QueryDatasetList, &quickbi.QueryDatasetListRequest{WorkspaceID: d.desk, Keyword: "order"})
	if datasets.TotalNum != 1 || datasets.Data[0].DataSource.DataSourceID != source {
		d.t.Fatalf("datasets: %+v", datasets)
	}
	d.orders = datasets.Data[0].DatasetID
	d.dataOwner("Max")

	// No operation makes works and data services.
	field := quickbi.DataServiceField{FieldID: "f-area", Name: "area", Caption: "area", Column: "area", Kind: "Dimension", DataType: "string"}
	err := d.server.Seed(quickbitest.Organization{
		DataServices: []quickbitest.DataService{{
			APIID: "by-area", Name: "Orders by area", DatasetID: d.orders, ReturnFields: []quickbi.DataServiceReturnField{{Alias: "area", Field: field}},
			Rows: []map[string]any{{"area": "north"}, {"area": "south"}, {"area": nil}},
		}},
		Works: []quickbitest.Works{
			{WorksID: "revenue", WorksName: "Revenue", WorkspaceID: d.desk, OwnerID: d.people["Max"], Status: 1, Components: []quickbitest.WorksComponent{{ComponentID: "c1", ComponentName: "Lines", DatasetID: d.orders}}},
			{WorksID: "costs", WorksName: "Costs", WorksType: "REPORT", WorkspaceID: d.desk, OwnerID: d.people["Noa"], Status: 1},
			{WorksID: "portal", WorksName: "Portal", WorksType: "DATAPRODUCT", WorkspaceID: d.desk, OwnerID: d.people["Lea"], Menus: []quickbitest.PortalMenu{
				{MenuID: "all", MenuName: "All", MenuType: 4, Children: []quickbitest.PortalMenu{{MenuID: "m-revenue", MenuName: "Revenue", URI: "revenue"}, {MenuID: "m-costs", MenuName: "Costs", MenuType: 2, URI: "costs"}}},
			}},
		},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	is(d, "works on the dataset", must(d, d.client.DataSetBlood, &quickbi.DataSetBloodRequest{DatasetIDs: []string{d.orders}}),
		func(w quickbi.DatasetWorks) string { return w.WorksID }, "revenue")
	is(d, "datasets of the work", must(d, d.client.QueryWorksBloodRelationship, &quickbi.QueryWorksBloodRelationshipRequest{WorksID: "revenue"}),
		func(c quickbi.WorksComponent) string { return c.DatasetID }, d.orders)
	d.owners("costs:Noa portal:Lea revenue:Max")
	d.canRead("revenue", "Lea Max Owner")
	d.canRead("costs", "Lea Noa Owner")
}

// dataOwner asks in several ways whose the dataset and the data source are.
func (d *department) dataOwner(want string) {
	d.t.Helper()
	is(d, "datasets", must(d, d.client.QueryDatasetList, &quickbi.QueryDatasetListRequest{WorkspaceID: d.desk}).Data,
		func(s quickbi.Dataset) string { return s.DatasetName + ":" + d.name(s.OwnerID) }, "Orders:"+want)
	if info := must(d, d.client.QueryDatasetInfo, &quickbi.QueryDatasetInfoRequest{DatasetID: d.orders}); d.name(info.OwnerID) != want {
		d.t.Errorf("the dataset is %s's, want %s", d.name(info.OwnerID), want)
	}
	is(d, "data sources", must(d, d.client.ListDataSource, &quickbi.ListDataSourceRequest{WorkspaceID: d.desk}),
		func(s quickbi.DataSource) string { return s.ShowName + ":" + s.CreatorName }, "Orders database:"+want)
}

// sharedWith asks for the shares of the work, and for the work among those of each person.
func (d *department) sharedWith(work, shares, people string) {
	d.t.Helper()
	is(d, "shares of "+work, must(d, d.client.QueryShareList, &quickbi.QueryShareListRequest{WorksID: work}),
		func(s quickbi.Share) string { return fmt.Sprint(s.ShareToName, ":", s.AuthPoints) }, shares)
	var got, home []string
	for nick, id := range d.people {
		for _, w := range must(d, d.client.QuerySharesToUserList, &quickbi.QuerySharesToUserListRequest{UserID: id}) {
			if w.WorksID == work {
				got = append(got, nick)
			}
		}
		for _, r := range must(d, d.client.ListSharedReports, &quickbi.ListSharedReportsRequest{UserID: id}).Data {
			if r.WorksID == work {
				home = append(home, nick)
			}
		}
	}
	itself := func(s string) string { return s }
	is(d, work+" shared with", got, itself, people)
	is(d, work+" on home pages", home, itself, people)
}

func (d *department) share() {
	authorize := &quickbi.AddWorksAuthorizationRequest{
		ResourceID: "revenue", ResourceType: quickbi.WorksTypeDashboard, AuthorizeScope: new(quickbi.ShareTargetUserGroup),
		AuthorizedID: d.groups["Sales"], AuthPoints: quickbi.AuthPointsView, ExpireDay: "2099-12-31",
	}
	must(d, d.client.AddWorksAuthorization, authorize)
	wrong := *authorize
	wrong.ResourceType = quickbi.WorksTypeScreen
	refused(d, quickbi.ErrWorkNotFound, d.client.AddWorksAuthorization, &wrong)
	wrong = *authorize
	wrong.AuthorizedID = "nowhere"
	refused(d, quickbi.ErrInvalidParameterValue, d.client.AddWorksAuthorization, &wrong)

	share := &quickbi.AddShareReportRequest{
		WorksID: "costs", ShareToType: new(quickbi.ShareTargetUser), ShareToID: d.people["Tim"],
		AuthPoints: quickbi.AuthPointsExport, ExpireDate: quickbi.UnixMilliOf(d.server.Now().Add(time.Hour)),
	}
	must(d, d.client.AddShareReport, share)
	late := *share
	late.ExpireDate = quickbi.UnixMilliOf(d.server.Now().Add(-time.Hour))
	refused(d, quickbi.ErrInvalidShareExpiry, d.client.AddShareReport, &late)

	// What the department gets, those in the groups below it get, too.
	d.sharedWith("revenue", "Sales:view", "Lea Max Noa Pia")
	d.sharedWith("costs", "Tim:export", "Tim")
	d.canRead("revenue", "Lea Max Noa Owner Pia")
	d.canRead("costs", "Lea Noa Owner Tim")
	revoke := &quickbi.DeleteAuthorizationByUserIdRequest{UserID: d.people["Pia"], ResourceID: "revenue", ResourceType: quickbi.WorksTypeDashboard}
	refused(d, quickbi.ErrPermissionFromUserGroup, d.client.DeleteAuthorizationByUserId, revoke)

	for _, work := range []string{"revenue", "costs"} {
		must(d, d.client.SaveFavorites, &quickbi.SaveFavoritesRequest{UserID: d.people["Tim"], WorksID: work})
	}
	must(d, d.client.CancelCollection, &quickbi.CancelCollectionRequest{UserID: d.people["Tim"], WorksID: "revenue"})
	refused(d, quickbi.ErrFavoriteNotFound, d.client.CancelCollection, &quickbi.CancelCollectionRequest{UserID: d.people["Tim"], WorksID: "revenue"})
	refused(d, quickbi.ErrReportNotFound, d.client.SaveFavorites, &quickbi.SaveFavoritesRequest{UserID: d.people["Tim"], WorksID: "nothing"})
	d.favorites("Tim", "costs", "costs true")

	// An hour later the share is over, and the favorite is of no use.
	d.server.SetSkew(2 * time.Hour)
	d.sharedWith("costs", "", "")
	d.canRead("costs", "Lea Noa Owner")
	d.favorites("Tim", "costs", "costs false")
	d.server.SetSkew(0)
	must(d, d.client.CancelReportShare, &quickbi.CancelReportShareRequest{WorksID: "costs", ShareToType: new(quickbi.ShareTargetUser), ShareToID: d.people["Tim"]})
	d.sharedWith("costs", "", "")
}

// favorites asks for a person's favorites, and whether the person can view them.
func (d *department) favorites(nick, want, wantRights string) {
	d.t.Helper()
	is(d, "favorites of "+nick, must(d, d.client.ListCollections, &quickbi.ListCollectionsRequest{UserID: d.people[nick]}),
		func(f quickbi.Favorite) string { return f.WorksID }, want)
	is(d, "favorites on the home page of "+nick, must(d, d.client.ListFavoriteReports, &quickbi.ListFavoriteReportsRequest{UserID: d.people[nick]}).Data,
		func(r quickbi.HomeReport) string { return fmt.Sprint(r.WorksID, " ", r.HasViewAuth) }, wantRights)
}

// sees lists the menus that the person sees; nobody sees all.
func (d *department) sees(nick, want string) {
	d.t.Helper()
	var names []string
	var walk func(menus quickbi.PortalMenus)
	walk = func(menus quickbi.PortalMenus) {
		for _, m := range menus {
			names = append(names, m.MenuName)
			walk(m.Children)
		}
	}
	walk(document(d, must(d, d.client.ListPortalMenus, &quickbi.ListPortalMenusRequest{DataPortalID: "portal", UserID: d.people[nick]})))
	is(d, "menus of "+nick, names, func(s string) string { return s }, want)
}

// authorized asks who is authorized for the menus.
func (d *department) authorized(want string) {
	d.t.Helper()
	var all []string
	for _, m := range must(d, d.client.ListPortalMenuAuthorization, &quickbi.ListPortalMenuAuthorizationRequest{DataPortalID: "portal"}) {
		for _, r := range m.Receivers {
			all = append(all, m.MenuID+":"+d.name(r.ReceiverID))
		}
	}
	is(d, "authorized for menus", all, func(s string) string { return s }, want)
}

func (d *department) open() {
	if n := must(d, d.client.ChangeVisibilityModel, &quickbi.ChangeVisibilityModelRequest{DataPortalID: "portal", MenuIDs: []string{"m-costs"}, ShowOnlyWithAccess: new(true)}); n != 1 {
		d.t.Errorf("%d menus hidden", n)
	}
	grant := &quickbi.AuthorizeMenuRequest{DataPortalID: "portal", MenuIDs: []string{"m-costs"}, UserIDs: d.ids("Noa"), UserGroupIDs: []string{d.groups["South"]}}
	must(d, d.client.AuthorizeMenu, grant)
	must(d, d.client.AuthorizeMenu, grant) // passes over what is there
	for want, menu := range map[error]string{quickbi.ErrFolderMenuNotAuthorizable: "all", quickbi.ErrMenuPortalMismatch: "nothing"} {
		grant.MenuIDs = []string{"m-costs", menu}
		refused(d, want, d.client.AuthorizeMenu, grant)
	}
	d.authorized("m-costs:Noa m-costs:South")
	must(d, d.client.CancelAuthorizationMenu, &quickbi.CancelAuthorizationMenuRequest{DataPortalID: "portal", MenuIDs: []string{"m-costs"}, UserIDs: d.ids("Noa")})
	d.authorized("m-costs:South")
	d.sees("Pia", "All Costs Revenue")
	d.sees("Noa", "All Costs Revenue")
	d.sees("Tim", "All Revenue")
	d.sees("nobody", "All Costs Revenue")
}

// finds runs the data service for a person.
func (d *department) finds(nick, want string) {
	d.t.Helper()
	result := must(d, d.client.QueryData, &quickbi.QueryDataRequest{APIID: "by-area", UserID: d.people[nick]})
	is(d, "areas for "+nick, result.Values, func(row quickbi.DataRow) string { return fmt.Sprint(row["area"]) }, want)
}

// ruled asks whom the rule is about, and who is on the white list.
func (d *department) ruled(rule, white string) {
	d.t.Helper()
	config := document(d, must(d, d.client.ListCubeDataLevelPermissionConfig, &quickbi.ListCubeDataLevelPermissionConfigRequest{DatasetID: d.orders, RuleType: quickbi.DataLevelRow}))
	if len(config.Rules) != 1 || config.Rules[0].RuleID != d.rule {
		d.t.Fatalf("rules: %+v", config.Rules)
	}
	audience := config.Rules[0].Audience
	is(d, "the rule", append(audience.UserIDs, audience.UserGroupIDs...), d.name, rule)
	list := must(d, d.client.ListDataLevelPermissionWhiteList, &quickbi.ListDataLevelPermissionWhiteListRequest{DatasetID: d.orders, RuleType: quickbi.DataLevelRow}).Audience
	is(d, "the white list", append(list.UserIDs, list.UserGroupIDs...), d.name, white)
}

func (d *department) restrict() {
	rule := &quickbi.SetDataLevelPermissionRuleConfigRequest{RuleModel: quickbi.DataLevelRule{
		DatasetID: d.orders, RuleName: "Known areas", RuleType: quickbi.DataLevelRow, TargetScope: quickbi.DataLevelScopeOthers,
		Audience: quickbi.DataLevelAudience{UserGroupIDs: []string{d.groups["South"]}},
		Content: quickbi.DataLevelRuleContent{Type: quickbi.DataLevelRowField, Condition: &quickbi.DataLevelCondition{
			Caption: "area", PathID: "f-area", Name: "f-area", Operator: quickbi.DataLevelNotNull,
			Value: quickbi.DataLevelConditionValue{Values: []string{""}, ValueType: "ENUM"},
		}},
	}}
	refused(d, quickbi.ErrRowLevelOff, d.client.SetDataLevelPermissionRuleConfig, rule)
	d.finds("Tim", "<nil> north south")

	must(d, d.client.UpdateDataLevelPermissionStatus, &quickbi.UpdateDataLevelPermissionStatusRequest{DatasetID: d.orders, RuleType: quickbi.DataLevelRow, IsOpen: new(quickbi.DataLevelOn)})
	d.rule = document(d, must(d, d.client.SetDataLevelPermissionRuleConfig, rule)).RuleID
	must(d, d.client.AddDataLevelPermissionRuleUsers, &quickbi.AddDataLevelPermissionRuleUsersRequest{AddUserModel: quickbi.DataLevelUsersToAdd{
		RuleID: d.rule, DatasetID: d.orders, Audience: quickbi.DataLevelAudience{UserIDs: d.ids("Lea")},
	}})
	must(d, d.client.AddDataLevelPermissionWhiteList, &quickbi.AddDataLevelPermissionWhiteListRequest{
		DatasetID: d.orders, RuleType: quickbi.DataLevelRow, OperateType: quickbi.DataLevelAdd, TargetType: quickbi.DataLevelTargetUser, TargetIDs: d.ids("Max"),
	})
	if info := must(d, d.client.QueryDatasetSwitchInfo, &quickbi.QueryDatasetSwitchInfoRequest{DatasetID: d.orders}); info.RowLevelPermission != quickbi.DataLevelOn || info.ColumnLevelPermission != quickbi.DataLevelOff {
		d.t.Errorf("switches: %+v", info)
	}
	if list := must(d, d.client.QueryDatasetList, &quickbi.QueryDatasetListRequest{WorkspaceID: d.desk}).Data; !list[0].RowLevel {
		d.t.Errorf("the list does not show that rules are on: %+v", list)
	}
	d.ruled("Lea South", "Max")
	for _, nick := range []string{"Lea", "Noa", "Pia"} {
		d.finds(nick, "north south")
	}
	for _, nick := range []string{"Max", "Owner"} {
		d.finds(nick, "<nil> north south")
	}
	refused(d, quickbi.ErrRowLevelForbidden, d.client.QueryData, &quickbi.QueryDataRequest{APIID: "by-area", UserID: d.people["Tim"]})
}

// visit opens the embedded work and returns the viewer and the visits left or, if the
// page is not shown, the code.
func (d *department) visit(path, ticket string) string {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.ctx, http.MethodGet, d.server.URL+"/token3rd/"+path+"&accessTicket="+url.QueryEscape(ticket), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	var texts []string
	for _, m := range regexp.MustCompile(`id="(viewer|left|code)">([^<\n]*)`).FindAllSubmatch(page, -1) {
		texts = append(texts, string(m[2]))
	}
	return strings.Join(texts, " ")
}

func (d *department) embed() {
	const dashboard = "dashboard/view/pc.htm?pageId=revenue"
	see := func(want, path string, ticket quickbi.Secret) {
		d.t.Helper()
		if got := d.visit(path, ticket.Reveal()); got != want {
			d.t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	ticket := &quickbi.CreateTicketRequest{WorksID: "revenue", UserID: d.people["Pia"], TicketNum: 2}
	refused(d, quickbi.ErrReportNotEmbeddable, d.client.CreateTicket, ticket)
	if n := must(d, d.client.UpdateEmbeddedStatus, &quickbi.UpdateEmbeddedStatusRequest{WorksIDs: []string{"revenue"}, ThirdPartAuthFlag: new(true)}); n != 1 {
		d.t.Errorf("%d works opened", n)
	}
	refused(d, quickbi.ErrEmbeddedReportLimit, d.client.UpdateEmbeddedStatus, &quickbi.UpdateEmbeddedStatusRequest{WorksIDs: []string{"costs"}, ThirdPartAuthFlag: new(true)})
	is(d, "open works", must(d, d.client.GetWorksEmbedList, &quickbi.GetWorksEmbedListRequest{WorkspaceID: d.desk}).Data, func(w quickbi.WorksEmbed) string { return w.WorksID }, "revenue")
	for work, want := range map[string]bool{"revenue": true, "costs": false} {
		if open := must(d, d.client.QueryEmbeddedStatus, &quickbi.QueryEmbeddedStatusRequest{WorksID: work}); open != want {
			d.t.Errorf("%s is open: %t", work, open)
		}
	}
	if info := must(d, d.client.QueryEmbeddedInfo, &quickbi.QueryEmbeddedInfoRequest{}); info.EmbeddedCount != 1 || info.MaxCount != 1 || info.Detail.Dashboards != 1 {
		d.t.Errorf("open works: %+v", info)
	}

	// Twice, and not once more.
	spent := must(d, d.client.CreateTicket, ticket)
	see("Authorize3rdTicket.BindedWorks.Mismatch", "report/view.htm?id=costs", spent)
	see("Pia 1", dashboard, spent)
	if info := must(d, d.client.QueryTicketInfo, &quickbi.QueryTicketInfoRequest{Ticket: spent}); info.UsedTicketNum != 1 || info.MaxTicketNum != 2 || info.UserID != d.people["Pia"] || info.WorksID != "revenue" {
		d.t.Errorf("after a visit: used %d of %d", info.UsedTicketNum, info.MaxTicketNum)
	}
	see("Pia 0", dashboard, spent)
	see("Authorize3rdTicket.Num.HasNoLeft", dashboard, spent)
	refused(d, quickbi.ErrTicketUsedUp, d.client.QueryTicketInfo, &quickbi.QueryTicketInfoRequest{Ticket: spent})
	refused(d, quickbi.ErrTicketUsedUp, d.client.UpdateTicketNum, &quickbi.UpdateTicketNumRequest{Ticket: spent, TicketNum: 5})

	// Prolonged, and too late all the same.
	ticket.TicketNum, ticket.ExpireTime = 0, 10
	old := must(d, d.client.CreateTicket, ticket)
	must(d, d.client.DelayTicketExpireTime, &quickbi.DelayTicketExpireTimeRequest{Ticket: old, ExpireTime: new(10)})
	must(d, d.client.UpdateTicketNum, &quickbi.UpdateTicketNumRequest{Ticket: old, TicketNum: 3})
	d.server.SetSkew(15 * time.Minute)
	see("Pia 2", dashboard, old)
	d.server.SetSkew(25 * time.Minute)
	see("Authorize3rdTicket.Expired", dashboard, old)
	refused(d, quickbi.ErrTicketExpired, d.client.DelayTicketExpireTime, &quickbi.DelayTicketExpireTimeRequest{Ticket: old, ExpireTime: new(10)})
	d.server.SetSkew(0)

	gone := must(d, d.client.CreateTicket, ticket)
	must(d, d.client.DeleteTicket, &quickbi.DeleteTicketRequest{Ticket: gone})
	see("Authorize3rdTicket.NotExist", dashboard, gone)
	refused(d, quickbi.ErrTicketNotFound, d.client.DeleteTicket, &quickbi.DeleteTicketRequest{Ticket: gone})

	d.forPia = must(d, d.client.CreateTicket, ticket)
	d.forNobody = must(d, d.client.CreateTicket, &quickbi.CreateTicketRequest{WorksID: "revenue", TicketNum: 2})
	see("Max 1", dashboard, d.forNobody)
	var visitors []string
	for _, line := range d.logged(quickbi.AuditLogAccess) {
		visitors = append(visitors, line.OperatorName+" "+line.TargetName)
	}
	is(d, "visitors", visitors, func(s string) string { return s }, "Max Revenue Pia Revenue Pia Revenue Pia Revenue")
}

// logged returns what an audit log has of these days.
func (d *department) logged(kind quickbi.AuditLogType) []quickbi.AuditLogEntry {
	d.t.Helper()
	var lines []quickbi.AuditLogEntry
	now := d.server.Now()
	for line, err := range d.client.QueryAuditLogAll(d.ctx, &quickbi.QueryAuditLogRequest{
		LogType: kind, StartDate: quickbi.DayOf(now.AddDate(0, 0, -1)), EndDate: quickbi.DayOf(now.AddDate(0, 0, 1)),
	}) {
		if err != nil {
			d.t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// leave is the request to delete a member whose heir is another.
func (d *department) leave(nick, heir string) *quickbi.DeleteUserRequest {
	return &quickbi.DeleteUserRequest{UserID: d.people[nick], TransferUserID: d.people[heir]}
}

// desert deletes members; others take over what they had.
func (d *department) desert() {
	refused(d, quickbi.ErrOrganizationOwnerNotRemovable, d.client.DeleteUser, d.leave("Owner", "Lea"))
	refused(d, quickbi.ErrOrganizationOwnerNeedsAdminRole, d.client.UpdateUser, &quickbi.UpdateUserRequest{UserID: d.people["Owner"], IsDeleted: new(true)})
	refused(d, quickbi.ErrTransferTargetNotFound, d.client.DeleteUser, d.leave("Max", "Max"))
	refused(d, quickbi.ErrViewerCannotJoinWorkspace, d.client.DeleteUser, d.leave("Max", "Pia"))
	refused(d, quickbi.ErrWorkTransfer, d.client.DeleteUser, d.leave("Max", "Noa")) // who may do less in the workspace
	d.inWorkspace("Lea:25 Max:26 Noa:27 Owner:25")
	d.owners("costs:Noa portal:Lea revenue:Max")

	// Max hands on to Tim, who was not in the workspace, and nobody hears of it.
	lost(d, d.client.DeleteUser, d.leave("Max", "Tim"))
	if must(d, d.client.CheckOrganizationMember, &quickbi.CheckOrganizationMemberRequest{UserID: d.people["Max"]}) {
		d.t.Error("Max is still there")
	}
	refused(d, quickbi.ErrUserNotInOrganization, d.client.DeleteUser, d.leave("Max", "Tim"))
	d.forget(d.people, "Max")
	d.inGroups("North:Lea South:Noa South:Pia")
	d.inWorkspace("Lea:25 Noa:27 Owner:25 Tim:26")
	d.owners("costs:Noa portal:Lea revenue:Tim")
	d.dataOwner("Tim")
	d.ruled("Lea South", "")
	d.canRead("revenue", "Lea Noa Owner Pia Tim")
	if got := d.visit("dashboard/view/pc.htm?pageId=revenue", d.forNobody.Reveal()); got != "Tim 0" {
		d.t.Errorf("the ticket of the owner: %s", got)
	}

	// Noa leaves the groups, then the workspace, then the organization.
	must(d, d.client.WithdrawAllUserGroups, &quickbi.WithdrawAllUserGroupsRequest{UserID: d.people["Noa"]})
	d.inGroups("North:Lea South:Pia")
	d.canRead("revenue", "Lea Owner Pia Tim")
	d.sees("Noa", "All Revenue")
	must(d, d.client.DeleteUserFromWorkspace, &quickbi.DeleteUserFromWorkspaceRequest{WorkspaceID: d.desk, UserID: d.people["Noa"]})
	refused(d, quickbi.ErrUserNotInWorkspace, d.client.QueryUserRoleInfoInWorkspace, &quickbi.QueryUserRoleInfoInWorkspaceRequest{WorkspaceID: d.desk, UserID: d.people["Noa"]})
	d.owners("costs:Owner portal:Lea revenue:Tim")
	d.canRead("costs", "Lea Owner")
	must(d, d.client.DeleteUser, &quickbi.DeleteUserRequest{UserID: d.people["Noa"]})
	refused(d, quickbi.ErrInvalidUserOrganization, d.client.QueryUserTagValueList, &quickbi.QueryUserTagValueListRequest{UserID: d.people["Noa"]})
	d.forget(d.people, "Noa")

	// With Pia go her ticket and her right to the costs.
	must(d, d.client.AddShareReport, &quickbi.AddShareReportRequest{
		WorksID: "costs", ShareToType: new(quickbi.ShareTargetUser), ShareToID: d.people["Pia"],
		AuthPoints: quickbi.AuthPointsView, ExpireDate: quickbi.UnixMilliOf(d.server.Now().Add(time.Hour)),
	})
	d.sharedWith("costs", "Pia:view", "Pia")
	must(d, d.client.DeleteUser, &quickbi.DeleteUserRequest{UserID: d.people["Pia"]})
	d.forget(d.people, "Pia")
	d.sharedWith("costs", "", "")
	refused(d, quickbi.ErrTicketNotFound, d.client.QueryTicketInfo, &quickbi.QueryTicketInfoRequest{Ticket: d.forPia})
	d.inGroups("North:Lea")
}

func (d *department) dissolve() {
	refused(d, quickbi.ErrUserGroupHasChildren, d.client.DeleteUserGroup, &quickbi.DeleteUserGroupRequest{UserGroupID: d.groups["Sales"]})
	d.sharedWith("revenue", "Sales:view", "Lea")
	for _, name := range []string{"North", "South", "Sales"} {
		must(d, d.client.DeleteUserGroup, &quickbi.DeleteUserGroupRequest{UserGroupID: d.groups[name]})
		refused(d, quickbi.ErrNotFound, d.client.QueryUserGroupMember, &quickbi.QueryUserGroupMemberRequest{UserGroupID: d.groups[name]})
		d.forget(d.groups, name)
	}
	d.inGroups("")
	d.sharedWith("revenue", "", "")
	d.authorized("")
	d.ruled("Lea", "")

	must(d, d.client.DeleteUserTagMeta, &quickbi.DeleteUserTagMetaRequest{TagID: d.area})
	refused(d, quickbi.ErrUserTagNotInOrganization, d.client.DeleteUserTagMeta, &quickbi.DeleteUserTagMetaRequest{TagID: d.area})
	refused(d, quickbi.ErrWorkTransfer, d.client.DeleteUser, d.leave("Lea", "Tim")) // who is no administrator
	must(d, d.client.DeleteUser, d.leave("Lea", "Owner"))
	d.forget(d.people, "Lea")
	d.inWorkspace("Owner:25 Tim:26")
	d.owners("costs:Owner portal:Owner revenue:Tim")
	d.ruled("", "")
	is(d, "who is left", must(d, d.client.QueryUserList, &quickbi.QueryUserListRequest{}).Data, func(u quickbi.User) string { return u.NickName }, "Owner Tim")
	is(d, "groups that are left", must(d, d.client.QueryUserGroupListByParentId, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: quickbi.RootUserGroupID}),
		func(g quickbi.ChildUserGroup) string { return g.UserGroupName }, "")

	var deleted []string
	for _, line := range d.logged(quickbi.AuditLogOperation) {
		if line.OperatorType == "DELETE" && line.TargetName != "Below" {
			deleted = append(deleted, line.TargetName)
		}
	}
	is(d, "the log of deletions", deleted, func(s string) string { return s }, "Lea Max Noa North Pia Region Sales South")

	// Nothing that is left refers to what is gone: it makes another organization.
	state := d.server.Snapshot()
	if err := quickbitest.NewEmulator().Seed(state); err != nil {
		d.t.Error(err)
	}
	state.AuditLog = nil // it remembers them
	text, err := json.Marshal(state)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, id := range append(d.gone, d.area, d.forPia.Reveal()) {
		if strings.Contains(string(text), id) {
			d.t.Errorf("%s is left in %s", id, text)
		}
	}
}
