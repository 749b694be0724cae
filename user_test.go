package quickbi

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCopilotSwitches(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   CopilotSwitches
		want string
	}{
		{CopilotSwitches{}, `[]`},
		{CopilotSwitches{CopilotModuleBuild: false}, `[{"moduleType":"smartQDevNum","status":0}]`},
		{
			CopilotSwitches{CopilotModuleReport: true, CopilotModuleExplore: false, "new": true},
			`[{"moduleType":"new","status":1},{"moduleType":"qExploreNum","status":0},{"moduleType":"qreport","status":1}]`,
		},
	} {
		v := url.Values{}
		if err := test.in.EncodeValues("CopilotModules", &v); err != nil {
			t.Error(err)
		}
		if got := v.Get("CopilotModules"); got != test.want {
			t.Errorf("%v is sent as %s, want %s", test.in, got, test.want)
		}
	}
	// Leaving the switches out must not send an empty document.
	p, err := encode("UpdateUser", &UpdateUserRequest{UserID: "u-1"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(url.Values{"UserId": {"u-1"}}, p.query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

// TestUserIsDeleted checks that "deactivated", "active" and "not told" can be told
// apart, in every form in which the service writes them.
func TestUserIsDeleted(t *testing.T) {
	t.Parallel()
	for member, want := range map[string]*bool{
		``:                     nil,
		`,"IsDeleted":null`:    nil,
		`,"IsDeleted":""`:      nil,
		`,"IsDeleted":true`:    new(true),
		`,"IsDeleted":false`:   new(false),
		`,"IsDeleted":"true"`:  new(true),
		`,"IsDeleted":"false"`: new(false),
	} {
		body := `{"RequestId":"R","Success":"true","Result":{"UserId":"u-1"` + member + `}}`
		c := newTestClient(t, newRecorder(t, answering(http.StatusOK, body)))
		resp, err := c.QueryUserInfoByUserId(t.Context(), &QueryUserInfoByUserIdRequest{UserID: "u-1"})
		if err != nil {
			t.Errorf("%s: %v", member, err)
		} else if diff := cmp.Diff(want, resp.Result.IsDeleted); diff != "" {
			t.Errorf("%s (-want +got):\n%s", member, diff)
		}
	}
}

func TestFeishuUsersResultFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in   FeishuUsersResult
		want []FailedEntry
	}{
		"all added": {FeishuUsersResult{OKCount: 2}, nil},
		"reasons": {
			FeishuUsersResult{OKCount: 1, FailCount: 2, FailResults: []FeishuUserFailure{
				{FailInfos: []FeishuUserFailInfo{{Code: "ACCOUNT_EXIST", CodeDesc: "账号已存在", Input: "u-1"}, {Code: "NAME", Input: "u-1"}}},
				{FailInfos: []FeishuUserFailInfo{{Code: "ACCOUNT_EXIST", Input: "u-2"}}},
			}},
			[]FailedEntry{{"u-1", "ACCOUNT_EXIST", "账号已存在"}, {"u-1", "NAME", ""}, {"u-2", "ACCOUNT_EXIST", ""}},
		},
		"a count only":   {FeishuUsersResult{FailCount: 3}, []FailedEntry{{Message: "users that the service does not name"}}},
		"without reason": {FeishuUsersResult{FailResults: make([]FeishuUserFailure, 1)}, []FailedEntry{{Message: "users that the service does not name"}}},
	} {
		err := test.in.Failures()
		var partial *PartialError
		if errors.As(err, &partial) != (test.want != nil) {
			t.Errorf("%s: %v", name, err)
		} else if partial != nil {
			if diff := cmp.Diff(test.want, partial.Failed); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}
