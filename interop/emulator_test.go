package interop

import (
	"errors"
	"slices"
	"strings"
	"testing"

	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// TestEmulator has the official clients take members out of an organization. The
// emulator accepts their signatures and does what they ask, and they understand
// what it answers; our client looks at what became of it.
func TestEmulator(t *testing.T) {
	forEachOfficial(t, func(t *testing.T, o official) {
		for name, k := range map[string]key{
			"access key": {id: "LTAIexampleKey", secret: "exampleSecret"},
			"STS token":  {id: "STS.exampleKey", secret: "temporarySecret", token: "CAISexample+token/with=signs=="},
		} {
			t.Run(name, func(t *testing.T) {
				server, host := newEmulator(t, quickbitest.WithAccessKey("LTAIexampleKey", "exampleSecret"),
					quickbitest.WithSTSToken("STS.exampleKey", "temporarySecret", "CAISexample+token/with=signs=="))
				call := o.open(t, host, k)
				expectGroups := func(user string, want ...string) {
					t.Helper()
					if got := groupsOf(t, server, user); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
						t.Errorf("%s is in %q, want %q", user, got, want)
					}
				}

				dan := do[struct {
					UserId     string
					RoleIdList []int64
				}](t, call, request{
					method: "POST", action: "AddUser",
					query: parameters{"AccountName": "dan@example.com", "NickName": "Dan", "UserType": "1"},
					body:  parameters{"RoleIds": "111111111,111111112"},
				})
				if dan.UserId == "" || len(dan.RoleIdList) != 2 {
					t.Errorf("AddUser: %+v, want a member with two roles", dan)
				}
				if !do[bool](t, call, request{method: "POST", action: "AddUserGroupMember", query: parameters{"UserGroupId": "legal", "UserIdList": "ann,ben,eve"}}) {
					t.Error("AddUserGroupMember: false")
				}
				expectGroups("ann", "legal")
				expectGroups("ben", "finance", "legal")
				expectGroups("eve", "finance", "legal", "sales")

				if !do[bool](t, call, request{method: "POST", action: "DeleteUserGroupMembers", query: parameters{"UserId": "eve", "UserGroupIds": "finance,legal"}}) {
					t.Error("DeleteUserGroupMembers: false")
				}
				expectGroups("eve", "sales")

				if !do[bool](t, call, request{method: "POST", action: "WithdrawAllUserGroups", query: parameters{"UserId": "ben"}}) {
					t.Error("WithdrawAllUserGroups: false")
				}
				expectGroups("ben")

				type page struct {
					Data               []struct{ UserId, NickName string }
					PageSize, TotalNum int
				}
				// The keyword is what the signatures encode differently from URLs.
				list := do[page](t, call, request{method: "GET", action: "QueryUserList", query: parameters{"Keyword": `北京 + "~*" &`, "PageNum": "1", "PageSize": "10"}})
				if len(list.Data) != 1 || list.Data[0].UserId != "ben" || list.Data[0].NickName != `Ben, of 北京 + "~*" & <co>` || list.TotalNum != 1 || list.PageSize != 10 {
					t.Errorf("QueryUserList: %+v, want Ben alone", list)
				}

				if !do[bool](t, call, request{method: "POST", action: "DeleteUser", query: parameters{"UserId": "eve", "TransferUserId": "ann"}}) {
					t.Error("DeleteUser: false")
				}
				_, err := server.Client().QueryUserInfoByUserId(t.Context(), &quickbi.QueryUserInfoByUserIdRequest{UserID: "eve"})
				if !errors.Is(err, quickbi.ErrUserNotInOrganization) && !errors.Is(err, quickbi.ErrNotFound) {
					t.Errorf("after DeleteUser: %v", err)
				}
				_, err = call(request{method: "POST", action: "DeleteUser", query: parameters{"UserId": "eve"}})
				if code := codeOf(err); code != string(quickbi.ErrUserNotInOrganization) {
					t.Errorf("the second DeleteUser is refused with %q (%v)", code, err)
				}

				var executed []string // without what our own client called
				for _, c := range server.Calls() {
					if c.Executed && c.Action != "ListUserGroupsByUserId" && c.Action != "QueryUserInfoByUserId" {
						executed = append(executed, c.Action)
						if c.AccessKeyID != k.id || c.Signature != o.scheme {
							t.Errorf("%s is signed by %s with %s, want %s with %s", c.Action, c.AccessKeyID, c.Signature, k.id, o.scheme)
						}
					}
				}
				want := []string{"AddUser", "AddUserGroupMember", "DeleteUserGroupMembers", "WithdrawAllUserGroups", "QueryUserList", "DeleteUser"}
				if !slices.Equal(executed, want) {
					t.Errorf("executed: %q, want %q", executed, want)
				}
			})
		}
	})
}

// TestWrongKey has the official clients sign with what the emulator must not
// accept. Nothing is done, and the clients find the codes they look for.
func TestWrongKey(t *testing.T) {
	const id, secret = "LTAIexampleKey", "exampleSecret"
	for name, test := range map[string]struct {
		key  key
		code quickbi.ErrorCode
	}{
		"secret":     {key{id: id, secret: "wrong"}, quickbi.ErrSignatureMismatch},
		"id":         {key{id: "LTAIunknown", secret: secret}, quickbi.ErrAccessKeyNotFound},
		"STS secret": {key{id: "STS.exampleKey", secret: "wrong", token: "CAISexample"}, quickbi.ErrSignatureMismatch},
		"STS token":  {key{id: "STS.exampleKey", secret: "temporarySecret", token: "CAISanother"}, quickbi.ErrSecurityTokenMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			forEachOfficial(t, func(t *testing.T, o official) {
				server, host := newEmulator(t, quickbitest.WithAccessKey(id, secret),
					quickbitest.WithSTSToken("STS.exampleKey", "temporarySecret", "CAISexample"))
				call := o.open(t, host, test.key)
				for _, r := range []request{
					{method: "POST", action: "AddUserGroupMember", query: parameters{"UserGroupId": "legal", "UserIdList": "ann,ben"}},
					{method: "POST", action: "DeleteUserGroupMembers", query: parameters{"UserId": "eve", "UserGroupIds": "sales"}},
					{method: "POST", action: "WithdrawAllUserGroups", query: parameters{"UserId": "ben"}},
					{method: "POST", action: "DeleteUser", query: parameters{"UserId": "eve", "TransferUserId": "ann"}},
					{method: "GET", action: "QueryUserList", query: parameters{"PageNum": "1"}},
				} {
					_, err := call(r)
					if code := codeOf(err); code != string(test.code) {
						t.Errorf("%s is refused with %q, want %q (%v)", r.action, code, test.code, err)
					}
					// The legacy SDK compares what the server says was to be signed with
					// what it signed: only then is it the secret that is wrong.
					if e, ok := errors.AsType[*sdkerrors.ServerError](err); ok && test.code == quickbi.ErrSignatureMismatch &&
						!strings.Contains(e.Recommend(), "InvalidAccessKeySecret") {
						t.Errorf("%s: the client signed something else than the emulator checks: %s", r.action, e.Recommend())
					}
				}
				for _, c := range server.Calls() {
					if c.Executed {
						t.Errorf("%s was executed", c.Action)
					}
				}
				if len(server.Calls()) != 5 {
					t.Errorf("%d calls arrived, want 5", len(server.Calls()))
				}
			})
		})
	}
}
