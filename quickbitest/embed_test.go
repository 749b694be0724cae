package quickbitest

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
)

// embedding returns the office with more that can be embedded:
//
//	sales (a dashboard with the component c1), screen, form: open for embedding
//	costs: a spreadsheet, open but not published
//	draft: published and not open
//	portal, open
func embedding(t testing.TB, opts ...Option) *Emulator {
	t.Helper()
	e := office(t, opts...)
	err := e.Seed(Organization{
		Works: []Works{
			{WorksID: "screen", WorksName: "Screen", WorksType: "SCREEN", WorkspaceID: "lab", Status: 1, ThirdPartAuthFlag: true},
			{WorksID: "sheet", WorksName: "Sheet", WorksType: "REPORT", WorkspaceID: "lab", Status: 2, ThirdPartAuthFlag: true},
			{WorksID: "form", WorksName: "Form", WorksType: "DATAFORM", WorkspaceID: "lab", ThirdPartAuthFlag: true},
			{WorksID: "draft", WorksName: "Draft", WorkspaceID: "lab", Status: 1},
			{WorksID: "bare", WorksName: "Bare", WorkspaceID: "lab", Status: 1, ThirdPartAuthFlag: true},
		},
		DataSources: []DataSource{{DataSourceID: "db", WorkspaceID: "lab", DataSourceType: "mysql"}},
		Datasets: []Dataset{
			{DatasetID: "orders", DatasetName: "Orders", WorkspaceID: "lab", DataSourceID: "db", OwnerID: "ann"},
			{DatasetID: "people", DatasetName: "People", WorkspaceID: "lab", DataSourceID: "db"},
			{DatasetID: "mute", DatasetName: "Mute", WorkspaceID: "lab", DataSourceID: "db"},
		},
		LLMCubes: []LLMCube{
			{LLMCubeID: "llm1", DatasetID: "orders", Alias: "Ask orders"},
			{LLMCubeID: "llm2", DatasetID: "people", CreatorName: "dora"},
		},
		CopilotThemes: []CopilotTheme{{ThemeID: "77", ThemeName: "All about us", LLMCubeIDs: []string{"llm1", "llm2"}, CreatorName: "dora"}},
		AIProEmbeds:   []AIProEmbedConfig{{AIProID: "a1", ShowName: "Helper", AgentName: "Ada", Status: 1, UploadEnabled: 1}},
		CopilotEmbeds: []CopilotEmbedConfig{{CopilotID: "q1", ShowName: "Intranet", ModuleName: "Q", AgentName: "Quin", DataRange: quickbi.CopilotEmbedDataRange{AllLLMCubes: true}, CreatorID: "dora"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	must[int](t, e, "UpdateEmbeddedStatus", "WorksId", "sales,portal", "ThirdPartAuthFlag", "true")
	return e
}

func TestCreateTicket(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	const params = `[{"paramKey":"area","joinType":"and","conditionList":[{"operate":"in","value":["a+b","50%","中 文"]}]}]`
	id := must[string](t, e, "CreateTicket", "WorksId", "sales", "UserId", "cem", "CmptId", "c1", "TicketNum", "5", "ExpireTime", "60",
		"WatermarkParam", strings.Repeat("中", 50), "GlobalParam", url.QueryEscape(params))
	want := map[string]any{
		"AccessTicket": id, "WorksId": "sales", "CmptId": "c1", "UserId": "cem", "OrganizationId": OrganizationID,
		"GlobalParam": asEntities.Replace(params), "WatermarkParam": strings.Repeat("中", 50),
		"RegisterTime": "2026-05-04 12:00:00", "InvalidTime": "2026-05-04 13:00:00", "MaxTicketNum": 5.0, "UsedTicketNum": 0.0,
	}
	if diff := cmp.Diff(want, must[map[string]any](t, e, "QueryTicketInfo", "Ticket", id)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	plain := must[string](t, e, "CreateTicket", "WorksId", "sales")
	info := must[map[string]any](t, e, "QueryTicketInfo", "Ticket", plain)
	if info["UserId"] != "ann" || info["MaxTicketNum"] != 1.0 || info["InvalidTime"] != "2026-05-04 16:00:00" {
		t.Errorf("%v", info)
	}
	for account, user := range map[string]string{"ann@example.com": "ann", "main:bob": "bob", "other:bob": "bob2"} {
		id := must[string](t, e, "CreateTicket", "WorksId", "sheet", "AccountName", account, "AccountType", "5")
		if got := must[map[string]any](t, e, "QueryTicketInfo", "Ticket", id)["UserId"]; got != user {
			t.Errorf("%s is %v, want %s", account, got, user)
		}
	}
	must[string](t, e, "CreateTicket", "WorksId", "bare", "CmptId", "any") // no components were seeded

	for _, tt := range []struct {
		code  string
		pairs []string
	}{
		{"Report.NotExist", []string{"WorksId", "nothing"}},
		{"Report.NotExist", []string{"WorksId", "costs"}},
		{"Authorize3Rd.Report.Unauthorized", []string{"WorksId", "draft"}},
		{"Authorize3Rd.Report.Unauthorized", []string{"WorksId", "portal"}},
		{"ApiUser.Not.Exists", []string{"WorksId", "sales", "UserId", "nobody"}},
		{"Invalid.User.Organization", []string{"WorksId", "sales", "AccountName", "main:eve", "AccountType", "5"}},
		{"Invalid.User.Organization", []string{"WorksId", "sales", "AccountName", "bob", "AccountType", "5"}},
		{"System.Param.Empty", []string{"WorksId", "sales", "AccountName", "cem"}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "AccountName", "cem", "AccountType", "2"}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "AccountName", "cem", "AccountType", "1", "UserId", "cem"}},
		{"Authorize3rdTicket.Num.Exceed", []string{"WorksId", "sales", "TicketNum", "0"}},
		{"Authorize3rdTicket.Num.Exceed", []string{"WorksId", "sales", "TicketNum", "100000"}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "ExpireTime", "0"}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "ExpireTime", "241"}},
		{"Parameter.Length.Exceed", []string{"WorksId", "sales", "WatermarkParam", strings.Repeat("x", 51)}},
		{"Authorize3rdTicket.Unsupport.ScreenWatermark", []string{"WorksId", "screen", "WatermarkParam", "x"}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sheet", "CmptId", "c1"}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "CmptId", "c2"}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "GlobalParam", `{"paramKey":"a"}`}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "GlobalParam", `null`}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "GlobalParam", `%zz`}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "GlobalParam", `[{"paramKey":""}]`}},
		{"Invalid.Parameter.Error", []string{"WorksId", "sales", "GlobalParam", `[{"paramKey":"a","joinType":"or"}]`}},
	} {
		mustRefuse(t, e, tt.code, "CreateTicket", tt.pairs...)
	}
	if err := e.Seed(Organization{Lacks: Lacks{GlobalParams: true}}); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, e, "GlobalParam.Restricted.Use", "CreateTicket", "WorksId", "sales", "GlobalParam", "[]")
}

func TestTicketLife(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	operations := [][]string{
		{"QueryTicketInfo"}, {"UpdateTicketNum", "TicketNum", "9"}, {"DelayTicketExpireTime", "ExpireTime", "1"}, {"DeleteTicket"},
	}
	refusedAs := func(code, ticket string) {
		t.Helper()
		for _, op := range operations {
			mustRefuse(t, e, code, op[0], append(op[1:], "Ticket", ticket)...)
		}
	}
	refusedAs("Authorize3rdTicket.NotExist", "nothing")

	id := must[string](t, e, "CreateTicket", "WorksId", "sales", "ExpireTime", "10")
	e.SetSkew(10*time.Minute - time.Second)
	must[bool](t, e, "DelayTicketExpireTime", "Ticket", id, "ExpireTime", "240")
	mustRefuse(t, e, "Invalid.Parameter.Error", "DelayTicketExpireTime", "Ticket", id, "ExpireTime", "241")
	mustRefuse(t, e, "Invalid.Parameter.Error", "DelayTicketExpireTime", "Ticket", id, "ExpireTime", "-1")
	if got := must[map[string]any](t, e, "QueryTicketInfo", "Ticket", id)["InvalidTime"]; got != "2026-05-04 16:10:00" {
		t.Error(got)
	}
	e.SetSkew(250 * time.Minute)
	refusedAs("Authorize3rdTicket.Expired", id)

	id = must[string](t, e, "CreateTicket", "WorksId", "sales")
	must[bool](t, e, "UpdateTicketNum", "Ticket", id, "TicketNum", "99998")
	mustRefuse(t, e, "Authorize3rdTicket.Num.Exceed", "UpdateTicketNum", "Ticket", id, "TicketNum", "99999")
	mustRefuse(t, e, "Authorize3rdTicket.Num.Exceed", "UpdateTicketNum", "Ticket", id, "TicketNum", "0")
	if got := must[map[string]any](t, e, "QueryTicketInfo", "Ticket", id)["MaxTicketNum"]; got != 99998.0 {
		t.Error(got)
	}
	must[bool](t, e, "DeleteTicket", "Ticket", id)
	refusedAs("Authorize3rdTicket.NotExist", id)

	if err := e.Seed(Organization{Tickets: []TicketInfo{{AccessTicket: "spent", WorksID: "sales", MaxTicketNum: 2, UsedTicketNum: 2}}}); err != nil {
		t.Fatal(err)
	}
	refusedAs("Authorize3rdTicket.Num.HasNoLeft", "spent")

	// Dead tickets are forgotten in the end.
	e.SetSkew(48 * time.Hour)
	must[string](t, e, "CreateTicket", "WorksId", "sales")
	refusedAs("Authorize3rdTicket.NotExist", "spent")
	if n := len(e.Snapshot().Tickets); n != 1 {
		t.Errorf("%d tickets are left", n)
	}
}

// TestTicketUsers deletes the users of tickets, and gives works to others.
func TestTicketUsers(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	ofEva := must[string](t, e, "CreateTicket", "WorksId", "sales", "UserId", "eva")
	ofOwner := must[string](t, e, "CreateTicket", "WorksId", "sales")
	must[bool](t, e, "DeleteUser", "UserId", "eva")
	mustRefuse(t, e, "Authorize3rdTicket.NotExist", "QueryTicketInfo", "Ticket", ofEva)
	must[bool](t, e, "DeleteUser", "UserId", "dora")
	if got := must[[]map[string]any](t, e, "QueryCopilotEmbedConfig")[0]; got["CreateUser"] != OwnerUserID || got["ModifyUser"] != OwnerUserID {
		t.Errorf("%v", got)
	}
	if got := must[map[string]any](t, e, "QueryTicketInfo", "Ticket", ofOwner)["UserId"]; got != "ann" {
		t.Error(got)
	}
}

func TestCopilot(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	want := []map[string]any{{
		"CopilotId": "q1", "ShowName": "Intranet", "ModuleName": "Q", "AgentName": "Quin", "CreateUser": "dora", "CreateUserName": "Dora",
		"ModifyUser": "dora", "DataRange": map[string]any{"AllCube": true, "AllTheme": false, "LlmCubes": []any{}, "Themes": []any{}},
	}}
	if diff := cmp.Diff(want, must[[]map[string]any](t, e, "QueryCopilotEmbedConfig", "Keyword", "INTRA")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := must[[]map[string]any](t, e, "QueryCopilotEmbedConfig", "Keyword", "extra"); len(got) != 0 {
		t.Errorf("%v", got)
	}

	for _, tt := range []struct {
		document string
		want     quickbi.CopilotEmbedDataRange
	}{
		{`{"llmCubes": ["llm1"]}`, quickbi.CopilotEmbedDataRange{LLMCubeIDs: []string{"llm1"}, ThemeIDs: []string{}}},
		{`{"themes": [77]}`, quickbi.CopilotEmbedDataRange{LLMCubeIDs: []string{}, ThemeIDs: []string{"77"}}},
		{`{"themes": [77], "llmCubes": ["llm2", "llm1"]}`, quickbi.CopilotEmbedDataRange{LLMCubeIDs: []string{"llm2", "llm1"}, ThemeIDs: []string{}}},
		{`{"themes": [77], "allTheme": true}`, quickbi.CopilotEmbedDataRange{AllThemes: true, LLMCubeIDs: []string{}, ThemeIDs: []string{}}},
		{`{"allCube": true, "allTheme": true}`, quickbi.CopilotEmbedDataRange{AllLLMCubes: true, LLMCubeIDs: []string{}, ThemeIDs: []string{}}},
	} {
		must[bool](t, e, "ModifyCopilotEmbedConfig", "CopilotId", "q1", "DataRange", tt.document)
		got := must[[]struct{ DataRange quickbi.CopilotEmbedDataRange }](t, e, "QueryCopilotEmbedConfig")[0].DataRange
		if diff := cmp.Diff(tt.want, got, fieldsOnly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.document, diff)
		}
	}
	must[bool](t, e, "ModifyCopilotEmbedConfig", "CopilotId", "q1", "AgentName", "Ada", "ModuleName", "Module")
	if got := must[[]map[string]any](t, e, "QueryCopilotEmbedConfig", "Keyword", "module")[0]; got["AgentName"] != "Ada" || got["ModifyUser"] != OwnerUserID {
		t.Errorf("%v", got)
	}
	mustRefuse(t, e, "CopilotEmbed.Config.NotFind", "ModifyCopilotEmbedConfig", "CopilotId", "q2")
	for _, document := range []string{`{}`, `[]`, `{allTheme: true}`, `{"themes": [78]}`, `{"llmCubes": ["77"]}`, `{"themes": [true]}`} {
		mustRefuse(t, e, "Invalid.Parameter.Error", "ModifyCopilotEmbedConfig", "CopilotId", "q1", "DataRange", document, "AgentName", "Eve")
	}

	id := must[string](t, e, "CreateTicket4Copilot", "CopilotId", "q1", "TicketNum", "3")
	info := must[map[string]any](t, e, "QueryTicketInfo", "Ticket", id)
	if info["UserId"] != OwnerUserID || info["MaxTicketNum"] != 3.0 || info["WorksId"] != "" {
		t.Errorf("%v", info)
	}
	must[string](t, e, "CreateTicket4Copilot", "CopilotId", "q1", "AccountName", "cem", "AccountType", "6")
	mustRefuse(t, e, "CopilotEmbed.Config.NotFind", "CreateTicket4Copilot", "CopilotId", "q2")
	mustRefuse(t, e, "User.Not.In.Organization", "CreateTicket4Copilot", "CopilotId", "q1", "UserId", "nobody")
	mustRefuse(t, e, "User.Not.In.Organization", "CreateTicket4Copilot", "CopilotId", "q1", "AccountName", "nobody", "AccountType", "1")
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateTicket4Copilot", "CopilotId", "q1", "TicketNum", "100000")
}

func TestQueryDataRange(t *testing.T) {
	t.Parallel()
	e := embedding(t)
	cube1 := map[string]any{"LlmCubeId": "llm1", "Alias": "Ask orders", "CreateUser": "Ann"}
	cube2 := map[string]any{"LlmCubeId": "llm2", "Alias": "People", "CreateUser": "Dora"}
	theme := map[string]any{"ThemeId": "77", "ThemeName": "All about us", "CreateUser": "Dora", "ApiCopilotLlmCubeModels": []any{cube1, cube2}}
	for _, tt := range []struct {
		kind, keyword string
		cubes, themes []any
	}{
		{"llmCube", "", []any{cube1, cube2}, []any{}},
		{"llmCube", "ORDER", []any{cube1}, []any{}},
		{"llmCubeTheme", "about", []any{}, []any{theme}},
		{"llmCubeTheme", "order", []any{}, []any{}},
	} {
		want := map[string]any{"ApiCopilotLlmCubeModels": tt.cubes, "ApiCopilotThemeModels": tt.themes}
		if diff := cmp.Diff(want, must[map[string]any](t, e, "QueryDataRange", "Type", tt.kind, "Keyword", tt.keyword)); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", tt.kind, tt.keyword, diff)
		}
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "QueryDataRange", "Type", "cube")
}

