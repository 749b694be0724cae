package quickbi

import (
	"context"
	"iter"
	"strings"
)

// WorksType is the kind of a work, or of another resource that can be shared.
//
// The service spells one kind in several ways: a dashboard is "PAGE", "page" or
// "dashboard". Every operation takes the constants and sends the spelling that it
// documents; it refuses a kind that it does not know before sending. Answers keep
// the service's spelling: compare with [WorksType.Is].
type WorksType string

// The kinds of works, and of the other resources.
const (
	WorksTypePortal      WorksType = "DATAPRODUCT"
	WorksTypeDashboard   WorksType = "PAGE"
	WorksTypeFullPage    WorksType = "FULLPAGE" // a dashboard that fills the screen
	WorksTypeSpreadsheet WorksType = "REPORT"
	WorksTypeSelfService WorksType = "dashboardOfflineQuery" // self-service data retrieval
	WorksTypeScreen      WorksType = "SCREEN"
	WorksTypeDataForm    WorksType = "DATAFORM"
	WorksTypeAnalysis    WorksType = "ANALYSIS" // ad hoc analysis
	WorksTypeDataset     WorksType = "cube"
	WorksTypeDataSource  WorksType = "datasource"
	// WorksTypeOldDashboard is for requests of [Client.DataSetBlood], which tells
	// dashboards of the old kind from others and calls them "PAGE".
	WorksTypeOldDashboard WorksType = "OLDPAGE"
)

// worksTypes are the kinds by their known spellings in lower case.
var worksTypes = map[string]WorksType{
	"analysis":              WorksTypeAnalysis,
	"cube":                  WorksTypeDataset,
	"dashboard":             WorksTypeDashboard,
	"dashboardofflinequery": WorksTypeSelfService,
	"dataform":              WorksTypeDataForm,
	"dataproduct":           WorksTypePortal,
	"datasource":            WorksTypeDataSource,
	"fullpage":              WorksTypeFullPage,
	"oldpage":               WorksTypeOldDashboard,
	"page":                  WorksTypeDashboard,
	"product":               WorksTypePortal,
	"report":                WorksTypeSpreadsheet,
	"screen":                WorksTypeScreen,
}

// Kind returns the constant for the kind, whatever the spelling of t; t itself if there is none.
func (t WorksType) Kind() WorksType {
	if kind, ok := worksTypes[strings.ToLower(string(t))]; ok {
		return kind
	}
	return t
}

// Is reports whether t and kind are the same kind, whatever their spelling.
func (t WorksType) Is(kind WorksType) bool {
	return strings.EqualFold(string(t.Kind()), string(kind.Kind()))
}

// WorksStatus is the publication status of a work. Works other than dashboards and
// spreadsheets count as published.
type WorksStatus int

// The publication statuses.
const (
	WorksStatusUnpublished WorksStatus = 0
	WorksStatusPublished   WorksStatus = 1
	WorksStatusModified    WorksStatus = 2 // changed since publication
	WorksStatusOffline     WorksStatus = 3 // taken offline
)

// WorksEmbedding says whether a work may be embedded into other systems.
type WorksEmbedding int

// The values of WorksEmbedding.
const (
	WorksEmbeddingOff WorksEmbedding = 0
	WorksEmbeddingOn  WorksEmbedding = 1
)

// WorksSecurityLevel says who in the workspace may work on a work.
type WorksSecurityLevel string

// The security levels.
const (
	WorksSecurityPrivate         WorksSecurityLevel = "0"
	WorksSecurityLegacyWorkspace WorksSecurityLevel = "1"  // all members of the workspace, with the old permission model
	WorksSecurityWorkspace       WorksSecurityLevel = "11" // all members of the workspace
	WorksSecurityMembers         WorksSecurityLevel = "12" // chosen members
)

// Directory is a folder of works or datasets.
type Directory struct {
	ID       string `json:"Id"`
	Name     string `json:"Name"`
	PathID   string `json:"PathId"`   // ids from the top folder down to this one, joined by "/"
	PathName string `json:"PathName"` // names from the top folder down to this one, joined by "/"
}

