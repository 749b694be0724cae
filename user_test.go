package quickbi

import (
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
	p, err := encode("UpdateUser", &UpdateUserRequest{UserID: "u-1", IsDeleted: new(false)}, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(url.Values{"UserId": {"u-1"}, "IsDeleted": {"false"}}, p.query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

// TestUserIsDeleted checks that "deactivated", "active" and "not told" can be told
// apart, in every form in which the service writes them.
func TestUserIsDeleted(t *testing.T) {
	t.Parallel()
	for member, want := range map[string]OptionalBool{
		``:                     OptionalBoolUnknown,
		`,"IsDeleted":null`:    OptionalBoolUnknown,
		`,"IsDeleted":""`:      OptionalBoolUnknown,
		`,"IsDeleted":true`:    OptionalBoolTrue,
		`,"IsDeleted":false`:   OptionalBoolFalse,
		`,"IsDeleted":"true"`:  OptionalBoolTrue,
		`,"IsDeleted":"FALSE"`: OptionalBoolFalse,
		`,"IsDeleted":1`:       OptionalBoolTrue,
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
