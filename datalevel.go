package quickbi

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Row-level and column-level permissions limit what members see of a dataset, in all
// works that use it. All operations here require the new permission model. In an
// organization with the old one they return [ErrDataLevelPermissionVersion]; the
// console upgrades it, under Organization Management > Security Settings.

// DataLevelTargetType is the kind of the ids in a change of a white list.
type DataLevelTargetType string

// The kinds of targets.
const (
	DataLevelTargetUser      DataLevelTargetType = "1"
	DataLevelTargetUserGroup DataLevelTargetType = "2"
)

// DataLevelOperateType is a change of a white list.
type DataLevelOperateType string

// The changes to a white list.
const (
	DataLevelAdd    DataLevelOperateType = "ADD"
	DataLevelDelete DataLevelOperateType = "DELETE"
)

// DataLevelUsersToAdd are members and user groups to add to a rule.
type DataLevelUsersToAdd struct {
	RuleID    string            `json:"ruleId"`
	DatasetID string            `json:"cubeId"` // the dataset of the rule
	Audience  DataLevelAudience `json:"addModel"`
}

// EncodeValues writes the model as a parameter.
func (m DataLevelUsersToAdd) EncodeValues(key string, v *url.Values) error {
	return encodeJSON(key, m, v)
}

// DataLevelUsersToDelete are members and user groups to remove from a rule.
type DataLevelUsersToDelete struct {
	RuleID    string            `json:"ruleId"`
	DatasetID string            `json:"cubeId"` // the dataset of the rule
	Audience  DataLevelAudience `json:"delModel"`
}

// EncodeValues writes the model as a parameter.
func (m DataLevelUsersToDelete) EncodeValues(key string, v *url.Values) error {
	return encodeJSON(key, m, v)
}

// DataLevelWhiteListModel is a white list in a request.
type DataLevelWhiteListModel struct {
	DatasetID string            `json:"cubeId"`
	RuleType  DataLevelRuleType `json:"ruleType"`
	Audience  DataLevelAudience `json:"usersModel"`
}

// EncodeValues writes the white list as a parameter.
func (m DataLevelWhiteListModel) EncodeValues(key string, v *url.Values) error {
	return encodeJSON(key, m, v)
}

// DataLevelWhiteList holds the members and user groups that the rules of a dataset do
// not restrict.
type DataLevelWhiteList struct {
	DatasetID string                     `json:"CubeId"`
	RuleType  DataLevelRuleType          `json:"RuleType"`
	Audience  DataLevelWhiteListAudience `json:"UsersModel"`
}

// Change returns the white list as a parameter of
// [Client.SetDataLevelPermissionWhiteList], to be changed and set again.
func (l DataLevelWhiteList) Change() DataLevelWhiteListModel {
	return DataLevelWhiteListModel{DatasetID: l.DatasetID, RuleType: l.RuleType, Audience: DataLevelAudience{
		UserGroupIDs: l.Audience.UserGroupIDs, UserIDs: l.Audience.UserIDs, original: l.Audience.asParameter(l.Audience),
	}}
}

// DataLevelWhiteListAudience are the members and user groups of a white list.
type DataLevelWhiteListAudience struct {
	UserGroupIDs []string `json:"UserGroups"`
	UserIDs      []string `json:"Users"`

	original `json:"-"`
}

// UnmarshalJSON reads an audience, and keeps members without a field for Change.
func (a *DataLevelWhiteListAudience) UnmarshalJSON(text []byte) (err error) {
	type plain DataLevelWhiteListAudience
	a.original, err = readDocument(text, (*plain)(a))
	return err
}

// DatasetSwitchInfo says which kinds of permission are switched on for a dataset.
type DatasetSwitchInfo struct {
	DatasetID             string          `json:"CubeId"`
	ColumnLevelPermission DataLevelSwitch `json:"IsOpenColumnLevelPermission"`
	RowLevelPermission    DataLevelSwitch `json:"IsOpenRowLevelPermission"`
}

// AddDataLevelPermissionRuleUsersRequest are the parameters of [Client.AddDataLevelPermissionRuleUsers].
type AddDataLevelPermissionRuleUsersRequest struct {
	AddUserModel DataLevelUsersToAdd `url:"AddUserModel" quickbi:"required"`
}

func (r *AddDataLevelPermissionRuleUsersRequest) check(problem func(parameter, text string)) {
	m := r.AddUserModel
	checkRuleUsers("AddUserModel", m.RuleID, m.DatasetID, m.Audience, problem)
}

