package quickbi

import (
	"context"
	"fmt"
	"strings"
)

// DashboardNL2SQL is a dashboard that answers questions.
type DashboardNL2SQL struct {
	DashboardNL2SQLID string   `json:"DashboardNl2sqlId"` // id of the question resource, not of the dashboard
	DashboardName     string   `json:"DashboardName"`
	OwnerID           string   `json:"OwnerId"`     // UserID of the dashboard's creator
	Authorities       []string `json:"Authorities"` // holds "READ" if the user may ask questions
}

// SmartqStatus says whether questions are enabled.
type SmartqStatus int

// The statuses.
const (
	SmartqDisabled SmartqStatus = 0
	SmartqEnabled  SmartqStatus = 1
)

// SmartqOperation is the operation of [Client.SmartqAuthorize].
type SmartqOperation int

// The operations.
const (
	SmartqGrant  SmartqOperation = 0
	SmartqRevoke SmartqOperation = 1
)

// SmartqFailure is a right that was not granted or not revoked.
type SmartqFailure struct {
	UserID    string `json:"UserId"`
	LLMCubeID string `json:"LlmCube"`      // question resource
	ThemeID   string `json:"LlmCubeTheme"` // analysis theme
	Message   string `json:"DetailMessage"`
}

// SmartqTargets are the datasets and analysis themes that a user may ask questions
// of: names by ids.
type SmartqTargets struct {
	Datasets map[string]string `json:"CubeIds"`
	Themes   map[string]string `json:"ThemeIds"` // analysis themes
}

// SmartqPermission says whether a user may ask questions of a dataset.
type SmartqPermission struct {
	DatasetID     string `json:"CubeId"`
	DatasetName   string `json:"CubeName"`
	HasPermission bool   `json:"HasPerssion"` // the service's spelling
}

// SmartqAnswer is the answer to a question.
type SmartqAnswer struct {
	ChartType      string         `json:"ChartType"`      // suggested chart, such as "NEW_TABLE"
	ConclusionText string         `json:"ConclusionText"` // summary
	LogicSQL       string         `json:"LogicSql"`       // SQL of the query, for display
	Columns        []SmartqColumn `json:"MetaType"`
	Values         []SmartqRow    `json:"Values"`
	// DataList has one element for each chart. It is filled only if the question took
	// several steps. The form of its elements is not documented.
	DataList []string `json:"DataList"`
}

// SmartqColumn describes a column of a [SmartqAnswer].
type SmartqColumn struct {
	Name     string        `json:"Key"`
	DataType DataType      `json:"Value"`
	Kind     DataFieldKind `json:"Type"`
}

// SmartqRow is a row of a [SmartqAnswer], in the order of its columns.
type SmartqRow struct {
	Row []string `json:"Row"`
}

// DataInterpretationRequest are the parameters of [Client.DataInterpretation].
type DataInterpretationRequest struct {
	Data                string `url:"Data" quickbi:"required"` // the data to explain; their form is not documented
	UserQuestion        string `url:"UserQuestion,omitempty"`
	ModelCode           string `url:"ModelCode,omitempty"`
	UserPrompt          string `url:"UserPrompt,omitempty"`
	PromptForceOverride *bool  `url:"PromptForceOverride,omitempty"` // its meaning is not documented
}

// DataInterpretation explains data. The result is a text. The documentation gives
// the names and types of the parameters only; whose permissions apply is unknown.
//
// It is a costly read: a language model answers. Each attempt may take a minute,
// see [CallTimeout]. The call is never repeated after a timeout or a lost answer,
// because the model may have answered already. Only a refusal that proves that the
// call was not executed, such as throttling, is repeated.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-datainterpretation
func (c *Client) DataInterpretation(ctx context.Context, in *DataInterpretationRequest, opts ...CallOption) (*Response[string], error) {
	return call[string](ctx, c, costlyRead("DataInterpretation"), in, opts)
}

// ModifyDashboardNl2sqlStatusRequest are the parameters of [Client.ModifyDashboardNl2sqlStatus].
type ModifyDashboardNl2sqlStatusRequest struct {
	DashboardIDs []string      `url:"DashboardIds,comma" quickbi:"required,max=50"` // 50 at most
	Status       *SmartqStatus `url:"Status" quickbi:"required,oneof=0 1"`
}

func (in *ModifyDashboardNl2sqlStatusRequest) failed(ids *[]string) (entries []FailedEntry, some bool) {
	entries = failedIDs(*ids)
	return entries, len(entries) < distinct(in.DashboardIDs)
}

