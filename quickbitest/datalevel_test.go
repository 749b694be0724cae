package quickbitest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
)

// rowRule writes the model of a rule for rows of dataset sales: area must not be empty.
// More members may be added.
func rowRule(more string) string {
	return `{"cubeId": "sales", "ruleName": "Mine & <yours>", "ruleLevelType": "ROW_LEVEL", "ruleContentModel": {"ruleContentType": "ROW_FIELD",
		"ruleContentJson": "{\"conditionNode\": {\"caption\": \"Area\", \"isMeasure\": false, \"pathId\": \"f-area\", \"relationOperator\": \"not-null\", \"name\": \"f-area\", \"value\": {\"value\": [\"\"], \"valueType\": \"ENUM\"}}}",
		"ruleOriginConfigJson": "{\"operator\": \"and\"}"}` + more + `}`
}

// columnRule writes the model of a rule that withholds fields, which are written as JSON.
func columnRule(cube, fields, more string) string {
	content, _ := json.Marshal(`{"pathId": ` + fields + `}`)
	return fmt.Sprintf(`{"cubeId": %q, "ruleName": "Hidden", "ruleLevelType": "COLUMN_LEVEL", "ruleContentModel": {"ruleContentType": "COLUMN_FORBID", "ruleContentJson": %s}%s}`, cube, content, more)
}