func checkRuleUsers(parameter, ruleID, cubeID string, a DataLevelAudience, problem func(parameter, text string)) {
	if ruleID == "" && cubeID == "" && a.isEmpty() {
		return // missing altogether, which is reported already
	}
	if ruleID == "" {
		problem(parameter, "has no ruleId")
	}
	if cubeID == "" {
		problem(parameter, "has no cubeId")
	}
	if a.isEmpty() {
		problem(parameter, "names neither users nor user groups")
	}
}

// AddDataLevelPermissionRuleUsers adds members and user groups to a row-level rule.
//
// Expect [ErrDatasetNotFound], [ErrRowLevelRuleNotFound],
// [ErrRowLevelRuleOfOtherDataset], [ErrRowLevelOff] while row-level permission is
// switched off, and [ErrDataLevelPermissionVersion] with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-adddatalevelpermissionruleusers
func (c *Client) AddDataLevelPermissionRuleUsers(ctx context.Context, in *AddDataLevelPermissionRuleUsersRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("AddDataLevelPermissionRuleUsers"), in, opts)
}

// AddDataLevelPermissionWhiteListRequest are the parameters of
// [Client.AddDataLevelPermissionWhiteList]. Only DatasetID is documented as required.
// The defaults of the others are not documented: give them all.
type AddDataLevelPermissionWhiteListRequest struct {
	DatasetID   string               `url:"CubeId" quickbi:"required"`
	OperateType DataLevelOperateType `url:"OperateType,omitempty" quickbi:"oneof=ADD DELETE"`
	RuleType    DataLevelRuleType    `url:"RuleType,omitempty" quickbi:"oneof=ROW_LEVEL COLUMN_LEVEL"`
	TargetIDs   []string             `url:"TargetIds,comma,omitempty"` // UserIDs or UserGroupIDs, as TargetType says
	TargetType  DataLevelTargetType  `url:"TargetType,omitempty" quickbi:"oneof=1 2"`
}

func (in *AddDataLevelPermissionWhiteListRequest) check(problem func(parameter, text string)) {
	if len(in.TargetIDs) == 0 {
		problem("TargetIds", "is empty: nobody is added or deleted")
	}
}

// AddDataLevelPermissionWhiteList adds members or user groups to the white list of a
// dataset or, with DataLevelDelete, removes them. The rules do not restrict members on
// the list.
//
// Expect [ErrDatasetNotFound], [ErrRowLevelOff], [ErrUserNotInOrganization] and
// [ErrDataLevelPermissionVersion] with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-adddatalevelpermissionwhitelist
func (c *Client) AddDataLevelPermissionWhiteList(ctx context.Context, in *AddDataLevelPermissionWhiteListRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("AddDataLevelPermissionWhiteList"), in, opts)
}

// DeleteDataLevelPermissionRuleUsersRequest are the parameters of [Client.DeleteDataLevelPermissionRuleUsers].
type DeleteDataLevelPermissionRuleUsersRequest struct {
	DeleteUserModel DataLevelUsersToDelete `url:"DeleteUserModel" quickbi:"required"`
}

func (r *DeleteDataLevelPermissionRuleUsersRequest) check(problem func(parameter, text string)) {
	m := r.DeleteUserModel
	checkRuleUsers("DeleteUserModel", m.RuleID, m.DatasetID, m.Audience, problem)
}

// DeleteDataLevelPermissionRuleUsers removes members and user groups from a row-level
// rule. Their other rules then decide what they see. Members without a rule see what
// [Client.SetDataLevelPermissionExtraConfig] says, which may be everything.
//
// Expect [ErrDatasetNotFound], [ErrRowLevelRuleNotFound],
// [ErrRowLevelRuleOfOtherDataset], [ErrRowLevelOff] while row-level permission is
// switched off, and [ErrDataLevelPermissionVersion] with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deletedatalevelpermissionruleusers
func (c *Client) DeleteDataLevelPermissionRuleUsers(ctx context.Context, in *DeleteDataLevelPermissionRuleUsersRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteDataLevelPermissionRuleUsers"), in, opts)
}

// DeleteDataLevelRuleConfigRequest are the parameters of [Client.DeleteDataLevelRuleConfig].
type DeleteDataLevelRuleConfigRequest struct {
	DatasetID string `url:"CubeId" quickbi:"required"` // of the rule
	RuleID    string `url:"RuleId" quickbi:"required"`
}

// DeleteDataLevelRuleConfig deletes a rule. It cannot be undone. The other rules then
// decide what the members of the rule see. Members without a rule see what
// [Client.SetDataLevelPermissionExtraConfig] says, which may be everything.
//
// Expect [ErrDatasetNotFound], [ErrRowLevelRuleNotFound],
// [ErrRowLevelRuleOfOtherDataset], [ErrRowLevelOff] while row-level permission is
// switched off, and [ErrDataLevelPermissionVersion] with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-deletedatalevelruleconfig
func (c *Client) DeleteDataLevelRuleConfig(ctx context.Context, in *DeleteDataLevelRuleConfigRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("DeleteDataLevelRuleConfig"), in, opts)
}

