package quickbi

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// TestRefusedBeforeSending gives requests that the service would misunderstand, or
// execute for another user than the caller means.
func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	rule := func(change func(*DataLevelRule)) *SetDataLevelPermissionRuleConfigRequest {
		r := DataLevelRule{
			DatasetID: "c", RuleType: DataLevelRow, TargetScope: DataLevelScopeAll,
			Content: DataLevelRuleContent{Type: DataLevelRowField, Condition: &DataLevelCondition{PathID: "f", Operator: DataLevelNotNull}},
		}
		change(&r)
		return &SetDataLevelPermissionRuleConfigRequest{RuleModel: r}
	}
	operand := DataLevelOperand{FieldID: "f", DefaultValue: DataLevelOperandValue{Value: DataLevelOperandCondition{Operator: DataLevelNotNull}}}
	for _, test := range []struct {
		in   any
		want string // "": it is sent
	}{
		// The user of a ticket.
		{&CreateTicketRequest{WorksID: "w", UserID: "u", AccountName: "n", AccountType: TicketAccountRAM}, "AccountName must be left out with UserId"},
		{&CreateTicketRequest{WorksID: "w", AccountName: "n"}, "AccountType is required with AccountName"},
		{&CreateTicketRequest{WorksID: "w", UserID: "u", AccountType: TicketAccountRAM}, "AccountType must be left out without AccountName"},
		{&CreateTicketRequest{WorksID: "w", AccountType: TicketAccountRAM}, "AccountType must be left out without AccountName"},
		{&CreateTicketRequest{WorksID: "w", AccountName: "n", AccountType: TicketAccountRAM}, ""},
		{&CreateTicketRequest{WorksID: "w"}, ""},
		{&CreateTicket4CopilotRequest{CopilotID: "c", UserID: "u", AccountName: "n", AccountType: TicketAccountRAM}, "AccountName must be left out with UserId"},
		{&CreateTicket4CopilotRequest{CopilotID: "c", AccountType: TicketAccountRAM}, "AccountType must be left out without AccountName"},
		{&CreateTicket4CopilotRequest{CopilotID: "c", AccountName: "n", AccountType: TicketAccountThirdParty}, ""},

		// What is asked.
		{&SmartqQueryAbilityRequest{UserQuestion: "q", DatasetID: "c", DatasetIDs: []string{"d"}}, "CubeId must be left out with MultipleCubeIds"},
		{&SmartqQueryAbilityRequest{UserQuestion: "q", DatasetID: "c"}, ""},
		{&IpWhiteListConfigRequest{Operation: IPWhiteListAdd}, "IpWhiteList is required to ADD"},
		{&IpWhiteListConfigRequest{Operation: "add"}, "IpWhiteList is required to ADD"},
		{&IpWhiteListConfigRequest{Operation: "Delete"}, "IpWhiteList is required to DELETE"},
		{&IpWhiteListConfigRequest{Operation: IPWhiteListQuery, Addresses: []string{"8.8.8.8"}}, "IpWhiteList must be left out to QUERY"},
		{&IpWhiteListConfigRequest{Operation: IPWhiteListQuery}, ""},

		// The members and the content of a rule.
		{rule(func(r *DataLevelRule) { r.TargetScope = DataLevelScopeOthers }), "names neither users nor user groups, which ruleTargetScope OTHERS needs"},
		{rule(func(r *DataLevelRule) {
			r.TargetScope, r.Audience.UserIDs = DataLevelScopeOthers, []string{"u"}
		}), ""},
		{rule(func(r *DataLevelRule) {
			r.Content = DataLevelRuleContent{Type: DataLevelColumnForbid, PathIDs: []string{"f"}}
		}), "has the ruleContentType COLUMN_FORBID, which is not for ROW_LEVEL"},
		{rule(func(r *DataLevelRule) { r.RuleType = DataLevelColumn }), "has the ruleContentType ROW_FIELD, which is not for COLUMN_LEVEL"},
		{rule(func(r *DataLevelRule) {}), ""},
		{rule(func(r *DataLevelRule) { r.Content.Condition = &DataLevelCondition{} }), "RuleModel has a condition without pathId; parameter RuleModel has a condition without relationOperator"},
		{rule(func(r *DataLevelRule) { r.Content.Condition.PathID = "" }), "RuleModel has a condition without pathId"},
		{rule(func(r *DataLevelRule) { r.Content.Condition.Operator = "" }), "RuleModel has a condition without relationOperator"},
		{rule(func(r *DataLevelRule) { r.Content.PathIDs = []string{"f"} }), "RuleModel has both conditionNode and pathId"},
		{rule(func(r *DataLevelRule) { r.Content.Condition, r.Content.PathIDs = nil, []string{"f"} }),
			"RuleModel has pathId in ruleContentJson, which is not for ROW_FIELD"},
		{rule(func(r *DataLevelRule) { r.RuleType, r.Content.Type = DataLevelColumn, DataLevelColumnForbid }),
			"RuleModel has conditionNode in ruleContentJson, which is not for COLUMN_FORBID"},
		{rule(func(r *DataLevelRule) { r.RuleType, r.Content.Type = DataLevelColumn, "COLUMN_MASK" }), ""},
		{rule(func(r *DataLevelRule) {
			r.Content.Condition, r.Content.PathIDs, r.Content.RawContent = &DataLevelCondition{}, []string{"f"}, RawJSON(`{"conditionNode":{"pathId":""}}`)
		}), ""},
		{rule(func(r *DataLevelRule) {
			r.RuleType, r.Content = DataLevelColumn, DataLevelRuleContent{Type: DataLevelColumnForbid, PathIDs: []string{"f"}}
		}), ""},
		{rule(func(r *DataLevelRule) {
			r.Content.Origin = &DataLevelOrigin{Operands: []DataLevelOperand{operand, operand}}
		}), ""},
		{rule(func(r *DataLevelRule) { r.Content.Origin = &DataLevelOrigin{Operands: []DataLevelOperand{operand, {}}} }),
			"RuleModel has a line without fieldId in ruleOriginConfigJson at index 1; parameter RuleModel has a line without conditionOp in ruleOriginConfigJson at index 1"},
		{rule(func(r *DataLevelRule) { r.Content.Origin = &DataLevelOrigin{} }), "RuleModel has no line in ruleOriginConfigJson"},
		{rule(func(r *DataLevelRule) { r.Content.Origin, r.Content.RawOrigin = &DataLevelOrigin{}, RawJSON(`{}`) }), ""},
		{&AddDataLevelPermissionWhiteListRequest{DatasetID: "c", OperateType: DataLevelAdd}, "TargetIds is empty: nobody is added or deleted"},

		// Requests for nobody, and without a change.
		{&AddUserRequest{NickName: "n", UserType: UserTypeViewer}, "AccountId is required unless AccountName is given"},
		{&AddUserRequest{NickName: "n", UserType: UserTypeViewer, AccountName: "a"}, ""},
		{&BatchAddFeishuUsersRequest{UserType: UserTypeViewer}, "FeishuUsers is empty: nobody is added"},
		{&UpdateUserRequest{UserID: "u"}, "there is nothing to change"},
		{&UpdateUserRequest{UserID: "u", RoleIDs: []int64{}, CopilotModules: CopilotSwitches{}}, "there is nothing to change"},
		{&UpdateUserRequest{UserID: "u", IsDeleted: new(false)}, ""},
		{&UpdateUserGroupRequest{UserGroupID: "g"}, "there is nothing to change"},
		{&UpdateUserGroupRequest{UserGroupID: "g", Description: new("")}, ""},
		{&ModifyCopilotEmbedConfigRequest{CopilotID: "c"}, "there is nothing to change"},
		{&ModifyCopilotEmbedConfigRequest{CopilotID: "c", ModuleName: new("")}, ""},
		{&UpdateDataSourceRequest{UpdateModel: DataSourceChanges{DataSourceID: "d", DataSourceType: "mysql", UserID: "u"}}, "changes nothing"},
		{&UpdateDataSourceRequest{UpdateModel: DataSourceChanges{DataSourceID: "d", DataSourceType: "mysql", Schema: new("")}}, ""},

		{&ModifyAiproEmbedConfigRequest{AIProID: "a"}, "there is nothing to change"},
		{&ModifyAiproEmbedConfigRequest{AgentName: new("q")}, "AiProId is required"},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", MemoryEnabled: new(0)}, ""},
		{&UpdateDataSourcePropertiesRequest{DataSourceID: "d"}, "there is nothing to change"},
		{&UpdateDataSourcePropertiesRequest{DataSourceID: "d", Description: new("")}, ""},
		{&UpdateAuthorizationAttributesRequest{ResourceID: "r", ResourceType: WorksTypeDashboard}, "there is nothing to change"},
		{&UpdateAuthorizationAttributesRequest{ResourceID: "r", ResourceType: WorksTypeDashboard, UsePermission: UsePermissionWorkspace}, "UsePermissionType is for datasets and data sources only"},
		{&UpdateAuthorizationAttributesRequest{ResourceID: "r", ResourceType: WorksTypeDashboard, EditPermission: new(EditPermissionPrivate)}, ""},
		{&CreateTicket4AiProRequest{AIProID: "a", UserID: "u", AccountName: "n", AccountType: TicketAccountRAM}, "AccountName must be left out with QuickBIUserId"},
		{&CreateTicket4AiProRequest{AIProID: "a", AccountType: TicketAccountRAM}, "AccountType must be left out without AccountName"},

		// The root is not a group.
		{&CreateUserGroupRequest{ParentUserGroupID: RootUserGroupID, UserGroupName: "n", UserGroupID: RootUserGroupID}, "UserGroupId is -1"},
		{&CreateUserGroupRequest{ParentUserGroupID: RootUserGroupID, UserGroupName: "n"}, ""},
		{&TransferUsergroupRequest{UserGroupID: "g", ParentUserGroupID: RootUserGroupID}, ""},

		// Values that are not documented.
		{&AddUserRequest{NickName: "n", UserType: 7, AccountID: "1"}, "UserType is 7, which is not documented; it takes 1, 2, 3"},
		{&UpdateUserRequest{UserID: "u", UserType: 7}, "UserType is 7, which is not documented"},
		{&AddShareReportRequest{WorksID: "w", AuthPoints: 2, ShareToType: new(ShareTargetOrganization), ExpireDate: 1}, "AuthPoint is 2, which is not documented; it takes 1, 3"},
		{&AddShareReportRequest{WorksID: "w", AuthPoints: AuthPointsView, ShareToType: new(ShareTargetOrganization), ExpireDate: 1}, ""},
		{&ResultCallbackRequest{ApplicationID: "a", Status: 7, HandleReason: "r"}, "Status is 7, which is not documented; it takes 1, 2"},
		{&ResultCallbackRequest{ApplicationID: "a", Status: ApplicationUnderReview, HandleReason: "r"}, "Status is required"},
		{&UpdateDataLevelPermissionStatusRequest{DatasetID: "c", RuleType: DataLevelRow, IsOpen: new(DataLevelSwitch(5))}, "IsOpen is 5, which is not documented; it takes 0, 1"},
		{&UpdateDataLevelPermissionStatusRequest{DatasetID: "c", RuleType: DataLevelRow, IsOpen: new(DataLevelOff)}, ""},

		// A documented 0.
		{&DelayTicketExpireTimeRequest{Ticket: NewSecret("t")}, "ExpireTime is required"},
		{&DelayTicketExpireTimeRequest{Ticket: NewSecret("t"), ExpireTime: new(0)}, ""},
		{&DelayTicketExpireTimeRequest{Ticket: NewSecret("t"), ExpireTime: new(241)}, "ExpireTime is 241, more than 240"},
		{&DelayTicketExpireTimeRequest{Ticket: NewSecret("t"), ExpireTime: new(-1)}, "ExpireTime is -1, less than 0"},
		{&DeleteTicketRequest{}, "Ticket is required"},
		{&DeleteTicketRequest{Ticket: NewSecret("REDACTED")}, "Ticket is REDACTED, which is what a secret prints as: give the secret itself"},
		{&DeleteTicketRequest{Ticket: NewSecret("")}, "Ticket is required"},
	} {
		action := strings.TrimSuffix(reflect.TypeOf(test.in).Elem().Name(), "Request")
		wire := newRecorder(t, answering(http.StatusOK, string(loadFixture(t, action).Response)))
		_, _, err := invoke(t.Context(), newTestClient(t, wire), action, reflect.ValueOf(test.in))
		switch {
		case test.want == "" && len(wire.requests()) != 1:
			t.Errorf("%s %+v: not sent: %v", action, test.in, err)
		case test.want != "" && (!errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s %+v: %v, want %q", action, test.in, err, test.want)
		case test.want != "" && len(wire.requests()) != 0:
			t.Errorf("%s %+v: sent", action, test.in)
		}
	}
}

