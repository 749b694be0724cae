package witness

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// odd has what signatures, URLs, forms and JSON write in ways of their own.
const odd = `a+b %25 & c=d ~ * ' " / 北京 😀`

// plain has what names may have besides letters.
const plain = `北京 (Sales) [A]_B/C|D\E`

// A story is told to an emulator by the hand of an official client. The
// organization that it begins with is in seed.json.
type story struct {
	t       *testing.T
	hand    *hand
	can     map[string][]string // operations and parameters that the client has; others are left out; nil: any
	lacking []string            // what was left out
}

// p are the parameters of a call.
type p = map[string]string

// An answer is a result, as the client has read it.
type answer struct {
	s      *story
	action string
	skip   bool // the client does not have the operation
	gjson.Result
}

// call makes a call that must succeed, and returns its result.
func (s *story) call(action string, params p) answer {
	s.t.Helper()
	r, ok := s.do(action, params)
	if !ok {
		return answer{s: s, action: action, skip: true}
	}
	envelope := gjson.ParseBytes(r.Answer)
	if r.Code != "" || r.Failure != "" || !envelope.Get("Success").Bool() || envelope.Get("RequestId").String() == "" {
		s.t.Errorf("%s %q: %s%s %s %s", action, params, r.Code, r.Failure, r.Message, r.Answer)
	}
	return answer{s, action, false, envelope.Get("Result")}
}

// do makes a call, if the client has the operation, with the parameters it has.
func (s *story) do(action string, params p) (r reply, ok bool) {
	s.t.Helper()
	if s.can != nil {
		if s.can[action] == nil {
			s.lacking = append(s.lacking, action)
			return r, false
		}
		params = maps.Clone(params)
		maps.DeleteFunc(params, func(name, _ string) bool {
			lacks := !slices.Contains(s.can[action], name)
			if lacks {
				s.lacking = append(s.lacking, action+" "+name)
			}
			return lacks
		})
	}
	return s.hand.do(newOrder(s.t, action, params)), true
}

// refused makes a call that must be refused with the code.
func (s *story) refused(code, action string, params p) {
	s.t.Helper()
	if r, ok := s.do(action, params); ok && r.Code != code {
		s.t.Errorf("%s %q: refused with %q, want %q (%s%s%s)", action, params, r.Code, code, r.Message, r.Failure, r.Answer)
	}
}

// is compares what is at a path of the result, in gjson's syntax, as text. The
// path "" is the result itself. It returns the answer, for more of it.
func (a answer) is(path, want string) answer {
	a.s.t.Helper()
	if a.skip {
		return a
	}
	got := a.Result
	if path != "" {
		got = a.Get(path)
	}
	if got.String() != want {
		a.s.t.Errorf("%s: %s is %q, want %q in %s", a.action, path, got.String(), want, a.Raw)
	}
	return a
}

// text returns what is at a path of the result, and must be something.
func (a answer) text(path string) string {
	a.s.t.Helper()
	got := a.Get(path).String()
	if path == "" {
		got = a.String()
	}
	if got == "" && !a.skip {
		a.s.t.Errorf("%s: nothing at %q in %s", a.action, path, a.Raw)
	}
	return got
}

func tell(s *story) {
	dan := s.members()
	s.groups(dan)
	s.tags()
	s.workspaces(dan)
	s.works()
	s.sharing()
	s.portals()
	s.data()
	s.rules()
	s.tickets()
	s.smartQ()
	s.tasks()
	s.auditLog(dan)
}