// ListCubeDataLevelPermissionConfigRequest are the parameters of [Client.ListCubeDataLevelPermissionConfig].
type ListCubeDataLevelPermissionConfigRequest struct {
	DatasetID string            `url:"CubeId" quickbi:"required"`
	RuleType  DataLevelRuleType `url:"RuleType" quickbi:"required,oneof=ROW_LEVEL COLUMN_LEVEL"`
}

// ListCubeDataLevelPermissionConfig returns the row-level or column-level permission
// of a dataset, with all rules.
//
// Expect [ErrDatasetNotFound], [ErrRowLevelOff] and [ErrDataLevelPermissionVersion]
// with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listcubedatalevelpermissionconfig
func (c *Client) ListCubeDataLevelPermissionConfig(ctx context.Context, in *ListCubeDataLevelPermissionConfigRequest, opts ...CallOption) (*Response[Document[DataLevelConfig]], error) {
	return call[Document[DataLevelConfig]](ctx, c, read("ListCubeDataLevelPermissionConfig"), in, opts)
}

// ListDataLevelPermissionWhiteListRequest are the parameters of [Client.ListDataLevelPermissionWhiteList].
type ListDataLevelPermissionWhiteListRequest struct {
	DatasetID string            `url:"CubeId" quickbi:"required"`
	RuleType  DataLevelRuleType `url:"RuleType" quickbi:"required,oneof=ROW_LEVEL COLUMN_LEVEL"`
}

// ListDataLevelPermissionWhiteList returns the white list of a dataset: the members
// and user groups that its row-level or column-level rules do not restrict.
//
// Expect [ErrDatasetNotFound], [ErrRowLevelOff] and [ErrDataLevelPermissionVersion]
// with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listdatalevelpermissionwhitelist
func (c *Client) ListDataLevelPermissionWhiteList(ctx context.Context, in *ListDataLevelPermissionWhiteListRequest, opts ...CallOption) (*Response[DataLevelWhiteList], error) {
	return call[DataLevelWhiteList](ctx, c, read("ListDataLevelPermissionWhiteList"), in, opts)
}

// QueryDatasetSwitchInfoRequest are the parameters of [Client.QueryDatasetSwitchInfo].
type QueryDatasetSwitchInfoRequest struct {
	DatasetID string `url:"CubeId" quickbi:"required"`
}

// QueryDatasetSwitchInfo reports whether row-level and column-level permission are
// switched on for a dataset.
//
// Expect [ErrDatasetNotFound], [ErrDatasetOfOtherOrganization] and
// [ErrDataLevelPermissionVersion] with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydatasetswitchinfo
func (c *Client) QueryDatasetSwitchInfo(ctx context.Context, in *QueryDatasetSwitchInfoRequest, opts ...CallOption) (*Response[DatasetSwitchInfo], error) {
	return call[DatasetSwitchInfo](ctx, c, read("QueryDatasetSwitchInfo"), in, opts)
}

// SetDataLevelPermissionExtraConfigRequest are the parameters of [Client.SetDataLevelPermissionExtraConfig].
type SetDataLevelPermissionExtraConfigRequest struct {
	DatasetID     string                 `url:"CubeId" quickbi:"required"`
	MissHitPolicy DataLevelMissHitPolicy `url:"MissHitPolicy" quickbi:"required,oneof=NONE ALL"`
	RuleType      DataLevelRuleType      `url:"RuleType" quickbi:"required,oneof=ROW_LEVEL COLUMN_LEVEL"`
}

// SetDataLevelPermissionExtraConfig sets what members without a rule see of a dataset:
// nothing or, with DataLevelMissHitAll, everything.
//
// Expect [ErrDatasetNotFound], [ErrRowLevelOff] and [ErrDataLevelPermissionVersion]
// with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-setdatalevelpermissionextraconfig
func (c *Client) SetDataLevelPermissionExtraConfig(ctx context.Context, in *SetDataLevelPermissionExtraConfigRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("SetDataLevelPermissionExtraConfig"), in, opts)
}

// SetDataLevelPermissionRuleConfigRequest are the parameters of [Client.SetDataLevelPermissionRuleConfig].
type SetDataLevelPermissionRuleConfigRequest struct {
	// RuleModel is the whole rule. With a RuleID it replaces that rule, without one it
	// is a new rule.
	RuleModel DataLevelRule `url:"RuleModel" quickbi:"required"`
}

