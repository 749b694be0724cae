package quickbitest

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
)

// datasetsOf lists the ids that QueryDatasetList finds in workspace ws.
func datasetsOf(t testing.TB, e *Emulator, pairs ...string) string {
	t.Helper()
	var ids []string
	for _, d := range must[page[datasetRow]](t, e, "QueryDatasetList", append(pairs, "WorkspaceId", "ws")...).Data {
		ids = append(ids, d.DatasetID)
	}
	return strings.Join(ids, " ")
}

func TestQueryDatasetList(t *testing.T) {
	t.Parallel()
	e := withData(t)
	want := map[string]any{
		"DatasetId": "sales", "DatasetName": "Sales 2026", "Description": "orders", "WorkspaceId": "ws", "WorkspaceName": "Trade",
		"OwnerId": "bob2", "OwnerName": "Other Bob", "CreateTime": "2026-03-01 19:00:00", "ModifyTime": "2026-03-01 19:00:00",
		"RowLevel": false, "OpenOfflineAcceleration": true,
		"DataSource": map[string]any{"DsId": "db", "DsName": "Shop", "DsType": "mysql"},
		"Directory":  map[string]any{"Id": "sub", "Name": "Sub", "PathId": "schemaws/top/sub", "PathName": "Datasets/Top/Sub"},
	}
	same[any](t, want, must[map[string]any](t, e, "QueryDatasetList", "WorkspaceId", "ws", "Keyword", "SALES")["Data"].([]any)[0])
	for pairs, want := range map[string]string{
		"":                     "costs lost sales", // the newest first
		"PageSize=2,PageNum=2": "sales",
		"DirectoryId=top":      "costs",
		"DirectoryId=sub":      "sales",
		"DirectoryId=schemaws": "lost",
		"Keyword=nothing":      "",
		"DirectoryId=top,Keyword=s,WithChildren=true": "costs sales",
		"DirectoryId=schemaws,WithChildren=true":      "costs lost sales",
	} {
		var list []string
		for p := range strings.SplitSeq(pairs, ",") {
			if k, v, ok := strings.Cut(p, "="); ok {
				list = append(list, k, v)
			}
		}
		if got := datasetsOf(t, e, list...); got != want {
			t.Errorf("%s: %s, want %s", pairs, got, want)
		}
	}
	refusals(t, e,
		"Workspace.NotIn.Organization QueryDatasetList WorkspaceId=nowhere",
		"CubeSchema.Not.Exist QueryDatasetList WorkspaceId=ws DirectoryId=none",
		"CubeSchema.Not.Exist QueryDatasetList WorkspaceId=other DirectoryId=top",
	)
}