func (s *story) members() (dan string) {
	nick := "Dan " + plain
	dan = s.call("AddUser", p{"AccountId": "3001", "AccountName": "example:dan", "NickName": nick, "UserType": "1", "RoleIds": "111111111,111111112"}).
		is("NickName", nick).is("UserType", "1").is("RoleIdList", "[111111111,111111112]").text("UserId")
	s.call("QueryUserInfoByUserId", p{"UserId": dan}).is("NickName", nick).is("AccountId", "3001").is("UserType", "1")
	s.call("QueryUserInfoByAccount", p{"Account": "dan", "ParentAccountName": "example"}).is("UserId", dan).is("NickName", nick)
	s.call("QueryUserList", p{"Keyword": odd, "PageNum": "1", "PageSize": "10"}).
		is("TotalNum", "1").is("PageSize", "10").is("Data.0.UserId", "eve").is("Data.0.NickName", "Eve "+odd)
	s.call("QueryUserList", p{"Keyword": nick}).is("Data.0.UserId", dan)
	s.call("UpdateUser", p{"UserId": dan, "NickName": plain + " Dan", "RoleIds": "111111113"}).is("", "true")
	s.call("QueryUserInfoByUserId", p{"UserId": dan}).is("NickName", plain+" Dan").is("RoleIdList", "[111111113]")
	s.call("CheckOrganizationMember", p{"UserId": dan}).is("", "true")
	s.call("QueryUserByMobileAccount", p{"MobileType": "ding", "MobileUserId": "union-1"}).is("BoundUserId", "ann")
	s.call("BatchAddFeishuUsers", p{"FeishuUsers": `{"ou-1":"Fay 北京"}`, "UserType": "2", "UserGroupIds": "north"}).is("OkCount", "1")
	s.refused("User.AlreadyIn.Organization", "AddUser", p{"AccountId": "3001", "NickName": "Another", "UserType": "1"})
	s.refused("User.Not.In.Organization", "QueryUserInfoByUserId", p{"UserId": "nobody"})
	s.refused("User.Not.In.Organization", "DeleteUser", p{"UserId": "nobody"})

	gus := s.call("AddUser", p{"AccountId": "3002", "NickName": "Gus", "UserType": "2"}).text("UserId")
	s.call("DeleteUser", p{"UserId": gus, "TransferUserId": "ann"}).is("", "true")
	s.call("CheckOrganizationMember", p{"UserId": gus}).is("", "false")

	s.call("ListOrganizationRoles", nil).is(`#(RoleId==456).RoleName`, "Auditor")
	s.call("QueryOrganizationRoleConfig", p{"RoleId": "456"}).is("RoleName", "Auditor").is("IsSystemRole", "false")
	s.call("ListOrganizationRoleUsers", p{"RoleId": "456", "PageNum": "1", "PageSize": "10"}).is("Data.0.UserId", "cem").is("TotalNum", "1")
	return dan
}

func (s *story) groups(dan string) {
	name := "Group " + plain
	group := s.call("CreateUserGroup", p{"ParentUserGroupId": "-1", "UserGroupName": name, "UserGroupDescription": plain}).text("")
	s.call("GetUserGroupInfo", p{"Keyword": plain}).is("0.UsergroupId", group).is("0.UsergroupName", name).is("0.UsergroupDesc", plain)
	s.call("UpdateUserGroup", p{"UserGroupId": group, "UserGroupName": plain, "UserGroupDescription": "of " + plain}).is("", "true")
	s.call("ListByUserGroupId", p{"UserGroupIds": group + ",gone"}).
		is("UserGroupModels.0.UsergroupName", plain).is("UserGroupModels.0.UsergroupDesc", "of "+plain).is("FailedUserGroupIds.0", "gone")
	s.call("TransferUsergroup", p{"UserGroupId": group, "ParentUserGroupId": "north"}).is("", "true")
	s.call("QueryUserGroupListByParentId", p{"ParentUserGroupId": "north"}).is(`#(UserGroupId=="sales").UserGroupName`, "Sales")

	s.call("AddUserGroupMember", p{"UserGroupId": group, "UserIdList": dan + ",bob"}).is("", "true")
	s.call("QueryUserGroupMember", p{"UserGroupId": group}).is(`#(Id=="bob").Name`, "Bob").is("#", "2")
	s.call("AddUserGroupMembers", p{"UserId": "cem", "UserGroupIds": group + ",sales"}).is("", "true")
	s.call("ListUserGroupsByUserId", p{"UserId": "cem"}).is(`#(UsergroupId=="sales").UsergroupName`, "Sales").is("#", "2")
	s.call("DeleteUserGroupMember", p{"UserGroupId": group, "UserId": dan}).is("", "true")
	s.call("DeleteUserGroupMembers", p{"UserId": "cem", "UserGroupIds": group}).is("", "true")
	s.call("WithdrawAllUserGroups", p{"UserId": "cem"}).is("", "true")
	s.call("ListUserGroupsByUserId", p{"UserId": "cem"}).is("#", "0")
	s.refused("Usergroup.Not.Exist", "AddUserGroupMember", p{"UserGroupId": "nowhere", "UserIdList": "bob"})
	s.refused("UserGroup.Remove.WithChildren", "DeleteUserGroup", p{"UserGroupId": "north"})
	s.call("DeleteUserGroup", p{"UserGroupId": group}).is("", "true")
}