func (r *SetDataLevelPermissionRuleConfigRequest) check(problem func(parameter, text string)) {
	m := &r.RuleModel
	content := &m.Content
	empty := content.Condition == nil && len(content.PathIDs) == 0 && len(content.RawContent) == 0
	if m.DatasetID == "" && m.RuleType == "" && empty {
		return // missing altogether, which is reported already
	}
	if m.DatasetID == "" {
		problem("RuleModel", "has no cubeId")
	}
	if m.RuleType == "" {
		problem("RuleModel", "has no ruleLevelType")
	}
	if content.Type == "" {
		problem("RuleModel", "has no ruleContentType")
	}
	if empty {
		problem("RuleModel", "has an empty ruleContentJson")
	}
	content.check("RuleModel", problem)
	if m.TargetScope == DataLevelScopeOthers && m.Audience.isEmpty() {
		problem("RuleModel", "names neither users nor user groups, which ruleTargetScope OTHERS needs")
	}
	other := map[DataLevelRuleType]string{DataLevelRow: "COLUMN_", DataLevelColumn: "ROW_"}[m.RuleType]
	if other != "" && strings.HasPrefix(string(content.Type), other) {
		problem("RuleModel", fmt.Sprintf("has the ruleContentType %s, which is not for %s", content.Type, m.RuleType))
	}
}

// SetDataLevelPermissionRuleConfig saves a new row-level or column-level rule, or
// replaces an existing one. The result is the saved rule, with its RuleID. The
// documentation shows it as broken JSON: the call has succeeded even if its Value
// cannot be read.
//
// Sent again after a lost answer, a new rule would exist twice: see
// [ErrOutcomeUnknown].
//
// Expect [ErrDatasetNotFound], [ErrRowLevelRuleNotFound] for an unknown RuleID,
// [ErrColumnFieldDuplicate] for a field that another rule withholds,
// [ErrRowLevelOff] while the permission is switched off, and
// [ErrDataLevelPermissionVersion] with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-setdatalevelpermissionruleconfig
func (c *Client) SetDataLevelPermissionRuleConfig(ctx context.Context, in *SetDataLevelPermissionRuleConfigRequest, opts ...CallOption) (*Response[Document[DataLevelRule]], error) {
	return call[Document[DataLevelRule]](ctx, c, write("SetDataLevelPermissionRuleConfig"), in, opts)
}

// SetDataLevelPermissionWhiteListRequest are the parameters of [Client.SetDataLevelPermissionWhiteList].
type SetDataLevelPermissionWhiteListRequest struct {
	WhiteListModel DataLevelWhiteListModel `url:"WhiteListModel" quickbi:"required"`
}

func (r *SetDataLevelPermissionWhiteListRequest) check(problem func(parameter, text string)) {
	switch m := r.WhiteListModel; {
	case m.DatasetID == "" && m.RuleType == "" && m.Audience.isEmpty():
		// missing altogether, which is reported already
	case m.DatasetID == "":
		problem("WhiteListModel", "has no cubeId")
	case m.RuleType == "":
		problem("WhiteListModel", "has no ruleType")
	}
}

// SetDataLevelPermissionWhiteList replaces the white list of a dataset: the members
// and user groups that its row-level or column-level rules do not restrict.
// [Client.AddDataLevelPermissionWhiteList] adds and removes single ones.
//
// Expect [ErrDatasetNotFound], [ErrRowLevelOff], [ErrUserNotInOrganization] and
// [ErrDataLevelPermissionVersion] with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-setdatalevelpermissionwhitelist
func (c *Client) SetDataLevelPermissionWhiteList(ctx context.Context, in *SetDataLevelPermissionWhiteListRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("SetDataLevelPermissionWhiteList"), in, opts)
}

// UpdateDataLevelPermissionStatusRequest are the parameters of [Client.UpdateDataLevelPermissionStatus].
type UpdateDataLevelPermissionStatusRequest struct {
	DatasetID string            `url:"CubeId" quickbi:"required"`
	IsOpen    *DataLevelSwitch  `url:"IsOpen" quickbi:"required,min=0,max=10,oneof=0 1"` // new(quickbi.DataLevelOn)
	RuleType  DataLevelRuleType `url:"RuleType" quickbi:"required,oneof=ROW_LEVEL COLUMN_LEVEL"`
}

// UpdateDataLevelPermissionStatus switches row-level or column-level permission of a
// dataset on or off. While it is off, all users who may see a work of the dataset see
// all its rows or columns.
//
// Expect [ErrDatasetNotFound], [ErrDatasetOfOtherOrganization] and
// [ErrDataLevelPermissionVersion] with the old permission model.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updatedatalevelpermissionstatus
func (c *Client) UpdateDataLevelPermissionStatus(ctx context.Context, in *UpdateDataLevelPermissionStatusRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateDataLevelPermissionStatus"), in, opts)
}
