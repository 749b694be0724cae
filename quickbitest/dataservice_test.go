package quickbitest

import (
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
)

// totals lists the values of total that a query of data service orders finds.
func totals(t testing.TB, e *Emulator, conditions string, pairs ...string) string {
	t.Helper()
	type result struct {
		Values []struct {
			Total rawText `json:"total"`
		}
	}
	r := must[result](t, e, "QueryData", append(pairs, "ApiId", "orders", "Conditions", conditions)...)
	var list []string
	for _, row := range r.Values {
		list = append(list, string(row.Total))
	}
	return strings.Join(list, " ")
}

// A rawText is a value as it is written.
type rawText string

func (s *rawText) UnmarshalJSON(text []byte) error {
	*s = rawText(text)
	return nil
}

func TestQueryData(t *testing.T) {
	t.Parallel()
	e := withData(t)
	got := must[map[string]any](t, e, "QueryData", "ApiId", "orders", "UserId", "ann", "Conditions", `{"day": "20260301", "area": ["华北", "it's"]}`, "ReturnFields", `["total", "area", "total"]`)
	same(t, map[string]any{
		"Headers": []any{
			map[string]any{"Label": "total", "Column": "amount", "OriginalColumn": "Amount", "Type": "Measure", "DataType": "number", "Aggregator": "SUM"},
			map[string]any{"Label": "area", "Column": "area", "OriginalColumn": "Area", "Type": "Dimension", "DataType": "string"},
		},
		"Values": []any{map[string]any{"total": 20.0, "area": "华北"}},
		"Sql":    "SELECT SUM(`amount`) AS `total`, `area` AS `area` FROM `orders` WHERE (`area` IN ('华北', 'it''s') AND `day` = '20260301')",
	}, got)
	got = must[map[string]any](t, e, "QueryDataService", "ApiId", "orders", "Conditions", `{"day": "20260302"}`)
	same(t, map[string]any{
		"Headers": []any{
			map[string]any{"Label": "area", "Column": "area", "Type": "Dimension", "DataType": "string"},
			map[string]any{"Label": "date", "Column": "day", "Type": "Dimension", "DataType": "datetime", "Granularity": "dayRegion"},
			map[string]any{"Label": "total", "Column": "amount", "Type": "Measure", "DataType": "number", "Aggregator": "SUM"},
		},
		"Values": []any{map[string]any{"area": "华北", "date": "2026-03-02", "total": 40.0}},
		"Sql":    "SELECT `area` AS `area`, `day` AS `date`, SUM(`amount`) AS `total` FROM `orders` WHERE `day` = '20260302'",
	}, got)

	for conditions, want := range map[string]string{
		`{"day": "20260301"}`:                            "9007199254740993 20 3.5",
		`{"day": "20260301", "area": "华东"}`:              "9007199254740993",
		`{"day": "20260301", "area": []}`:                "",
		`{"day": "20260301", "area": null}`:              "9007199254740993 20 3.5",
		`{"day": "20260301", "least": 20}`:               "9007199254740993 20",
		`{"day": "20260301", "least": "20.5"}`:           "9007199254740993",
		`{"day": "20260301", "least": 9007199254740993}`: "9007199254740993",
		`{"day": "20260301", "least": 9007199254740994}`: "",
		`{"day": "20260301", "shop": "il"}`:              "20",
		`{"day": "20260303"}`:                            "",
	} {
		if got := totals(t, e, conditions); got != want {
			t.Errorf("%s: %s, want %s", conditions, got, want)
		}
	}
	for conditions, want := range map[string]string{
		``:                              `[{"code":"7"},{"code":"007"},{"code":"8"}]`,
		`{"code": "8"}`:                 `[{"code":"8"}]`,
		`{"code": 7, "year": "2025"}`:   `[{"code":"7"}]`, // either of them: not 007, which is a text
		`{"code": "8", "year": "2025"}`: `[{"code":"7"},{"code":"8"}]`,
	} {
		if got := must[struct{ Values rawText }](t, e, "QueryData", "ApiId", "either", "Conditions", conditions).Values; string(got) != want {
			t.Errorf("%s: %s, want %s", conditions, got, want)
		}
	}
	if got := do(t, e, "QueryData", "ApiId", "either", "Conditions", `{"code": "8", "year": "2025"}`).Body; !strings.Contains(got, "FROM (select 1) WHERE (`code` = '8' OR `year` < '2025')") {
		t.Error(got)
	}
}

