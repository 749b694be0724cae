package quickbi

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/quickbi-go/quickbi/internal/json"
)

// TestDataLevelRuleShape compares rules with the documented shape, in which the
// content is JSON in a string in JSON in a string.
func TestDataLevelRuleShape(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule DataLevelRule
		want string
	}{
		"column": {
			DataLevelRule{
				RuleID: "r-1", DatasetID: "c-1", RuleName: "隐藏 成本", RuleType: DataLevelColumn, TargetScope: DataLevelScopeAll,
				Content:       DataLevelRuleContent{Type: DataLevelColumnForbid, PathIDs: []string{"264b7a970b"}},
				IsOpen:        new(DataLevelOn),
				HitTakeEffect: new(DataLevelOff), PermissionMode: "COMPLEX",
			},
			`{"ruleId":"r-1","cubeId":"c-1","ruleName":"隐藏 成本","ruleLevelType":"COLUMN_LEVEL","ruleTargetScope":"ALL",` +
				`"ruleContentModel":{"ruleContent":{"pathId":["264b7a970b"]},"ruleContentJson":"{\"pathId\":[\"264b7a970b\"]}",` +
				`"ruleContentType":"COLUMN_FORBID"},"isOpen":1,"hitTakeEffect":0,"permissionMode":"COMPLEX"}`,
		},
		"row": {
			DataLevelRule{
				DatasetID: "c-1", RuleName: "周期", RuleType: DataLevelRow, TargetScope: DataLevelScopeOthers,
				Audience: DataLevelAudience{UserIDs: []string{"u-1"}},
				Content: DataLevelRuleContent{
					Type: DataLevelRowField,
					Condition: &DataLevelCondition{
						Caption: "周期", PathID: "7d3b", Operator: DataLevelNotNull, Name: "7d3b",
						Value: DataLevelConditionValue{Values: []string{""}, ValueType: "ENUM"},
					},
					Origin: &DataLevelOrigin{Operator: "and", IsRelation: true, Operands: []DataLevelOperand{{
						LabelName: "周期", IsValid: true, UniqueID: "5", FieldID: "7d3b", FieldType: "string",
						DefaultValue: DataLevelOperandValue{
							SelectType: "condition", ValueType: "ENUM",
							Value: DataLevelOperandCondition{Operator: DataLevelNotNull},
						},
					}}},
				},
			},
			`{"cubeId":"c-1","ruleName":"周期","ruleLevelType":"ROW_LEVEL","ruleTargetScope":"OTHERS",` +
				`"ruleUsersModel":{"userGroups":[],"users":["u-1"]},"ruleContentModel":{` +
				`"ruleContentJson":"{\"conditionNode\":{\"caption\":\"周期\",\"isMeasure\":false,\"pathId\":\"7d3b\",` +
				`\"relationOperator\":\"not-null\",\"name\":\"7d3b\",\"value\":{\"value\":[\"\"],\"valueType\":\"ENUM\"}}}",` +
				`"ruleOriginConfigJson":"{\"operator\":\"and\",\"operands\":[{\"labelName\":\"周期\",\"isValid\":true,` +
				`\"uniqueId\":\"5\",\"fieldId\":\"7d3b\",\"error\":false,\"fieldType\":\"string\",\"defaultValue\":{` +
				`\"selectType\":\"condition\",\"value\":{\"conditionOp\":\"not-null\",\"conditionValue\":\"\"},` +
				`\"valueType\":\"ENUM\"}}],\"isRelation\":true}","ruleContentType":"ROW_FIELD"}}`,
		},
		"of a shape of its own": {
			DataLevelRule{
				DatasetID: "c-1", RuleType: DataLevelRow,
				Content: DataLevelRuleContent{
					Type:       "ROW_SQL",
					RawContent: RawJSON(`{ "limit": 9007199254740993, "and": [ 1, "a b" ] }`),
					RawOrigin:  RawJSON(`[]`),
				},
			},
			`{"cubeId":"c-1","ruleLevelType":"ROW_LEVEL","ruleContentModel":{` +
				`"ruleContentJson":"{\"limit\":9007199254740993,\"and\":[1,\"a b\"]}","ruleOriginConfigJson":"[]","ruleContentType":"ROW_SQL"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := url.Values{}
			if err := test.rule.EncodeValues("RuleModel", &v); err != nil {
				t.Fatal(err)
			}
			text := v.Get("RuleModel")
			if diff := cmp.Diff(test.want, text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// What was read is saved again without loss, whether it came in a string or not.
			quoted, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range []string{text, string(quoted)} {
				var again DataLevelRule
				if err := json.Unmarshal([]byte(form), &again); err != nil {
					t.Fatal(err)
				}
				v := url.Values{}
				if err := again.EncodeValues("RuleModel", &v); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, v.Get("RuleModel")); diff != "" {
					t.Errorf("read and written again (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestDataLevelRuleContentDecoding(t *testing.T) {
	t.Parallel()
	condition := &DataLevelCondition{PathID: "p", Operator: "=", Value: DataLevelConditionValue{Values: []string{"5"}}}
	for name, test := range map[string]struct {
		text string
		want DataLevelRuleContent
	}{
		"documents that are not in strings": {
			`{"ruleContentType":"ROW_FIELD","ruleContentJson":{"conditionNode":{"pathId":"p","relationOperator":"=","value":{"value":["5"]}}}}`,
			DataLevelRuleContent{Type: DataLevelRowField, Condition: condition},
		},
		"only the parsed form": {
			`{"ruleContentType":"COLUMN_FORBID","ruleContent":{"pathId":["p"]}}`,
			DataLevelRuleContent{Type: DataLevelColumnForbid, PathIDs: []string{"p"}},
		},
		"nothing in them": {
			`{"ruleContentType":"ROW_FIELD","ruleContentJson":null,"ruleOriginConfigJson":""}`,
			DataLevelRuleContent{Type: DataLevelRowField},
		},
		"a member that has no field": {
			`{"ruleContentJson":"{\"conditionNode\":{\"pathId\":\"p\",\"relationOperator\":\"=\"},\"not\":true}"}`,
			DataLevelRuleContent{Condition: &DataLevelCondition{PathID: "p", Operator: "="}},
		},
		"a member of another type": {
			`{"ruleContentJson":"{\"conditionNode\":{\"pathId\":\"p\",\"relationOperator\":\"=\",\"isMeasure\":[],\"value\":{\"value\":[5]}}}"}`,
			DataLevelRuleContent{Condition: condition},
		},
		"a tree of conditions": {
			`{"ruleContentJson":"{\"conditionNode\":{\"operator\":\"or\",\"operands\":[{\"pathId\":\"p\"}]}}"}`,
			DataLevelRuleContent{RawContent: RawJSON(`{"conditionNode":{"operator":"or","operands":[{"pathId":"p"}]}}`)},
		},
		"both a condition and fields": {
			`{"ruleContentJson":"{\"conditionNode\":{\"pathId\":\"p\",\"relationOperator\":\"=\"},\"pathId\":[\"q\"]}"}`,
			DataLevelRuleContent{RawContent: RawJSON(`{"conditionNode":{"pathId":"p","relationOperator":"="},"pathId":["q"]}`)},
		},
		"another editor": {
			`{"ruleOriginConfigJson":"{\"lines\":[{\"operator\":\"or\"}]}"}`,
			DataLevelRuleContent{RawOrigin: RawJSON(`{"lines":[{"operator":"or"}]}`)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got DataLevelRuleContent
			if err := json.Unmarshal([]byte(test.text), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, fieldsOnly); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for text, want := range map[string]DataLevelRuleContent{ // broken documents are kept, and not sent again
		`{"ruleContentJson":"{"}`:        {RawContent: RawJSON(`{`)},
		`{"ruleOriginConfigJson":"and"}`: {RawOrigin: RawJSON(`and`)},
	} {
		var got DataLevelRuleContent
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got, fieldsOnly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		if again, err := json.Marshal(got); err == nil {
			t.Errorf("%s is written as %s", text, again)
		}
	}
	if err := json.Unmarshal([]byte(`[]`), new(DataLevelRuleContent)); err == nil {
		t.Error("a list was read")
	}
}

// TestDataLevelRulesAsTheyCame saves rules of other shapes, as they were read and
// changed. What a program has not made is not checked.
func TestDataLevelRulesAsTheyCame(t *testing.T) {
	t.Parallel()
	rule := func(content, origin string) string {
		return `{"cubeId":"c","ruleLevelType":"ROW_LEVEL","ruleContentModel":{"ruleContentType":"ROW_FIELD","ruleContentJson":` + content + `,"ruleOriginConfigJson":` + origin + `}}`
	}
	const known = `{"conditionNode":{"pathId":"p","relationOperator":"="}}`
	for _, test := range []struct {
		text   string
		change func(*DataLevelRule)
		want   string // "": it is sent
	}{
		{rule(`{"conditionNode":{"pathId":"p","relationOperator":"="},"pathId":["q"]}`, `null`), func(*DataLevelRule) {}, ""},
		{rule(`{"conditionNode":{},"pathId":["q"]}`, `null`), func(*DataLevelRule) {}, ""},
		{rule(`{"conditionNode":{"operator":"or","operands":[{"pathId":""}]}}`, `null`), func(*DataLevelRule) {}, ""},
		{rule(known, `{"operands":[{"operator":"or","operands":[]},{"fieldId":"","defaultValue":[]}]}`), func(r *DataLevelRule) { r.RuleName = "n" }, ""},
		{rule(known, `{"lines":[]}`), func(*DataLevelRule) {}, ""},
		{rule(`{"pathId":["q"]}`, `null`), func(r *DataLevelRule) { r.Content.PathIDs = []string{"r"} }, ""},
		{rule(known, `null`), func(r *DataLevelRule) { r.Content.Condition, r.Content.PathIDs = nil, []string{"q"} },
			"has pathId in ruleContentJson, which is not for ROW_FIELD"},
		{rule(known, `null`), func(r *DataLevelRule) { r.Content.Condition.PathID = "" }, "has a condition without pathId"},
		{rule(known, `null`), func(r *DataLevelRule) { r.Content.PathIDs = []string{"q"} }, "has both conditionNode and pathId"},
		{rule(known, `{"operands":[{"fieldId":"f","defaultValue":{"value":{"conditionOp":"="}}}]}`), func(r *DataLevelRule) {
			r.Content.Origin.Operands[0].FieldID = ""
		}, "has a line without fieldId in ruleOriginConfigJson at index 0"},
		{rule(known, `null`), func(r *DataLevelRule) { // a tree of the program's own
			r.Content.Condition = new(DataLevelCondition)
			if err := json.Unmarshal([]byte(`{"operator":"or","operands":[]}`), r.Content.Condition); err != nil {
				t.Error(err)
			}
		}, ""},
	} {
		var r DataLevelRule
		if err := json.Unmarshal([]byte(test.text), &r); err != nil {
			t.Fatal(err)
		}
		test.change(&r)
		wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":"{}"}`))
		_, err := newTestClient(t, wire).SetDataLevelPermissionRuleConfig(t.Context(), &SetDataLevelPermissionRuleConfigRequest{RuleModel: r})
		if sent := len(wire.requests()) == 1; sent != (test.want == "") || !sent && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: sent is %t, %v, want %q", test.text, sent, err, test.want)
		}
	}
}