// Works is a work in a workspace: a dashboard, a spreadsheet, a data screen, a
// portal, … [WorksInfo] is the same with other wire names.
type Works struct {
	WorksID           string             `json:"WorksId"`
	WorksName         string             `json:"WorkName"`
	WorksType         WorksType          `json:"WorkType"`
	Description       string             `json:"Description"`
	Status            WorksStatus        `json:"Status"`
	OwnerID           string             `json:"OwnerId"`    // UserID
	OwnerName         string             `json:"OwnerName"`  // name of the owner's cloud account
	ModifierName      string             `json:"ModifyName"` // name of the last modifier's cloud account
	CreatedTime       UnixMilli          `json:"CreateTime,string"`
	ModifiedTime      UnixMilli          `json:"ModifyTime,string"`
	WorkspaceID       string             `json:"WorkspaceId"`
	WorkspaceName     string             `json:"WorkspaceName"`
	Directory         Directory          `json:"Directory"`
	SecurityLevel     WorksSecurityLevel `json:"SecurityLevel"`
	ThirdPartAuthFlag WorksEmbedding     `json:"ThirdPartAuthFlag"`
}

// WorksInfo is a work in the lists of workspaces and organization. OwnerName and
// ModifierName are documented as names of cloud accounts, by QueryWorksByWorkspace
// as nicknames.
type WorksInfo struct {
	WorksID           string             `json:"WorksId"`
	WorksName         string             `json:"WorkName"`
	WorksType         WorksType          `json:"WorkType"`
	Description       string             `json:"Description"`
	Status            WorksStatus        `json:"Status"`
	OwnerID           string             `json:"OwnerId"` // UserID
	OwnerName         string             `json:"OwnerName"`
	ModifierName      string             `json:"ModifyName"` // of the last modifier
	CreatedTime       UnixMilli          `json:"GmtCreate,string"`
	ModifiedTime      UnixMilli          `json:"GmtModify,string"`
	WorkspaceID       string             `json:"WorkspaceId"`
	WorkspaceName     string             `json:"WorkspaceName"`
	Directory         Directory          `json:"Directory"`
	SecurityLevel     WorksSecurityLevel `json:"SecurityLevel"`
	ThirdPartAuthFlag WorksEmbedding     `json:"Auth3rdFlag"`
	IsPublic          bool               `json:"PublicFlag"`        // open to everybody who has the link
	PublicUntil       UnixMilli          `json:"PublicInvalidTime"` // end of public access

	// GlobalParams are the global parameters of the work. Filled by QueryWorks only.
	GlobalParams []WorksGlobalParam `json:"GlobalParamVoList,omitempty"`
}

// WorksGlobalParamType is the type of a global parameter of a work.
type WorksGlobalParamType string

// The types of global parameters.
const (
	WorksGlobalParamEnum     WorksGlobalParamType = "enum" // enumeration
	WorksGlobalParamText     WorksGlobalParamType = "string"
	WorksGlobalParamNumber   WorksGlobalParamType = "number"
	WorksGlobalParamDateTime WorksGlobalParamType = "datetime"
)

// WorksGlobalParam is a global parameter of a work. A [GlobalParam] of a ticket
// sets its value.
type WorksGlobalParam struct {
	ParamName  string               `json:"ParamName"`
	ParamAlias string               `json:"ParamAlias"`
	DataType   WorksGlobalParamType `json:"DataType"`
	Required   bool                 `json:"Required"`
}

// WorksEmbed is a work that may be embedded into other systems.
type WorksEmbed struct {
	WorksID     string    `json:"WorksId"`
	WorksName   string    `json:"WorksName"`
	WorksType   WorksType `json:"WorksType"`
	WorkspaceID string    `json:"WorkspaceId"`
	EmbedTime   TimeText  `json:"EmbedTime"` // such as "2024-07-19 13:15:54"
}

// WorksEmbedPage is a [Page] with another wire name for its number.
type WorksEmbedPage struct {
	Data       []WorksEmbed `json:"Data"`
	PageNum    int          `json:"PageNo"`   // counted from 1
	PageSize   int          `json:"PageSize"` // entries in a full page
	TotalNum   int          `json:"TotalNum"` // entries of all pages
	TotalPages int          `json:"TotalPages"`
}

func (p *WorksEmbedPage) entries() []WorksEmbed      { return p.Data }
func (p *WorksEmbedPage) extent() (pages, total int) { return p.TotalPages, p.TotalNum }

