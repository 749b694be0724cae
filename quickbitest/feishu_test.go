package quickbitest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// boundTo returns the member to whom an account is bound.
func boundTo(t testing.TB, e *Emulator, platform, id string) string {
	t.Helper()
	return must[struct {
		BoundUserID string `json:"BoundUserId"`
	}](t, e, "QueryUserByMobileAccount", "MobileType", platform, "MobileUserId", id).BoundUserID
}

func TestQueryUserByMobileAccount(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	err := e.Seed(Organization{MobileAccounts: []MobileAccount{
		{MobileType: "ding", MobileUserID: "1", AccountName: "ann.ding", UserID: "ann"},
		{MobileType: "corp_weixin", MobileUserID: "1", UserID: "bob"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"BoundUserId": "ann", "ThirdAccountName": "ann.ding"}
	if diff := cmp.Diff(want, must[map[string]string](t, e, "QueryUserByMobileAccount", "MobileType", "ding", "MobileUserId", "1")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := boundTo(t, e, "corp_weixin", "1"); got != "bob" {
		t.Error(got)
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "QueryUserByMobileAccount", "MobileType", "feishu", "MobileUserId", "1")
	mustRefuse(t, e, "Invalid.Parameter.Error", "QueryUserByMobileAccount", "MobileType", "icq", "MobileUserId", "1")
	must[bool](t, e, "DeleteUser", "UserId", "ann")
	mustRefuse(t, e, "Invalid.Parameter.Error", "QueryUserByMobileAccount", "MobileType", "ding", "MobileUserId", "1")

	for want, a := range map[string]MobileAccount{
		"no platform":      {MobileType: "icq", MobileUserID: "1", UserID: "bob"},
		"no id":            {MobileType: "ding", UserID: "bob"},
		`no user "ann"`:    {MobileType: "ding", MobileUserID: "1", UserID: "ann"},
		"is bound already": {MobileType: "corp_weixin", MobileUserID: "1", UserID: "bob"},
	} {
		if err := e.Seed(Organization{MobileAccounts: []MobileAccount{a}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", a, err, want)
		}
	}
}

func TestBatchAddFeishuUsers(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	got := must[feishuResult](t, e, "BatchAddFeishuUsers", "FeishuUsers", `{"f1": "Fay", "f2": "Ann", "f3": "Fay", "f4": "a*b", "f5": "Fred"}`,
		"UserType", "3", "IsAuthAdmin", "true", "UserGroupIds", "south,north")
	failed := func(code, input string) feishuFailure {
		return feishuFailure{[]feishuFailInfo{{Code: code, Input: input}}}
	}
	want := feishuResult{OkCount: 2, FailCount: 3, FailResults: []feishuFailure{
		failed("NICKNAME_EXIST", "Ann"), failed("NICKNAME_EXIST", "Fay"), failed("NICKNAME_INVALID", "a*b"),
	}}
	for i := range got.FailResults {
		if got.FailResults[i].FailInfos[0].CodeDesc == "" {
			t.Error("no CodeDesc")
		}
		got.FailResults[i].FailInfos[0].CodeDesc = ""
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(feishuResult{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	id := boundTo(t, e, "feishu", "f5")
	fred := must[memberInfo](t, e, "QueryUserInfoByUserId", "UserId", id)
	if fred.NickName != "Fred" || fred.AccountName != "f5" || fred.UserType != analyst || !fred.AuthAdminUser || fred.AdminUser {
		t.Errorf("%+v", fred)
	}
	if got := groupsOf(t, e, id); got != "south north" {
		t.Errorf("Fred is in %s", got)
	}
	again := must[feishuResult](t, e, "BatchAddFeishuUsers", "FeishuUsers", `{"f5": "Other"}`)
	if again.OkCount != 0 || again.FailResults[0].FailInfos[0].Code != "ACCOUNT_EXIST" || again.FailResults[0].FailInfos[0].Input != "f5" {
		t.Errorf("%+v", again)
	}
	must[bool](t, e, "DeleteUser", "UserId", id)
	if got := must[feishuResult](t, e, "BatchAddFeishuUsers", "FeishuUsers", `{"f5": "Other"}`); got.OkCount != 1 {
		t.Errorf("%+v", got)
	}

	for _, tt := range []struct {
		code  string
		pairs []string
	}{
		{"System.Param.Empty", nil},
		{"Feishu.Parameter.Error", []string{"FeishuUsers", `["f6"]`}},
		{"Feishu.Parameter.Error", []string{"FeishuUsers", `{"f6": "x`}},
		{"Feishu.Parameter.Error", []string{"FeishuUsers", `{}`}},
		{"Feishu.Parameter.Error", []string{"FeishuUsers", `null`}},
		{"Feishu.Parameter.Error", []string{"FeishuUsers", `{"": "x"}`}},
		{"Feishu.User.Duplicated", []string{"FeishuUsers", `{"f6": "x", "f6": "y"}`}},
		{"Usergroup.Not.Exist", []string{"FeishuUsers", `{"f6": "x"}`, "UserGroupIds", "south,west"}},
		{"Invalid.Parameter.Error", []string{"FeishuUsers", `{"f6": "x"}`, "UserType", "4"}},
	} {
		mustRefuse(t, e, tt.code, "BatchAddFeishuUsers", tt.pairs...)
	}
	if err := e.Seed(Organization{Limits: Limits{Viewers: 2}}); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, e, "Instance.Over.MaxLicense", "BatchAddFeishuUsers", "FeishuUsers", `{"f7": "x", "f8": "y"}`, "UserType", "2")
	must[feishuResult](t, e, "BatchAddFeishuUsers", "FeishuUsers", `{"f7": "x"}`, "UserType", "2")
	if err := e.Seed(Organization{Lacks: Lacks{Feishu: true}}); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, e, "Feishhu.Config.Not.Exit", "BatchAddFeishuUsers", "FeishuUsers", `{"f9": "z"}`)
}