func TestDataLevelChecks(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":true}`)))
	ctx := t.Context()
	column := DataLevelRuleContent{Type: DataLevelColumnForbid, PathIDs: []string{"p"}}
	for want, send := range map[string]func() error{
		"RuleModel has no cubeId": func() error {
			_, err := c.SetDataLevelPermissionRuleConfig(ctx, &SetDataLevelPermissionRuleConfigRequest{DataLevelRule{RuleType: DataLevelColumn, Content: column}})
			return err
		},
		"RuleModel has no ruleLevelType": func() error {
			_, err := c.SetDataLevelPermissionRuleConfig(ctx, &SetDataLevelPermissionRuleConfigRequest{DataLevelRule{DatasetID: "c", Content: column}})
			return err
		},
		"RuleModel has no ruleContentType; parameter RuleModel has an empty ruleContentJson": func() error {
			_, err := c.SetDataLevelPermissionRuleConfig(ctx, &SetDataLevelPermissionRuleConfigRequest{DataLevelRule{DatasetID: "c", RuleType: DataLevelRow}})
			return err
		},
		"RuleModel is not a JSON document": func() error {
			_, err := c.SetDataLevelPermissionRuleConfig(ctx, &SetDataLevelPermissionRuleConfigRequest{DataLevelRule{
				DatasetID: "c", RuleType: DataLevelRow, Content: DataLevelRuleContent{Type: DataLevelRowField, RawContent: RawJSON("{")},
			}})
			return err
		},
		"AddUserModel has no ruleId; parameter AddUserModel names neither": func() error {
			_, err := c.AddDataLevelPermissionRuleUsers(ctx, &AddDataLevelPermissionRuleUsersRequest{DataLevelUsersToAdd{DatasetID: "c"}})
			return err
		},
		"DeleteUserModel has no cubeId": func() error {
			_, err := c.DeleteDataLevelPermissionRuleUsers(ctx, &DeleteDataLevelPermissionRuleUsersRequest{
				DataLevelUsersToDelete{RuleID: "r", Audience: DataLevelAudience{UserGroupIDs: []string{"g"}}},
			})
			return err
		},
		"WhiteListModel has no cubeId": func() error {
			_, err := c.SetDataLevelPermissionWhiteList(ctx, &SetDataLevelPermissionWhiteListRequest{DataLevelWhiteListModel{RuleType: DataLevelRow}})
			return err
		},
		"WhiteListModel has no ruleType": func() error {
			_, err := c.SetDataLevelPermissionWhiteList(ctx, &SetDataLevelPermissionWhiteListRequest{DataLevelWhiteListModel{DatasetID: "c"}})
			return err
		},
		"": func() error { // an empty list is a list
			_, err := c.SetDataLevelPermissionWhiteList(ctx, &SetDataLevelPermissionWhiteListRequest{DataLevelWhiteListModel{DatasetID: "c", RuleType: DataLevelRow}})
			return err
		},
	} {
		switch err := send(); {
		case want == "" && err != nil:
			t.Error(err)
		case want != "" && (!errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), want)):
			t.Errorf("%v, want %s", err, want)
		}
	}
}