func TestQueryDataRefusals(t *testing.T) {
	t.Parallel()
	e := withData(t)
	for _, action := range []string{"QueryData", "QueryDataService"} {
		refusals(t, e,
			"API.Not.Exist "+action+" ApiId=none",
			"Missing.Conditions "+action+" ApiId=orders",
			`Missing.Conditions `+action+` ApiId=orders Conditions={"day":null}`,
			`Invalid.Parameter.Conditions `+action+` ApiId=orders Conditions={“day”:1}`,
			`Invalid.Parameter.Conditions `+action+` ApiId=orders Conditions=["day"]`,
			`Invalid.Parameter.Conditions `+action+` ApiId=orders Conditions={"day":"20260301","other":1}`,
			`Invalid.Parameter.Conditions `+action+` ApiId=orders Conditions={"day":"2026-03-01"}`,
			`Invalid.Parameter.Conditions `+action+` ApiId=orders Conditions={"day":["20260301"]}`,
			`Invalid.Parameter.Conditions `+action+` ApiId=orders Conditions={"day":"20260301","area":[["x"]]}`,
			`Invalid.Parameter.Conditions `+action+` ApiId=orders Conditions={"day":"20260301","area":[null]}`,
			`Invalid.Parameter.Conditions `+action+` ApiId=orders Conditions={"day":"20260301","area":{"a":1}}`,
			`Invalid.Parameter.ReturnFields `+action+` ApiId=either ReturnFields=["code","none"]`,
			`Invalid.Parameter.ReturnFields `+action+` ApiId=either ReturnFields=code`,
			"Missing.Dimension.Measure "+action+" ApiId=stale",
		)
	}
	refusals(t, e, "User.Not.In.Organization QueryData ApiId=either UserId=nobody")
}

// TestDateForms has the documented forms of dates, and one wrong one each.
func TestDateForms(t *testing.T) {
	t.Parallel()
	for granularity, forms := range map[string][2]string{
		"yearRegion": {"2019", "19"}, "quarterRegion": {"2019Q1", "2019Q5"}, "monthRegion": {"201901", "20191"}, "weekRegion": {"2019-52", "201952"},
		"dayRegion": {"20190101", "2019-01-01"}, "hourRegion": {"14:00:00", "14:01:00"}, "minRegion": {"14:12:00", "14:12:01"}, "secRegion": {"14:34:34", "14:34"},
	} {
		if form := dateForms[quickbi.DataGranularity(granularity)]; !form.MatchString(forms[0]) || form.MatchString(forms[1]) {
			t.Errorf("%s: %s", granularity, form)
		}
	}
}