// TestExplicitEmptiness gives empty values on purpose: they reach the wire, and
// what is left out does not.
func TestExplicitEmptiness(t *testing.T) {
	t.Parallel()
	sql := UpdateCubeBySqlRequest{DatasetID: "c", WorkspaceID: "w", DataSourceID: "d", CustomSQL: "select 1", UserID: "u"}
	none := sql
	none.Placeholders = DatasetPlaceholders{}
	for _, test := range []struct {
		in        any
		parameter string
		want      []string
	}{
		{&UpdateUserGroupRequest{UserGroupID: "g", UserGroupName: "n"}, "UserGroupDescription", nil},
		{&UpdateUserGroupRequest{UserGroupID: "g", Description: new("")}, "UserGroupDescription", []string{""}},
		{&UpdateUserTagMetaRequest{TagID: "t", TagName: "n"}, "TagDescription", nil},
		{&UpdateUserTagMetaRequest{TagID: "t", TagName: "n", Description: new("")}, "TagDescription", []string{""}},
		{&sql, "Placeholders", nil},
		{&none, "Placeholders", []string{"[]"}},
		{&ListRecentViewReportsRequest{UserID: "u"}, "OffsetDay", nil},
		{&ListRecentViewReportsRequest{UserID: "u", OffsetDay: new(0)}, "OffsetDay", []string{"0"}},
		{&ModifyCopilotEmbedConfigRequest{CopilotID: "c", AgentName: new("")}, "AgentName", []string{""}},
		{&ModifyCopilotEmbedConfigRequest{CopilotID: "c", AgentName: new("")}, "ModuleName", nil},
		{&ModifyCopilotEmbedConfigRequest{CopilotID: "c", ModuleName: new("")}, "ModuleName", []string{""}},
		{&DelayTicketExpireTimeRequest{Ticket: NewSecret("t"), ExpireTime: new(0)}, "ExpireTime", []string{"0"}},
		{&DelayTicketExpireTimeRequest{Ticket: NewSecret("t"), ExpireTime: new(0)}, "Ticket", []string{"t"}},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", AgentName: new("")}, "AgentName", []string{""}},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", AgentName: new("")}, "ShowName", nil},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", ShowName: new("")}, "ShowName", []string{""}},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", Config: new("")}, "Config", []string{""}},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", ChatHistoryStatus: new(0)}, "ChatHistoryStatus", []string{"0"}},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", MemoryEnabled: new(0)}, "MemoryEnabled", []string{"0"}},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", UploadEnabled: new(0)}, "UploadEnabled", []string{"0"}},
		{&ModifyAiproEmbedConfigRequest{AIProID: "a", UploadEnabled: new(0)}, "MemoryEnabled", nil},
		{&UpdateDataSourcePropertiesRequest{DataSourceID: "d", Description: new("")}, "Description", []string{""}},
		{&UpdateDataSourcePropertiesRequest{DataSourceID: "d", ShowName: "n"}, "Description", nil},
		{&UpdateAuthorizationAttributesRequest{ResourceID: "r", ResourceType: WorksTypeDataset, EditPermission: new(EditPermissionPrivate)}, "EditPermissionType", []string{"0"}},
		{&UpdateAuthorizationAttributesRequest{ResourceID: "r", ResourceType: WorksTypeDataset, UsePermission: UsePermissionWorkspace}, "EditPermissionType", nil},
		{
			&UpdateDataSourceRequest{UpdateModel: DataSourceChanges{DataSourceID: "d", DataSourceType: "mysql", ShowName: new(""), Address: new(""), Port: new(""), Instance: new(""), UserName: new("")}},
			"UpdateModel", []string{`{"dsId":"d","dsType":"mysql","showName":"","address":"","port":"","instance":"","username":""}`},
		},
		{
			&UpdateDataSourceRequest{UpdateModel: DataSourceChanges{DataSourceID: "d", DataSourceType: "mysql", Schema: new(""), Password: NewSecret("")}},
			"UpdateModel", []string{`{"dsId":"d","dsType":"mysql","schema":"","password":""}`},
		},
	} {
		action := strings.TrimSuffix(reflect.TypeOf(test.in).Elem().Name(), "Request")
		p, err := encode(action, test.in, false)
		if err != nil {
			t.Errorf("%s: %v", action, err)
		} else if got := p.query[test.parameter]; !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s %+v: %s is %q, want %q", action, test.in, test.parameter, got, test.want)
		}
	}
}

// TestNewerKindOfWorks sends a kind of works that no operation documents, and one
// that another operation documents: refused, unless the caller means it.
func TestNewerKindOfWorks(t *testing.T) {
	t.Parallel()
	for _, kind := range []WorksType{"HOLOGRAM", WorksTypeDataset} {
		wire := newRecorder(t, answering(http.StatusOK, `{"RequestId":"R","Success":true,"Result":[]}`))
		c := newTestClient(t, wire)
		in := &DataSetBloodRequest{DatasetIDs: []string{"d"}, WorksType: kind}
		_, err := c.DataSetBlood(t.Context(), in)
		want := `WorksType is "` + string(kind) + `", which this operation does not know; it knows REPORT, dashboardOfflineQuery, DASHBOARD, ANALYSIS, SCREEN, PAGE, and others with CallUndocumented`
		if !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), "DataSetBlood: ") || !strings.Contains(err.Error(), want) || len(wire.requests()) != 0 {
			t.Errorf("%v, want %s", err, want)
		}
		if _, err := c.DataSetBlood(t.Context(), in, CallUndocumented()); err != nil || wire.requests()[0].query.Get("WorksType") != string(kind) {
			t.Errorf("%v: %v", err, wire.requests())
		}
	}
}