func TestQueryDatasetInfo(t *testing.T) {
	t.Parallel()
	e := withData(t)
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	got := must[map[string]any](t, e, "QueryDatasetInfo", "DatasetId", "sales")
	same[any](t, []any{map[string]any{"UniqueId": "t1", "TableName": "orders", "Caption": "Orders", "FactTable": true, "Customsql": false, "Sql": "", "DatasourceId": "db", "DsType": "mysql"}}, got["CubeTableList"])
	same[any](t, []any{map[string]any{"Uid": "f-amount", "Caption": "Amount", "FieldDescription": "", "DataType": "number", "MeasureType": "standard_measure", "FactColumn": "amount", "TableUniqueId": "", "Expression": "", "ExpressionV2": ""}}, got["MeasureList"])
	if len(got["DimensionList"].([]any)) != 3 {
		t.Errorf("%v", got["DimensionList"])
	}
	for _, name := range []string{"CubeTableList", "MeasureList", "DimensionList"} {
		delete(got, name)
	}
	same(t, map[string]any{
		"DatasetId": "sales", "DatasetName": "Sales 2026", "WorkspaceId": "ws", "WorkspaceName": "Trade", "OwnerId": "bob2", "OwnerName": "Other Bob",
		"GmtCreate": millis(dataTime.Add(-time.Hour)), "GmtModify": millis(dataTime.Add(-time.Hour + 5*time.Millisecond)),
		"RowLevel": false, "OpenOfflineAcceleration": true, "CustimzeSql": false, "DsId": "db", "DsName": "Shop", "DsType": "mysql",
		"Directory": map[string]any{"Id": "sub", "Name": "Sub", "PathId": "schemaws/top/sub", "PathName": "Datasets/Top/Sub"},
	}, got)

	var detail map[string]any
	if err := json.Unmarshal([]byte(must[string](t, e, "QueryDatasetDetailInfo", "DatasetId", "costs")), &detail); err != nil {
		t.Fatal(err)
	}
	same(t, map[string]any{
		"datasetId": "costs", "datasetName": "Costs", "ownerId": "ann", "ownerName": "Ann", "workspaceId": "ws", "workspaceName": "Trade", "rowLevel": false,
		"datasource": map[string]any{"dsId": "lake", "dsName": "Lake", "dsType": "odps"},
		"directory":  map[string]any{"id": "top", "name": "Top", "pathId": "schemaws/top", "pathName": "Datasets/Top"},
		"cube":       map[string]any{"dimensions": []any{}, "measures": []any{}, "table": map[string]any{"customsql": true, "dsId": "lake", "tableName": ""}},
	}, detail)
	if err := json.Unmarshal([]byte(must[string](t, e, "QueryDatasetDetailInfo", "DatasetId", "sales")), &detail); err != nil {
		t.Fatal(err)
	}
	cube := detail["cube"].(map[string]any)
	same[any](t, map[string]any{"uid": "f-area", "caption": "Area", "dataType": "string", "dimensionType": "standard_dimension", "factColumn": "area"}, cube["dimensions"].([]any)[0])
	same[any](t, map[string]any{"uid": "f-amount", "caption": "Amount", "dataType": "number", "measureType": "standard_measure", "factColumn": "amount"}, cube["measures"].([]any)[0])

	for id, want := range map[string]bool{"sales": true, "none": false} {
		if got := must[bool](t, e, "CheckDatasetExisted", "CubeId", id); got != want {
			t.Errorf("%s exists: %t", id, got)
		}
	}
	refusals(t, e,
		"Cube.Not.Exist QueryDatasetInfo DatasetId=none",
		"Cube.Not.Exist QueryDatasetDetailInfo DatasetId=none",
		"DatasourceId.IsNull.Error QueryDatasetInfo DatasetId=lost",
		"DatasourceId.IsNull.Error QueryDatasetDetailInfo DatasetId=lost",
	)
}

// TestSeededDetails seeds what no call can set, and reads it.
func TestSeededDetails(t *testing.T) {
	t.Parallel()
	e := withData(t)
	exports := quickbi.WorkspaceExportConfig{ExportMainSwitch: true, PDFExport: true}
	params := []quickbi.WorksGlobalParam{{ParamName: "area", ParamAlias: "Area", DataType: quickbi.WorksGlobalParamEnum, Required: true}}
	err := e.Seed(Organization{
		Workspaces: []Workspace{{WorkspaceID: "new", WorkspaceName: "New", ExportConfig: &exports}},
		Datasets: []Dataset{{DatasetID: "joined", DatasetName: "Joined", WorkspaceID: "ws", DataSourceID: "db", Tables: []quickbi.DatasetTable{
			{UniqueID: "t1", TableName: "orders", ChildTables: []quickbi.DatasetTable{{UniqueID: "t2", TableName: "shops"}}},
		}}},
		Works: []Works{{WorksID: "filtered", WorksName: "Filtered", WorkspaceID: "ws", GlobalParams: params}},
	})
	if err != nil {
		t.Fatal(err)
	}
	again := NewEmulator()
	if err := again.Seed(e.Snapshot()); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*Emulator{e, again} {
		for _, ws := range must[quickbi.Page[quickbi.Workspace]](t, e, "QueryOrganizationWorkspaceList").Data {
			want := map[bool]*quickbi.WorkspaceExportConfig{true: &exports}[ws.WorkspaceID == "new"]
			same(t, want, ws.ExportConfig)
		}
		same(t, []quickbi.DatasetTable{{UniqueID: "t1", TableName: "orders", DataSourceID: "db", DataSourceType: "mysql", ChildTables: []quickbi.DatasetTable{
			{UniqueID: "t2", TableName: "shops", DataSourceID: "db", DataSourceType: "mysql"},
		}}}, must[quickbi.DatasetInfo](t, e, "QueryDatasetInfo", "DatasetId", "joined").Tables)
		same(t, params, must[quickbi.WorksInfo](t, e, "QueryWorks", "WorksId", "filtered").GlobalParams)
	}
}

