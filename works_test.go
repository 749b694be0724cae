package quickbi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestBarePages walks through lists that come without a number of pages.
func TestBarePages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		total int
		in    *QueryReportPerformanceRequest
		want  []string // ids seen
		pages []string // asked for
		size  string
	}{
		"short last page": {3, &QueryReportPerformanceRequest{PageSize: 2}, []string{"w0", "w1", "w2"}, []string{"1", "2"}, "2"},
		"full last page":  {2, &QueryReportPerformanceRequest{PageSize: 2}, []string{"w0", "w1"}, []string{"1", "2"}, "2"},
		"from the second": {5, &QueryReportPerformanceRequest{PageNum: 2, PageSize: 2}, []string{"w2", "w3", "w4"}, []string{"2", "3"}, "2"},
		"nothing":         {0, &QueryReportPerformanceRequest{PageSize: 2}, nil, []string{"1"}, "2"},
		"largest page":    {2, &QueryReportPerformanceRequest{}, []string{"w0", "w1"}, []string{"1", "2"}, "1000"}, // may have been cut short
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
				var page, size int
				fmt.Sscan(req.URL.Query().Get("PageNum"), &page)
				fmt.Sscan(req.URL.Query().Get("PageSize"), &size)
				var entries []string
				for i := (page - 1) * size; i < min(page*size, test.total); i++ {
					entries = append(entries, fmt.Sprintf(`{"ReportId":"w%d"}`, i))
				}
				return newAnswer(req, http.StatusOK, `{"RequestId":"R","Success":true,"Result":[`+strings.Join(entries, ",")+`]}`), nil
			})
			test.in.WorkspaceID, test.in.QueryType = "ws", PerformanceYesterday
			var got []string
			for entry, err := range newTestClient(t, wire).QueryReportPerformanceAll(t.Context(), test.in) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, entry.WorksID)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			var pages []string
			for _, s := range wire.requests() {
				pages = append(pages, s.query.Get("PageNum"))
				if size := s.query.Get("PageSize"); size != test.size {
					t.Errorf("asked for pages of %s, want %s", size, test.size)
				}
			}
			if !slices.Equal(pages, test.pages) {
				t.Errorf("asked for pages %v, want %v", pages, test.pages)
			}
		})
	}
}

func TestBarePagesFailure(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, func(n int, req *http.Request) (*http.Response, error) {
		if n == 1 {
			return newAnswer(req, http.StatusOK, `{"RequestId":"R-1","Success":true,"Result":[{"CubeId":"c"}]}`), nil
		}
		return newAnswer(req, http.StatusBadRequest, `{"RequestId":"R-2","Code":"Invalid.Parameter"}`), nil
	})
	in := &QueryCubePerformanceRequest{WorkspaceID: "ws", QueryType: PerformanceThirtyDays, PageSize: 1}
	var seen int
	var last error
	for _, err := range newTestClient(t, wire).QueryCubePerformanceAll(t.Context(), in) {
		if last = err; err == nil {
			seen++
		}
	}
	if seen != 1 || !errors.Is(last, ErrInvalidParameter) {
		t.Errorf("%d entries, then %v", seen, last)
	}
	if in.PageNum != 0 {
		t.Errorf("the caller's request was changed: page %d", in.PageNum)
	}
}

func TestWorksEmbedPages(t *testing.T) {
	t.Parallel()
	wire := newRecorder(t, func(_ int, req *http.Request) (*http.Response, error) {
		page := req.URL.Query().Get("PageNo")
		return newAnswer(req, http.StatusOK, `{"RequestId":"R","Success":true,"Result":{"Data":[{"WorksId":"w`+page+`"}],"PageNo":`+page+`,"TotalPages":3}}`), nil
	})
	var got []string
	for works, err := range newTestClient(t, wire).GetWorksEmbedListAll(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, works.WorksID)
	}
	if want := []string{"w1", "w2", "w3"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestWorksTimes decodes moments, which are documented as texts, in every form
// that the service may write.
func TestWorksTimes(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]UnixMilli{`"1718691704123"`: 1718691704123, `1718691704123`: 1718691704123, `""`: 0, `null`: 0} {
		wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":[{"WorksId":"w","CreateTime":`+form+`}]}`))
		resp, err := newTestClient(t, wire).QueryReadableResourcesListByUserIdV2(t.Context(), &QueryReadableResourcesListByUserIdV2Request{UserID: "u"})
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		if got := resp.Result[0].CreatedTime; got != want {
			t.Errorf("%s: %d, want %d", form, got, want)
		}
		text, err := json.Marshal(resp.Result[0])
		if err != nil || !strings.Contains(string(text), fmt.Sprintf(`"CreateTime":"%d"`, want)) {
			t.Errorf("%s: marshalled again: %s, %v", form, text, err)
		}
	}
}