func (s *story) tags() {
	tag := s.call("AddUserTagMeta", p{"TagName": "Tag北京", "TagDescription": odd}).text("")
	s.call("UpdateUserTagMeta", p{"TagId": tag, "TagName": "Job", "TagDescription": odd + "?"}).is("", "true")
	s.call("QueryUserTagMetaList", nil).is(`#(TagId=="`+tag+`").TagDescription`, odd+"?")
	s.call("UpdateUserTagValue", p{"UserId": "bob", "TagId": tag, "TagValue": odd}).is("", "true")
	s.call("QueryUserTagValueList", p{"UserId": "bob"}).is(`#(TagId=="`+tag+`").TagValue`, odd).is(`#(TagId=="area").TagValue`, "north")
	s.call("DeleteUserTagMeta", p{"TagId": tag}).is("", "true")
	s.call("ListDynamicTag", nil).is("0.ConfigName", "Stores")
	s.call("ClearDynamicTagCache", p{"ConfigId": "stores"}).is("", "true")
}

func (s *story) workspaces(dan string) {
	desk := s.call("CreateWorkspace", p{"WorkspaceName": "Desk " + odd, "WorkspaceDescription": odd, "AllowShare": "false"}).text("")
	s.call("QueryOrganizationWorkspaceList", p{"Keyword": "Desk", "PageNum": "1", "PageSize": "10"}).
		is("Data.0.WorkspaceId", desk).is("Data.0.WorkspaceName", "Desk "+odd).is("Data.0.WorkspaceDescription", odd).is("Data.0.AllowShareOperation", "false")
	s.call("AddUserToWorkspace", p{"WorkspaceId": "lab", "UserId": dan, "RoleId": "30"}).is("", "true")
	s.call("AddWorkspaceUsers", p{"WorkspaceId": "lab", "UserIds": "fay,nobody", "RoleId": "27"}).is("Success", "1").is("Failure", "1")
	s.call("QueryWorkspaceUserList", p{"WorkspaceId": "lab", "Keyword": plain, "PageNum": "1", "PageSize": "10"}).is("Data.0.UserId", dan)
	s.call("QueryUserRoleInfoInWorkspace", p{"WorkspaceId": "lab", "UserId": "cem"}).is("RoleId", "27")
	s.call("UpdateWorkspaceUserRole", p{"WorkspaceId": "lab", "UserId": "cem", "RoleIds": "30"}).is("", "true")
	s.call("UpdateWorkspaceUsersRole", p{"WorkspaceId": "lab", "UserIds": "cem", "RoleId": "27"}).is("Success", "1")
	s.call("ListWorkspaceRoles", p{"WorkspaceId": "lab"}).is("#(RoleId==27).IsSystemRole", "true")
	s.call("ListWorkspaceRoleUsers", p{"RoleId": "27", "WorkspaceId": "lab", "PageNum": "1", "PageSize": "10"}).is("Data.0.UserId", "cem")
	s.call("ListWorkspaceUserRolesByUserId", p{"UserId": "cem"}).is("0.WorkspaceId", "lab").is("0.RoleModel.RoleId", "27")
	s.call("QueryWorkspaceRoleConfig", p{"RoleId": "26"}).is("RoleId", "26")
	s.call("DeleteUserFromWorkspace", p{"WorkspaceId": "lab", "UserId": dan}).is("", "true")
	s.refused("Workspace.Not.Exist", "QueryWorkspaceUserList", p{"WorkspaceId": "nowhere", "PageNum": "1", "PageSize": "10"})
}