// decoded decodes a document in a string.
func decoded[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// setRule saves a rule of a dataset's permission, and returns its id.
func setRule(t testing.TB, e *Emulator, model string) string {
	t.Helper()
	return decoded[DataLevelRule](t, must[string](t, e, "SetDataLevelPermissionRuleConfig", "RuleModel", model)).RuleID
}

// rulesOf returns the rules of dataset sales.
func rulesOf(t testing.TB, e *Emulator, kind string) []DataLevelRule {
	t.Helper()
	text := must[string](t, e, "ListCubeDataLevelPermissionConfig", "CubeId", "sales", "RuleType", kind)
	return decoded[struct {
		Rules []DataLevelRule `json:"ruleModels"`
	}](t, text).Rules
}

// withRules is withData with both permissions of sales switched on.
func withRules(t testing.TB) *Emulator {
	t.Helper()
	e := withData(t)
	for _, kind := range []string{rowLevel, columnLevel} {
		must[bool](t, e, "UpdateDataLevelPermissionStatus", "CubeId", "sales", "RuleType", kind, "IsOpen", "1")
	}
	return e
}

func TestDataLevelSwitch(t *testing.T) {
	t.Parallel()
	e := withData(t)
	info := func() map[string]any {
		return must[map[string]any](t, e, "QueryDatasetSwitchInfo", "CubeId", "sales")
	}
	same(t, map[string]any{"CubeId": "sales", "IsOpenColumnLevelPermission": 0.0, "IsOpenRowLevelPermission": 0.0}, info())
	must[bool](t, e, "UpdateDataLevelPermissionStatus", "CubeId", "sales", "RuleType", "ROW_LEVEL", "IsOpen", "1")
	same(t, map[string]any{"CubeId": "sales", "IsOpenColumnLevelPermission": 0.0, "IsOpenRowLevelPermission": 1.0}, info())
	if row := must[page[datasetRow]](t, e, "QueryDatasetList", "WorkspaceId", "ws", "Keyword", "sales").Data[0]; !row.RowLevel {
		t.Error("not in the list")
	}
	if !must[datasetInfo](t, e, "QueryDatasetInfo", "DatasetId", "sales").RowLevel {
		t.Error("not in the dataset")
	}
	config := must[string](t, e, "ListCubeDataLevelPermissionConfig", "CubeId", "sales", "RuleType", "ROW_LEVEL")
	same(t, `{"cubeId":"sales","ruleType":"ROW_LEVEL","isOpen":1,"extraConfigModel":{"cubeId":"sales","ruleType":"ROW_LEVEL","missHitPolicy":"NONE"},"ruleModels":[]}`, config)
	must[bool](t, e, "SetDataLevelPermissionExtraConfig", "CubeId", "sales", "RuleType", "ROW_LEVEL", "MissHitPolicy", "ALL")
	must[bool](t, e, "UpdateDataLevelPermissionStatus", "CubeId", "sales", "RuleType", "ROW_LEVEL", "IsOpen", "0")
	config = must[string](t, e, "ListCubeDataLevelPermissionConfig", "CubeId", "sales", "RuleType", "ROW_LEVEL")
	same(t, `{"cubeId":"sales","ruleType":"ROW_LEVEL","isOpen":0,"extraConfigModel":{"cubeId":"sales","ruleType":"ROW_LEVEL","missHitPolicy":"ALL"},"ruleModels":[]}`, config)

	// Whatever changes a permission wants it to be on.
	off := "RowLevelPermission.SwitchClose.Error"
	mustRefuse(t, e, off, "SetDataLevelPermissionRuleConfig", "RuleModel", rowRule(""))
	mustRefuse(t, e, off, "SetDataLevelPermissionRuleConfig", "RuleModel", columnRule("sales", `["f-area"]`, ""))
	mustRefuse(t, e, off, "SetDataLevelPermissionWhiteList", "WhiteListModel", `{"cubeId": "sales", "ruleType": "ROW_LEVEL"}`)
	refusals(t, e,
		off+" SetDataLevelPermissionExtraConfig CubeId=sales RuleType=COLUMN_LEVEL MissHitPolicy=ALL",
		off+" AddDataLevelPermissionWhiteList CubeId=sales RuleType=ROW_LEVEL OperateType=ADD TargetType=1 TargetIds=ann",
		"Cube.Not.Exist QueryDatasetSwitchInfo CubeId=none",
		"Cube.Not.Exist UpdateDataLevelPermissionStatus CubeId=none RuleType=ROW_LEVEL IsOpen=1",
		"Cube.Not.Exist ListCubeDataLevelPermissionConfig CubeId=none RuleType=ROW_LEVEL",
		"Cube.Not.Exist SetDataLevelPermissionExtraConfig CubeId=none RuleType=ROW_LEVEL MissHitPolicy=ALL",
		"Invalid.Parameter.Error UpdateDataLevelPermissionStatus CubeId=sales RuleType=CELL_LEVEL IsOpen=1",
		"Invalid.Parameter.Error UpdateDataLevelPermissionStatus CubeId=sales RuleType=ROW_LEVEL IsOpen=2",
		"Invalid.Parameter.Error SetDataLevelPermissionExtraConfig CubeId=sales RuleType=ROW_LEVEL MissHitPolicy=SOME",
	)
}

func TestDataLevelRules(t *testing.T) {
	t.Parallel()
	e := withRules(t)
	text := must[string](t, e, "SetDataLevelPermissionRuleConfig", "RuleModel", rowRule(`, "ruleTargetScope": "OTHERS", "ruleUsersModel": {"users": ["ann"], "userGroups": ["sales"]}`))
	id := decoded[DataLevelRule](t, text).RuleID
	same(t, map[string]any{
		"ruleId": id, "cubeId": "sales", "ruleName": "Mine & <yours>", "ruleLevelType": "ROW_LEVEL", "ruleTargetScope": "OTHERS", "isOpen": 1.0, "hitTakeEffect": 1.0,
		"ruleUsersModel": map[string]any{"users": []any{"ann"}, "userGroups": []any{"sales"}},
		"ruleContentModel": map[string]any{"ruleContentType": "ROW_FIELD",
			"ruleContentJson":      `{"conditionNode": {"caption": "Area", "isMeasure": false, "pathId": "f-area", "relationOperator": "not-null", "name": "f-area", "value": {"value": [""], "valueType": "ENUM"}}}`,
			"ruleOriginConfigJson": `{"operator": "and"}`},
	}, decoded[map[string]any](t, text))

	// Users come and go.
	must[bool](t, e, "AddDataLevelPermissionRuleUsers", "AddUserModel", `{"ruleId": "`+id+`", "cubeId": "sales", "addModel": {"users": ["bob", "ann"], "userGroups": ["north"]}}`)
	must[bool](t, e, "DeleteDataLevelPermissionRuleUsers", "DeleteUserModel", `{"ruleId": "`+id+`", "cubeId": "sales", "delModel": {"users": ["ann", "bob2"]}}`)
	same(t, quickbi.DataLevelAudience{UserIDs: []string{"bob"}, UserGroupIDs: []string{"sales", "north"}}, rulesOf(t, e, rowLevel)[0].Audience)
	must[bool](t, e, "DeleteUserGroup", "UserGroupId", "sales")
	must[bool](t, e, "DeleteUser", "UserId", "bob")
	same(t, quickbi.DataLevelAudience{UserIDs: []string{}, UserGroupIDs: []string{"north"}}, rulesOf(t, e, rowLevel)[0].Audience)

	// A rule is replaced as a whole, by whichever name its id goes.
	if got := setRule(t, e, rowRule(`, "rule": "`+id+`", "isOpen": 0, "permissionMode": "COMPLEX"`)); got != id {
		t.Errorf("id %s, want %s", got, id)
	}
	rules := rulesOf(t, e, rowLevel)
	if r := rules[0]; len(rules) != 1 || *r.IsOpen != 0 || r.TargetScope != "ALL" || len(r.Audience.UserGroupIDs) != 0 || r.PermissionMode != "COMPLEX" {
		t.Errorf("%+v", rules)
	}

	// Columns have rules of their own.
	text = must[string](t, e, "SetDataLevelPermissionRuleConfig", "RuleModel", columnRule("sales", `["f-area", "f-day"]`, ""))
	column := decoded[DataLevelRule](t, text)
	same(t, `{"pathId":["f-area","f-day"]}`, string(column.Content.Content))
	repeat := "CubePermission.ColumnlevelField.Repeat"
	mustRefuse(t, e, repeat, "SetDataLevelPermissionRuleConfig", "RuleModel", columnRule("sales", `["f-amount", "f-day"]`, ""))
	mustRefuse(t, e, repeat, "SetDataLevelPermissionRuleConfig", "RuleModel", columnRule("sales", `["f-amount", "f-amount"]`, ""))
	setRule(t, e, columnRule("sales", `["f-day"]`, `, "ruleId": "`+column.RuleID+`", "hitTakeEffect": 0`))
	other := setRule(t, e, columnRule("sales", `["f-area"]`, "")) // free again

	for model, code := range map[string]string{
		`{"ruleId": "x", "addModel": {}}`:                                                       "Invalid.Parameter.Error",
		`{"cubeId": "sales", "addModel": {}}`:                                                   "Invalid.Parameter.Error",
		`{"cubeId": "sales", "ruleId": "` + id + `"}`:                                           "Invalid.Parameter.Error",
		`{"cubeId": "sales", "ruleId": "` + id + `", "addModel": {"userGroups": ["ann"]}}`:      "Invalid.Parameter.Error",
		`{"cubeId": "sales", "ruleId": "` + id + `", "addModel": {"users": ["ann", "nobody"]}}`: "User.Not.In.Organization",
		`{"cubeId": "none", "ruleId": "` + id + `", "addModel": {"users": ["ann"]}}`:            "Cube.Not.Exist",
		`{"cubeId": "costs", "ruleId": "` + id + `", "addModel": {"users": ["ann"]}}`:           "RowLevelPermission.Rule.NotBelongToCube",
		`{"cubeId": "sales", "ruleId": "none", "addModel": {"users": ["ann"]}}`:                 "RowLevelPermission.Rule.NotExsist",
		`"`: "Invalid.Parameter.Error",
	} {
		mustRefuse(t, e, code, "AddDataLevelPermissionRuleUsers", "AddUserModel", model)
	}
	mustRefuse(t, e, "Invalid.Parameter.Error", "DeleteDataLevelPermissionRuleUsers", "DeleteUserModel", `{"cubeId": "sales", "ruleId": "`+id+`", "addModel": {}}`)

	must[bool](t, e, "DeleteDataLevelRuleConfig", "CubeId", "sales", "RuleId", other)
	if got := len(rulesOf(t, e, columnLevel)); got != 1 {
		t.Errorf("%d rules are left", got)
	}
	refusals(t, e,
		"RowLevelPermission.Rule.NotExsist DeleteDataLevelRuleConfig CubeId=sales RuleId="+other,
		"RowLevelPermission.Rule.NotBelongToCube DeleteDataLevelRuleConfig CubeId=costs RuleId="+id,
		"Cube.Not.Exist DeleteDataLevelRuleConfig CubeId=none RuleId="+id,
	)
	must[bool](t, e, "UpdateDataLevelPermissionStatus", "CubeId", "sales", "RuleType", rowLevel, "IsOpen", "0")
	mustRefuse(t, e, "RowLevelPermission.SwitchClose.Error", "DeleteDataLevelRuleConfig", "CubeId", "sales", "RuleId", id)
	mustRefuse(t, e, "RowLevelPermission.SwitchClose.Error", "AddDataLevelPermissionRuleUsers", "AddUserModel", `{"cubeId": "sales", "ruleId": "`+id+`", "addModel": {}}`)
}

func TestDataLevelRuleRefusals(t *testing.T) {
	t.Parallel()
	e := withRules(t)
	row := setRule(t, e, rowRule(""))
	content := func(kind, content string) string {
		text, _ := json.Marshal(content)
		return `{"cubeId": "sales", "ruleLevelType": "ROW_LEVEL", "ruleContentModel": {"ruleContentType": "` + kind + `", "ruleContentJson": ` + string(text) + `}}`
	}
	for model, code := range map[string]string{
		`[]`:                                                                 "Invalid.Parameter.Error",
		`{"ruleLevelType": "ROW_LEVEL"}`:                                     "Invalid.Parameter.Error",
		`{"cubeId": "sales"}`:                                                "Invalid.Parameter.Error",
		columnRule("none", `["f"]`, ""):                                      "Cube.Not.Exist",
		columnRule("sales", `[]`, ""):                                        "Invalid.Parameter.Error",
		columnRule("sales", `[""]`, ""):                                      "Invalid.Parameter.Error",
		columnRule("sales", `"f"`, ""):                                       "Invalid.Parameter.Error",
		columnRule("sales", `["f"]`, `, "ruleId": "`+row+`"`):                "Invalid.Parameter.Error", // a rule for rows
		rowRule(`, "ruleId": "none"`):                                        "RowLevelPermission.Rule.NotExsist",
		rowRule(`, "ruleLevelType": "CELL"`):                                 "Invalid.Parameter.Error",
		rowRule(`, "ruleTargetScope": "1"`):                                  "Invalid.Parameter.Error",
		rowRule(`, "isOpen": 2`):                                             "Invalid.Parameter.Error",
		rowRule(`, "hitTakeEffect": -1`):                                     "Invalid.Parameter.Error",
		rowRule(`, "ruleUsersModel": {"users": ["nobody"]}`):                 "User.Not.In.Organization",
		rowRule(`, "ruleUsersModel": {"userGroups": ["nobody"]}`):            "Invalid.Parameter.Error",
		content("COLUMN_FORBID", `{}`):                                       "Invalid.Parameter.Error",
		content("", `{}`):                                                    "Invalid.Parameter.Error",
		content("ROW_FIELD", `{`):                                            "Invalid.Parameter.Error",
		content("ROW_FIELD", `{}`):                                           "Invalid.Parameter.Error",
		content("ROW_FIELD", `{"conditionNode": {"pathId": "f"}}`):           "Invalid.Parameter.Error",
		content("ROW_FIELD", `{"conditionNode": {"relationOperator": "x"}}`): "Invalid.Parameter.Error",
		columnRule("sales", `["f-area", "f-none"]`, ""):                      "Invalid.Parameter.Error",
		content("ROW_FIELD", `{"conditionNode": {"pathId": "f-none", "relationOperator": "not-null"}}`):                                                                 "Invalid.Parameter.Error",
		content("ROW_FIELD", `{"conditionNode": {"pathId": "f-area", "relationOperator": "in"}}`):                                                                       "Invalid.Parameter.Error",
		content("ROW_FIELD", `{"conditionNode": {"operator": "and", "operands": [{"pathId": "f-area", "relationOperator": "in"}]}}`):                                    "Invalid.Parameter.Error",
		content("ROW_FIELD", `{"conditionNode": {"operator": "xor", "operands": [{}]}}`):                                                                                "Invalid.Parameter.Error",
		content("ROW_FIELD", `{"conditionNode": {"operator": "and", "operands": [null]}}`):                                                                              "Invalid.Parameter.Error",
		`{"cubeId": "sales", "ruleLevelType": "ROW_LEVEL", "ruleContentModel": {"ruleContentType": "ROW_FIELD", "ruleContentJson": "{}", "ruleOriginConfigJson": "{"}}`: "Invalid.Parameter.Error",
	} {
		mustRefuse(t, e, code, "SetDataLevelPermissionRuleConfig", "RuleModel", model)
	}
	if got := len(rulesOf(t, e, rowLevel)) + len(rulesOf(t, e, columnLevel)); got != 1 {
		t.Errorf("%d rules", got)
	}
	must[bool](t, e, "UpdateDataLevelPermissionStatus", "CubeId", "costs", "RuleType", rowLevel, "IsOpen", "1")
	mustRefuse(t, e, "RowLevelPermission.Rule.NotBelongToCube", "SetDataLevelPermissionRuleConfig", "RuleModel", columnRule("costs", `["f"]`, `, "ruleId": "`+row+`"`))
	setRule(t, e, content("ROW_CUSTOM", `{"anything": 1}`)) // not documented, and let pass

	if err := e.Seed(Organization{Lacks: Lacks{DataLevels: true}}); err != nil {
		t.Fatal(err)
	}
	version := "CubePermission.Columnlevel.VersionError"
	refusals(t, e,
		version+" QueryDatasetSwitchInfo CubeId=sales",
		version+" ListDataLevelPermissionWhiteList CubeId=sales RuleType=ROW_LEVEL",
	)
	mustRefuse(t, e, version, "SetDataLevelPermissionRuleConfig", "RuleModel", rowRule(""))
}

func TestDataLevelWhiteList(t *testing.T) {
	t.Parallel()
	e := withRules(t)
	list := func(kind string) map[string]any {
		return must[map[string]any](t, e, "ListDataLevelPermissionWhiteList", "CubeId", "sales", "RuleType", kind)
	}
	want := func(users, groups []any) map[string]any {
		return map[string]any{"CubeId": "sales", "RuleType": "ROW_LEVEL", "UsersModel": map[string]any{"Users": users, "UserGroups": groups}}
	}
	change := func(operate, kind, ids string) []string {
		return []string{"CubeId", "sales", "RuleType", "ROW_LEVEL", "OperateType", operate, "TargetType", kind, "TargetIds", ids}
	}
	same(t, want([]any{}, []any{}), list(rowLevel))
	must[bool](t, e, "SetDataLevelPermissionWhiteList", "WhiteListModel", `{"cubeId": "sales", "ruleType": "ROW_LEVEL", "usersModel": {"users": ["ann", "bob"], "userGroups": ["north"]}}`)
	must[bool](t, e, "AddDataLevelPermissionWhiteList", change("ADD", "1", "bob2,ann")...)
	must[bool](t, e, "AddDataLevelPermissionWhiteList", change("ADD", "2", "south")...)
	same(t, want([]any{"ann", "bob", "bob2"}, []any{"north", "south"}), list(rowLevel))
	must[bool](t, e, "AddDataLevelPermissionWhiteList", change("DELETE", "1", "ann,bob")...)
	must[bool](t, e, "AddDataLevelPermissionWhiteList", change("DELETE", "2", "north")...)
	must[bool](t, e, "DeleteUser", "UserId", "bob")
	same(t, want([]any{"bob2"}, []any{"south"}), list(rowLevel))
	same[any](t, map[string]any{"Users": []any{}, "UserGroups": []any{}}, list(columnLevel)["UsersModel"])
	must[bool](t, e, "SetDataLevelPermissionWhiteList", "WhiteListModel", `{"cubeId": "sales", "ruleType": "ROW_LEVEL", "usersModel": {"users": ["ann"]}}`)
	same(t, want([]any{"ann"}, []any{}), list(rowLevel))

	mustRefuse(t, e, "Invalid.Parameter.Error", "AddDataLevelPermissionWhiteList", change("SET", "1", "ann")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddDataLevelPermissionWhiteList", change("ADD", "3", "ann")...)
	mustRefuse(t, e, "Invalid.Parameter.Error", "AddDataLevelPermissionWhiteList", change("ADD", "2", "ann")...)
	mustRefuse(t, e, "User.Not.In.Organization", "AddDataLevelPermissionWhiteList", change("ADD", "1", "ann,nobody")...)
	mustRefuse(t, e, "System.Param.Empty", "AddDataLevelPermissionWhiteList", change("ADD", "1", "")...)
	for model, code := range map[string]string{
		`{"ruleType": "ROW_LEVEL"}`:                                                         "Invalid.Parameter.Error",
		`{"cubeId": "sales", "ruleType": "X"}`:                                              "Invalid.Parameter.Error",
		`{"cubeId": "none", "ruleType": "ROW_LEVEL"}`:                                       "Cube.Not.Exist",
		`{"cubeId": "sales", "ruleType": "ROW_LEVEL", "usersModel": {"users": ["nobody"]}}`: "User.Not.In.Organization",
		`x`: "Invalid.Parameter.Error",
	} {
		mustRefuse(t, e, code, "SetDataLevelPermissionWhiteList", "WhiteListModel", model)
	}
	refusals(t, e,
		"Cube.Not.Exist ListDataLevelPermissionWhiteList CubeId=none RuleType=ROW_LEVEL",
		"Invalid.Parameter.Error ListDataLevelPermissionWhiteList CubeId=sales RuleType=X",
	)
	same(t, want([]any{"ann"}, []any{}), list(rowLevel))
}

// TestRowOperators tells the emulator operators, by the seed and by a rule in it, and
// asks for rows under each.
func TestRowOperators(t *testing.T) {
	t.Parallel()
	e := withRules(t)
	rule := func(operator, values string) string {
		return strings.NewReplacer(`not-null`, operator, `\"value\": [\"\"]`, `\"value\": `+values).Replace(rowRule(`, "ruleId": "r"`))
	}
	seed := `{"RowOperators": [{"relationOperator": "in", "Means": "in"}, {"relationOperator": "not in", "Means": "not-in"}, {"relationOperator": "null", "Means": "null"}],
		"Datasets": [{"DatasetId": "console", "DatasetName": "C", "WorkspaceId": "ws", "DsId": "db", "RowLevel": {"ruleModels": [{"ruleName": "C",
			"ruleContentModel": {"ruleContentType": "ROW_FIELD", "ruleContentJson": "{\"conditionNode\": {\"operator\": \"or\", \"operands\": [{\"pathId\": \"f\", \"relationOperator\": \"between\"}]}}"}}]}}]}`
	if err := e.Seed(decoded[Organization](t, seed)); err != nil {
		t.Fatal(err)
	}
	id := setRule(t, e, strings.Replace(rule("in", `[\"north\", \"x\"]`), `, "ruleId": "r"`, "", 1))
	all := `{"day": "20260301"}` // rows of two areas, and one without
	for _, test := range []struct{ operator, values, want string }{
		{"in", `[\"华北\", \"x\"]`, "20"},
		{"not in", `[\"华北\"]`, "9007199254740993"},
		{"null", `[]`, "3.5"},
		{"not-null", `[\"\"]`, "9007199254740993 20"},
	} {
		setRule(t, e, strings.Replace(rule(test.operator, test.values), `"ruleId": "r"`, `"ruleId": "`+id+`"`, 1))
		if got := totals(t, e, all, "UserId", "ann"); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.operator, test.values, got, test.want)
		}
	}
	// The operator of the console's rule is known, but not what it does.
	setRule(t, e, strings.Replace(rule("between", `[]`), `"ruleId": "r"`, `"ruleId": "`+id+`"`, 1))
	mustRefuse(t, e, "Rowlevel.Permission.Forbbiden", "QueryData", "ApiId", "orders", "UserId", "ann", "Conditions", all)
	// Switched off, rules restrict nobody.
	must[bool](t, e, "UpdateDataLevelPermissionStatus", "CubeId", "sales", "RuleType", rowLevel, "IsOpen", "0")
	if got := totals(t, e, all, "UserId", "ann"); got != "9007199254740993 20 3.5" {
		t.Errorf("switched off: %s", got)
	}

	again := NewEmulator()
	if err := again.Seed(e.Snapshot()); err != nil {
		t.Fatal(err)
	}
	same(t, e.Snapshot().RowOperators, again.Snapshot().RowOperators)
	if err := e.Seed(Organization{RowOperators: []RowOperator{{Operator: "x", Means: "y"}}}); err == nil {
		t.Error("an unknown meaning is taken")
	}
}

