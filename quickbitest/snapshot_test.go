package quickbitest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
)

// TestSnapshot starts a second emulator from the state of a first, by way of JSON.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	e := furnished(t)
	first := e.Snapshot()
	v := reflect.ValueOf(first)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("nothing is known to survive of %s", v.Type().Field(i).Name)
		}
	}

	document, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	var o Organization
	if err := json.Unmarshal(document, &o); err != nil {
		t.Fatal(err)
	}
	second := NewEmulator(WithClock(func() time.Time { return officeTime.Add(time.Hour) }))
	if err := second.Seed(o); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(second.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parsed(t, document), parsed(t, again)); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}

	e.Reset()
	if n := len(e.Snapshot().Users); n != 1 {
		t.Errorf("%d users are left", n)
	}
}

func parsed(t testing.TB, document []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// furnished returns an emulator with some of everything, part of which came by calls.
func furnished(t testing.TB) *Emulator {
	t.Helper()
	e := embedding(t)
	err := e.Seed(Organization{
		Users:              []User{{UserID: OwnerUserID, AccountName: "boss", NickName: "Boss", RoleIDs: []int64{roleAdmin}}},
		APIDataSources:     []APIDataSource{{APIID: "api", WorkspaceID: "lab", ShowName: "API", Parameters: []quickbi.APIDataSourceParameter{{Name: "n", Value: 1}}, Body: map[string]any{"b": "x"}}},
		DatasetDirectories: []DatasetDirectory{{ID: "dir", Name: "Dir", WorkspaceID: "lab"}, {ID: "sub", Name: "Sub", ParentID: "dir"}},
		RowOperators:       []RowOperator{{Operator: "in", Means: "in"}},
		Datasets: []Dataset{{
			DatasetID: "deep", DatasetName: "Deep", WorkspaceID: "lab", DataSourceID: "db", DirectoryID: "sub",
			Tables:       []quickbi.DatasetTable{{UniqueID: "t", TableName: "deep"}},
			Acceleration: &AccelerationTask{RunSeconds: 7, Runs: []AccelerationJob{{Status: "SUCCESS"}}},
			RowLevel:     DataLevel{IsOpen: true, WhiteList: quickbi.DataLevelAudience{UserIDs: []string{"ann"}, UserGroupIDs: []string{"sales"}}},
		}},
		DataServices: []DataService{{
			APIID: "service", Name: "Service", DatasetID: "deep",
			ReturnFields: []quickbi.DataServiceReturnField{{Alias: "n"}}, Rows: []map[string]any{{"n": 1}},
		}},
		UserTags:         []UserTag{{TagID: "tag", TagName: "Tag", Values: map[string]string{"ann": "blue"}}},
		DynamicTags:      []DynamicTag{{ConfigName: "Dynamic", DataSourceID: "db"}},
		Shares:           []Share{{WorksID: "sales", ShareToID: "eva"}, {WorksID: "deep", ShareToType: receiverGroup, ShareToID: "sales", ExpireDate: 4_000_000_000_000}},
		Views:            []View{{UserID: "ann", WorksID: "sales", ViewCount: 3}},
		SmartqAnswers:    []SmartqAnswer{{UserQuestion: "why?", DatasetID: "orders", Values: []quickbi.SmartqRow{{Row: []string{"x"}}}}},
		NL2SQLDashboards: []string{"bare"},
		MailTasks:        []MailTask{{MailID: "mail", Name: "Mail", Failing: true}},
		Applications:     []Application{{ApplicantID: "ann"}},
		MobileAccounts:   []MobileAccount{{MobileType: "ding", MobileUserID: "1", UserID: "ann"}},
		IPWhiteList:      []string{"8.8.8.8"},
		Lacks:            Lacks{Feishu: true},
		Limits:           Limits{Workspaces: 9},
	})
	if err != nil {
		t.Fatal(err)
	}
	must[bool](t, e, "SaveFavorites", "UserId", "ann", "WorksId", "sales")
	must[bool](t, e, "SaveFavorites", "UserId", "eva", "WorksId", "gold")
	must[bool](t, e, "ManualRunMailTask", "MailId", "mail")
	must[[]smartQFailure](t, e, "SmartqAuthorize", "OperationType", "0", "UserIds", "cem,eva", "CubeIds", "orders", "LlmCubeThemes", "77")
	must[string](t, e, "CreateTicket4Copilot", "CopilotId", "q1", "UserId", "eva")
	id := must[string](t, e, "CreateTicket", "WorksId", "sales", "TicketNum", "2", "GlobalParam", "[]")
	browse(t, e, dashboardPage+id)
	return e
}

func TestSeedOwner(t *testing.T) {
	t.Parallel()
	e := seeded(t)
	owner := User{UserID: OwnerUserID, AccountID: "9", AccountName: "boss", NickName: "Boss", RoleIDs: []int64{roleAdmin}}
	if err := e.Seed(Organization{Users: []User{owner}}); err != nil {
		t.Fatal(err)
	}
	if got := must[memberInfo](t, e, "QueryUserInfoByAccount", "Account", "boss"); got.UserID != OwnerUserID || got.NickName != "Boss" {
		t.Errorf("%+v", got)
	}
	for _, gone := range []string{"owner", "1000000000000001"} {
		mustRefuse(t, e, "User.Not.In.Organization", "QueryUserInfoByAccount", "Account", gone)
	}
	for want, change := range map[string]func(*User){
		"nobody else has":   func(u *User) { u.NickName = "Ann" },
		"account":           func(u *User) { u.AccountID = "2001" },
		"nickname":          func(u *User) { u.NickName = "" },
		"developer":         func(u *User) { u.UserType = viewer },
		"active":            func(u *User) { u.IsDeleted = true },
		"administrator":     func(u *User) { u.RoleIDs = nil },
		"BindRole.NotExist": func(u *User) { u.RoleIDs = []int64{roleAdmin, 999} },
	} {
		u := owner
		change(&u)
		if err := e.Seed(Organization{Users: []User{u}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if got := must[page[memberRow]](t, e, "QueryUserList", "Keyword", "boss"); got.TotalNum != 1 {
		t.Errorf("%+v", got)
	}
}