// WorksEmbedInfo is the organization's quota for embedding, and its use.
type WorksEmbedInfo struct {
	EmbeddedCount int              `json:"EmbeddedCount"` // works with embedding switched on
	MaxCount      int              `json:"MaxCount"`      // maximum of EmbeddedCount
	Detail        WorksEmbedDetail `json:"Detail"`
}

// WorksEmbedDetail counts the embedded works by kind.
type WorksEmbedDetail struct {
	Dashboards   int `json:"Page"`
	Spreadsheets int `json:"Report"`
	SelfService  int `json:"DashboardOfflineQuery"`
}

// WorksComponent is a component of a work, with its dataset.
type WorksComponent struct {
	ComponentID         string               `json:"ComponentId"`
	ComponentName       string               `json:"ComponentName"`
	ComponentType       int                  `json:"ComponentType"`
	ComponentTypeName   string               `json:"ComponentTypeName"`   // such as "LINE"
	ComponentTypeCnName string               `json:"ComponentTypeCnName"` // the same in Chinese
	DatasetID           string               `json:"DatasetId"`
	QueryParams         []WorksComponentItem `json:"QueryParams"` // fields that the component queries
}

// WorksComponentItem is a field that a component queries.
type WorksComponentItem struct {
	UID        string   `json:"Uid"`
	PathID     string   `json:"PathId"` // unique among all datasets
	Caption    string   `json:"Caption"`
	DataType   DataType `json:"DataType"`
	Expression string   `json:"Expression"` // of a calculated field
	IsMeasure  bool     `json:"IsMeasure"`
	AreaID     string   `json:"AreaId"` // place in the component, such as "area_column"
	AreaName   string   `json:"AreaName"`
}

// PerformanceSpan is the time span of performance figures.
type PerformanceSpan string

// The spans.
const (
	PerformanceYesterday  PerformanceSpan = "lastDay"
	PerformanceSevenDays  PerformanceSpan = "sevenDays"
	PerformanceThirtyDays PerformanceSpan = "thirtyDays"
)

// PerformanceFigures are measurements of the queries of a work, component or
// dataset. Not documented are the unit of the durations, per what counts are
// averaged, and whether a share of one half is 0.5 or 50.
//
// The documentation contradicts itself about two fields: QueryOverFivePercentNum
// is a number of queries for components and a share for works and datasets;
// QueryOverTenSecPercentNum is a number for components and works, and a share for
// datasets.
type PerformanceFigures struct {
	WorkspaceID               string  `json:"WorkspaceId"`
	WorkspaceName             string  `json:"WorkspaceName"`
	QueryCount                int     `json:"QueryCount"`
	QueryCountAvg             float64 `json:"QueryCountAvg"`
	CostTimeAvg               float64 `json:"CostTimeAvg"`               // average duration of a query
	CacheQueryCount           int     `json:"CacheQueryCount"`           // queries answered from the cache
	CacheCostTimeAvg          float64 `json:"CacheCostTimeAvg"`          // their average duration
	QuickIndexQueryCount      int     `json:"QuickIndexQueryCount"`      // queries answered by the Quick engine
	QuickIndexCostTimeAvg     float64 `json:"QuickIndexCostTimeAvg"`     // their average duration
	QueryTimeoutCount         int     `json:"QueryTimeoutCount"`         // queries of charts that timed out
	QueryTimeoutCountPercent  float64 `json:"QueryTimeoutCountPercent"`  // their share
	QueryOverFivePercentNum   float64 `json:"QueryOverFivePercentNum"`   // queries longer than 5 seconds; see above
	QueryOverFiveSecPercent   string  `json:"QueryOverFiveSecPercent"`   // their share
	QueryOverTenSecPercentNum float64 `json:"QueryOverTenSecPercentNum"` // queries longer than 10 seconds; see above
	QueryOverTenSecPercent    string  `json:"QueryOverTenSecPercent"`    // their share
	RepeatSQLQueryCount       int     `json:"RepeatSqlQueryCount"`       // queries with a repeated SQL text
	RepeatSQLQueryPercent     string  `json:"RepeatSqlQueryPercent"`     // documented with the words of RepeatQueryPercent
	RepeatQueryPercent        string  `json:"RepeatQueryPercent"`        // share of repeated queries
	RepeatQueryPercentNum     float64 `json:"RepeatQueryPercentNum"`     // number of repeated queries
}