func (s *story) works() {
	s.call("QueryWorks", p{"WorksId": "sales-dashboard"}).is("WorkName", "Sales").is("WorkType", "PAGE").is("OwnerId", "ann").is("Status", "1")
	s.call("QueryWorksByOrganization", p{"WorksType": "PAGE", "Status": "1", "PageNum": "1", "PageSize": "10"}).is("TotalNum", "1").is("Data.0.WorksId", "sales-dashboard")
	s.call("QueryWorksByWorkspace", p{"WorkspaceId": "lab", "WorksType": "REPORT", "PageNum": "1", "PageSize": "10"}).is("Data.0.WorkName", "Orders")
	s.call("QueryWorksBloodRelationship", p{"WorksId": "sales-dashboard"}).is("0.ComponentId", "lines").is("0.DatasetId", "orders")
	s.call("CheckReadable", p{"UserId": "ann", "WorksId": "draft"}).is("", "true")
	s.call("QueryReadableResourcesListByUserId", p{"UserId": "ann"}).is(`#(WorksId=="draft").WorkName`, "Draft")
	s.call("QueryReadableResourcesListByUserIdV2", p{"UserId": "ann", "WorkType": "REPORT", "WorkspaceId": "lab"}).is("0.WorksId", "orders-sheet")
	s.refused("Invalid.Works.Empty", "QueryWorks", p{"WorksId": "nothing"})

	s.call("SaveFavorites", p{"UserId": "ann", "WorksId": "draft"}).is("", "true")
	s.call("ListCollections", p{"UserId": "ann"}).is("0.WorksId", "draft").is("0.WorksName", "Draft")
	s.call("ListFavoriteReports", p{"UserId": "ann", "Keyword": "Dra", "TreeType": "PAGE", "PageSize": "20"}).is("Data.0.TreeId", "draft")
	s.call("CancelCollection", p{"UserId": "ann", "WorksId": "draft"}).is("", "true")
	s.call("ListRecentViewReports", p{"UserId": "ann", "PageSize": "20", "OffsetDay": "30", "QueryMode": "2"}).is("TotalNum", "0")

	for _, action := range []string{"QueryReportPerformance", "QueryComponentPerformance"} {
		s.call(action, p{"WorkspaceId": "lab", "QueryType": "sevenDays", "ReportId": "sales-dashboard", "PageNum": "1", "PageSize": "10"}).is("#", "0")
	}
}

func (s *story) sharing() {
	until := time.Now().AddDate(1, 0, 0)
	s.call("AddShareReport", p{"WorksId": "sales-dashboard", "AuthPoint": "1", "ShareToType": "0", "ShareToId": "bob", "ExpireDate": millis(until)}).is("", "true")
	s.call("QueryShareList", p{"ReportId": "sales-dashboard"}).is("0.ShareToId", "bob").is("0.AuthPoint", "1")
	s.call("QuerySharesToUserList", p{"UserId": "bob"}).is("0.WorksId", "sales-dashboard")
	s.call("ListSharedReports", p{"UserId": "bob", "PageSize": "20"}).is("Data.0.TreeId", "sales-dashboard")
	s.call("CancelReportShare", p{"ReportId": "sales-dashboard", "ShareToType": "0", "ShareToIds": "bob"}).is("", "true")
	s.call("QueryShareList", p{"ReportId": "sales-dashboard"}).is("#", "0")

	s.call("AddWorksAuthorization", p{
		"ResourceId": "sales-dashboard", "ResourceType": "dashboard", "AuthorizeScope": "0", "AuthorizedId": "bob", "AuthPoints": "1", "ExpireDay": until.Format(time.DateOnly),
	}).text("")
	s.call("ListAuthConfigByResource", p{"ResourceId": "sales-dashboard", "WorksType": "dashboard", "ShareToType": "0", "HasAuth": "true"}).is(`#(AuthorizedId=="bob").AuthorizedName`, "Bob")
	s.call("DeleteAuthorizationByUserId", p{"QbiUserId": "bob", "ResourceId": "sales-dashboard", "ResourceType": "dashboard"}).is("", "true")
	if changed := s.call("UpdateAuthorizationAttributes", p{"ResourceId": "sales-dashboard", "ResourceType": "dashboard", "EditPermissionType": "12"}).is("", "true"); !changed.skip {
		s.call("QueryWorks", p{"WorksId": "sales-dashboard"}).is("SecurityLevel", "12")
	}
}

