package quickbi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPartialFailures answers batches with every kind of result.
func TestPartialFailures(t *testing.T) {
	t.Parallel()
	type send func(context.Context, *Client) (result any, err error)
	two := []string{"u-1", "u-2"}
	add := func(ctx context.Context, c *Client) (any, error) {
		return c.AddWorkspaceUsers(ctx, &AddWorkspaceUsersRequest{WorkspaceID: "ws", UserIDs: two, RoleID: WorkspaceRoleViewer})
	}
	update := func(ctx context.Context, c *Client) (any, error) {
		return c.UpdateWorkspaceUsersRole(ctx, &UpdateWorkspaceUsersRoleRequest{WorkspaceID: "ws", UserIDs: two, RoleID: WorkspaceRoleViewer})
	}
	feishu := func(ctx context.Context, c *Client) (any, error) {
		return c.BatchAddFeishuUsers(ctx, &BatchAddFeishuUsersRequest{FeishuUsers: FeishuUsers{"f-1": "A", "f-2": "B"}})
	}
	dashboards := func(ctx context.Context, c *Client) (any, error) {
		return c.ModifyDashboardNl2sqlStatus(ctx, &ModifyDashboardNl2sqlStatusRequest{DashboardIDs: two, Status: new(SmartqEnabled)})
	}
	authorize := func(ctx context.Context, c *Client) (any, error) {
		return c.SmartqAuthorize(ctx, &SmartqAuthorizeRequest{OperationType: new(SmartqGrant), UserIDs: two, LLMCubeIDs: []string{"llm-1"}, ThemeIDs: []string{"theme-1"}})
	}
	groups := func(ctx context.Context, c *Client) (any, error) {
		return c.ListByUserGroupId(ctx, &ListByUserGroupIdRequest{UserGroupIDs: two})
	}
	embed := func(ctx context.Context, c *Client) (any, error) {
		return c.UpdateEmbeddedStatus(ctx, &UpdateEmbeddedStatusRequest{WorksIDs: []string{"w-1", "w-2", "w-1"}, ThirdPartAuthFlag: new(true)})
	}
	visible := func(ctx context.Context, c *Client) (any, error) {
		return c.ChangeVisibilityModel(ctx, &ChangeVisibilityModelRequest{DataPortalID: "p", MenuIDs: two, ShowOnlyWithAccess: new(true)})
	}
	menus := func(ctx context.Context, c *Client) (any, error) {
		return c.AuthorizeMenu(ctx, &AuthorizeMenuRequest{DataPortalID: "p", MenuIDs: two, UserIDs: []string{"u"}})
	}
	cancel := func(ctx context.Context, c *Client) (any, error) {
		return c.CancelAuthorizationMenu(ctx, &CancelAuthorizationMenuRequest{DataPortalID: "p", MenuIDs: two, UserIDs: []string{"u"}})
	}
	for name, test := range map[string]struct {
		send   send
		result string
		want   []FailedEntry
		all    bool // nothing succeeded
	}{
		"all added": {send: add, result: `{"Total":2,"Success":2,"Failure":0}`},
		"a placeholder in the details": {
			send: update, result: `{"Total":2,"Success":2,"Failure":0,"FailureDetail":{"test":"test","test2":1}}`,
		},
		"one not added": {
			send: add, result: `{"Total":2,"Success":1,"Failure":1,"FailureDetail":{"u-2":"AE0150010001: exists"}}`,
			want: []FailedEntry{{ID: "u-2", Code: "AE0150010001", Message: "exists"}},
		},
		"none added": {
			send: add, result: `{"Total":2,"Success":0,"Failure":2,"FailureDetail":{"u-2":7,"u-1":"not here: gone"}}`,
			want: []FailedEntry{{ID: "u-1", Message: "not here: gone"}, {ID: "u-2", Message: "7"}}, all: true,
		},
		"counted only": {
			send: update, result: `{"Total":2,"Success":0,"Failure":2}`,
			want: []FailedEntry{{Message: "2 that the service does not name"}}, all: true,
		},
		"fewer than asked": {
			send: update, result: `{"Total":1,"Success":1,"Failure":0,"FailureDetail":{"test":"test"}}`,
			want: []FailedEntry{{Message: "1 that the service does not name"}},
		},
		"Feishu all": {send: feishu, result: `{"OkCount":2,"FailCount":0,"FailResults":[]}`},
		"Feishu reasons": {
			send: feishu, result: `{"OkCount":1,"FailCount":1,"FailResults":[{"FailInfos":[{"Code":"ACCOUNT_EXIST","CodeDesc":"账号已存在","Input":"f-2"},{"Code":"NAME","Input":"f-2"}]}]}`,
			want: []FailedEntry{{"f-2", "ACCOUNT_EXIST", "账号已存在"}, {"f-2", "NAME", ""}},
		},
		"Feishu without a reason": {
			send: feishu, result: `{"OkCount":0,"FailCount":2,"FailResults":[{}]}`,
			want: []FailedEntry{{Message: "2 that the service does not name"}}, all: true,
		},
		"Feishu counts less": {
			send: feishu, result: `{"OkCount":1,"FailCount":0}`, want: []FailedEntry{{Message: "1 that the service does not name"}},
		},
		"no dashboards":               {send: dashboards, result: `[]`},
		"a placeholder of dashboards": {send: dashboards, result: `["[]"]`},
		"a dashboard":                 {send: dashboards, result: `["u-2"]`, want: []FailedEntry{{ID: "u-2"}}},
		"both dashboards":             {send: dashboards, result: `["u-1","u-2"]`, want: []FailedEntry{{ID: "u-1"}, {ID: "u-2"}}, all: true},
		"no rights":                   {send: authorize, result: `[]`},
		"rights": {
			send: authorize, result: `[{"UserId":"u-1","LlmCube":"llm-1","DetailMessage":"no such user"},{"UserId":"u-2","LlmCubeTheme":"theme-1"},{"DetailMessage":"no"}]`,
			want: []FailedEntry{{ID: "u-1/llm-1", Message: "no such user"}, {ID: "u-2/theme-1"}, {Message: "no"}},
		},
		"all rights": {
			send: authorize, result: `[{"UserId":"u-1","LlmCube":"llm-1"},{"UserId":"u-2","LlmCube":"llm-1"},{"UserId":"u-1","LlmCubeTheme":"theme-1"},{"UserId":"u-2","LlmCubeTheme":"theme-1"}]`,
			want: []FailedEntry{{ID: "u-1/llm-1"}, {ID: "u-2/llm-1"}, {ID: "u-1/theme-1"}, {ID: "u-2/theme-1"}}, all: true,
		},
		"groups":                  {send: groups, result: `{"UserGroupModels":[{"UsergroupId":"u-1"},{"UsergroupId":"u-2"}],"FailedUserGroupIds":["[]"]}`},
		"a group":                 {send: groups, result: `{"UserGroupModels":[{"UsergroupId":"u-1"}],"FailedUserGroupIds":["u-2"]}`, want: []FailedEntry{{ID: "u-2"}}},
		"embedding of all":        {send: embed, result: `2`},
		"embedding of one":        {send: embed, result: `1`, want: []FailedEntry{{Message: "1 that the service does not name"}}},
		"embedding of none":       {send: embed, result: `0`, want: []FailedEntry{{Message: "2 that the service does not name"}}, all: true},
		"visibility of all":       {send: visible, result: `2`},
		"visibility of none":      {send: visible, result: `0`, want: []FailedEntry{{Message: "2 that the service does not name"}}, all: true},
		"menus":                   {send: menus, result: `2`},
		"a menu":                  {send: menus, result: `1`, want: []FailedEntry{{Message: "1 that the service does not name"}}},
		"rights on a menu remain": {send: cancel, result: `1`, want: []FailedEntry{{Message: "1 that the service does not name"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R-1","Success":true,"Result":`+test.result+`}`))
			result, err := test.send(t.Context(), newTestClient(t, wire))
			if n := len(wire.requests()); n != 1 {
				t.Errorf("sent %d times", n)
			}
			if strings.HasSuffix(fmt.Sprint(result), "<nil>") {
				t.Error("the result is lost")
			}
			if test.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var partial *PartialError
			var whole *Error
			if !errors.As(err, &partial) || !errors.As(err, &whole) || whole.RequestID != "R-1" || whole.Action != wire.requests()[0].action {
				t.Fatalf("%v, want a *PartialError of request R-1", err)
			}
			if diff := cmp.Diff(test.want, partial.Failed); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if errors.Is(err, ErrNotPerformed) != test.all || errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("%v: not performed is %v, want %v", err, !test.all, test.all)
			}
		})
	}
}

