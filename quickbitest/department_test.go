package quickbitest_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// done takes the result out of an answer. It panics with the error of a call
// that must succeed, which takes no t, so that a call can be its only argument.
func done[T any](resp *quickbi.Response[T], err error) T {
	if err != nil {
		panic(err)
	}
	return resp.Result
}

// TestDepartment tells the life of a department, through the client alone: it
// is created, filled, shared to and dissolved, and what one operation does all
// others show.
func TestDepartment(t *testing.T) {
	t.Parallel()
	srv := quickbitest.NewServer()
	defer srv.Close()
	if err := srv.Seed(quickbitest.Organization{
		Users: []quickbitest.User{
			{UserID: "ann", AccountName: "ann", NickName: "Ann"}, {UserID: "ben", AccountName: "ben", NickName: "Ben"},
			{UserID: "cem", AccountName: "cem", NickName: "Cem", UserType: 2},
		},
		Workspaces: []quickbitest.Workspace{{ID: "ws", Name: "Reports", OwnerID: "ann", Users: []quickbitest.WorkspaceUser{{UserID: "ben", RoleIDs: []int64{quickbi.WorkspaceRoleDeveloper}}}}},
		Works:      []quickbitest.Work{{ID: "revenue", Name: "Revenue", WorkspaceID: "ws", OwnerID: "ben", Status: 1, SecurityLevel: "0"}},
	}); err != nil {
		t.Fatal(err)
	}
	c, ctx := srv.Client(), t.Context()
	readable := func(user string) bool {
		t.Helper()
		question := done(c.CheckReadable(ctx, &quickbi.CheckReadableRequest{UserID: user, WorksID: "revenue"}))
		listed := slices.ContainsFunc(done(c.QueryReadableResourcesListByUserIdV2(ctx, &quickbi.QueryReadableResourcesListByUserIdV2Request{UserID: user})),
			func(w quickbi.Works) bool { return w.WorksID == "revenue" })
		if question != listed {
			t.Errorf("%s: CheckReadable says %v, the list %v", user, question, listed)
		}
		return question
	}

	// Created and filled.
	sales := done(c.CreateUserGroup(ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: quickbi.RootUserGroupID, UserGroupName: "Sales"}))
	north := done(c.CreateUserGroup(ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: sales, UserGroupName: "North"}))
	_, err := c.CreateUserGroup(ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: sales, UserGroupName: "North"})
	if !errors.Is(err, quickbi.ErrDuplicateUserGroupName) {
		t.Errorf("a second North: %v", err)
	}
	done(c.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: north, UserIDs: []string{"cem", "ben"}}))
	tag := done(c.AddUserTagMeta(ctx, &quickbi.AddUserTagMetaRequest{TagName: "region"}))
	done(c.UpdateUserTagValue(ctx, &quickbi.UpdateUserTagValueRequest{UserID: "cem", TagID: tag, TagValues: []string{"north"}}))
	if tags := done(c.QueryUserTagValueList(ctx, &quickbi.QueryUserTagValueListRequest{UserID: "cem"})); len(tags) != 1 || tags[0].TagValue != "north" {
		t.Errorf("tags %+v", tags)
	}

	// Shared to: the share with the upper group reaches the one below it.
	if readable("cem") || !readable("ben") {
		t.Error("the private work is read by others than its owner")
	}
	done(c.AddShareReport(ctx, &quickbi.AddShareReportRequest{
		WorksID: "revenue", AuthPoint: quickbi.AuthPointsView, ShareToType: new(quickbi.ShareTargetUserGroup), ShareToID: sales,
		ExpireDate: quickbi.UnixMilliOf(time.Now().Add(time.Hour)),
	}))
	if !readable("cem") {
		t.Error("a member of the group below cannot read what is shared with the one above")
	}
	if shares := done(c.QueryShareList(ctx, &quickbi.QueryShareListRequest{ReportID: "revenue"})); len(shares) != 1 || shares[0].ShareToID != sales {
		t.Errorf("shares %+v", shares)
	}
	done(c.SaveFavorites(ctx, &quickbi.SaveFavoritesRequest{UserID: "cem", WorksID: "revenue"}))

	// Embedded: a ticket opens the page as often as it says.
	done(c.UpdateEmbeddedStatus(ctx, &quickbi.UpdateEmbeddedStatusRequest{WorksIDs: []string{"revenue"}, ThirdPartAuthFlag: new(true)}))
	ticket := done(c.CreateTicket(ctx, &quickbi.CreateTicketRequest{WorksID: "revenue", UserID: "cem"}))
	page := func() string {
		resp, err := http.Get(srv.URL + "/token3rd/dashboard/view/pc.htm?pageId=revenue&accessTicket=" + ticket)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := page(); !strings.Contains(text, "Revenue") || !strings.Contains(text, "Cem") {
		t.Errorf("the embedded page: %s", text)
	}
	if text := page(); !strings.Contains(text, "Authorize3rdTicket.Num.HasNoLeft") {
		t.Errorf("with a ticket that is used up: %s", text)
	}

	// Dissolved.
	if _, err := c.DeleteUserGroup(ctx, &quickbi.DeleteUserGroupRequest{UserGroupID: sales}); !errors.Is(err, quickbi.ErrUserGroupHasChildren) {
		t.Errorf("a group with children: %v", err)
	}
	if _, err := c.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: "ann", TransferUserID: "ben"}); !errors.Is(err, quickbi.ErrWorkspaceOwnerNotRemovable) {
		t.Errorf("the owner of a workspace: %v", err)
	}
	done(c.WithdrawAllUserGroups(ctx, &quickbi.WithdrawAllUserGroupsRequest{UserID: "cem"}))
	if readable("cem") {
		t.Error("out of the group, and still reading what was shared with it")
	}
	if members := done(c.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: north})); len(members) != 1 || members[0].ID != "ben" {
		t.Errorf("left in North: %+v", members)
	}
	done(c.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: "ben", TransferUserID: "ann"}))
	if work := done(c.QueryWorks(ctx, &quickbi.QueryWorksRequest{WorksID: "revenue"})); work.OwnerID != "ann" {
		t.Errorf("the work of the deleted member belongs to %s", work.OwnerID)
	}
	for _, group := range []string{north, sales} {
		done(c.DeleteUserGroup(ctx, &quickbi.DeleteUserGroupRequest{UserGroupID: group}))
	}
	if shares := done(c.QueryShareList(ctx, &quickbi.QueryShareListRequest{ReportID: "revenue"})); len(shares) != 0 {
		t.Errorf("shared with a group that is gone: %+v", shares)
	}
	today := srv.Now().In(time.FixedZone("Beijing", 8*60*60)).Format(quickbi.AuditDateLayout)
	var logged []string
	for entry, err := range c.QueryAuditLogAll(ctx, &quickbi.QueryAuditLogRequest{LogType: quickbi.AuditLogOperation, StartDate: today, EndDate: today}) {
		if err != nil {
			t.Fatal(err)
		}
		logged = append(logged, entry.TargetName)
	}
	if !slices.Contains(logged, "Sales") {
		t.Errorf("the audit log has %v", logged)
	}
}