func TestCreateDataset(t *testing.T) {
	t.Parallel()
	e := withData(t)
	e.SetSkew(time.Hour)
	create := []string{"WorkspaceId", "ws", "DsId", "db", "UserId", "bob2", "TableName", "customers", "UserDefineCubeName", "Customers"}
	if got := must[string](t, e, "CreateDataset", append(create, "TargetDirectoryId", "top")...); got != "true" {
		t.Error(got)
	}
	row := must[page[datasetRow]](t, e, "QueryDatasetList", "WorkspaceId", "ws", "DirectoryId", "top").Data[0]
	if row.DatasetName != "Customers" || row.OwnerID != "bob2" || row.CreateTime != "2026-03-01 21:00:00" || row.OpenOfflineAcceleration {
		t.Errorf("%+v", row)
	}
	info := must[datasetInfo](t, e, "QueryDatasetInfo", "DatasetId", row.DatasetID)
	if table := info.CubeTableList[0]; table.TableName != "customers" || !table.FactTable || table.DataSourceID != "db" || table.UniqueID == "" {
		t.Errorf("%+v", table)
	}
	same(t, []string{"sales", row.DatasetID}, must[[]string](t, e, "DataSourceBlood", "DataSourceId", "db"))

	with := func(name, value string) []string {
		pairs := append([]string{}, create...)
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				pairs[i+1] = value
				return pairs
			}
		}
		return append(pairs, name, value)
	}
	mustRefuse(t, e, "Workspace.NotIn.Organization", "CreateDataset", with("WorkspaceId", "nowhere")...)
	mustRefuse(t, e, "Datasource.NotFound.Error", "CreateDataset", with("DsId", "none")...)
	mustRefuse(t, e, "Datasource.NotFound.Error", "CreateDataset", with("DsId", "far")...)
	mustRefuse(t, e, "Invalid.User.Organization", "CreateDataset", with("UserId", "nobody")...)
	mustRefuse(t, e, "User.NotIn.Workspace", "CreateDataset", with("UserId", "bob")...)
	mustRefuse(t, e, "CubeSchema.Not.Exist", "CreateDataset", with("TargetDirectoryId", "none")...)
}

func TestCubeBySQL(t *testing.T) {
	t.Parallel()
	e := withData(t)
	must[string](t, e, "CreateCubeBySql", "WorkspaceId", "ws", "DsId", "db", "UserId", "ann", "Caption", "Big", "CustomSql", "select 2",
		"Placeholders", `[{"name": "a", "style": "placeholder", "type": "string"}, {"name": "b", "style": "param"}]`)
	id := must[page[datasetRow]](t, e, "QueryDatasetList", "WorkspaceId", "ws", "Keyword", "big").Data[0].DatasetID
	info := must[datasetInfo](t, e, "QueryDatasetInfo", "DatasetId", id)
	if !info.CustimzeSQL || info.CubeTableList[0].SQL != "select 2" || info.DsID != "db" {
		t.Errorf("%+v", info)
	}
	mustRefuse(t, e, "Invalid.Param.Error", "CreateCubeBySql", "WorkspaceId", "ws", "DsId", "db", "UserId", "ann", "Caption", "B", "CustomSql", "x", "Placeholders", "{}")

	e.SetSkew(time.Hour)
	change := func(pairs ...string) []string {
		all := map[string]string{"WorkspaceId": "ws", "DsId": "lake", "UserId": "ann", "CubeId": id, "CustomSql": "select 3"}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i]] = pairs[i+1]
		}
		var list []string
		for name, value := range all {
			list = append(list, name, value)
		}
		return list
	}
	must[bool](t, e, "UpdateCubeBySql", change()...)
	info = must[datasetInfo](t, e, "QueryDatasetInfo", "DatasetId", id)
	if info.CubeTableList[0].SQL != "select 3" || info.DsID != "lake" || info.CubeTableList[0].DataSourceType != "odps" || info.GmtModify <= info.GmtCreate {
		t.Errorf("%+v", info)
	}
	if got := strings.Join(must[[]string](t, e, "DataSourceBlood", "DataSourceId", "db"), " "); got != "sales" {
		t.Error(got)
	}
	same(t, []string{"costs", id}, must[[]string](t, e, "DataSourceBlood", "DataSourceId", "lake"))
	for _, tt := range []struct{ code, name, value string }{
		{"Cube.Not.Exist", "CubeId", "none"},
		{"Cube.Not.Exist", "CubeId", "abroad"},
		{"Invalid.Param.Error", "CubeId", "sales"},
		{"Workspace.NotIn.Organization", "WorkspaceId", "nowhere"},
		{"Datasource.NotFound.Error", "DsId", "far"},
		{"Invalid.User.Organization", "UserId", "nobody"},
		{"User.NotIn.Workspace", "UserId", "bob"},
		{"Invalid.Param.Error", "Placeholders", "]"},
		{"Invalid.Param.Error", "Placeholders", `[{"name": "a", "style": "x"}]`},
		{"Invalid.Param.Error", "Placeholders", `[{"name": "a", "style": "param"}, {"name": "a", "style": "param"}]`},
	} {
		mustRefuse(t, e, tt.code, "UpdateCubeBySql", change(tt.name, tt.value)...)
	}
}

