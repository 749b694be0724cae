package quickbi

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// consoleRule is a rule with members at every level that no field knows.
const consoleRule = `{"ruleId":"r-1","cubeId":"c-1","ruleName":"East","ruleLevelType":"ROW_LEVEL","ruleTargetScope":"OTHERS",` +
	`"ruleUsersModel":{"users":["u-1"],"departments":["d-1"],"userGroups":[]},"priority":1.50,` +
	`"ruleContentModel":{"ruleContentType":"ROW_FIELD","version":2,"ruleContent":{"hint":null,"conditionNode":{"pathId":"f-area"}},` +
	`"ruleContentJson":"{\"conditionNode\":{\"caption\":\"Area\",\"pathId\":\"f-area\",\"relationOperator\":\"in\",\"negated\":false,` +
	`\"value\":{\"value\":[\"east\"],\"valueType\":\"ENUM\",\"limit\":9007199254740993}},\"engine\":\"x\"}",` +
	`"ruleOriginConfigJson":"{\"operator\":\"and\",\"operands\":[{\"fieldId\":\"f-area\",\"color\":\"red\",\"defaultValue\":{\"selectType\":\"enum\",\"value\":[\"east\"]}}],\"zoom\":1}"},` +
	`"isOpen":"1","tags":{"a":[1,{"b":null}]}}`

