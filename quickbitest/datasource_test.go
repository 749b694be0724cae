package quickbitest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi"
)

// dataTime is the time by which withData has its things made.
var dataTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// withData returns an emulator with the users of seeded, two workspaces, of which
// the first belongs to Ann, and what there is to query in them.
func withData(t testing.TB) *Emulator {
	t.Helper()
	e := seeded(t, WithClock(func() time.Time { return dataTime }))
	before := dataTime.Add(-time.Hour).UnixMilli()
	err := e.Seed(Organization{
		Workspaces: []Workspace{
			{WorkspaceID: "ws", WorkspaceName: "Trade", OwnerID: "ann", Users: []WorkspaceUser{{UserID: "bob2"}, {UserID: OwnerUserID}}},
			{WorkspaceID: "other", WorkspaceName: "Other"},
		},
		DataSources: []DataSource{
			{DataSourceID: "db", WorkspaceID: "ws", DataSourceType: "mysql", ShowName: "Shop", Address: "db.example.com", Port: "3306", Instance: "shop", InstanceID: "rm-1", CreatedTime: before},
			{DataSourceID: "lake", WorkspaceID: "ws", DataSourceType: "odps", ShowName: "Lake", ParentDataSourceType: "dataphin", Project: "prod", CreatorID: "bob2", ModifierID: "ann"},
			{DataSourceID: "far", WorkspaceID: "other", DataSourceType: "mysql", ShowName: "Far"},
		},
		APIDataSources: []APIDataSource{
			{APIID: "api", WorkspaceID: "ws", ShowName: "Weather API", DataSize: 0.5, Status: 2, CreatedTime: before,
				Parameters: []quickbi.APIDataSourceParameter{{Name: "token", Value: "<secret>"}, {Name: "pageSize", Value: 100}}, Body: map[string]any{"zone": "north", "deep": map[string]any{"a": 1}}},
			{APIID: "api2", WorkspaceID: "ws", ShowName: "Prices"},
		},
		DatasetDirectories: []DatasetDirectory{
			{ID: "top", Name: "Top", WorkspaceID: "ws"},
			{ID: "sub", Name: "Sub", ParentID: "top"},
		},
		Datasets: []Dataset{
			{DatasetID: "sales", DatasetName: "Sales 2026", Description: "orders", WorkspaceID: "ws", OwnerID: "bob2", DataSourceID: "db", DirectoryID: "sub", CreatedTime: before, ModifiedTime: before + 5,
				Tables:     []quickbi.DatasetTable{{UniqueID: "t1", TableName: "orders", Caption: "Orders", FactTable: true}},
				Dimensions: []quickbi.DatasetDimension{{UID: "f-area", Caption: "Area", DataType: "string", DimensionType: "standard_dimension", FactColumn: "area", TableUniqueID: "t1"}, {UID: "f-day", Caption: "Day", DataType: "datetime", FactColumn: "day"}, {UID: "f-shop", Caption: "Shop", FactColumn: "shop"}},
				Measures:   []quickbi.DatasetMeasure{{UID: "f-amount", Caption: "Amount", DataType: "number", MeasureType: "standard_measure", FactColumn: "amount"}},
				Acceleration: &AccelerationTask{JobID: "job", Size: "4096", RunSeconds: 60, EnabledTime: before, Runs: []AccelerationJob{
					{JobHistoryID: "run1", Status: "CANCELED", StartTime: before, EndTime: before + 90_500, Log: "stopped"},
					{JobHistoryID: "run2", Status: "SUCCESS", StartTime: before + 600_000, EndTime: before + 660_000, Log: "done"},
				}},
				Performance: []DatasetPerformance{{"lastDay", PerformanceFigures{CostTimeAvg: 2.5, QueryCount: 50, RepeatSQLQueryPercent: "0.3"}}, {"sevenDays", PerformanceFigures{CostTimeAvg: 0.5}}},
				Advice:      []DatasetAdvice{{"OPEN_CACHE", PerformanceFigures{QueryCount: 7}}}},
			{DatasetID: "costs", DatasetName: "Costs", WorkspaceID: "ws", DataSourceID: "lake", DirectoryID: "top",
				Tables: []quickbi.DatasetTable{{UniqueID: "t2", SQL: "select 1", IsCustomSQL: true}}, Acceleration: &AccelerationTask{JobID: "job2", CreatorID: "bob2", RunStatus: "FAILURE"},
				Performance: []DatasetPerformance{{"lastDay", PerformanceFigures{CostTimeAvg: 1}}}},
			{DatasetID: "lost", DatasetName: "Lost", WorkspaceID: "ws", CreatedTime: before},
			{DatasetID: "abroad", DatasetName: "Abroad", WorkspaceID: "other", DataSourceID: "far"},
		},
		Works: []Works{
			{WorksID: "board", WorksName: "Board", WorkspaceID: "ws", Components: []WorksComponent{{ComponentID: "c1", DatasetID: "sales"}, {ComponentID: "c2", DatasetID: "costs"}}},
			{WorksID: "sheet", WorksName: "Sheet", WorksType: "REPORT", WorkspaceID: "ws", OwnerID: "bob2", Components: []WorksComponent{{ComponentID: "c1", DatasetID: "sales"}}},
		},
		DataServices: []DataService{
			{APIID: "orders", Name: "Orders by area", DatasetID: "sales", Description: "daily", ModifierID: "ann", CreatedTime: before,
				Filters: []DataServiceParameter{
					{Name: "area", Operator: "in", Field: quickbi.DataServiceField{FieldID: "f-area", Column: "area"}},
					{Name: "day", Required: true, Field: quickbi.DataServiceField{FieldID: "f-day", Column: "day", Granularity: "dayRegion"}},
					{Name: "least", Operator: ">=", Field: quickbi.DataServiceField{FieldID: "f-amount", Column: "amount"}},
					{Name: "shop", Operator: "like", Field: quickbi.DataServiceField{FieldID: "f-shop", Column: "shop"}},
				},
				ReturnFields: []quickbi.DataServiceReturnField{
					{Alias: "area", Field: quickbi.DataServiceField{FieldID: "f-area", Caption: "Area", Column: "area", Kind: "Dimension", DataType: "string"}},
					{Alias: "date", Field: quickbi.DataServiceField{FieldID: "f-day", Caption: "Day", Column: "day", Kind: "Dimension", DataType: "datetime", Granularity: "dayRegion"}},
					{Alias: "total", Aggregator: "SUM", OrderBy: "desc", Field: quickbi.DataServiceField{FieldID: "f-amount", Caption: "Amount", Column: "amount", Kind: "Measure", DataType: "number"}},
				},
				Rows: []map[string]any{
					{"area": "华东", "date": "2026-03-01", "total": json.Number("9007199254740993"), "shop": "O'Hara"},
					{"area": "华北", "date": "2026-03-01", "total": 20, "shop": "Mill"},
					{"area": nil, "date": "2026-03-01 00:00:00", "total": 3.5},
					{"area": "华北", "date": "2026-03-02", "total": 40},
				}},
			{APIID: "either", Name: "Either", DatasetID: "costs", OwnerID: "ann", LogicalOperator: "or",
				Filters: []DataServiceParameter{
					{Name: "code", Field: quickbi.DataServiceField{Column: "code"}},
					{Name: "year", Operator: "<", Field: quickbi.DataServiceField{Column: "year", Granularity: "yearRegion"}},
				},
				ReturnFields: []quickbi.DataServiceReturnField{{Alias: "code", Field: quickbi.DataServiceField{Column: "code"}}},
				Rows:         []map[string]any{{"code": "7", "year": "2024"}, {"code": "007", "year": "2025"}, {"code": "8", "year": "2026"}}},
			{APIID: "stale", Name: "Stale", DatasetID: "sales", ReturnFields: []quickbi.DataServiceReturnField{{Alias: "gone", Field: quickbi.DataServiceField{FieldID: "f-gone"}}}},
		},
		UserTags:    []UserTag{{TagID: "job", TagName: "职位", Description: "rank", Values: map[string]string{"ann": "boss", "bob": "aide"}}, {TagID: "city", TagName: "City[1]"}},
		DynamicTags: []DynamicTag{{ConfigID: "cfg1", ConfigName: "Shop", DataSourceID: "db", TableName: "dim", ColumnName: "site", RelatedAttribute: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// refusals makes calls that must be refused, each written as code, action and
// parameters.
func refusals(t *testing.T, e *Emulator, lines ...string) {
	t.Helper()
	for _, line := range lines {
		words := strings.Fields(line)
		var pairs []string
		for _, p := range words[2:] {
			k, v, _ := strings.Cut(p, "=")
			pairs = append(pairs, k, v)
		}
		mustRefuse(t, e, words[0], words[1], pairs...)
	}
}

// same compares a result with what it should be.
func same[T any](t testing.TB, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got, fieldsOnly); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// fieldsOnly compares documents by their fields, whatever they were read from.
var fieldsOnly = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".original" }, cmp.Ignore())

func TestListDataSource(t *testing.T) {
	t.Parallel()
	e := withData(t)
	want := []map[string]any{
		{"DatasourceId": "db", "DsType": "mysql", "ParentDsType": "", "ShowName": "Shop", "CreatorId": "ann", "CreatorName": "Ann", "GmtCreate": "2026-03-01 19:00:00", "GmtModified": "2026-03-01 19:00:00"},
		{"DatasourceId": "lake", "DsType": "odps", "ParentDsType": "dataphin", "ShowName": "Lake", "CreatorId": "bob2", "CreatorName": "Other Bob", "GmtCreate": "2026-03-01 20:00:00", "GmtModified": "2026-03-01 20:00:00"},
	}
	same(t, want, must[[]map[string]any](t, e, "ListDataSource", "WorkspaceId", "ws"))
	same(t, want[:1], must[[]map[string]any](t, e, "ListDataSource", "WorkspaceId", "ws", "DsType", "mysql"))
	same(t, []string{"sales"}, must[[]string](t, e, "DataSourceBlood", "DataSourceId", "db"))
	refusals(t, e,
		"Workspace.NotIn.Organization ListDataSource WorkspaceId=nowhere",
		"Datasource.NotFound.Error DataSourceBlood DataSourceId=nothing",
	)
}

func TestAddDataSource(t *testing.T) {
	t.Parallel()
	e := withData(t)
	id := must[string](t, e, "AddDataSource", "AddModel", `{"userId": "bob2", "workspaceId": "ws", "dsType": "postgresql", "showName": "New", "address": "pg", "port": 5432,
		"instance": "shop", "schema": "public", "userName": "reader", "password": "hush", "config": {"ssl": false, "noSasl": true}}`)
	want := map[string]any{
		"DsId": id, "DsType": "postgresql", "ParentDsType": "", "DsVersion": "", "ShowName": "New", "WorkspaceId": "ws", "Address": "pg", "Port": "5432",
		"Instance": "shop", "InstanceId": "", "Schema": "public", "Project": "", "NoSasl": true, "AuthLevel": "0", "CreatorId": "bob2", "ModifyUser": "bob2",
	}
	same(t, want, must[map[string]any](t, e, "GetDataSourceConnectionInfo", "DsId", id))
	if got := do(t, e, "ListDataSource", "WorkspaceId", "ws"); !strings.Contains(got.Body, id) || strings.Contains(got.Body, "hush") {
		t.Error(got.Body)
	}
	for code, model := range map[string]string{
		"Invalid.Parameter.Error":      `{"userId": "bob2", "workspaceId": "ws"}`,
		"User.Not.In.Organization":     `{"userId": "nobody", "workspaceId": "ws", "dsType": "mysql"}`,
		"Workspace.NotIn.Organization": `{"userId": "bob2", "workspaceId": "nowhere", "dsType": "mysql"}`,
	} {
		mustRefuse(t, e, code, "AddDataSource", "AddModel", model)
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddDataSource", "AddModel", `{"userId": "bob2", "workspaceId": "ws", "dsType": "mysql", "encode": true}`)
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddDataSource", "AddModel", `{"userId": "bob2", "workspaceId": "ws", "dsType": "mysql", "port": []}`)
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddDataSource", "AddModel", `{'`)
	g := do(t, e, "GetDataSourceConnectionInfo", "DsId", "nothing")
	if g.Status != 297 || g.Code != "Invalid.Parameter" || g.Success {
		t.Errorf("%d %s", g.Status, g.Body)
	}
}

func TestUpdateDataSource(t *testing.T) {
	t.Parallel()
	e := withData(t)
	e.SetSkew(time.Hour)
	must[bool](t, e, "UpdateDataSource", "UpdateModel", `{"dsId": "db", "dsType": "mysql", "userId": "bob2", "showName": "Store", "schema": "", "password": "hush",
		"resource": "rds", "accessId": "a", "accessKey": "k", "instanceId": "rm-2", "region": "cn-hangzhou"}`)
	info := must[DataSource](t, e, "GetDataSourceConnectionInfo", "DsId", "db")
	if info.ShowName != "Store" || info.InstanceID != "rm-2" || info.Address != "db.example.com" || info.ModifierID != "bob2" || info.CreatorID != "ann" {
		t.Errorf("%+v", info)
	}
	if row := must[[]datasourceRow](t, e, "ListDataSource", "WorkspaceId", "ws")[0]; row.ShowName != "Store" || row.GmtModified != "2026-03-01 21:00:00" {
		t.Errorf("%+v", row)
	}
	must[bool](t, e, "UpdateDataSource", "UpdateModel", `{"dsId": "db", "dsType": "mysql", "port": "3307"}`)
	info = must[DataSource](t, e, "GetDataSourceConnectionInfo", "DsId", "db")
	if info.InstanceID != "" || info.Port != "3307" || info.ModifierID != OwnerUserID { // no VPC any more
		t.Errorf("%+v", info)
	}
	for model, code := range map[string]string{
		`{"dsId": "none", "dsType": "mysql"}`: "Datasource.NotFound.Error",
		`{"dsId": "db", "dsType": "oracle"}`:  "Invalid.Parameter.Error",
		`{"dsId": "db"}`:                      "Invalid.Parameter.Error",
		`[]`:                                  "Invalid.Parameter.Error",
		`{"dsId": "db", "dsType": "mysql", "resource": "rds", "region": "x"}`:     "Invalid.Parameter.Error",
		`{"dsId": "db", "dsType": "mysql", "userId": "nobody", "showName": "no"}`: "User.Not.In.Organization",
	} {
		mustRefuse(t, e, code, "UpdateDataSource", "UpdateModel", model)
	}
}

func TestAPIDatasources(t *testing.T) {
	t.Parallel()
	e := withData(t)
	e.SetSkew(time.Hour)
	list := func(pairs ...string) map[string]any {
		return must[map[string]any](t, e, "ListApiDatasource", append(pairs, "WorkspaceId", "ws")...)
	}
	want := map[string]any{"PageNum": 1.0, "PageSize": 10.0, "TotalNum": 1.0, "Data": []any{map[string]any{
		"ApiId": "api", "JobId": "REST_API_SYNC_api", "ShowName": "Weather API", "DataSize": 0.5, "StatusType": 2.0,
		"Parameters": `[{"name":"token","value":"<secret>"},{"name":"pageSize","value":100}]`, "Body": `{"deep":{"a":1},"zone":"north"}`,
		"DateUpdateTime": "2026-03-01 20:00:00", "GmtCreate": "2026-03-01 19:00:00", "GmtModified": "2026-03-01 19:00:00",
	}}}
	same(t, want, list("KeyWord", "weather"))
	if got := list("PageSize", "1", "PageNum", "2")["Data"].([]any)[0].(map[string]any); got["Parameters"] != "[]" || got["Body"] != "{}" {
		t.Errorf("%v", got)
	}

	modify := func(parameters string) []string {
		return []string{"WorkspaceId", "ws", "ApiId", "api", "Parameters", parameters}
	}
	must[bool](t, e, "ModifyApiDatasourceParameters", modify(`[{"name": "pageSize", "value": 12345678901234567890}, {"name": "zone", "value": ["a", "b"]}]`)...)
	row := list("KeyWord", "weather")["Data"].([]any)[0].(map[string]any)
	if row["Parameters"] != `[{"name":"token","value":"<secret>"},{"name":"pageSize","value":12345678901234567890}]` ||
		row["Body"] != `{"deep":{"a":1},"zone":["a","b"]}` || row["GmtModified"] != "2026-03-01 21:00:00" {
		t.Errorf("%v", row)
	}
	mustRefuse(t, e, "ApiDatasource.Param.IsNull", "ModifyApiDatasourceParameters", modify(`[]`)...)
	mustRefuse(t, e, "ApiDatasource.Param.Oversize", "ModifyApiDatasourceParameters", modify(`[`+strings.Repeat(`{"name": "token", "value": 1},`, 10)+`{"name": "token", "value": 1}]`)...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "ModifyApiDatasourceParameters", modify(`[{"name": "token", "value": 1}, {"name": "other", "value": 1}]`)...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "ModifyApiDatasourceParameters", modify(`[{"name": "token"}]`)...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "ModifyApiDatasourceParameters", modify(`{}`)...)
	same[any](t, row, list("KeyWord", "weather")["Data"].([]any)[0]) // all or nothing
	refusals(t, e,
		"ApiDatasource.Not.Exist ModifyApiDatasourceParameters WorkspaceId=ws ApiId=none Parameters=[]",
		"ApiDataSource.NotIn.Workspace ModifyApiDatasourceParameters WorkspaceId=other ApiId=api Parameters=[]",
		"Workspace.NotIn.Organization ModifyApiDatasourceParameters WorkspaceId=nowhere ApiId=api Parameters=[]",
		"Workspace.NotIn.Organization ListApiDatasource WorkspaceId=nowhere",
	)
}

// owners tells who owns data source lake, dataset sales and data service orders, and
// who made the acceleration of costs.
func owners(t testing.TB, e *Emulator) string {
	t.Helper()
	lake := must[DataSource](t, e, "GetDataSourceConnectionInfo", "DsId", "lake")
	sales := must[datasetInfo](t, e, "QueryDatasetInfo", "DatasetId", "sales")
	service := must[page[dataServiceRow]](t, e, "QueryDataServiceList", "Name", "orders").Data[0]
	job := must[page[map[string]any]](t, e, "ListAccelerationOfWorkspace", "WorkspaceId", "ws", "CubeName", "costs").Data[0]
	return strings.Join([]string{lake.CreatorID, sales.OwnerID, service.OwnerID, job["CreatorName"].(string)}, " ")
}

// TestDataOfThoseWhoLeave checks that what a user owns goes to the owner of the workspace,
// or to the heir that the caller names.
func TestDataOfThoseWhoLeave(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want   string
		action string
		pairs  []string
	}{
		{"ann ann ann Other Bob", "DeleteUserFromWorkspace", []string{"WorkspaceId", "ws", "UserId", "bob2"}},
		{"ann ann ann Ann", "DeleteUser", []string{"UserId", "bob2"}},
		{OwnerUserID + " " + OwnerUserID + " " + OwnerUserID + " Ann", "DeleteUser", []string{"UserId", "bob2", "TransferUserId", OwnerUserID}},
	} {
		e := withData(t)
		same(t, "bob2 bob2 bob2 Other Bob", owners(t, e))
		must[bool](t, e, tt.action, tt.pairs...)
		if got := owners(t, e); got != tt.want {
			t.Errorf("%s(%v): %s, want %s", tt.action, tt.pairs, got, tt.want)
		}
		for _, all := range []mentions{e.org.dataOwners, e.org.dataMakers} {
			for m := range all {
				if !e.org.members.has(m.UserID) {
					t.Errorf("%s(%v): %s is still known", tt.action, tt.pairs, m.UserID)
				}
			}
		}
	}
}

// TestSeedData tries seeds that do not fit.
func TestSeedData(t *testing.T) {
	t.Parallel()
	base := Organization{
		Workspaces:  []Workspace{{WorkspaceID: "ws", WorkspaceName: "W"}, {WorkspaceID: "w2", WorkspaceName: "W2"}},
		DataSources: []DataSource{{DataSourceID: "db", WorkspaceID: "ws", DataSourceType: "mysql"}},
		Datasets:    []Dataset{{DatasetID: "d", DatasetName: "D", WorkspaceID: "ws", DataSourceID: "db"}},
	}
	for want, o := range map[string]Organization{
		`data source 0, "A": there is no workspace "x"`:            {DataSources: []DataSource{{ShowName: "A", WorkspaceID: "x"}}},
		`data source 0, "A": there is no type`:                     {DataSources: []DataSource{{ShowName: "A", WorkspaceID: "ws"}}},
		`data source 0, "A": there is a data source "db" already`:  {DataSources: []DataSource{{ShowName: "A", DataSourceID: "db", WorkspaceID: "ws", DataSourceType: "x"}}},
		`data source 0, "A": there is no user "x"`:                 {DataSources: []DataSource{{ShowName: "A", WorkspaceID: "ws", DataSourceType: "x", ModifierID: "x"}}},
		`API data source 0, "A": there is no status 4`:             {APIDataSources: []APIDataSource{{ShowName: "A", WorkspaceID: "ws", Status: 4}}},
		`API data source 0, "A": there is no workspace "x"`:        {APIDataSources: []APIDataSource{{ShowName: "A", WorkspaceID: "x"}}},
		`dataset directory 0, "A": there is no workspace ""`:       {DatasetDirectories: []DatasetDirectory{{Name: "A", ParentID: "x"}}},
		`dataset directory 0, "A": CubeSchema.Not.Exist: `:         {DatasetDirectories: []DatasetDirectory{{Name: "A", ParentID: "x", WorkspaceID: "ws"}}},
		`dataset directory 1, "A": there is a folder "f" already`:  {DatasetDirectories: []DatasetDirectory{{ID: "f", WorkspaceID: "ws"}, {ID: "f", Name: "A", WorkspaceID: "ws"}}},
		`dataset 0, "A": there is no workspace "x"`:                {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "x"}}},
		`dataset 0, "": there is no name`:                          {Datasets: []Dataset{{WorkspaceID: "ws"}}},
		`dataset 0, "A": there is a dataset "d" already`:           {Datasets: []Dataset{{DatasetID: "d", DatasetName: "A", WorkspaceID: "ws"}}},
		`dataset 0, "A": there is no user "x"`:                     {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "ws", OwnerID: "x"}}},
		`dataset 0, "A": the workspace has no data source "db"`:    {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "w2", DataSourceID: "db"}}},
		`dataset 0, "A": CubeSchema.Not.Exist: `:                   {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "ws", DirectoryID: "x"}}},
		`dataset 0, "A": there is no status "X" of runs`:           {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "ws", Acceleration: &AccelerationTask{RunStatus: "X"}}}},
		`dataset 0, "B": there is no status "" of runs`:            {Datasets: []Dataset{{DatasetName: "B", WorkspaceID: "ws", Acceleration: &AccelerationTask{Runs: make([]AccelerationJob, 1)}}}},
		`dataset 0, "A": there is no policy "X"`:                   {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "ws", RowLevel: DataLevel{MissHitPolicy: "X"}}}},
		`dataset 0, "A": User.Not.In.Organization: `:               {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "ws", ColumnLevel: DataLevel{WhiteList: quickbi.DataLevelAudience{UserIDs: []string{"x"}}}}}},
		`dataset 0, "A": rule "R": Invalid.Parameter.Error: `:      {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "ws", RowLevel: DataLevel{Rules: []DataLevelRule{{RuleName: "R"}}}}}},
		`dataset 0, "A": the rule "R" is not for ROW_LEVEL`:        {Datasets: []Dataset{{DatasetName: "A", WorkspaceID: "ws", RowLevel: DataLevel{Rules: []DataLevelRule{{RuleName: "R", DatasetID: "d"}}}}}},
		`data service 0, "A": there is no dataset "x"`:             {DataServices: []DataService{{Name: "A", DatasetID: "x"}}},
		`data service 0, "A": there is no logical operator "X"`:    {DataServices: []DataService{{Name: "A", DatasetID: "d", LogicalOperator: "X"}}},
		`data service 0, "A": there is no operator "X" of parame`:  {DataServices: []DataService{{Name: "A", DatasetID: "d", Filters: []DataServiceParameter{{Operator: "X"}}}}},
		`data service 0, "A": there is a field without an alias`:   {DataServices: []DataService{{Name: "A", DatasetID: "d", ReturnFields: make([]quickbi.DataServiceReturnField, 1)}}},
		`data service 1, "A": there is a data service "s" already`: {DataServices: []DataService{{APIID: "s", DatasetID: "d"}, {APIID: "s", Name: "A", DatasetID: "d"}}},
		`data service 0, "A": json: unsupported type`:              {DataServices: []DataService{{Name: "A", DatasetID: "d", Rows: []map[string]any{{"f": func() {}}}}}},
		`user tag 0, "": there is no name`:                         {UserTags: []UserTag{{}}},
		`user tag 1, "A": TagName.Repeat: `:                        {UserTags: []UserTag{{TagName: "A"}, {TagName: "A"}}},
		`user tag 1, "B": there is a tag "t" already`:              {UserTags: []UserTag{{TagID: "t", TagName: "A"}, {TagID: "t", TagName: "B"}}},
		`user tag 0, "A": there is no user "x"`:                    {UserTags: []UserTag{{TagName: "A", Values: map[string]string{"x": "y"}}}},
		`dynamic tag 0, "A": there is no data source "x"`:          {DynamicTags: []DynamicTag{{ConfigName: "A", DataSourceID: "x"}}},
		`dynamic tag 1, "A": there is a dynamic tag "c" already`:   {DynamicTags: []DynamicTag{{ConfigID: "c", DataSourceID: "db"}, {ConfigID: "c", ConfigName: "A", DataSourceID: "db"}}},
	} {
		e := NewEmulator()
		if err := e.Seed(base); err != nil {
			t.Fatal(err)
		}
		if err := e.Seed(o); err == nil || !strings.HasPrefix(err.Error(), "quickbitest: "+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
