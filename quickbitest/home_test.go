package quickbitest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFavorites(t *testing.T) {
	t.Parallel()
	e := office(t)
	for _, work := range []string{"sales", "gold", "sales"} {
		must[bool](t, e, "SaveFavorites", "UserId", "eva", "WorksId", work)
	}
	type row struct {
		FavoriteID    int    `json:"FavoriteId"`
		WorksID       string `json:"WorksId"`
		WorksName     string
		WorksType     string
		OwnerID       string `json:"OwnerId"`
		WorkspaceID   string `json:"WorkspaceId"`
		WorkspaceName string
	}
	want := []row{
		{1, "sales", "Sales", "PAGE", "ann", "lab", "Lab"},
		{2, "gold", "Gold", "dashboardOfflineQuery", "ann", "vault", "Vault"},
	}
	if diff := cmp.Diff(want, must[[]row](t, e, "ListCollections", "UserId", "eva")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must[bool](t, e, "CancelCollection", "UserId", "eva", "WorksId", "sales")
	mustRefuse(t, e, "Favorite.NotCancel.Permission", "CancelCollection", "UserId", "eva", "WorksId", "sales")
	if got := worksOf(t, e, "ListCollections", "UserId", "eva"); got != "gold" {
		t.Error(got)
	}
	for _, action := range []string{"SaveFavorites", "CancelCollection"} {
		mustRefuse(t, e, "User.Not.In.Organization", action, "UserId", "nobody", "WorksId", "sales")
		mustRefuse(t, e, "Report.NotExist.Error", action, "UserId", "eva", "WorksId", "nowhere")
	}
	mustRefuse(t, e, "User.Not.In.Organization", "ListCollections", "UserId", "nobody")
}

// home lists what is on a home page.
func home(t testing.TB, e *Emulator, action, params string) string {
	t.Helper()
	var ids []string
	for _, row := range must[page[map[string]any]](t, e, action, strings.Fields(params)...).Data {
		ids = append(ids, row["TreeId"].(string))
	}
	return strings.Join(ids, " ")
}

func TestHome(t *testing.T) {
	t.Parallel()
	e := office(t)
	day := func(n int) int64 { return officeTime.Add(-time.Duration(n) * 24 * time.Hour).UnixMilli() }
	if err := e.Seed(Organization{
		Shares:    []Share{{WorksID: "sales", ShareToID: "eva"}, {WorksID: "costs", ShareToType: receiverOrganization}},
		Favorites: []Favorite{{UserID: "eva", WorksID: "gold", FavoriteDate: 7000}, {UserID: "eva", WorksID: "sales"}},
		Views: []View{
			{UserID: "eva", WorksID: "sales", ViewCount: 3, LatestViewTime: day(1)},
			{UserID: "eva", WorksID: "costs", ViewCount: 9, LatestViewTime: day(2)},
			{UserID: "eva", WorksID: "portal", LatestViewTime: day(11)},
		},
	}); err != nil {
		t.Fatal(err)
	}
	type row struct {
		homeRow
		FavoriteDate string
	}
	want := page[row]{PageNum: 1, PageSize: 1, TotalNum: 2, TotalPages: 2, Data: []row{{homeRow{
		TreeID: "gold", Type: "dashboardOfflineQuery", Name: "Gold", OwnerName: "ann@example.com", OwnerNum: "ann",
		inWorkspace: inWorkspace{"vault", "Vault"}, GmtCreate: ms(0), GmtModified: ms(0), PublishStatus: 1, Favorite: true,
	}, "7000"}}}
	if diff := cmp.Diff(want, must[page[row]](t, e, "ListFavoriteReports", "UserId", "eva", "PageSize", "1"), cmp.AllowUnexported(row{}, homeRow{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, tt := range []struct{ action, params, want string }{
		{"ListFavoriteReports", "UserId eva", "gold sales"},
		{"ListFavoriteReports", "UserId eva TreeType PAGE", "sales"},
		{"ListFavoriteReports", "UserId eva Keyword GOL", "gold"},
		{"ListFavoriteReports", "UserId ann", ""},
		{"ListSharedReports", "UserId eva", "sales costs"},
		{"ListSharedReports", "UserId eva TreeType REPORT", "costs"},
		{"ListSharedReports", "UserId ann", "costs"},
		{"ListRecentViewReports", "UserId eva", "costs sales"},
		{"ListRecentViewReports", "UserId eva QueryMode 2", "sales costs"},
		{"ListRecentViewReports", "UserId eva QueryMode 2 OffsetDay 20", "sales costs portal"},
		{"ListRecentViewReports", "UserId eva OffsetDay 1", "sales"},
		{"ListRecentViewReports", "UserId eva PageSize 1", "costs"},
	} {
		if got := home(t, e, tt.action, tt.params); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.action, tt.params, got, tt.want)
		}
	}
	recent := must[page[struct {
		ViewCount                          int64
		LatestViewTime                     string
		Favorite, HasViewAuth, HasEditAuth bool
	}]](t, e, "ListRecentViewReports", "UserId", "eva", "Keyword", "sales").Data[0]
	if recent.ViewCount != 3 || recent.LatestViewTime != ms(-24*time.Hour) || !recent.Favorite || !recent.HasViewAuth || recent.HasEditAuth {
		t.Errorf("%+v", recent)
	}

	// What other operations change shows at once.
	must[bool](t, e, "CancelCollection", "UserId", "eva", "WorksId", "gold")
	must[bool](t, e, "CancelReportShare", "ReportId", "sales", "ShareToType", "0", "ShareToIds", "eva")
	if got := home(t, e, "ListFavoriteReports", "UserId eva") + "; " + home(t, e, "ListSharedReports", "UserId eva"); got != "sales; costs" {
		t.Error(got)
	}
	for _, action := range []string{"ListFavoriteReports", "ListSharedReports", "ListRecentViewReports"} {
		mustRefuse(t, e, "Invalid.User.Organization", action, "UserId", "nobody")
		mustRefuse(t, e, "Invalid.Parameter.Error", action, "UserId", "eva", "PageSize", "10000")
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "ListRecentViewReports", "UserId", "eva", "QueryMode", "3")
}

func TestSeedHome(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Organization{
		`favorite 0, "sales": there is no user "x"`: {Favorites: []Favorite{{UserID: "x", WorksID: "sales"}}},
		`favorite 0, "x": there is no work "x"`:     {Favorites: []Favorite{{UserID: "ann", WorksID: "x"}}},
		`view 0, "sales": there is no user "x"`:     {Views: []View{{UserID: "x", WorksID: "sales"}}},
		`view 0, "x": there is no work "x"`:         {Views: []View{{UserID: "ann", WorksID: "x"}}},
	} {
		err := office(t).Seed(o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