func TestPartialErrorText(t *testing.T) {
	t.Parallel()
	failed := []FailedEntry{{ID: "u-1", Code: "User.AlreadyIn.Workspace", Message: "exists"}, {ID: "u-2"}}
	err := &PartialError{Failed: failed, err: &Error{Action: "X", RequestID: "R", Message: "failed"}}
	for _, format := range []string{"%v", "%s", "%+v", "%#v"} {
		equal(t, format, fmt.Sprintf(format, err), "quickbi: X: failed: u-1: User.AlreadyIn.Workspace: exists; u-2 (request R)")
	}
	if !errors.Is(err, ErrUserAlreadyInWorkspace) || !errors.Is(err, ErrAlreadyExists) || errors.Is(err, ErrNotFound) {
		t.Error("does not match its code and class")
	}
	for range 1000 {
		err.Failed = append(err.Failed, FailedEntry{ID: strings.Repeat("u", 32)})
	}
	if text := err.Error(); !strings.HasSuffix(text, "; and 992 more (request R)") {
		t.Errorf("%s", text)
	}
}

// The texts of a PartialError are in Chinese, and those of the service as they are.
func TestPartialErrorInChinese(t *testing.T) {
	t.Parallel()
	e := &PartialError{
		err:    &Error{Action: "AddWorkspaceUsers", Message: "the service answered that a part failed", RequestID: "R", hintLanguage: HintChinese},
		Failed: []FailedEntry{{ID: "u-1", Code: "X", Message: "nothing is set and 2 more"}, unnamed(2)},
	}
	want := "quickbi：AddWorkspaceUsers：服务应答部分未成功：u-1：X：nothing is set and 2 more；2 个，服务未指明是哪些"
	if got := e.Text(); got != want+"（请求 ID R）" {
		t.Errorf("%s", got)
	}
	for range shownFailures {
		e.Failed = append(e.Failed, FailedEntry{ID: "u"})
	}
	if got := e.Text(); !strings.HasPrefix(got, want+"；u；") || !strings.HasSuffix(got, "；另有 2 个（请求 ID R）") {
		t.Errorf("%s", got)
	}
}