func TestSeedEmbedding(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want string
		seed Organization
	}{
		{`there is no user "x"`, Organization{CopilotEmbeds: []CopilotEmbedConfig{{CreatorID: "x"}}}},
		{`there is no user "x"`, Organization{CopilotEmbeds: []CopilotEmbedConfig{{ModifierID: "x"}}}},
		{"already", Organization{CopilotEmbeds: []CopilotEmbedConfig{{CopilotID: "q1"}}}},
		{`no question resource "x"`, Organization{CopilotEmbeds: []CopilotEmbedConfig{{DataRange: quickbi.CopilotEmbedDataRange{LLMCubeIDs: []string{"x"}}}}}},
		{`no analysis theme "x"`, Organization{CopilotEmbeds: []CopilotEmbedConfig{{DataRange: quickbi.CopilotEmbedDataRange{ThemeIDs: []string{"x"}}}}}},
		{"one thing", Organization{Tickets: []TicketInfo{{}}}},
		{"one thing", Organization{Tickets: []TicketInfo{{WorksID: "x"}}}},
		{"one thing", Organization{Tickets: []TicketInfo{{WorksID: "sales", CopilotID: "q1"}}}},
		{"already", Organization{Tickets: []TicketInfo{{AccessTicket: "t", WorksID: "sales"}, {AccessTicket: "t", CopilotID: "q1"}}}},
		{`there is no user "x"`, Organization{Tickets: []TicketInfo{{WorksID: "sales", UserID: "x"}}}},
		{"is not a time", Organization{Tickets: []TicketInfo{{WorksID: "sales", RegisterTime: "x"}}}},
		{"is not a time", Organization{Tickets: []TicketInfo{{WorksID: "sales", InvalidTime: "x"}}}},
	} {
		if err := embedding(t).Seed(tt.seed); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
}