func TestDataSetBlood(t *testing.T) {
	t.Parallel()
	e := withData(t)
	board, sheet := map[string]string{"WorksId": "board", "WorksType": "PAGE"}, map[string]string{"WorksId": "sheet", "WorksType": "REPORT"}
	blood := func(pairs ...string) []map[string]string {
		return must[[]map[string]string](t, e, "DataSetBlood", pairs...)
	}
	same(t, []map[string]string{board, sheet}, blood("DataSetIds", "sales"))
	same(t, []map[string]string{board, sheet}, blood("DataSetIds", "costs,sales,lost"))
	same(t, []map[string]string{sheet}, blood("DataSetIds", "costs,sales", "UserId", "bob2"))
	same(t, []map[string]string{board}, blood("DataSetIds", "costs,sales", "WorksType", "PAGE"))
	same(t, []map[string]string{}, blood("DataSetIds", "lost"))
	same(t, []map[string]string{}, blood("DataSetIds", "sales", "UserId", "nobody"))
	refusals(t, e, "Cube.Not.Exist DataSetBlood DataSetIds=sales,none")
}

func TestCubePerformance(t *testing.T) {
	t.Parallel()
	e := withData(t)
	figures := func(pairs ...string) string {
		var ids []string
		for _, f := range must[[]datasetFigures](t, e, "QueryCubePerformance", append(pairs, "WorkspaceId", "ws")...) {
			ids = append(ids, f.DatasetID)
		}
		return strings.Join(ids, " ")
	}
	for want, pairs := range map[string][]string{
		"sales costs": {"QueryType", "lastDay"},
		"sales":       {"QueryType", "lastDay", "CostTimeAvgMin", "2"},
		"costs":       {"QueryType", "lastDay", "CubeId", "costs"},
		"":            {"QueryType", "thirtyDays"},
	} {
		if got := figures(pairs...); got != want {
			t.Errorf("%v: %s", pairs, got)
		}
	}
	got := must[[]map[string]any](t, e, "QueryCubePerformance", "WorkspaceId", "ws", "QueryType", "lastDay")[0]
	if len(got) != 21 || got["QueryCount"] != 50.0 || got["CubeName"] != "Sales 2026" || got["WorkspaceName"] != "Trade" || got["RepeatSqlQueryPercent"] != "0.3" {
		t.Errorf("%v", got)
	}
	advice := must[[]map[string]any](t, e, "QueryCubeOptimization", "WorkspaceId", "ws")
	if len(advice) != 1 || advice[0]["AdviceType"] != "OPEN_CACHE" || advice[0]["CubePerformanceDiagnoseModel"].(map[string]any)["CubeId"] != "sales" {
		t.Errorf("%v", advice)
	}
	same(t, []map[string]any{}, must[[]map[string]any](t, e, "QueryCubeOptimization", "WorkspaceId", "other"))
	refusals(t, e,
		"Invalid.Parameter.Error QueryCubePerformance WorkspaceId=ws QueryType=always",
		"Application.Object.NotExist QueryCubePerformance WorkspaceId=nowhere QueryType=lastDay",
		"Application.Object.NotExist QueryCubeOptimization WorkspaceId=nowhere",
	)
}