// ModifyDashboardNl2sqlStatus enables or disables questions for up to 50 dashboards.
// The result holds the ids of the dashboards for which it failed. If there are any, it
// comes with a [*PartialError].
//
// Expect [ErrNL2SQLNotPurchased] and [ErrInvalidInput].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-modifydashboardnl2sqlstatus
func (c *Client) ModifyDashboardNl2sqlStatus(ctx context.Context, in *ModifyDashboardNl2sqlStatusRequest, opts ...CallOption) (*Response[[]string], error) {
	return call[[]string](ctx, c, write("ModifyDashboardNl2sqlStatus"), in, opts)
}

// QueryDashboardNl2sqlRequest are the parameters of [Client.QueryDashboardNl2sql].
type QueryDashboardNl2sqlRequest struct {
	UserID      string `url:"UserId" quickbi:"required"`
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
}

// QueryDashboardNl2sql returns the dashboards of a workspace that answer questions,
// and whether a user may ask them.
//
// Expect [ErrUserNotInOrganization], [ErrWorkspaceNotFound] and
// [ErrWorkspaceNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydashboardnl2sql
func (c *Client) QueryDashboardNl2sql(ctx context.Context, in *QueryDashboardNl2sqlRequest, opts ...CallOption) (*Response[[]DashboardNL2SQL], error) {
	return call[[]DashboardNL2SQL](ctx, c, read("QueryDashboardNl2sql"), in, opts)
}

// QueryDatasetSmartqStatusRequest are the parameters of [Client.QueryDatasetSmartqStatus].
type QueryDatasetSmartqStatusRequest struct {
	DatasetID string `url:"CubeId" quickbi:"required"`
}

// QueryDatasetSmartqStatus reports whether questions are enabled for a dataset.
//
// Expect [ErrDatasetNotFound], [ErrQueryNotPermitted], [ErrRoleLacksFunction] and
// [ErrNL2SQLNotPurchased].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydatasetsmartqstatus
func (c *Client) QueryDatasetSmartqStatus(ctx context.Context, in *QueryDatasetSmartqStatusRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, read("QueryDatasetSmartqStatus"), in, opts)
}

// QueryLlmCubeWithThemeListByUserIdRequest are the parameters of [Client.QueryLlmCubeWithThemeListByUserId].
type QueryLlmCubeWithThemeListByUserIdRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
}

// QueryLlmCubeWithThemeListByUserId returns the datasets and analysis themes that a
// user may ask questions of.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryllmcubewiththemelistbyuserid
func (c *Client) QueryLlmCubeWithThemeListByUserId(ctx context.Context, in *QueryLlmCubeWithThemeListByUserIdRequest, opts ...CallOption) (*Response[SmartqTargets], error) {
	return call[SmartqTargets](ctx, c, read("QueryLlmCubeWithThemeListByUserId"), in, opts)
}

// QuerySmartqPermissionByCubeIdRequest are the parameters of [Client.QuerySmartqPermissionByCubeId].
type QuerySmartqPermissionByCubeIdRequest struct {
	DatasetID string `url:"CubeId" quickbi:"required"`
	UserID    string `url:"UserId" quickbi:"required"`
}

// QuerySmartqPermissionByCubeId returns whether a user may ask questions of a dataset.
//
// Expect [ErrDatasetNotFound], [ErrUserNotInOrganization], [ErrQueryNotPermitted],
// [ErrRoleLacksFunction] and [ErrNL2SQLNotPurchased].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querysmartqpermissionbycubeid
func (c *Client) QuerySmartqPermissionByCubeId(ctx context.Context, in *QuerySmartqPermissionByCubeIdRequest, opts ...CallOption) (*Response[SmartqPermission], error) {
	return call[SmartqPermission](ctx, c, read("QuerySmartqPermissionByCubeId"), in, opts)
}

// SmartqAuthTransferRequest are the parameters of [Client.SmartqAuthTransfer].
type SmartqAuthTransferRequest struct {
	OriginUserID  string   `url:"OriginUserId" quickbi:"required"`
	TargetUserIDs []string `url:"TargetUserIds,comma" quickbi:"required,max=100"` // 100 at most
}

// SmartqAuthTransfer copies the rights of one user to ask questions to up to 100 other
// users.
//
// Expect [ErrUserOfOtherOrganization], [ErrDatasetNotFound],
// [ErrQueryNotPermitted], [ErrRoleLacksFunction] and [ErrNL2SQLNotPurchased].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-smartqauthtransfer
func (c *Client) SmartqAuthTransfer(ctx context.Context, in *SmartqAuthTransferRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("SmartqAuthTransfer"), in, opts)
}