func TestEmbeddedAgents(t *testing.T) {
	t.Parallel()
	now := officeTime
	e := embedding(t, WithClock(func() time.Time { return now }))
	config := func() map[string]any {
		t.Helper()
		return must[[]map[string]any](t, e, "QueryAiproEmbedConfig", "Keyword", "ADA")[0]
	}
	want := map[string]any{
		"AiProId": "a1", "ShowName": "Helper", "AgentName": "Ada", "Config": "", "Status": 1.0, "ChatHistoryStatus": 0.0, "MemoryEnabled": 0.0, "UploadEnabled": 1.0,
	}
	if diff := cmp.Diff(want, config()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must[bool](t, e, "ModifyAiproEmbedConfig", "AiProId", "a1", "ShowName", "", "Config", "{}", "UploadEnabled", "0", "MemoryEnabled", "2")
	want["ShowName"], want["Config"], want["UploadEnabled"], want["MemoryEnabled"] = "", "{}", 0.0, 2.0
	if diff := cmp.Diff(want, config()); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	if got := must[[]map[string]any](t, e, "QueryAiproEmbedConfig", "Keyword", "nobody"); len(got) != 0 {
		t.Error(got)
	}
	mustRefuse(t, e, "CopilotEmbed.Config.NotFind", "ModifyAiproEmbedConfig", "AiProId", "a2", "ShowName", "x")

	mustRefuse(t, e, "CopilotEmbed.Config.NotFind", "CreateTicket4AiPro", "AiProId", "a2")
	mustRefuse(t, e, "User.Not.In.Organization", "CreateTicket4AiPro", "AiProId", "a1", "QuickBIUserId", "nobody")
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateTicket4AiPro", "AiProId", "a1", "QuickBIUserId", "cem", "AccountName", "cem", "AccountType", "5")
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateTicket4AiPro", "AiProId", "a1", "TicketNum", "0")
	mustRefuse(t, e, "Invalid.Parameter.Error", "CreateTicket4AiPro", "AiProId", "a1", "ExpireTime", "241")
	id := must[string](t, e, "CreateTicket4AiPro", "AiProId", "a1", "QuickBIUserId", "cem", "TicketNum", "2", "ExpireTime", "10")
	const page = "/token3rd/agent?id=a1&accessTicket="
	turnedAway(t, e, "Authorize3rdTicket.BindedWorks.Mismatch", "/token3rd/agent?id=a2&accessTicket="+id)
	turnedAway(t, e, "Authorize3rdTicket.BindedWorks.Mismatch", dashboardPage+id)
	if status, texts, body := browse(t, e, page+id); status != 200 || texts["viewer"] != "Cem" || texts["left"] != "1" {
		t.Errorf("%d %s", status, body)
	}
	if got := must[map[string]any](t, e, "QueryTicketInfo", "Ticket", id); got["UsedTicketNum"] != 1.0 || got["UserId"] != "cem" {
		t.Error(got)
	}
	// It lives on in a second emulator.
	second := NewEmulator(WithClock(func() time.Time { return now }))
	if err := second.Seed(e.Snapshot()); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*Emulator{e, second} {
		browse(t, e, page+id)
		turnedAway(t, e, "Authorize3rdTicket.Num.HasNoLeft", page+id)
	}
	late := must[string](t, e, "CreateTicket4AiPro", "AiProId", "a1", "ExpireTime", "10")
	now = now.Add(11 * time.Minute)
	turnedAway(t, e, "Authorize3rdTicket.Expired", page+late)
}