// WorksPerformance are the figures of a work.
type WorksPerformance struct {
	PerformanceFigures
	WorksID                string    `json:"ReportId"`
	WorksName              string    `json:"ReportName"`
	WorksType              WorksType `json:"ReportType"`          // such as "report"
	ComponentQueryCount    int       `json:"ComponentQueryCount"` // queries of the work's charts
	ComponentQueryCountAvg float64   `json:"ComponentQueryCountAvg"`
}

// ComponentPerformance are the figures of a component of a work.
type ComponentPerformance struct {
	PerformanceFigures
	ComponentID   string    `json:"ComponentId"`
	ComponentName string    `json:"ComponentName"`
	WorksID       string    `json:"ReportId"`
	WorksName     string    `json:"ReportName"`
	WorksType     WorksType `json:"ReportType"` // such as "report"
}

// CheckReadableRequest are the parameters of [Client.CheckReadable].
type CheckReadableRequest struct {
	UserID  string `url:"UserId" quickbi:"required"`
	WorksID string `url:"WorksId" quickbi:"required"` // of a portal, dashboard, spreadsheet or self-service retrieval
}

// CheckReadable reports whether a member may view a work.
//
// Expect [ErrReportNotFound] and [ErrUserNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-checkreadable
func (c *Client) CheckReadable(ctx context.Context, in *CheckReadableRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, read("CheckReadable"), in, opts)
}

// GetWorksEmbedListRequest are the parameters of [Client.GetWorksEmbedList].
type GetWorksEmbedListRequest struct {
	Keyword     string    `url:"Keyword,omitempty"`                                                                              // part of a work's name
	WorksType   WorksType `url:"WorksType,omitempty" quickbi:"kinds=page screen report ANALYSIS dashboardOfflineQuery dataForm"` // left out: all kinds
	WorkspaceID string    `url:"WsId,omitempty"`                                                                                 // left out: the whole organization
	PageNum     int       `url:"PageNo,omitempty" quickbi:"min=1"`                                                               // default 1
	PageSize    int       `url:"PageSize,omitempty" quickbi:"min=1,default=10"`                                                  // default 10
}

// GetWorksEmbedList returns a page of the works with embedding switched on.
// [Client.GetWorksEmbedListAll] walks through all pages.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-getworksembedlist
func (c *Client) GetWorksEmbedList(ctx context.Context, in *GetWorksEmbedListRequest, opts ...CallOption) (*Response[WorksEmbedPage], error) {
	return call[WorksEmbedPage](ctx, c, read("GetWorksEmbedList"), in, opts)
}

// GetWorksEmbedListAll returns the works of all pages of
// [Client.GetWorksEmbedList], 10 a page by default. To switch
// embedding off, [Collect] them first: each one that leaves the list moves those
// behind it.
func (c *Client) GetWorksEmbedListAll(ctx context.Context, in *GetWorksEmbedListRequest, opts ...CallOption) iter.Seq2[WorksEmbed, error] {
	return all[WorksEmbed](ctx, c, in, c.GetWorksEmbedList, opts)
}

// QueryComponentPerformanceRequest are the parameters of [Client.QueryComponentPerformance].
type QueryComponentPerformanceRequest struct {
	WorkspaceID string          `url:"WorkspaceId" quickbi:"required"`
	QueryType   PerformanceSpan `url:"QueryType" quickbi:"required,oneof=lastDay sevenDays thirtyDays"`
	// WorksID is a portal, dashboard, spreadsheet or self-service retrieval; left
	// out, all works of the workspace.
	WorksID string `url:"ReportId,omitempty"`
	// WorksType is the kind of the works. Its only documented spelling is "report";
	// kinds other than those of WorksType are sent as they are.
	WorksType WorksType `url:"ResourceType,omitempty" quickbi:"kinds=dashboard report dashboardOfflineQuery screen ANALYSIS dataForm,open"`
	// CostTimeAvgMin is an average duration in minutes. Whether it is a minimum is
	// not documented.
	CostTimeAvgMin int `url:"CostTimeAvgMin,omitempty"`
	PageNum        int `url:"PageNum,omitempty" quickbi:"min=1"`           // default 1
	PageSize       int `url:"PageSize,omitempty" quickbi:"min=1,max=1000"` // default 10
}

