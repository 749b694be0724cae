package quickbitest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
)

// asks lists the datasets and themes that a user may ask, and checks that all
// operations agree on it.
func asks(t testing.TB, e *Emulator, user string) string {
	t.Helper()
	list := must[struct{ CubeIDs, ThemeIDs map[string]string }](t, e, "QueryLlmCubeWithThemeListByUserId", "UserId", user)
	var ids []string
	for _, cube := range []string{"orders", "people", "mute"} {
		_, listed := list.CubeIDs[cube]
		permission := must[struct {
			CubeName    string
			HasPerssion bool
		}](t, e, "QuerySmartqPermissionByCubeId", "CubeId", cube, "UserId", user)
		g := do(t, e, "SmartqQueryAbility", "CubeId", cube, "UserId", user, "UserQuestion", "how many?")
		if permission.HasPerssion != listed || g.Success != listed || permission.CubeName == "" {
			t.Errorf("%s, %s: listed %v, permission %+v, asked %s", user, cube, listed, permission, g.Body)
		}
		if listed {
			ids = append(ids, cube)
		}
	}
	for id := range list.ThemeIDs {
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

func TestSmartQAuthorize(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	for user, want := range map[string]string{OwnerUserID: "orders people 77", "dora": "orders people 77", "ann": "orders", "cem": ""} {
		if got := asks(t, e, user); got != want {
			t.Errorf("at first %s asks %s, want %s", user, got, want)
		}
	}
	authorize := func(operation string, pairs ...string) []smartQFailure {
		t.Helper()
		return must[[]smartQFailure](t, e, "SmartqAuthorize", append(pairs, "OperationType", operation)...)
	}
	if failures := authorize("0", "UserIds", "cem,eva", "CubeIds", "orders"); len(failures) != 0 {
		t.Errorf("%+v", failures)
	}
	authorize("0", "UserIds", "eva", "LlmCubes", "llm2", "ExpireDay", "2026-05-04") // today
	authorize("0", "UserIds", "bob", "LlmCubeThemes", "77", "ExpireDay", "2099-12-31")
	for user, want := range map[string]string{"cem": "orders", "eva": "orders people", "bob": "orders people 77"} {
		if got := asks(t, e, user); got != want {
			t.Errorf("%s asks %s, want %s", user, got, want)
		}
	}
	authorize("1", "UserIds", "eva,cem", "LlmCubes", "llm2") // not missed
	authorize("1", "UserIds", "bob", "CubeIds", "orders")    // has it by the theme
	if got := asks(t, e, "eva") + "; " + asks(t, e, "bob"); got != "orders; orders people 77" {
		t.Error(got)
	}

	// What fails does so by itself.
	failures := authorize("0", "UserIds", "cem,nobody", "CubeIds", "mute,people", "LlmCubeThemes", "78")
	want := []SmartqGrant{
		{UserID: "cem", LLMCubeID: "mute"}, {UserID: "cem", ThemeID: "78"},
		{UserID: "nobody", LLMCubeID: "mute"}, {UserID: "nobody", LLMCubeID: "people"}, {UserID: "nobody", ThemeID: "78"},
	}
	var failed []SmartqGrant
	for _, f := range failures {
		if f.DetailMessage == "" {
			t.Error("no message")
		}
		failed = append(failed, f.SmartqGrant)
	}
	if diff := cmp.Diff(want, failed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := asks(t, e, "cem"); got != "orders people" {
		t.Errorf("Cem asks %s", got)
	}

	// Seven days, to the end of the last.
	e.SetSkew(8*24*time.Hour - 12*time.Hour - time.Second)
	if got := asks(t, e, "cem"); got != "orders people" {
		t.Errorf("after seven days Cem asks %s", got)
	}
	e.SetSkew(8*24*time.Hour - 12*time.Hour)
	if got := asks(t, e, "cem") + "; " + asks(t, e, "bob"); got != "; orders people 77" {
		t.Errorf("after eight days: %s", got)
	}

	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprint("u", i))
	}
	for _, tt := range []struct {
		code  string
		pairs []string
	}{
		{"System.Param.Empty", []string{"OperationType", "0", "UserIds", "cem"}},
		{"Invalid.Parameter.Error", []string{"OperationType", "2", "UserIds", "cem", "LlmCubes", "llm1"}},
		{"Invalid.Parameter.Error", []string{"OperationType", "0", "UserIds", "cem", "LlmCubes", "llm1", "ExpireDay", "20991231"}},
		{"Invalid.Parameter.Error", []string{"OperationType", "0", "UserIds", "cem", "LlmCubes", "llm1", "ExpireDay", "2020-01-01"}},
		{"Invalid.Parameter.Error", []string{"OperationType", "0", "UserIds", strings.Join(many, ","), "LlmCubes", "llm1,llm2"}},
	} {
		mustRefuse(t, e, tt.code, "SmartqAuthorize", tt.pairs...)
	}
}

func TestSmartQAuthTransfer(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	must[[]smartQFailure](t, e, "SmartqAuthorize", "OperationType", "0", "UserIds", "cem", "CubeIds", "orders", "ExpireDay", "2026-05-10")
	must[[]smartQFailure](t, e, "SmartqAuthorize", "OperationType", "0", "UserIds", "eva", "CubeIds", "orders", "ExpireDay", "2026-05-20")
	must[bool](t, e, "SmartqAuthTransfer", "OriginUserId", "cem", "TargetUserIds", "eva,bob")
	if got := asks(t, e, "cem") + "; " + asks(t, e, "bob"); got != "orders; orders" {
		t.Error(got)
	}
	e.SetSkew(7 * 24 * time.Hour)
	if got := asks(t, e, "bob") + "; " + asks(t, e, "eva"); got != "; orders" { // what Eva had lasts longer
		t.Error(got)
	}
	mustRefuse(t, e, "User.Not.In.Organization", "SmartqAuthTransfer", "OriginUserId", "nobody", "TargetUserIds", "eva")
	mustRefuse(t, e, "User.NotBelongTo.CurrentOrganization", "SmartqAuthTransfer", "OriginUserId", "eva", "TargetUserIds", "ann,nobody")
	mustRefuse(t, e, "Invalid.Parameter.Error", "SmartqAuthTransfer", "OriginUserId", "eva", "TargetUserIds", strings.Repeat("ann,", 101))

	// Who leaves takes nothing along and leaves nothing behind.
	must[bool](t, e, "DeleteUser", "UserId", "eva")
	must[bool](t, e, "DeleteUser", "UserId", "dora")
	if grants := e.Snapshot().SmartqGrants; slices.ContainsFunc(grants, func(g SmartqGrant) bool { return g.UserID == "eva" }) {
		t.Errorf("%+v", grants)
	}
	if got := e.Snapshot(); got.CopilotThemes[0].CreatorName != OwnerUserID || got.LLMCubes[1].CreatorName != OwnerUserID {
		t.Errorf("%+v %+v", got.CopilotThemes, got.LLMCubes)
	}
}

func TestSmartQQuery(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	answer := SmartqAnswer{
		UserQuestion: "who?", DatasetID: "people", ChartType: "PIE", ConclusionText: "All of them.", LogicSQL: "select 1",
		Columns: []quickbi.SmartqColumn{{Name: "name", Kind: "Dimension", DataType: "string"}}, Values: []quickbi.SmartqRow{{Row: []string{"Ann"}}},
	}
	if err := e.Seed(Organization{SmartqAnswers: []SmartqAnswer{answer}}); err != nil {
		t.Fatal(err)
	}
	want := SmartqAnswer{
		ChartType: "PIE", ConclusionText: "All of them.", LogicSQL: "select 1", Columns: answer.Columns, Values: answer.Values, DataList: []string{},
	}
	if diff := cmp.Diff(want, must[SmartqAnswer](t, e, "SmartqQueryAbility", "MultipleCubeIds", "orders,people", "UserQuestion", "who?")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := must[SmartqAnswer](t, e, "SmartqQueryAbility", "CubeId", "orders", "UserQuestion", "who?"); got.ConclusionText != "Orders has no rows." {
		t.Errorf("%+v", got)
	}
	for code, pairs := range map[string][]string{
		"User.Not.In.Organization": {"CubeId", "orders", "UserId", "nobody"},
		"Query.Auth.Error":         {"MultipleCubeIds", "orders,people", "UserId", "ann"},
		"Invalid.Parameter.Error":  {"CubeId", "orders", "MultipleCubeIds", "people"},
	} {
		mustRefuse(t, e, code, "SmartqQueryAbility", append(pairs, "UserQuestion", "who?")...)
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "SmartqQueryAbility", "UserQuestion", "who?")
	mustRefuse(t, e, "Query.Auth.Error", "SmartqQueryAbility", "CubeId", "mute", "UserQuestion", "who?")

	if got := must[string](t, e, "DataInterpretation", "Data", "中1", "UserQuestion", "why?"); got != "The data have 2 characters. The question was: why?" {
		t.Error(got)
	}
}

func TestDatasetSmartQStatus(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	for cube, want := range map[string]bool{"orders": true, "mute": false} {
		if got := must[bool](t, e, "QueryDatasetSmartqStatus", "CubeId", cube); got != want {
			t.Errorf("%s: %v", cube, got)
		}
	}
	mustRefuse(t, e, "Cube.Not.Exist", "QueryDatasetSmartqStatus", "CubeId", "nothing")
	mustRefuse(t, e, "Cube.Not.Exist", "QuerySmartqPermissionByCubeId", "CubeId", "nothing", "UserId", "ann")
	mustRefuse(t, e, "User.Not.In.Organization", "QuerySmartqPermissionByCubeId", "CubeId", "orders", "UserId", "nobody")
	mustRefuse(t, e, "User.Not.In.Organization", "QueryLlmCubeWithThemeListByUserId", "UserId", "nobody")
	if err := e.Seed(Organization{Lacks: Lacks{SmartQ: true}}); err != nil {
		t.Fatal(err)
	}
	for _, call := range [][]string{
		{"QueryDatasetSmartqStatus", "CubeId", "orders"},
		{"QuerySmartqPermissionByCubeId", "CubeId", "orders", "UserId", "ann"},
		{"SmartqAuthTransfer", "OriginUserId", "ann", "TargetUserIds", "bob"},
		{"ModifyDashboardNl2sqlStatus", "DashboardIds", "sales", "Status", "1"},
	} {
		mustRefuse(t, e, "RobotNl2sql.Moudle.NotPurchase", call[0], call[1:]...)
	}
	mustRefuse(t, e, "Query.Auth.Error", "SmartqQueryAbility", "CubeId", "orders", "UserQuestion", "who?")
}

func TestDashboardNL2SQL(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	failed := must[[]string](t, e, "ModifyDashboardNl2sqlStatus", "DashboardIds", "sales,nothing,sheet,bare", "Status", "1")
	if diff := cmp.Diff([]string{"nothing", "sheet"}, failed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	query := func(user string) []map[string]any {
		return must[[]map[string]any](t, e, "QueryDashboardNl2sql", "UserId", user, "WorkspaceId", "lab")
	}
	want := []map[string]any{
		{"DashboardNl2sqlId": "nl2sql-sales", "DashboardName": "Sales", "OwnerId": "ann", "Authorities": []any{"READ"}},
		{"DashboardNl2sqlId": "nl2sql-bare", "DashboardName": "Bare", "OwnerId": OwnerUserID, "Authorities": []any{"READ"}},
	}
	if diff := cmp.Diff(want, query("ann")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must[[]string](t, e, "ModifyDashboardNl2sqlStatus", "DashboardIds", "bare", "Status", "0")
	want = want[:1]
	want[0]["Authorities"] = []any{}
	if diff := cmp.Diff(want, query("eva")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mustRefuse(t, e, "User.Not.In.Organization", "QueryDashboardNl2sql", "UserId", "nobody", "WorkspaceId", "lab")
	mustRefuse(t, e, "Workspace.Not.Exist", "QueryDashboardNl2sql", "UserId", "ann", "WorkspaceId", "nowhere")
	mustRefuse(t, e, "Parameter.Error", "ModifyDashboardNl2sqlStatus", "DashboardIds", strings.Repeat("sales,", 51), "Status", "1")
	mustRefuse(t, e, "Invalid.Parameter.Error", "ModifyDashboardNl2sqlStatus", "DashboardIds", "sales", "Status", "2")
}

func TestSeedSmartQ(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want string
		seed Organization
	}{
		{`no dataset "x"`, Organization{LLMCubes: []LLMCube{{DatasetID: "x"}}}},
		{`no user "x"`, Organization{LLMCubes: []LLMCube{{DatasetID: "mute", CreatorName: "x"}}}},
		{`"llm1" already`, Organization{LLMCubes: []LLMCube{{LLMCubeID: "llm1", DatasetID: "mute"}}}},
		{"has a question resource already", Organization{LLMCubes: []LLMCube{{DatasetID: "orders"}}}},
		{`no user "x"`, Organization{CopilotThemes: []CopilotTheme{{CreatorName: "x"}}}},
		{`"77" already`, Organization{CopilotThemes: []CopilotTheme{{ThemeID: "77"}}}},
		{`no question resource "x"`, Organization{CopilotThemes: []CopilotTheme{{LLMCubeIDs: []string{"llm1", "x"}}}}},
		{"not a day", Organization{SmartqGrants: []SmartqGrant{{UserID: "ann", LLMCubeID: "llm1"}}}},
		{`no user "x"`, Organization{SmartqGrants: []SmartqGrant{{UserID: "x", LLMCubeID: "llm1", ExpireDay: "2099-12-31"}}}},
		{"one thing to ask", Organization{SmartqGrants: []SmartqGrant{{UserID: "ann", LLMCubeID: "x", ExpireDay: "2099-12-31"}}}},
		{"one thing to ask", Organization{SmartqGrants: []SmartqGrant{{UserID: "ann", LLMCubeID: "llm1", ThemeID: "77", ExpireDay: "2099-12-31"}}}},
		{"has no question resource", Organization{SmartqAnswers: []SmartqAnswer{{DatasetID: "mute"}}}},
		{`no dashboard "sheet"`, Organization{NL2SQLDashboards: []string{"sheet"}}},
	} {
		if err := embedding(t).Seed(tt.seed); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
}