// SmartqAuthorizeRequest are the parameters of [Client.SmartqAuthorize]: users, and
// at least one of the three lists. The number of users times the number of datasets,
// question resources and themes is 100 at most.
type SmartqAuthorizeRequest struct {
	OperationType *SmartqOperation `url:"OperationType" quickbi:"required,oneof=0 1"`
	UserIDs       []string         `url:"UserIds,comma" quickbi:"required,max=100"`
	DatasetIDs    []string         `url:"CubeIds,comma,omitempty"`       // datasets; each must have a question resource
	LLMCubeIDs    []string         `url:"LlmCubes,comma,omitempty"`      // question resources
	ThemeIDs      []string         `url:"LlmCubeThemes,comma,omitempty"` // analysis themes
	ExpireDay     Day              `url:"ExpireDay,omitempty"`           // day on which the rights expire, such as "2099-12-31"; default in seven days
}

func (r *SmartqAuthorizeRequest) check(problem func(parameter, text string)) {
	const most = 100
	targets := len(r.DatasetIDs) + len(r.LLMCubeIDs) + len(r.ThemeIDs)
	if targets == 0 {
		problem("LlmCubes", "is required unless CubeIds or LlmCubeThemes is given")
	}
	if n := len(r.UserIDs) * targets; n > most {
		problem("UserIds", fmt.Sprintf("times what they may ask is %d, more than %d", n, most))
	}
}

// failed returns entries whose ids are those of the user and of the question resource
// or theme, joined by "/".
func (in *SmartqAuthorizeRequest) failed(failures *[]SmartqFailure) (entries []FailedEntry, some bool) {
	for _, one := range *failures {
		id := one.UserID
		for _, target := range [...]string{one.LLMCubeID, one.ThemeID} {
			if target != "" {
				id += "/" + target
			}
		}
		entries = append(entries, FailedEntry{ID: strings.TrimPrefix(id, "/"), Message: one.Message})
	}
	asked := distinct(in.UserIDs) * (distinct(in.DatasetIDs) + distinct(in.LLMCubeIDs) + distinct(in.ThemeIDs))
	return entries, len(entries) < asked
}

// SmartqAuthorize grants users the rights to ask questions of datasets and analysis
// themes, or revokes them. A right that exists is granted again; a right that does
// not exist is not revoked, without an error. The result holds the failures. If there
// are any, it comes with a [*PartialError].
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-smartqauthorize
func (c *Client) SmartqAuthorize(ctx context.Context, in *SmartqAuthorizeRequest, opts ...CallOption) (*Response[[]SmartqFailure], error) {
	return call[[]SmartqFailure](ctx, c, write("SmartqAuthorize"), in, opts)
}

// SmartqQueryAbilityRequest are the parameters of [Client.SmartqQueryAbility].
type SmartqQueryAbilityRequest struct {
	UserQuestion string `url:"UserQuestion" quickbi:"required"`
	// UserID is the member whose permissions apply. LEFT OUT, IT IS THE OWNER OF THE
	// ORGANIZATION, who may see everything.
	UserID     string   `url:"UserId,omitempty"`
	DatasetID  string   `url:"CubeId,omitempty"`                // the one dataset of the question
	DatasetIDs []string `url:"MultipleCubeIds,comma,omitempty"` // or several, from which the model chooses
}

func (in *SmartqQueryAbilityRequest) check(problem func(parameter, text string)) {
	if in.DatasetID != "" && len(in.DatasetIDs) > 0 {
		problem("CubeId", "must be left out with MultipleCubeIds: which of them is asked is not documented")
	}
}

// SmartqQueryAbility asks a question of one dataset, or of several.
//
// WITHOUT UserID IT RUNS WITH THE PERMISSIONS OF THE ORGANIZATION'S OWNER: the answer
// then holds what row-level and column-level permissions hide from others. Give the
// member who asks.
//
// It is a costly read: a language model answers. Each attempt may take a minute,
// see [CallTimeout]. The call is never repeated after a timeout or a lost answer,
// because the model may have answered already. Only a refusal that proves that the
// call was not executed, such as throttling, is repeated.
//
// Expect [ErrQueryNotPermitted] and [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-smartqqueryability
func (c *Client) SmartqQueryAbility(ctx context.Context, in *SmartqQueryAbilityRequest, opts ...CallOption) (*Response[SmartqAnswer], error) {
	return call[SmartqAnswer](ctx, c, costlyRead("SmartqQueryAbility"), in, opts)
}