// QueryComponentPerformance returns a page of performance figures of the
// components of works. The answer does not hold the number of pages: a page with
// fewer than PageSize entries is the last one.
// [Client.QueryComponentPerformanceAll] walks through all pages.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querycomponentperformance
func (c *Client) QueryComponentPerformance(ctx context.Context, in *QueryComponentPerformanceRequest, opts ...CallOption) (*Response[[]ComponentPerformance], error) {
	return call[[]ComponentPerformance](ctx, c, read("QueryComponentPerformance"), in, opts)
}

// QueryComponentPerformanceAll returns the figures of all pages of
// [Client.QueryComponentPerformance], 1000 a page by default.
func (c *Client) QueryComponentPerformanceAll(ctx context.Context, in *QueryComponentPerformanceRequest, opts ...CallOption) iter.Seq2[ComponentPerformance, error] {
	return allBare(ctx, c, in, c.QueryComponentPerformance, opts)
}

// QueryEmbeddedInfoRequest are the parameters of [Client.QueryEmbeddedInfo]. There are none.
type QueryEmbeddedInfoRequest struct{}

// QueryEmbeddedInfo returns how many works of the organization have embedding
// switched on, and how many can have it.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryembeddedinfo
func (c *Client) QueryEmbeddedInfo(ctx context.Context, in *QueryEmbeddedInfoRequest, opts ...CallOption) (*Response[WorksEmbedInfo], error) {
	return call[WorksEmbedInfo](ctx, c, read("QueryEmbeddedInfo"), in, opts)
}

// QueryEmbeddedStatusRequest are the parameters of [Client.QueryEmbeddedStatus].
type QueryEmbeddedStatusRequest struct {
	WorksID string `url:"WorksId" quickbi:"required"`
}

// QueryEmbeddedStatus reports whether embedding is switched on for a work.
//
// Expect [ErrReportNotFound] and [ErrResourceOfOtherOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryembeddedstatus
func (c *Client) QueryEmbeddedStatus(ctx context.Context, in *QueryEmbeddedStatusRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, read("QueryEmbeddedStatus"), in, opts)
}

// QueryReadableResourcesListByUserIdRequest are the parameters of [Client.QueryReadableResourcesListByUserId].
type QueryReadableResourcesListByUserIdRequest struct {
	UserID string `url:"UserId" quickbi:"required"`
}

// QueryReadableResourcesListByUserId returns all works that a member may view:
// those of workspaces and those shared with the member.
//
// Deprecated: use [Client.QueryReadableResourcesListByUserIdV2].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryreadableresourceslistbyuserid
func (c *Client) QueryReadableResourcesListByUserId(ctx context.Context, in *QueryReadableResourcesListByUserIdRequest, opts ...CallOption) (*Response[[]Works], error) {
	return call[[]Works](ctx, c, read("QueryReadableResourcesListByUserId"), in, opts)
}

// QueryReadableResourcesListByUserIdV2Request are the parameters of [Client.QueryReadableResourcesListByUserIdV2].
type QueryReadableResourcesListByUserIdV2Request struct {
	UserID      string    `url:"UserId" quickbi:"required"`
	WorksType   WorksType `url:"WorkType,omitempty" quickbi:"kinds=DATAPRODUCT PAGE REPORT dashboardOfflineQuery SCREEN DATAFORM ANALYSIS"` // left out: all kinds
	WorkspaceID string    `url:"WorkspaceId,omitempty"`                                                                                     // left out: all workspaces
}

// QueryReadableResourcesListByUserIdV2 returns all works that a member may view,
// or those of one kind or one workspace.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryreadableresourceslistbyuseridv2
func (c *Client) QueryReadableResourcesListByUserIdV2(ctx context.Context, in *QueryReadableResourcesListByUserIdV2Request, opts ...CallOption) (*Response[[]Works], error) {
	return call[[]Works](ctx, c, read("QueryReadableResourcesListByUserIdV2"), in, opts)
}