func (s *story) portals() {
	s.call("ListPortalMenus", p{"DataPortalId": "portal", "UserId": "ann"}).is("@this|@fromstr|0.menuName", "Sales")
	s.call("AuthorizeMenu", p{"DataPortalId": "portal", "MenuIds": "menu", "UserIds": "bob", "AuthPointsValue": "1"}).is("", "1")
	s.call("ListPortalMenuAuthorization", p{"DataPortalId": "portal"}).is("0.MenuId", "menu").is("0.Receivers.0.ReceiverId", "bob")
	s.call("CancelAuthorizationMenu", p{"DataPortalId": "portal", "MenuIds": "menu", "UserIds": "bob"}).is("", "1")
	s.call("ChangeVisibilityModel", p{"DataPortalId": "portal", "MenuIds": "menu", "ShowOnlyWithAccess": "false"}).is("", "1")
	s.call("ListWhitePortalMenu", p{"DataportalId": "portal"}).is("0.ReceiverId", "cem")
}

func (s *story) data() {
	source := s.call("AddDataSource", p{"AddModel": document(p{
		"userId": "ann", "workspaceId": "lab", "dsType": "postgresql", "showName": odd, "address": "pg.example.com", "port": "5432",
		"instance": "stock", "schema": "public", "userName": "reader", "password": odd,
	})}).text("")
	s.call("GetDataSourceConnectionInfo", p{"DsId": source}).is("ShowName", odd).is("Address", "pg.example.com")
	s.call("UpdateDataSource", p{"UpdateModel": document(p{
		"dsId": source, "dsType": "postgresql", "showName": "Stock", "address": "pg2.example.com", "port": "5433", "instance": "stock", "userName": "reader", "password": "other",
	})}).is("", "true")
	s.call("ListDataSource", p{"WorkspaceId": "lab", "DsType": "postgresql"}).is("0.DatasourceId", source).is("0.ShowName", "Stock")
	if changed := s.call("UpdateDataSourceProperties", p{"DsId": source, "ShowName": odd}).is("", "true"); !changed.skip {
		s.call("ListDataSource", p{"WorkspaceId": "lab", "DsType": "postgresql"}).is("0.ShowName", odd)
	}
	s.call("DataSourceBlood", p{"DataSourceId": "db"}).is("", `["orders"]`)
	s.call("ListApiDatasource", p{"WorkspaceId": "lab", "KeyWord": "Wea", "PageNum": "1", "PageSize": "10"}).is("Data.0.ApiId", "weather")
	s.call("ModifyApiDatasourceParameters", p{"ApiId": "weather", "WorkspaceId": "lab", "Parameters": document([]any{p{"name": "city", "value": odd}})}).is("", "true")

	s.call("QueryDatasetList", p{"WorkspaceId": "lab", "Keyword": "Ord", "PageNum": "1", "PageSize": "10"}).is("Data.0.DatasetId", "orders")
	s.call("QueryDatasetInfo", p{"DatasetId": "orders"}).is("DatasetName", "Orders").is("DimensionList.0.Caption", "area")
	s.call("QueryDatasetDetailInfo", p{"DatasetId": "orders"}).is("@this|@fromstr|datasetName", "Orders")
	s.call("CheckDatasetExisted", p{"CubeId": "orders"}).is("", "true")
	s.call("DataSetBlood", p{"DataSetIds": "orders", "UserId": "ann"}).is("0.WorksId", "sales-dashboard")
	s.call("CreateDataset", p{"WorkspaceId": "lab", "DsId": "db", "UserId": "ann", "TableName": "stores", "UserDefineCubeName": "Stores 北京"}).text("")
	s.call("CreateCubeBySql", p{
		"WorkspaceId": "lab", "DsId": "db", "UserId": "ann", "Caption": "By SQL", "CustomSql": `select * from t where a in ('$val{area}') and b like '%+&=~*"/北京😀%'`,
		"Placeholders": document([]any{map[string]any{
			"name": "area", "style": "placeholder", "type": "string", "useInGlobal": true, "defaultValue": []string{odd},
		}}),
	}).text("")
	cube := s.call("QueryDatasetList", p{"WorkspaceId": "lab", "Keyword": "By SQL", "PageNum": "1", "PageSize": "10"}).text("Data.0.DatasetId")
	s.call("UpdateCubeBySql", p{"CubeId": cube, "WorkspaceId": "lab", "DsId": "db", "UserId": "ann", "CustomSql": "select 1"}).is("", "true")
	s.call("QueryCubePerformance", p{"WorkspaceId": "lab", "QueryType": "lastDay", "CubeId": "orders", "PageNum": "1", "PageSize": "10"}).is("#", "0")
	s.call("QueryCubeOptimization", p{"WorkspaceId": "lab"}).is("#", "0")

	s.call("AllotDatasetAccelerationTask", p{"CubeId": "orders"}).is("", "true")
	s.call("ListAccelerationOfWorkspace", p{"WorkspaceId": "lab", "PageNo": "1", "PageSize": "10"}).is("Data.0.CubeId", "orders")
	s.call("QueryLastAccelerationEngineJob", p{"CubeId": "orders"}).text("JobHistoryId")
	s.call("QueryAccelerationLogByCubeId", p{
		"CubeId": "orders", "StartDate": time.Now().AddDate(0, 0, -2).Format(time.DateTime), "EndDate": time.Now().AddDate(0, 0, 2).Format(time.DateTime),
		"PageNo": "1", "PageSize": "10",
	}).text("Data.0.JobHistoryId")

	s.call("QueryDataService", p{"ApiId": "orders-by-area", "Conditions": document(p{"area": odd}), "ReturnFields": `["area","amount"]`}).
		is("Values.0.amount", "7.5").is("Values.#", "1")
	s.call("QueryData", p{"ApiId": "orders-by-area", "UserId": "ann", "Conditions": `{"area":"north"}`}).is("Values.0.amount", "12")
	s.call("QueryDataServiceList", p{"Name": "Orders", "PageNo": "1", "PageSize": "10"}).is("Data.0.Name", "Orders by area")
}