// TestSeedDataLevel has a seed with rules.
func TestSeedDataLevel(t *testing.T) {
	t.Parallel()
	e := withData(t)
	const document = `{"Datasets": [{"DatasetId": "ruled", "DatasetName": "Ruled", "WorkspaceId": "ws", "DsId": "db",
		"RowLevel": {"isOpen": true, "missHitPolicy": "ALL", "usersModel": {"users": ["ann"], "userGroups": []}, "ruleModels": [
			{"ruleId": "r", "ruleName": "R", "ruleUsersModel": {"users": ["bob"]}, "ruleTargetScope": "OTHERS",
				"ruleContentModel": {"ruleContentType": "ROW_FIELD", "ruleContentJson": "{\"conditionNode\":{\"pathId\":\"f\",\"relationOperator\":\"not-null\"}}"}}]}}]}`
	if err := e.Seed(decoded[Organization](t, document)); err != nil {
		t.Fatal(err)
	}
	config := decoded[map[string]any](t, must[string](t, e, "ListCubeDataLevelPermissionConfig", "CubeId", "ruled", "RuleType", "ROW_LEVEL"))
	rule := config["ruleModels"].([]any)[0].(map[string]any)
	if config["isOpen"] != 1.0 || rule["ruleId"] != "r" || rule["cubeId"] != "ruled" || rule["ruleLevelType"] != "ROW_LEVEL" || rule["isOpen"] != 1.0 {
		t.Errorf("%v", config)
	}
	must[bool](t, e, "DeleteUser", "UserId", "bob")
	must[bool](t, e, "DeleteDataLevelRuleConfig", "CubeId", "ruled", "RuleId", "r")
}