// QueryReportPerformanceRequest are the parameters of [Client.QueryReportPerformance].
type QueryReportPerformanceRequest struct {
	WorkspaceID string          `url:"WorkspaceId" quickbi:"required"`
	QueryType   PerformanceSpan `url:"QueryType" quickbi:"required,oneof=lastDay sevenDays thirtyDays"`
	WorksID     string          `url:"ReportId,omitempty"` // left out: all works of the workspace
	// WorksType is the kind of the works. Its only documented spelling is "report";
	// kinds other than those of WorksType are sent as they are.
	WorksType WorksType `url:"ResourceType,omitempty" quickbi:"kinds=dashboard report dashboardOfflineQuery screen ANALYSIS dataForm,open"`
	// CostTimeAvgMin is an average duration in minutes. Whether it is a minimum is
	// not documented.
	CostTimeAvgMin int `url:"CostTimeAvgMin,omitempty"`
	PageNum        int `url:"PageNum,omitempty" quickbi:"min=1"`           // default 1
	PageSize       int `url:"PageSize,omitempty" quickbi:"min=1,max=1000"` // default 10
}

// QueryReportPerformance returns a page of performance figures of works. The
// answer does not hold the number of pages: a page with fewer than PageSize entries
// is the last one. [Client.QueryReportPerformanceAll] walks through all pages.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryreportperformance
func (c *Client) QueryReportPerformance(ctx context.Context, in *QueryReportPerformanceRequest, opts ...CallOption) (*Response[[]WorksPerformance], error) {
	return call[[]WorksPerformance](ctx, c, read("QueryReportPerformance"), in, opts)
}

// QueryReportPerformanceAll returns the figures of all pages of
// [Client.QueryReportPerformance], 1000 a page by default.
func (c *Client) QueryReportPerformanceAll(ctx context.Context, in *QueryReportPerformanceRequest, opts ...CallOption) iter.Seq2[WorksPerformance, error] {
	return allBare(ctx, c, in, c.QueryReportPerformance, opts)
}

// QueryWorksRequest are the parameters of [Client.QueryWorks].
type QueryWorksRequest struct {
	WorksID string `url:"WorksId" quickbi:"required"`
}

// QueryWorks returns one work.
//
// Expect [ErrWorkDeleted] and [ErrResourceOfOtherOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryworks
func (c *Client) QueryWorks(ctx context.Context, in *QueryWorksRequest, opts ...CallOption) (*Response[WorksInfo], error) {
	return call[WorksInfo](ctx, c, read("QueryWorks"), in, opts)
}

// QueryWorksBloodRelationshipRequest are the parameters of [Client.QueryWorksBloodRelationship].
type QueryWorksBloodRelationshipRequest struct {
	WorksID string `url:"WorksId" quickbi:"required"` // of a dashboard, spreadsheet or self-service retrieval
}

// QueryWorksBloodRelationship returns the components of a work with their datasets
// and fields. [Client.DataSetBlood] goes the other way.
//
// Expect [ErrWorkNotPublished], [ErrWorkDeleted] and [ErrInvalidWorkspace].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryworksbloodrelationship
func (c *Client) QueryWorksBloodRelationship(ctx context.Context, in *QueryWorksBloodRelationshipRequest, opts ...CallOption) (*Response[[]WorksComponent], error) {
	return call[[]WorksComponent](ctx, c, read("QueryWorksBloodRelationship"), in, opts)
}

// QueryWorksByOrganizationRequest are the parameters of [Client.QueryWorksByOrganization].
type QueryWorksByOrganizationRequest struct {
	// WorksType is WorksTypePortal, WorksTypeDashboard, WorksTypeSpreadsheet or
	// WorksTypeSelfService; left out, works of all kinds are listed.
	WorksType         WorksType       `url:"WorksType,omitempty" quickbi:"kinds=DATAPRODUCT PAGE REPORT dashboardOfflineQuery"`
	Status            *WorksStatus    `url:"Status,omitempty" quickbi:"oneof=0 1 2 3"`        // nil: any
	ThirdPartAuthFlag *WorksEmbedding `url:"ThirdPartAuthFlag,omitempty" quickbi:"oneof=0 1"` // nil: any
	PageNum           int             `url:"PageNum,omitempty" quickbi:"min=1,max=99999999"`  // default 1
	PageSize          int             `url:"PageSize,omitempty" quickbi:"min=1,max=1000"`     // default 10
}