func TestAcceleration(t *testing.T) {
	t.Parallel()
	e := withData(t)
	last := func(id string) map[string]string {
		return must[map[string]string](t, e, "QueryLastAccelerationEngineJob", "CubeId", id)
	}
	same(t, map[string]string{"JobHistoryId": "run2", "Status": "SUCCESS", "GmtCreate": "2026-03-01 19:10:00", "GmtModified": "2026-03-01 19:11:00"}, last("sales"))

	must[bool](t, e, "AllotDatasetAccelerationTask", "CubeId", "sales")
	run := last("sales")
	if run["JobHistoryId"] == "run2" || run["Status"] != "RUNNING" || run["GmtCreate"] != "2026-03-01 20:00:00" || run["GmtModified"] != "" {
		t.Errorf("%v", run)
	}
	mustRefuse(t, e, "Repeat.Running.Job", "AllotDatasetAccelerationTask", "CubeId", "sales")
	e.SetSkew(time.Minute)
	same(t, map[string]string{"JobHistoryId": run["JobHistoryId"], "Status": "SUCCESS", "GmtCreate": "2026-03-01 20:00:00", "GmtModified": "2026-03-01 20:01:00"}, last("sales"))
	must[bool](t, e, "AllotDatasetAccelerationTask", "CubeId", "sales")

	must[bool](t, e, "AllotDatasetAccelerationTask", "CubeId", "costs") // fails after a second
	e.SetSkew(2 * time.Minute)
	mustRefuse(t, e, "Last.Job.Failed", "AllotDatasetAccelerationTask", "CubeId", "costs")

	list := must[map[string]any](t, e, "ListAccelerationOfWorkspace", "WorkspaceId", "ws", "PageSize", "1")
	same(t, map[string]any{
		"PageNum": 1.0, "PageSize": 1.0, "TotalNum": 2.0, "TotalPages": 2.0, "Next": 2.0, "Pre": 0.0,
		"Data": []any{map[string]any{
			"JobId": "job", "JobHistoryId": last("sales")["JobHistoryId"], "JobStatus": 2.0, "CubeId": "sales", "CubeName": "Sales 2026", "CreatorName": "Other Bob",
			"EnableQuickindexTime": "20260301 19:00:00", "LastModifyTime": "20260301 20:02:00", "Size": "4096",
		}},
	}, list)
	list = must[map[string]any](t, e, "ListAccelerationOfWorkspace", "WorkspaceId", "ws", "PageSize", "1", "PageNo", "2")
	if list["Next"] != 0.0 || list["Pre"] != 1.0 || list["Data"].([]any)[0].(map[string]any)["JobStatus"] != 3.0 {
		t.Errorf("%v", list)
	}
	for _, pairs := range [][]string{{"CreatorId", "ann"}, {"CubeName", "nothing"}} {
		if list := must[map[string]any](t, e, "ListAccelerationOfWorkspace", append(pairs, "WorkspaceId", "ws")...); list["TotalNum"] != 0.0 {
			t.Errorf("%v: %v", pairs, list)
		}
	}

	log := must[map[string]any](t, e, "QueryAccelerationLogByCubeId", "CubeId", "sales", "StartDate", "2026-03-01 19:00:00", "EndDate", "2026-03-01 19:59:59")
	same[any](t, []any{
		map[string]any{"JobId": "job", "JobHistoryId": "run2", "JobStatus": "2", "JonStartDate": "2026-03-01 19:10:00", "Duration": "60", "Log": "done"},
		map[string]any{"JobId": "job", "JobHistoryId": "run1", "JobStatus": "4", "JonStartDate": "2026-03-01 19:00:00", "Duration": "90", "Log": "stopped"},
	}, log["Data"])
	log = must[map[string]any](t, e, "QueryAccelerationLogByCubeId", "CubeId", "abroad", "StartDate", "2026-03-01 19:00:00", "EndDate", "2026-03-01 19:00:00")
	same[any](t, []any{}, log["Data"])
	period := []string{"StartDate", "2026-03-02 00:00:00", "EndDate", "2026-03-01 00:00:00", "CubeId", "sales"}
	mustRefuse(t, e, "Invalid.Parameter.Error", "QueryAccelerationLogByCubeId", period...)
	refusals(t, e,
		"Invalid.Parameter.Error QueryAccelerationLogByCubeId CubeId=sales StartDate=2026-03-01 EndDate=2026-03-01",
		"Cube.Not.Exist QueryAccelerationLogByCubeId CubeId=none StartDate=x EndDate=x",
		"Cube.Not.Exist AllotDatasetAccelerationTask CubeId=none",
		"Quick.Job.NotExist AllotDatasetAccelerationTask CubeId=lost",
		"Cube.Not.Exist QueryLastAccelerationEngineJob CubeId=none",
		"Invalid.Parameter.Error QueryLastAccelerationEngineJob CubeId=lost",
		"Workspace.NotIn.Organization ListAccelerationOfWorkspace WorkspaceId=nowhere",
	)
}