func TestQueryDataPermissions(t *testing.T) {
	t.Parallel()
	e := withRules(t)
	all, forbidden := `{"day": "20260301"}`, "Rowlevel.Permission.Forbbiden"
	query := func(user string) []string { return []string{"ApiId", "orders", "Conditions", all, "UserId", user} }

	// Nobody is named yet: nobody sees rows but the owner of the organization.
	mustRefuse(t, e, forbidden, "QueryData", query("ann")...)
	if got := totals(t, e, all); got != "9007199254740993 20 3.5" {
		t.Errorf("owner: %s", got)
	}
	must[bool](t, e, "SetDataLevelPermissionExtraConfig", "CubeId", "sales", "RuleType", "ROW_LEVEL", "MissHitPolicy", "ALL")
	if got := totals(t, e, all, "UserId", "ann"); got != "9007199254740993 20 3.5" {
		t.Errorf("ann: %s", got)
	}

	// A rule for those in group north, and below it, hides the row without an area.
	id := setRule(t, e, rowRule(`, "ruleTargetScope": "OTHERS", "ruleUsersModel": {"userGroups": ["north"]}`))
	for user, want := range map[string]string{"ann": "9007199254740993 20", "bob": "9007199254740993 20", "bob2": "9007199254740993 20 3.5", OwnerUserID: "9007199254740993 20 3.5"} {
		if got := totals(t, e, all, "UserId", user); got != want {
			t.Errorf("%s: %s, want %s", user, got, want)
		}
	}
	if got := do(t, e, "QueryData", query("ann")...).Body; !strings.Contains(got, "WHERE (`day` = '20260301' AND `area` IS NOT NULL)") {
		t.Error(got)
	}
	must[bool](t, e, "AddDataLevelPermissionWhiteList", "CubeId", "sales", "RuleType", "ROW_LEVEL", "OperateType", "ADD", "TargetType", "1", "TargetIds", "bob")
	if got := totals(t, e, all, "UserId", "bob"); got != "9007199254740993 20 3.5" {
		t.Errorf("bob: %s", got)
	}

	// Columns.
	column := setRule(t, e, columnRule("sales", `["f-amount"]`, `, "ruleTargetScope": "OTHERS", "ruleUsersModel": {"users": ["ann"]}`))
	mustRefuse(t, e, forbidden, "QueryData", query("ann")...)
	must[any](t, e, "QueryData", append(query("ann"), "ReturnFields", `["area"]`)...)
	must[any](t, e, "QueryData", query("bob")...)
	setRule(t, e, columnRule("sales", `["f-amount"]`, `, "ruleId": "`+column+`", "hitTakeEffect": 0`))
	must[any](t, e, "QueryData", query("ann")...)
	must[bool](t, e, "DeleteDataLevelRuleConfig", "CubeId", "sales", "RuleId", column)
	must[bool](t, e, "SetDataLevelPermissionExtraConfig", "CubeId", "sales", "RuleType", "COLUMN_LEVEL", "MissHitPolicy", "NONE")
	mustRefuse(t, e, forbidden, "QueryData", query("ann")...)
	must[bool](t, e, "UpdateDataLevelPermissionStatus", "CubeId", "sales", "RuleType", "COLUMN_LEVEL", "IsOpen", "0")

	// Rules of several comparisons, and some that the emulator cannot carry out.
	operands := func(operator, first, second string) string {
		return strings.NewReplacer(`\"caption\"`, `\"operator\": \"`+operator+`\", \"operands\": [`+first+`, `+second+`], \"caption\"`).Replace(rowRule(`, "ruleId": "` + id + `"`))
	}
	area, shop := `{\"pathId\": \"f-area\", \"relationOperator\": \"not-null\"}`, `{\"pathId\": \"f-shop\", \"relationOperator\": \"not-null\"}`
	setRule(t, e, operands("and", area, shop))
	if got := totals(t, e, all, "UserId", "ann"); got != "9007199254740993 20" {
		t.Errorf("and: %s", got)
	}
	setRule(t, e, operands("OR", area, shop))
	if got := totals(t, e, `{"day": "20260302"}`, "UserId", "ann"); got != "40" {
		t.Errorf("or: %s", got)
	}
	like := operands("or", area, `{\"pathId\": \"f-area\", \"relationOperator\": \"like\"}`)
	mustRefuse(t, e, "Invalid.Parameter.Error", "SetDataLevelPermissionRuleConfig", "RuleModel", like)
	if err := e.Seed(Organization{RowOperators: []RowOperator{{Operator: "like"}}}); err != nil {
		t.Fatal(err)
	}
	setRule(t, e, like)
	mustRefuse(t, e, forbidden, "QueryData", query("ann")...)
	setRule(t, e, strings.Replace(rowRule(`, "ruleId": "`+id+`"`), "ROW_FIELD", "ROW_TAG", 1))
	must[any](t, e, "QueryDataService", "ApiId", "orders", "Conditions", all)
	setRule(t, e, rowRule(`, "ruleId": "`+id+`", "isOpen": 0`))
	if got := totals(t, e, all, "UserId", "ann"); got != "9007199254740993 20 3.5" {
		t.Errorf("ann: %s", got)
	}
}

func TestQueryDataServiceList(t *testing.T) {
	t.Parallel()
	e := withData(t)
	list := must[map[string]any](t, e, "QueryDataServiceList", "PageSize", "1", "PageNo", "2")
	if list["PageNum"] != 2.0 || list["TotalNum"] != 3.0 || list["TotalPages"] != 3.0 || list["Data"].([]any)[0].(map[string]any)["Sid"] != "either" {
		t.Errorf("%v", list)
	}
	row := must[map[string]any](t, e, "QueryDataServiceList", "UserId", "bob2", "Name", "BY AREA")["Data"].([]any)[0].(map[string]any)
	content := row["Content"].(map[string]any)
	delete(row, "Content")
	same(t, map[string]any{
		"Sid": "orders", "Name": "Orders by area", "Desc": "daily", "WorkspaceId": "ws", "WorkspaceName": "Trade", "CubeId": "sales", "CubeName": "Sales 2026",
		"OwnerId": "bob2", "OwnerName": "Other Bob", "CreatorId": "bob2", "CreatorName": "Other Bob", "ModifierId": "ann", "ModifierName": "Ann",
		"GmtCreate": "2026-03-01 19:00:00.0", "GmtModified": "2026-03-01 19:00:00",
	}, row)
	same[any](t, map[string]any{"Alias": "total", "Desc": "", "Aggregator": "SUM", "Orderby": "desc", "Field": map[string]any{
		"Fid": "f-amount", "Name": "", "Caption": "Amount", "Column": "amount", "Type": "Measure", "DataType": "number", "Granularity": "",
	}}, content["ReturnFields"].([]any)[2])
	if filter := content["Filter"].(map[string]any); filter["Type"] != "basic" || filter["LogicalOperator"] != "and" || len(filter["Filters"].([]any)) != 4 {
		t.Errorf("%v", filter)
	}
}