// QueryWorksByOrganization returns a page of the works of the organization.
// [Client.QueryWorksByOrganizationAll] walks through all pages.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryworksbyorganization
func (c *Client) QueryWorksByOrganization(ctx context.Context, in *QueryWorksByOrganizationRequest, opts ...CallOption) (*Response[Page[WorksInfo]], error) {
	return call[Page[WorksInfo]](ctx, c, read("QueryWorksByOrganization"), in, opts)
}

// QueryWorksByOrganizationAll returns the works of all pages of
// [Client.QueryWorksByOrganization], 1000 a page by default. To
// change what the request selects by, [Collect] them first: each one that leaves
// the list moves those behind it.
func (c *Client) QueryWorksByOrganizationAll(ctx context.Context, in *QueryWorksByOrganizationRequest, opts ...CallOption) iter.Seq2[WorksInfo, error] {
	return all[WorksInfo](ctx, c, in, c.QueryWorksByOrganization, opts)
}

// QueryWorksByWorkspaceRequest are the parameters of [Client.QueryWorksByWorkspace].
type QueryWorksByWorkspaceRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	// WorksType is WorksTypePortal, WorksTypeDashboard, WorksTypeFullPage or
	// WorksTypeSpreadsheet; left out, works of all kinds are listed.
	WorksType         WorksType       `url:"WorksType,omitempty" quickbi:"kinds=DATAPRODUCT PAGE FULLPAGE REPORT"`
	Status            *WorksStatus    `url:"Status,omitempty" quickbi:"oneof=0 1 2 3"`        // nil: any
	ThirdPartAuthFlag *WorksEmbedding `url:"ThirdPartAuthFlag,omitempty" quickbi:"oneof=0 1"` // nil: any
	PageNum           int             `url:"PageNum,omitempty" quickbi:"min=1,max=99999999"`  // default 1
	PageSize          int             `url:"PageSize,omitempty" quickbi:"min=1,max=1000"`     // default 10
}

// QueryWorksByWorkspace returns a page of the works of a workspace.
// [Client.QueryWorksByWorkspaceAll] walks through all pages.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryworksbyworkspace
func (c *Client) QueryWorksByWorkspace(ctx context.Context, in *QueryWorksByWorkspaceRequest, opts ...CallOption) (*Response[Page[WorksInfo]], error) {
	return call[Page[WorksInfo]](ctx, c, read("QueryWorksByWorkspace"), in, opts)
}

// QueryWorksByWorkspaceAll returns the works of all pages of
// [Client.QueryWorksByWorkspace], 1000 a page by default. To change
// what the request selects by, [Collect] them first: each one that leaves the
// list moves those behind it.
func (c *Client) QueryWorksByWorkspaceAll(ctx context.Context, in *QueryWorksByWorkspaceRequest, opts ...CallOption) iter.Seq2[WorksInfo, error] {
	return all[WorksInfo](ctx, c, in, c.QueryWorksByWorkspace, opts)
}

// UpdateEmbeddedStatusRequest are the parameters of [Client.UpdateEmbeddedStatus].
type UpdateEmbeddedStatusRequest struct {
	WorksIDs          []string `url:"WorksId,comma" quickbi:"required"`
	ThirdPartAuthFlag *bool    `url:"ThirdPartAuthFlag" quickbi:"required"` // new(true) switches embedding on
}

func (in *UpdateEmbeddedStatusRequest) failed(n *int) ([]FailedEntry, bool) {
	return fewer(*n, in.WorksIDs)
}

// UpdateEmbeddedStatus switches embedding on or off for works. Pages that embed a
// work break when it is switched off.
//
// The result is the number of works that were switched. If it is smaller than the
// number of works given, it comes with a [*PartialError]. The service does not name
// the missing works: see [Client.QueryEmbeddedStatus].
//
// Expect [ErrEmbeddedReportLimit] if the organization may not embed that many, and
// [ErrResourceOfOtherOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updateembeddedstatus
func (c *Client) UpdateEmbeddedStatus(ctx context.Context, in *UpdateEmbeddedStatusRequest, opts ...CallOption) (*Response[int], error) {
	return call[int](ctx, c, write("UpdateEmbeddedStatus"), in, opts)
}