func (s *story) rules() {
	s.call("UpdateDataLevelPermissionStatus", p{"CubeId": "orders", "IsOpen": "1", "RuleType": "ROW_LEVEL"}).is("", "true")
	s.call("QueryDatasetSwitchInfo", p{"CubeId": "orders"}).is("IsOpenRowLevelPermission", "1").is("IsOpenColumnLevelPermission", "0")
	condition := document(map[string]any{"conditionNode": map[string]any{
		"caption": "area", "pathId": "d1", "name": "d1", "relationOperator": "equal", "value": map[string]any{"value": []string{odd}, "valueType": "ENUM"},
	}})
	rule := s.call("SetDataLevelPermissionRuleConfig", p{"RuleModel": document(map[string]any{
		"cubeId": "orders", "ruleName": odd, "ruleLevelType": "ROW_LEVEL", "ruleTargetScope": "OTHERS", "isOpen": 1,
		"ruleUsersModel":   map[string]any{"userGroups": []string{"sales"}, "users": []string{"bob"}},
		"ruleContentModel": map[string]any{"ruleContentType": "ROW_FIELD", "ruleContentJson": condition, "ruleOriginConfigJson": "{}"},
	})}).is("@this|@fromstr|ruleName", odd).is("@this|@fromstr|ruleContentModel.ruleContentJson", condition).text("@this|@fromstr|ruleId")
	s.call("ListCubeDataLevelPermissionConfig", p{"CubeId": "orders", "RuleType": "ROW_LEVEL"}).
		is("@this|@fromstr|ruleModels.0.ruleId", rule).is("@this|@fromstr|ruleModels.0.ruleName", odd)
	s.call("AddDataLevelPermissionRuleUsers", p{"AddUserModel": `{"ruleId":"` + rule + `","cubeId":"orders","addModel":{"userGroups":["north"],"users":["cem"]}}`}).is("", "true")
	s.call("DeleteDataLevelPermissionRuleUsers", p{"DeleteUserModel": `{"ruleId":"` + rule + `","cubeId":"orders","delModel":{"userGroups":["sales"],"users":["bob"]}}`}).is("", "true")
	s.call("ListCubeDataLevelPermissionConfig", p{"CubeId": "orders", "RuleType": "ROW_LEVEL"}).
		is("@this|@fromstr|ruleModels.0.ruleUsersModel.users", `["cem"]`).is("@this|@fromstr|ruleModels.0.ruleUsersModel.userGroups", `["north"]`)
	s.call("SetDataLevelPermissionWhiteList", p{"WhiteListModel": `{"cubeId":"orders","ruleType":"ROW_LEVEL","usersModel":{"userGroups":["sales"],"users":["ann"]}}`}).is("", "true")
	s.call("AddDataLevelPermissionWhiteList", p{"CubeId": "orders", "OperateType": "ADD", "RuleType": "ROW_LEVEL", "TargetIds": "bob", "TargetType": "1"}).is("", "true")
	s.call("ListDataLevelPermissionWhiteList", p{"CubeId": "orders", "RuleType": "ROW_LEVEL"}).is("UsersModel.Users", `["ann","bob"]`).is("UsersModel.UserGroups", `["sales"]`)
	s.call("SetDataLevelPermissionExtraConfig", p{"CubeId": "orders", "RuleType": "ROW_LEVEL", "MissHitPolicy": "ALL"}).is("", "true")
	s.call("DeleteDataLevelRuleConfig", p{"CubeId": "orders", "RuleId": rule}).is("", "true")
	s.refused("Cube.Not.Exist", "QueryDatasetSwitchInfo", p{"CubeId": "nothing"})
}