// TestUnknownMembers reads documents, changes a member that is known, and writes
// them: nothing else changes.
func TestUnknownMembers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		came  string
		write func(text string) (string, error)
		want  string
	}{
		"a rule that is not changed": {consoleRule, rewritten(func(*DataLevelRule) {}), consoleRule},
		"its audience": {
			consoleRule, rewritten(func(r *DataLevelRule) { r.Audience.UserIDs = append(r.Audience.UserIDs, "u-2") }),
			strings.Replace(consoleRule, `"users":["u-1"]`, `"users":["u-1","u-2"]`, 1),
		},
		"its name, audience cleared": {
			consoleRule, rewritten(func(r *DataLevelRule) { r.RuleName, r.Audience = "", DataLevelAudience{} }),
			strings.NewReplacer(`"ruleName":"East",`, ``, `"ruleUsersModel":{"users":["u-1"],"departments":["d-1"],"userGroups":[]},`, ``).Replace(consoleRule),
		},
		"its switch": {
			consoleRule, rewritten(func(r *DataLevelRule) { r.IsOpen, r.HitTakeEffect = new(DataLevelOff), new(DataLevelOn) }),
			strings.Replace(strings.Replace(consoleRule, `"isOpen":"1"`, `"isOpen":0`, 1), `[1,{"b":null}]}}`, `[1,{"b":null}]},"hitTakeEffect":1}`, 1),
		},
		"its values": { // the document in ruleContent follows the one in ruleContentJson
			consoleRule, rewritten(func(r *DataLevelRule) { r.Content.Condition.Value.Values = []string{"east", "west"} }),
			strings.NewReplacer(`[\"east\"],\"valueType\"`, `[\"east\",\"west\"],\"valueType\"`,
				`"conditionNode":{"pathId":"f-area"}`, `"conditionNode":{"caption":"Area","pathId":"f-area","relationOperator":"in","negated":false,`+
					`"value":{"value":["east","west"],"valueType":"ENUM","limit":9007199254740993}}`).Replace(consoleRule),
		},
		"the editor": {
			consoleRule, rewritten(func(r *DataLevelRule) { r.Content.Origin.Operands[0].LabelName = "Area" }),
			strings.Replace(consoleRule, `\"value\":[\"east\"]}}]`, `\"value\":[\"east\"]},\"labelName\":\"Area\"}]`, 1),
		},
		"a copy of it as a new rule": {
			consoleRule, rewritten(func(r *DataLevelRule) { r.RuleID = "" }), strings.Replace(consoleRule, `"ruleId":"r-1",`, ``, 1),
		},
		"a tree of conditions beside ruleContent": {
			`{"cubeId":"c","ruleContentModel":{"ruleContent":{"x":1},"ruleContentJson":"{\"conditionNode\":{\"operator\":\"or\"}}"}}`,
			rewritten(func(r *DataLevelRule) { r.RuleName = "n" }),
			`{"cubeId":"c","ruleContentModel":{"ruleContent":{"x":1},"ruleContentJson":"{\"conditionNode\":{\"operator\":\"or\"}}"},"ruleName":"n"}`,
		},
		"a tree of conditions that is changed": {
			`{"ruleContentModel":{"ruleContent":{"x":1},"ruleContentJson":"{\"conditionNode\":{\"operator\":\"or\"}}"}}`,
			rewritten(func(r *DataLevelRule) { r.Content.RawContent = RawJSON(`{"conditionNode": {"operator": "and"}}`) }),
			`{"ruleContentModel":{"ruleContent":{"conditionNode":{"operator":"and"}},"ruleContentJson":"{\"conditionNode\":{\"operator\":\"and\"}}"}}`,
		},
		"members of another form": {
			`{"ruleName":{"en":"East"},"isOpen":"maybe","ruleUsersModel":[1],"CUBEID":7,"ruleLevelType":null}`,
			rewritten(func(r *DataLevelRule) { r.RuleType = DataLevelRow }),
			`{"ruleName":{"en":"East"},"isOpen":"maybe","ruleUsersModel":[1],"cubeId":7,"ruleLevelType":"ROW_LEVEL"}`,
		},
		"a member of another form that is changed": {
			`{"ruleName":{"en":"East"},"isOpen":"maybe"}`,
			rewritten(func(r *DataLevelRule) { r.RuleName, r.IsOpen = "West", new(DataLevelOff) }), `{"ruleName":"West","isOpen":0}`,
		},
		"a repeated member": {
			`{"ruleName":"a","x":1,"ruleName":"b","x":2}`,
			rewritten(func(r *DataLevelRule) { r.RuleName += "!" }), `{"ruleName":"b!","x":1,"x":2}`,
		},
		"a rule kept in a file": {
			consoleRule, func(text string) (string, error) {
				var rule, again DataLevelRule
				if err := stdjson.Unmarshal([]byte(text), &rule); err != nil {
					return "", err
				}
				kept, err := stdjson.Marshal(rule)
				if err != nil {
					return "", err
				}
				if err := stdjson.Unmarshal(kept, &again); err != nil {
					return "", err
				}
				return parameterOf(again)
			}, consoleRule,
		},
		"a white list": {
			`{"CubeId":"c","RuleType":"ROW_LEVEL","UsersModel":{"Users":["u"],"Departments":["d"]}}`, func(text string) (string, error) {
				var list DataLevelWhiteList
				if err := stdjson.Unmarshal([]byte(text), &list); err != nil {
					return "", err
				}
				change := list.Change()
				change.Audience.UserIDs = append(change.Audience.UserIDs, "v")
				return parameterOf(change)
			}, `{"cubeId":"c","ruleType":"ROW_LEVEL","usersModel":{"departments":["d"],"users":["u","v"]}}`,
		},
		"a copilot's range": {
			`{"AllCube":true,"AllTheme":false,"LlmCubes":[],"Themes":["5"],"AllAgents":true}`, func(text string) (string, error) {
				var r CopilotEmbedDataRange
				if err := stdjson.Unmarshal([]byte(text), &r); err != nil {
					return "", err
				}
				change := r.Change()
				change.AllLLMCubes, change.LLMCubeIDs = new(false), []string{"12314"}
				return parameterOf(change)
			}, `{"allAgents":true,"allCube":false,"allTheme":false,"llmCubes":[12314],"themes":[5]}`,
		},
		"a range of one's own": {
			`{"llmCubes":["1",2],"mode":"x","allTheme":"maybe"}`, rewritten(func(r *CopilotDataRange) {}),
			`{"mode":"x","allTheme":"maybe","llmCubes":[1,2]}`,
		},
		"the browser's data source": {
			`{"userId":"u","workspaceId":"w","dsType":"odps","username":"ak","password":"p","config":{"ssl":false,"n":9007199254740993},"authType":3}`,
			rewritten(func(m *DataSourceModel) { m.Config["ssl"], m.Password = true, NewSecret("q") }),
			`{"userId":"u","workspaceId":"w","dsType":"odps","username":"ak","password":"q","config":{"n":9007199254740993,"ssl":true},"authType":3}`,
		},
		"changes of a data source": {
			`{"dsId":"d","dsType":"mysql","vpc":{"id":1}}`, rewritten(func(m *DataSourceChanges) { m.Schema = new("") }),
			`{"dsId":"d","dsType":"mysql","vpc":{"id":1},"schema":""}`,
		},
		"parameters of an API": {
			`[{"name":"n","value":1.50,"in":"header"},{"name":"m","value":"x"}]`,
			rewritten(func(p *APIDataSourceParameters) { (*p)[1].Value = 2 }),
			`[{"name":"n","value":1.50,"in":"header"},{"name":"m","value":2}]`,
		},
		"placeholders": {
			`[{"name":"p","style":"placeholder","caption":"P","useInGlobal":false}]`,
			rewritten(func(p *DatasetPlaceholders) { (*p)[0].DefaultValue = []any{1, "a"} }),
			`[{"name":"p","style":"placeholder","caption":"P","useInGlobal":false,"defaultValue":[1,"a"]}]`,
		},
		"global parameters": {
			`[{"paramKey":"k","joinType":"and","conditionList":[{"operate":">","value":"0","strict":true},{"operate":"in","value":{"from":1}}],"scope":"all"}]`,
			rewritten(func(p *GlobalParams) { (*p)[0].Conditions[0].Values[0] = "1" }),
			`[{"paramKey":"k","joinType":"and","conditionList":[{"operate":">","value":"1","strict":true},{"operate":"in","value":{"from":1}}],"scope":"all"}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.write(test.came)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// parameterOf returns a document as it is sent.
func parameterOf(doc JSONDocument) (string, error) {
	v := url.Values{}
	err := doc.EncodeValues("M", &v)
	text := v.Get("M")
	if _, ok := doc.(*GlobalParams); ok {
		text, _ = url.QueryUnescape(text)
	}
	return text, err
}

// rewritten returns what reads a document, changes it, and writes it as a parameter.
func rewritten[T any](change func(*T)) func(text string) (string, error) {
	return func(text string) (string, error) {
		doc := new(T)
		if err := stdjson.Unmarshal([]byte(text), doc); err != nil {
			return "", err
		}
		change(doc)
		return parameterOf(any(doc).(JSONDocument))
	}
}

// documentReaders read a document and write it again as a parameter.
var documentReaders = []func(text string) (string, error){
	rewritten(func(*DataLevelRule) {}),
	func(text string) (string, error) { return nested[DataLevelAudience](text) },
	func(text string) (string, error) { return nested[DataLevelRuleContent](text) },
	func(text string) (string, error) { return nested[DataLevelCondition](text) },
	func(text string) (string, error) { return nested[DataLevelConditionValue](text) },
	func(text string) (string, error) { return nested[DataLevelOrigin](text) },
	func(text string) (string, error) { return nested[DataLevelOperand](text) },
	func(text string) (string, error) { return nested[DataLevelOperandValue](text) },
	func(text string) (string, error) { return nested[DataLevelOperandCondition](text) },
	func(text string) (string, error) { return nested[APIDataSourceParameter](text) },
	func(text string) (string, error) { return nested[DatasetPlaceholder](text) },
	func(text string) (string, error) { return nested[GlobalCondition](text) },
}

func nested[T any](text string) (string, error) {
	var doc T
	if err := stdjson.Unmarshal([]byte(text), &doc); err != nil {
		return "", err
	}
	v := url.Values{}
	err := encodeJSON("M", doc, &v)
	return v.Get("M"), err
}

// FuzzUnknownMembers writes whatever object was read from as it came.
func FuzzUnknownMembers(f *testing.F) {
	f.Add(consoleRule)
	f.Add(`{"value":[5],"valueType":7,"x":{"y":[null]}}`)
	f.Add(`{"ruleContentJson":"{\"pathId\":[\"p\"],\"pathId\":5}","ruleContent":{"pathId":["p"]},"RULECONTENTTYPE":""}`)
	f.Add(`{"users":[],"users":["a"],"Users":null,"\u0000":1e400}`)
	f.Fuzz(func(t *testing.T, text string) {
		want, err := folded(text)
		if err != nil || !strings.HasPrefix(strings.TrimSpace(text), "{") || !utf8.ValidString(text) || strings.Contains(text, `\u`) {
			t.Skip()
		}
		for i, write := range documentReaders {
			got, err := write(text)
			if err != nil && strings.Contains(text, `Json`) {
				continue // a broken document within is not sent again
			}
			if err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			if again, err := folded(got); err != nil || again != want {
				t.Fatalf("%d (%v):\n got %s\nwant %s", i, err, again, want)
			}
		}
	})
}

// folded writes a document with its names in small letters and the members of each
// object in order.
func folded(text string) (string, error) {
	dec := stdjson.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var value func() (string, error)
	value = func() (string, error) {
		token, err := dec.Token()
		if err != nil {
			return "", err
		}
		open, ok := token.(stdjson.Delim)
		if !ok {
			return fmt.Sprintf("%T %v", token, token), nil
		}
		var parts []string
		for dec.More() {
			name := ""
			if open == '{' {
				token, err := dec.Token()
				if err != nil {
					return "", err
				}
				name = strconv.Quote(strings.ToLower(token.(string)))
			}
			one, err := value()
			if err != nil {
				return "", err
			}
			parts = append(parts, name+one)
		}
		if _, err := dec.Token(); err != nil {
			return "", err
		}
		if open == '{' {
			slices.Sort(parts)
		}
		return open.String() + strings.Join(parts, ","), nil
	}
	return value()
}

// TestManyUnknownMembers makes rules at random, with members that nobody knows at
// every level and known ones of another form, and changes one member that is known.
func TestManyUnknownMembers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	var any func(depth int) string
	any = func(depth int) string {
		switch n := rng.IntN(8); {
		case n == 0:
			return "null"
		case n == 1:
			return strconv.FormatInt(rng.Int64(), 10)
		case n == 2:
			return strconv.Quote(strconv.FormatInt(rng.Int64(), 36))
		case n == 3:
			return "1.50"
		case n < 6 && depth > 0:
			return fmt.Sprintf(`{"k%d":%s}`, rng.IntN(9), any(depth-1))
		case depth > 0:
			return "[" + any(depth-1) + "," + any(depth-1) + "]"
		}
		return "true"
	}
	object := func(known map[string]string) string {
		var members []string
		for name, value := range known {
			switch rng.IntN(5) {
			case 0:
			case 1:
				members = append(members, strconv.Quote(name)+":"+any(2))
			default:
				members = append(members, strconv.Quote(name)+":"+value)
			}
		}
		for range rng.IntN(3) {
			members = append(members, fmt.Sprintf(`"x%d":%s`, rng.IntN(1_000_000), any(2)))
		}
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		return "{" + strings.Join(members, ",") + "}"
	}
	for range 300 {
		value := object(map[string]string{"value": `["east"]`, "valueType": `"ENUM"`})
		condition := object(map[string]string{"pathId": `"f"`, "relationOperator": `"in"`, "isMeasure": "false", "value": value})
		body := object(map[string]string{"conditionNode": condition, "pathId": `["p"]`})
		content := object(map[string]string{"ruleContentType": `"ROW_FIELD"`, "ruleContentJson": strconv.Quote(body), "ruleContent": body})
		users := object(map[string]string{"users": `["u"]`, "userGroups": `[]`})
		text := object(map[string]string{"cubeId": `"c"`, "ruleUsersModel": users, "ruleContentModel": content, "isOpen": "1"})

		var rule DataLevelRule
		if err := stdjson.Unmarshal([]byte(text), &rule); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if raw := rule.Content.RawContent; len(raw) > 0 && !stdjson.Valid(raw) {
			continue // it is not sent again
		}
		same, err := parameterOf(rule)
		if err != nil || folds(same) != folds(text) {
			t.Fatalf("%v\ncame  %s\nwrote %s", err, text, same)
		}
		rule.RuleName = "changed"
		changed, err := parameterOf(rule)
		if want := strings.Replace(strings.TrimSuffix(text, "}")+`,"ruleName":"changed"}`, "{,", "{", 1); err != nil || folds(changed) != folds(want) {
			t.Fatalf("%v\ncame  %s\nwrote %s", err, text, changed)
		}
		if c := rule.Content.Condition; c != nil {
			c.Value.Values = []string{"changed"}
			again, err := parameterOf(rule)
			var back DataLevelRule
			if err != nil || stdjson.Unmarshal([]byte(again), &back) != nil || !slices.Equal(back.Content.Condition.Value.Values, c.Value.Values) {
				t.Fatalf("%v\ncame  %s\nwrote %s", err, text, again)
			}
			for _, part := range strings.Split(text, `"x`)[1:] { // no name is lost
				if name, _, _ := strings.Cut(part, ":"); !strings.Contains(again, strings.TrimRight(name, `\"`)) {
					t.Fatalf("%s is lost\ncame  %s\nwrote %s", name, text, again)
				}
			}
		}
	}
}