// TestWorksTypes gives every constant to every request that takes a kind of
// works: it is sent in the operation's own spelling, or refused.
func TestWorksTypes(t *testing.T) {
	t.Parallel()
	listed := map[WorksType]string{WorksTypePortal: "DATAPRODUCT", WorksTypeDashboard: "PAGE", WorksTypeSpreadsheet: "REPORT"}
	with := func(more map[WorksType]string) map[WorksType]string {
		all := maps.Clone(listed)
		maps.Copy(all, more)
		return all
	}
	granted := map[WorksType]string{
		WorksTypeDashboard: "dashboard", WorksTypeSpreadsheet: "report", WorksTypeSelfService: "dashboardOfflineQuery", WorksTypeDataset: "cube",
		WorksTypeDataSource: "datasource", WorksTypeScreen: "screen", WorksTypeAnalysis: "ANALYSIS", WorksTypeDataForm: "dataForm",
	}
	for name, test := range map[string]struct {
		of   func(kind WorksType) any
		want map[WorksType]string
	}{
		"QueryWorksByOrganization": {func(k WorksType) any { return &QueryWorksByOrganizationRequest{WorksType: k} },
			with(map[WorksType]string{WorksTypeSelfService: "dashboardOfflineQuery"})},
		"QueryWorksByWorkspace": {func(k WorksType) any { return &QueryWorksByWorkspaceRequest{WorkspaceID: "w", WorksType: k} },
			with(map[WorksType]string{WorksTypeFullPage: "FULLPAGE"})},
		"QueryReadableResourcesListByUserIdV2": {func(k WorksType) any { return &QueryReadableResourcesListByUserIdV2Request{UserID: "u", WorksType: k} },
			with(map[WorksType]string{WorksTypeSelfService: "dashboardOfflineQuery", WorksTypeScreen: "SCREEN", WorksTypeDataForm: "DATAFORM", WorksTypeAnalysis: "ANALYSIS"})},
		"ListFavoriteReports": {func(k WorksType) any { return &ListFavoriteReportsRequest{UserID: "u", WorksType: k} }, listed},
		"GetWorksEmbedList": {func(k WorksType) any { return &GetWorksEmbedListRequest{WorksType: k} }, map[WorksType]string{
			WorksTypeDashboard: "page", WorksTypeScreen: "screen", WorksTypeSpreadsheet: "report", WorksTypeAnalysis: "ANALYSIS",
			WorksTypeSelfService: "dashboardOfflineQuery", WorksTypeDataForm: "dataForm",
		}},
		"DataSetBlood": {func(k WorksType) any { return &DataSetBloodRequest{DatasetIDs: []string{"d"}, WorksType: k} }, map[WorksType]string{
			WorksTypeSpreadsheet: "REPORT", WorksTypeSelfService: "dashboardOfflineQuery", WorksTypeDashboard: "DASHBOARD",
			WorksTypeOldDashboard: "PAGE", WorksTypeAnalysis: "ANALYSIS", WorksTypeScreen: "SCREEN",
		}},
		"AddWorksAuthorization": {func(k WorksType) any {
			return &AddWorksAuthorizationRequest{ResourceID: "r", ResourceType: k, AuthorizeScope: new(ShareTargetUser), AuthorizedID: "u", AuthPoints: AuthPointsEdit}
		}, granted},
		"DeleteAuthorizationByUserId": {func(k WorksType) any {
			return &DeleteAuthorizationByUserIdRequest{UserID: "u", ResourceID: "r", ResourceType: k}
		}, granted},
	} {
		for _, kind := range slices.Collect(maps.Values(worksTypes)) {
			p, err := encode(name, test.of(kind), false)
			want := test.want[kind]
			var got string
			for _, parameter := range []string{"WorksType", "WorkType", "TreeType", "ResourceType"} {
				got += p.query.Get(parameter)
			}
			if got != want || (want == "") != errors.Is(err, ErrInvalidRequest) {
				t.Errorf("%s: %s is sent as %q, %v; want %q", name, kind, got, err, want)
			}
		}
	}
	// What the documentation only gives an example of is let through.
	p, err := encode("QueryReportPerformance", &QueryReportPerformanceRequest{WorkspaceID: "w", QueryType: PerformanceYesterday, WorksType: "portal"}, false)
	if err != nil || p.query.Get("ResourceType") != "portal" {
		t.Errorf("%v, %v", p.query, err)
	}
	for _, same := range [][2]WorksType{
		{"PAGE", "dashboard"}, {"page", WorksTypeDashboard}, {"Analysis", WorksTypeAnalysis}, {"dataForm", "DATAFORM"},
		{"dataProduct", "product"}, {"new", "NEW"},
	} {
		if !same[0].Is(same[1]) || !same[1].Is(same[0]) {
			t.Errorf("%s is not %s", same[0], same[1])
		}
	}
	if WorksType("FULLPAGE").Is(WorksTypeDashboard) || WorksType("").Is(WorksTypeDashboard) || WorksTypeOldDashboard.Is(WorksTypeDashboard) {
		t.Error("different kinds are taken for one")
	}
	if !DataType("geographical").Is(DataTypeGeographic) || !DataType("DateTime").Is(DataTypeDatetime) || DataTypeDate.Is(DataTypeTime) {
		t.Error("types of values are not told apart")
	}
}