func (s *story) tickets() {
	condition := document([]any{map[string]any{
		"paramKey": "area", "joinType": "and", "conditionList": []any{map[string]any{"operate": "in", "value": []string{odd}}},
	}})
	ticket := s.call("CreateTicket", p{
		"WorksId": "sales-dashboard", "UserId": "bob", "TicketNum": "5", "ExpireTime": "30", "WatermarkParam": odd,
		"GlobalParam": strings.ReplaceAll(url.QueryEscape(condition), "+", "%20"),
	}).text("")
	s.call("UpdateTicketNum", p{"Ticket": ticket, "TicketNum": "7"}).is("", "true")
	s.call("DelayTicketExpireTime", p{"Ticket": ticket, "ExpireTime": "10"}).is("", "true")
	s.call("QueryTicketInfo", p{"Ticket": ticket}).
		is("WorksId", "sales-dashboard").is("MaxTicketNum", "7").is("UsedTicketNum", "0").is("WatermarkParam", odd).is("GlobalParam", strings.NewReplacer("&", "&amp;", `"`, "&quot;").Replace(condition))
	s.call("DeleteTicket", p{"Ticket": ticket}).is("", "true")
	s.call("CreateTicket4Copilot", p{"CopilotId": "intranet", "UserId": "bob", "TicketNum": "1", "ExpireTime": "30"}).text("")
	s.call("CreateTicket4AiPro", p{"AiProId": "assistant", "QuickBIUserId": "bob", "TicketNum": "1", "ExpireTime": "30"}).text("")
	s.refused("Authorize3rdTicket.NotExist", "QueryTicketInfo", p{"Ticket": "nothing"})

	s.call("UpdateEmbeddedStatus", p{"WorksId": "orders-sheet", "ThirdPartAuthFlag": "false"}).is("", "1")
	s.call("QueryEmbeddedStatus", p{"WorksId": "orders-sheet"}).is("", "false")
	s.call("QueryEmbeddedInfo", nil).is("EmbeddedCount", "1").is("Detail.Page", "1")
	s.call("GetWorksEmbedList", p{"WorksType": "page", "WsId": "lab", "PageNo": "1", "PageSize": "10"}).is("Data.0.WorksId", "sales-dashboard")
	s.call("QueryCopilotEmbedConfig", p{"Keyword": "Intra"}).is("0.CopilotId", "intranet").is("0.AgentName", "Q")
	s.call("ModifyCopilotEmbedConfig", p{"CopilotId": "intranet", "AgentName": "小Q", "DataRange": `{"llmCubes":["ask-orders"]}`}).is("", "true")
	s.call("ModifyAiproEmbedConfig", p{"AiProId": "assistant", "ShowName": odd, "AgentName": "小A"}).is("", "true")
	s.call("QueryAiproEmbedConfig", p{"Keyword": odd}).is("0.AiProId", "assistant").is("0.AgentName", "小A")
}