func folds(text string) string {
	text, _ = folded(text)
	return text
}

// TestDocumentSecrets prints models that were read.
func TestDocumentSecrets(t *testing.T) {
	t.Parallel()
	var model DataSourceModel
	var changes DataSourceChanges
	const text = `{"password":"hunter2hunter2","token":"hunter2hunter2","dsType":"mysql"}`
	if err := errors.Join(stdjson.Unmarshal([]byte(text), &model), stdjson.Unmarshal([]byte(text), &changes)); err != nil {
		t.Fatal(err)
	}
	for _, doc := range []any{model, &model, changes, &changes, AddDataSourceRequest{AddModel: model}, &UpdateDataSourceRequest{UpdateModel: changes}} {
		shown, err := stdjson.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			shown = fmt.Appendf(shown, format, doc)
		}
		for _, form := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprint([]byte("hunter2"))[1:20]} {
			if bytes.Contains(shown, []byte(form)) {
				t.Errorf("%T prints its password: %s", doc, shown)
			}
		}
	}
}

// TestEnumerationsInDocuments puts values that are not documented into documents.
func TestEnumerationsInDocuments(t *testing.T) {
	t.Parallel()
	rule := func(change func(*DataLevelRule)) any {
		r := DataLevelRule{DatasetID: "c", RuleType: DataLevelColumn, Content: DataLevelRuleContent{Type: DataLevelColumnForbid, PathIDs: []string{"p"}}}
		change(&r)
		return &SetDataLevelPermissionRuleConfigRequest{RuleModel: r}
	}
	came := func(text string, change func(*DataLevelRule)) any {
		var r DataLevelRule
		if err := stdjson.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		change(&r)
		return &SetDataLevelPermissionRuleConfigRequest{RuleModel: r}
	}
	const newer = `{"cubeId":"c","ruleLevelType":"CELL_LEVEL","ruleTargetScope":"SOME","isOpen":2,"ruleContentModel":{"ruleContentType":"CELL","ruleContentJson":"{}"}}`
	sql := func(style DatasetPlaceholderStyle) any {
		return &UpdateCubeBySqlRequest{DatasetID: "c", WorkspaceID: "w", DataSourceID: "d", CustomSQL: "s", UserID: "u",
			Placeholders: DatasetPlaceholders{{Name: "a", Style: DatasetPlaceholderValue}, {Name: "b", Style: style}}}
	}
	ticket := func(operator GlobalOperator) any {
		return &CreateTicketRequest{WorksID: "w", GlobalParam: GlobalParams{GlobalParamOf("k", operator, "a")}}
	}
	for _, test := range []struct {
		in        any
		parameter string
		refused   string // "": it is sent
		sent      string // a part of the parameter
	}{
		{rule(func(r *DataLevelRule) { r.RuleType = "CELL_LEVEL" }), "RuleModel", "RuleModel has the ruleLevelType CELL_LEVEL, which is not documented; it takes ROW_LEVEL, COLUMN_LEVEL, and others with CallUndocumented", `"ruleLevelType":"CELL_LEVEL"`},
		{rule(func(r *DataLevelRule) { r.RuleType = "column_level" }), "RuleModel", "", `"ruleLevelType":"COLUMN_LEVEL"`},
		{rule(func(r *DataLevelRule) { r.TargetScope = "1" }), "RuleModel", "RuleModel has the ruleTargetScope 1, which is not documented; it takes ALL, OTHERS, and others with CallUndocumented", `"ruleTargetScope":"1"`},
		{rule(func(r *DataLevelRule) { r.IsOpen = new(DataLevelSwitch(2)) }), "RuleModel", "RuleModel has the isOpen 2, which is not documented; it takes 0, 1, and others with CallUndocumented", `"isOpen":2`},
		{rule(func(r *DataLevelRule) { r.HitTakeEffect = new(DataLevelSwitch(-1)) }), "RuleModel", "RuleModel has the hitTakeEffect -1, which", `"hitTakeEffect":-1`},
		{rule(func(r *DataLevelRule) { r.IsOpen, r.HitTakeEffect = new(DataLevelOff), new(DataLevelOn) }), "RuleModel", "", `"isOpen":0,"hitTakeEffect":1`},
		{came(newer, func(r *DataLevelRule) { r.RuleName = "n" }), "RuleModel", "", `"ruleLevelType":"CELL_LEVEL","ruleTargetScope":"SOME","isOpen":2,`}, // the service's own
		{came(newer, func(r *DataLevelRule) { r.TargetScope = "NONE" }), "RuleModel", "RuleModel has the ruleTargetScope NONE, which", `"ruleTargetScope":"NONE"`},
		{&SetDataLevelPermissionWhiteListRequest{WhiteListModel: DataLevelWhiteListModel{DatasetID: "c", RuleType: "CELL"}}, "WhiteListModel", "WhiteListModel has the ruleType CELL, which is not documented; it takes ROW_LEVEL, COLUMN_LEVEL, and others with CallUndocumented", `"ruleType":"CELL"`},
		{&SetDataLevelPermissionWhiteListRequest{WhiteListModel: DataLevelWhiteListModel{DatasetID: "c", RuleType: "row_level"}}, "WhiteListModel", "", `"ruleType":"ROW_LEVEL"`},
		{sql("list"), "Placeholders", "Placeholders has the style list, which is not documented; it takes placeholder, param, condition, and others with CallUndocumented at index 1", `"style":"list"`},
		{sql("PARAM"), "Placeholders", "", `"style":"param"`},
		{ticket("between"), "GlobalParam", "GlobalParam has the operate between, which is not documented; it takes =, >, >=, <, <=, in, like, contain, start-with, end-with, and others", `between`},
		{ticket("IN"), "GlobalParam", "", `%22in%22%2C%22value%22%3A%5B`},
		{&UpdateUserRequest{UserID: "u", CopilotModules: CopilotSwitches{"qreport": true, "qPaint": true}}, "CopilotModules", "CopilotModules names qPaint, which is not documented; it takes qreport, qExploreNum, smartQAskNum, smartQDevNum, and others", `"moduleType":"qPaint"`},
	} {
		action := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", test.in), "*quickbi."), "Request")
		p, err := encode(action, test.in, false)
		if sent := p.query.Get(test.parameter) + p.form.Get(test.parameter); test.refused == "" && (err != nil || !strings.Contains(sent, test.sent)) {
			t.Errorf("%s sends %s, want %s (%v)", action, sent, test.sent, err)
		}
		var problem *ParameterError
		if test.refused != "" && (!errors.As(err, &problem) || problem.Action != action || !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), "parameter "+test.refused)) {
			t.Errorf("%s: %v, want %s", action, err, test.refused)
		}
		p, err = encode(action, test.in, true)
		if sent := p.query.Get(test.parameter) + p.form.Get(test.parameter); err != nil || !strings.Contains(sent, test.sent) {
			t.Errorf("%s sends %s on purpose, want %s (%v)", action, sent, test.sent, err)
		}
	}
	wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":true}`))
	c := newTestClient(t, wire)
	newerList := &SetDataLevelPermissionWhiteListRequest{WhiteListModel: DataLevelWhiteListModel{DatasetID: "c", RuleType: "CELL"}}
	if _, err := c.SetDataLevelPermissionWhiteList(t.Context(), newerList); !errors.Is(err, ErrInvalidRequest) || len(wire.requests()) != 0 {
		t.Errorf("%v", err)
	}
	if _, err := c.SetDataLevelPermissionWhiteList(t.Context(), newerList, CallUndocumented()); err != nil || len(wire.requests()) != 1 {
		t.Errorf("%v", err)
	}
}

// TestEnumerationsAgree compares what the types of enumerations document with the
// parameters of these types.
func TestEnumerationsAgree(t *testing.T) {
	t.Parallel()
	compared := map[string]bool{}
	for action := range catalog.Load().Operations {
		typ := requestTypeNamed(t, action)
		for _, f := range requestTypeOf(typ).fields {
			of := typ.Field(f.index).Type
			for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
				of = of.Elem()
			}
			e, ok := reflect.Zero(of).Interface().(enumeration)
			if !ok || f.oneOf == nil {
				continue
			}
			compared[of.Name()] = true
			if diff := cmp.Diff(slices.Sorted(slices.Values(f.oneOf)), slices.Sorted(slices.Values(e.documented()))); diff != "" {
				t.Errorf("%s %s (-parameter +type):\n%s", action, f.wire, diff)
			}
		}
	}
	for _, name := range []string{"DataLevelRuleType", "DataLevelSwitch", "CopilotModule"} {
		if !compared[name] {
			t.Errorf("no parameter is a %s", name)
		}
	}
}