func (s *story) smartQ() {
	day := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	s.call("QueryDatasetSmartqStatus", p{"CubeId": "orders"}).is("", "true")
	s.call("SmartqAuthorize", p{"OperationType": "0", "UserIds": "ann", "LlmCubes": "ask-orders", "ExpireDay": day}).is("#", "0")
	s.call("QueryLlmCubeWithThemeListByUserId", p{"UserId": "ann"}).is("CubeIds.orders", "Orders")
	s.call("QuerySmartqPermissionByCubeId", p{"CubeId": "orders", "UserId": "ann"}).is("HasPerssion", "true")
	s.call("SmartqAuthTransfer", p{"OriginUserId": "ann", "TargetUserIds": "cem"}).is("", "true")
	s.call("SmartqQueryAbility", p{"UserQuestion": "How much?", "UserId": "ann", "CubeId": "orders"}).is("ConclusionText", "19.5")
	s.call("DataInterpretation", p{"Data": "month,profit\n1,100", "UserQuestion": odd}).text("")
	s.call("QueryDataRange", p{"Type": "llmCubeTheme", "Keyword": "Trade"}).is("ApiCopilotThemeModels.0.ThemeName", "Trade")
	s.call("ModifyDashboardNl2sqlStatus", p{"DashboardIds": "sales-dashboard", "Status": "1"}).is("#", "0")
	s.call("QueryDashboardNl2sql", p{"UserId": "ann", "WorkspaceId": "lab"}).is("0.DashboardName", "Sales")
}

func (s *story) tasks() {
	s.call("GetMailTaskList", p{"UserNick": "Ann", "PageNum": "1", "PageSize": "10"}).is("Data.0.MailId", "weekly").is("Data.0.SubscribeName", "Weekly sales")
	s.call("ManualRunMailTask", p{"MailId": "weekly"}).is("", "true")
	s.call("GetMailTaskStatus", p{"MailId": "weekly"}).is("0.status", "PROCESSING")
	s.refused("MailTask.Already.Running", "ManualRunMailTask", p{"MailId": "weekly"})
	s.refused("Mail.Not.Found", "ManualRunMailTask", p{"MailId": "nothing"})

	s.call("QueryApprovalInfo", p{"UserId": "ann", "Status": "0", "Page": "1", "PageSize": "10"}).is("Data.0.ApplicationId", "1").is("Data.0.ApplicantId", "bob")
	s.call("ResultCallback", p{"ApplicationId": "1", "Status": "2", "HandleReason": odd}).is("", "true")
	s.call("QueryApprovalInfo", p{"UserId": "ann", "Status": "1", "Page": "1", "PageSize": "10"}).is("Data.0.HandleReason", odd)
	s.call("IpWhiteListConfig", p{"Operation": "ADD", "IpWhiteList": "198.51.100.7"}).is("IpWhiteList", `["203.0.113.0/24","198.51.100.7"]`)
}

func (s *story) auditLog(dan string) {
	beijing := time.FixedZone("", 8*60*60)
	today := time.Now().In(beijing)
	log := s.call("QueryAuditLog", p{
		"LogType": "function", "StartDate": today.AddDate(0, 0, -1).Format("20060102"), "EndDate": today.Format("20060102"), "OperatorTypes": "CREATE",
	})
	log.is(`#(TargetId=="`+dan+`").TargetType`, "USER").is(`#(TargetId=="`+dan+`").TargetName`, "Dan "+plain)
}

// document returns a JSON document, as parameters have them in strings.
func document(v any) string {
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // the values are those above
	}
	return strings.TrimSpace(text.String())
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
