package quickbi

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"time"
)

// DatasetDimensionType says where a dimension comes from.
type DatasetDimensionType string

// The kinds of dimensions.
const (
	DatasetDimensionStandard   DatasetDimensionType = "standard_dimension"  // a column
	DatasetDimensionCalculated DatasetDimensionType = "calculate_dimension" // an expression
	DatasetDimensionGroup      DatasetDimensionType = "group_dimension"     // groups of the values of a field
)

// DatasetMeasureType says where a measure comes from.
type DatasetMeasureType string

// The kinds of measures.
const (
	DatasetMeasureStandard   DatasetMeasureType = "standard_measure"  // a column
	DatasetMeasureCalculated DatasetMeasureType = "calculate_measure" // an expression
)

// Dataset is a dataset in a list. The service also calls datasets cubes.
type Dataset struct {
	DatasetID               string            `json:"DatasetId"`
	DatasetName             string            `json:"DatasetName"`
	Description             string            `json:"Description"`
	OwnerID                 string            `json:"OwnerId"`    // UserID
	OwnerName               string            `json:"OwnerName"`  // nickname
	CreatedTime             TimeText          `json:"CreateTime"` // such as "2020-11-02 10:36:05"
	ModifiedTime            TimeText          `json:"ModifyTime"`
	WorkspaceID             string            `json:"WorkspaceId"`
	WorkspaceName           string            `json:"WorkspaceName"`
	Directory               Directory         `json:"Directory"`
	DataSource              DatasetDataSource `json:"DataSource"`
	RowLevel                bool              `json:"RowLevel"`                // row-level permission is switched on
	OpenOfflineAcceleration bool              `json:"OpenOfflineAcceleration"` // acceleration by extraction is switched on
}

// DatasetDataSource is the data source of a dataset.
type DatasetDataSource struct {
	DataSourceID   string `json:"DsId"`
	DataSourceName string `json:"DsName"`
	DataSourceType string `json:"DsType"` // such as "mysql"
}

// DatasetInfo is a dataset with its tables and fields.
type DatasetInfo struct {
	DatasetID               string             `json:"DatasetId"`
	DatasetName             string             `json:"DatasetName"`
	OwnerID                 string             `json:"OwnerId"` // UserID
	OwnerName               string             `json:"OwnerName"`
	CreatedTime             UnixMilli          `json:"GmtCreate,string"`
	ModifiedTime            UnixMilli          `json:"GmtModify,string"`
	WorkspaceID             string             `json:"WorkspaceId"`
	WorkspaceName           string             `json:"WorkspaceName"`
	Directory               Directory          `json:"Directory"`
	DataSourceID            string             `json:"DsId"`
	DataSourceName          string             `json:"DsName"`
	DataSourceType          string             `json:"DsType"`                  // such as "mysql"
	IsCustomSQL             bool               `json:"CustimzeSql"`             // made of SQL, not of a table
	RowLevel                bool               `json:"RowLevel"`                // row-level permission is switched on
	OpenOfflineAcceleration bool               `json:"OpenOfflineAcceleration"` // acceleration by extraction is switched on
	Tables                  []DatasetTable     `json:"CubeTableList"`
	Dimensions              []DatasetDimension `json:"DimensionList"`
	Measures                []DatasetMeasure   `json:"MeasureList"`
}

// DatasetTable is a table of a dataset.
type DatasetTable struct {
	UniqueID       string `json:"UniqueId"`
	TableName      string `json:"TableName"`
	Caption        string `json:"Caption"`   // the name that is shown
	FactTable      bool   `json:"FactTable"` // a table of the data source, not a custom one
	IsCustomSQL    bool   `json:"Customsql"` // made of SQL
	SQL            string `json:"Sql"`       // if IsCustomSQL
	DataSourceID   string `json:"DatasourceId"`
	DataSourceType string `json:"DsType"` // such as "maxcompute"
	// ChildTables are the tables below this one. How they are joined is not documented.
	ChildTables []DatasetTable `json:"ChildTables,omitempty"`
}

// DatasetDimension is a dimension of a dataset.
type DatasetDimension struct {
	UID              string               `json:"Uid"`
	Caption          string               `json:"Caption"` // the name that is shown
	FieldDescription string               `json:"FieldDescription"`
	DataType         DataType             `json:"DataType"`
	DimensionType    DatasetDimensionType `json:"DimensionType"`
	FactColumn       string               `json:"FactColumn"`    // column of the table
	TableUniqueID    string               `json:"TableUniqueId"` // UniqueID of its DatasetTable
	Granularity      string               `json:"Granularity"`
	RefUID           string               `json:"RefUid"`       // of a group: UID of the field that is grouped
	Expression       string               `json:"Expression"`   // of a calculated dimension
	ExpressionV2     string               `json:"ExpressionV2"` // the expression with all calculated fields resolved
}

// DatasetMeasure is a measure of a dataset.
type DatasetMeasure struct {
	UID              string             `json:"Uid"`
	Caption          string             `json:"Caption"` // the name that is shown
	FieldDescription string             `json:"FieldDescription"`
	DataType         DataType           `json:"DataType"`
	MeasureType      DatasetMeasureType `json:"MeasureType"`
	FactColumn       string             `json:"FactColumn"`    // column of the table
	TableUniqueID    string             `json:"TableUniqueId"` // UniqueID of its DatasetTable
	Expression       string             `json:"Expression"`    // of a calculated measure
	ExpressionV2     string             `json:"ExpressionV2"`  // the expression with all calculated fields resolved
}

// DatasetDetail is the document of [Client.QueryDatasetDetailInfo].
type DatasetDetail struct {
	DatasetID     string                  `json:"datasetId"`
	DatasetName   string                  `json:"datasetName"`
	OwnerID       string                  `json:"ownerId"` // UserID
	OwnerName     string                  `json:"ownerName"`
	WorkspaceID   string                  `json:"workspaceId"`
	WorkspaceName string                  `json:"workspaceName"`
	RowLevel      bool                    `json:"rowLevel"` // row-level permission is switched on
	DataSource    DatasetDetailDataSource `json:"datasource"`
	Directory     DatasetDetailDirectory  `json:"directory"`
	Model         DatasetDetailModel      `json:"cube"`
}

// DatasetDetailDataSource is the data source in a [DatasetDetail].
type DatasetDetailDataSource struct {
	DataSourceID   string `json:"dsId"`
	DataSourceName string `json:"dsName"`
	DataSourceType string `json:"dsType"` // such as "mysql"
}

// DatasetDetailDirectory is the folder in a [DatasetDetail].
type DatasetDetailDirectory struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	PathID   string `json:"pathId"`   // ids from the top folder down to this one, joined by "/"
	PathName string `json:"pathName"` // names from the top folder down to this one, joined by "/"
}

// DatasetDetailModel is the model of a [DatasetDetail].
type DatasetDetailModel struct {
	Dimensions []DatasetDetailField `json:"dimensions"`
	Measures   []DatasetDetailField `json:"measures"`
	Table      DatasetDetailTable   `json:"table"`
}

// DatasetDetailField is a dimension or measure of a [DatasetDetail].
type DatasetDetailField struct {
	UID           string               `json:"uid"`
	Caption       string               `json:"caption"` // the name that is shown
	DataType      DataType             `json:"dataType"`
	FactColumn    string               `json:"factColumn"`              // column of the table
	DimensionType DatasetDimensionType `json:"dimensionType,omitempty"` // of a dimension
	MeasureType   DatasetMeasureType   `json:"measureType,omitempty"`   // of a measure
}

// DatasetDetailTable is the table of a [DatasetDetail].
type DatasetDetailTable struct {
	TableName    string `json:"tableName"`
	IsCustomSQL  bool   `json:"customsql"` // made of SQL
	DataSourceID string `json:"dsId"`
}

// UnmarshalJSON reads the document, in a string or not.
func (d *DatasetDetail) UnmarshalJSON(text []byte) error {
	type plain DatasetDetail
	return decodeQuoted(text, (*plain)(d))
}

// DatasetWorks is a work that uses a dataset.
type DatasetWorks struct {
	WorksID   string    `json:"WorksId"`
	WorksType WorksType `json:"WorksType"`
}

// DatasetPlaceholderStyle says what a placeholder in SQL stands for.
type DatasetPlaceholderStyle string

// The styles of placeholders.
const (
	DatasetPlaceholderValue      DatasetPlaceholderStyle = "placeholder" // one or several values: $val{name}
	DatasetPlaceholderExpression DatasetPlaceholderStyle = "param"       // a whole condition: $expr{column:name}
	DatasetPlaceholderCondition  DatasetPlaceholderStyle = "condition"
)

func (DatasetPlaceholderStyle) documented() []string {
	return []string{string(DatasetPlaceholderValue), string(DatasetPlaceholderExpression), string(DatasetPlaceholderCondition)}
}

// DatasetPlaceholderType is the type of the values of a placeholder. Dates have
// types of their own; see the documentation page.
type DatasetPlaceholderType string

// The types of placeholders other than dates.
const (
	DatasetPlaceholderText   DatasetPlaceholderType = "string"
	DatasetPlaceholderNumber DatasetPlaceholderType = "number"
)

// DatasetPlaceholder describes a placeholder in the SQL of a dataset, which
// controls of a dashboard fill in.
type DatasetPlaceholder struct {
	Name  string                  `json:"name"`  // required, unique in the dataset
	Style DatasetPlaceholderStyle `json:"style"` // required
	Type  DatasetPlaceholderType  `json:"type,omitempty"`
	// UniqueID names the placeholder to change when a dataset is updated. A new
	// one gets its id from the service.
	UniqueID string `json:"uniqueId,omitempty"`
	// UseInGlobal lets the default apply to dashboards and spreadsheets, too, not
	// only while the dataset is edited.
	UseInGlobal  bool   `json:"useInGlobal,omitzero"`
	DefaultValue []any  `json:"defaultValue,omitempty"` // texts or numbers; of an expression, a whole condition
	Format       string `json:"format,omitempty"`       // how dates are written

	original `json:"-"`
}

// MarshalJSON writes the placeholder, and the members without a field that it was
// read with.
func (p DatasetPlaceholder) MarshalJSON() ([]byte, error) {
	type plain DatasetPlaceholder
	return writeDocument[plain](p, documentValues)
}

// UnmarshalJSON reads a placeholder.
func (p *DatasetPlaceholder) UnmarshalJSON(text []byte) (err error) {
	type plain DatasetPlaceholder
	p.original, err = readDocument(text, (*plain)(p))
	return err
}

// DatasetPlaceholders is a parameter that travels as JSON in a string. nil is left
// out; an empty list that is not nil says that there are none.
type DatasetPlaceholders []DatasetPlaceholder

// EncodeValues writes the document.
func (p DatasetPlaceholders) EncodeValues(key string, v *url.Values) error {
	if p == nil {
		return nil
	}
	return encodeJSON(key, []DatasetPlaceholder(p), v)
}

func (p DatasetPlaceholders) check(problem func(parameter, text string)) {
	names := make(map[string]bool, len(p))
	for i, placeholder := range p {
		switch {
		case placeholder.Name == "":
			problem("Placeholders", fmt.Sprintf("has no name at index %d", i))
		case names[placeholder.Name]:
			problem("Placeholders", fmt.Sprintf("has the name %q again at index %d", placeholder.Name, i))
		case placeholder.Style == "":
			problem("Placeholders", fmt.Sprintf("has no style at index %d", i))
		}
		names[placeholder.Name] = true
	}
}

// AccelerationStatus is the status of an acceleration task.
type AccelerationStatus int

// The statuses of acceleration tasks.
const (
	AccelerationPending   AccelerationStatus = 0
	AccelerationRunning   AccelerationStatus = 1
	AccelerationSucceeded AccelerationStatus = 2
	AccelerationFailed    AccelerationStatus = 3
	AccelerationCanceled  AccelerationStatus = 4
	AccelerationWarning   AccelerationStatus = 5
)

// AccelerationPage is a [Page] with the numbers of its neighbours.
type AccelerationPage[T any] struct {
	Page[T]
	Next     int `json:"Next"` // 0: this is the last page
	Previous int `json:"Pre"`  // 0: this is the first page
}

// AccelerationTask accelerates a dataset: it extracts data into the Quick engine.
type AccelerationTask struct {
	JobID        string             `json:"JobId"`
	JobHistoryID string             `json:"JobHistoryId"` // its latest run
	Status       AccelerationStatus `json:"JobStatus"`
	DatasetID    string             `json:"CubeId"`
	DatasetName  string             `json:"CubeName"`
	CreatorName  string             `json:"CreatorName"`
	EnabledTime  TimeText           `json:"EnableQuickindexTime"` // such as "20250911 00:00:00", in a zone that is not documented
	ModifiedTime TimeText           `json:"LastModifyTime"`       // in the same form
	Size         string             `json:"Size"`                 // a number; its unit is not documented
}

// AccelerationLog is the log of one run of an acceleration task.
type AccelerationLog struct {
	JobID        string             `json:"JobId"`
	JobHistoryID string             `json:"JobHistoryId"`
	Status       AccelerationStatus `json:"JobStatus,string"`
	StartTime    TimeText           `json:"JonStartDate"`    // such as "2025/04/15 08:30:00", in UTC+8: StartTime.In(ChinaTime)
	Seconds      int64              `json:"Duration,string"` // duration
	Log          string             `json:"Log"`
}

// AccelerationJobStatus is the status of a run of the acceleration engine.
type AccelerationJobStatus string

// The statuses of runs.
const (
	AccelerationJobTodo                 AccelerationJobStatus = "TODO"
	AccelerationJobCheckingDependencies AccelerationJobStatus = "CHECK_DEPENDENCY"
	AccelerationJobRunning              AccelerationJobStatus = "RUNNING"
	AccelerationJobSucceeded            AccelerationJobStatus = "SUCCESS"
	AccelerationJobFailed               AccelerationJobStatus = "FAILURE"
	AccelerationJobCanceled             AccelerationJobStatus = "CANCELED"
)

// AccelerationJob is a run of the acceleration engine.
type AccelerationJob struct {
	JobHistoryID string                `json:"JobHistoryId"`
	Status       AccelerationJobStatus `json:"Status"`
	StartTime    TimeText              `json:"GmtCreate"`   // such as "2025-06-18 17:07:43", in a zone that is not documented
	EndTime      TimeText              `json:"GmtModified"` // in the same form
}

// DatasetPerformance are the figures of a dataset.
type DatasetPerformance struct {
	PerformanceFigures
	DatasetID   string `json:"CubeId"`
	DatasetName string `json:"CubeName"`
}

// DatasetAdviceType is a way to make a dataset faster.
type DatasetAdviceType string

// The kinds of advice. The documentation also shows OPENQUICKENGINE, without underscores.
const (
	DatasetAdviceOpenCache         DatasetAdviceType = "OPEN_CACHE"          // switch the cache on
	DatasetAdviceOpenQuickEngine   DatasetAdviceType = "OPEN_QUICK_ENGINE"   // switch the Quick engine on
	DatasetAdviceIncreaseCacheTime DatasetAdviceType = "INCREASE_CACHE_TIME" // cache longer
)

// DatasetAdvice is the advice for one dataset.
type DatasetAdvice struct {
	AdviceType  DatasetAdviceType  `json:"AdviceType"`
	Performance DatasetPerformance `json:"CubePerformanceDiagnoseModel"` // figures behind the advice
}

// AllotDatasetAccelerationTaskRequest are the parameters of [Client.AllotDatasetAccelerationTask].
type AllotDatasetAccelerationTaskRequest struct {
	DatasetID string `url:"CubeId" quickbi:"required"`
}

// AllotDatasetAccelerationTask starts a run of a dataset's acceleration task, which
// extracts data into the Quick engine. The answer does not wait for the end of the
// run; see [Client.QueryLastAccelerationEngineJob].
//
// Expect [ErrDatasetNotFound], [ErrAccelerationJobNotFound] for a dataset without
// acceleration, [ErrAccelerationJobRunning], [ErrAccelerationJobFailed] if the last
// run failed, and [ErrOperationNotPermitted].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-allotdatasetaccelerationtask
func (c *Client) AllotDatasetAccelerationTask(ctx context.Context, in *AllotDatasetAccelerationTaskRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("AllotDatasetAccelerationTask"), in, opts)
}

// CheckDatasetExistedRequest are the parameters of [Client.CheckDatasetExisted].
type CheckDatasetExistedRequest struct {
	DatasetID string `url:"CubeId" quickbi:"required"`
}

// CheckDatasetExisted reports whether a dataset exists.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-checkdatasetexisted
func (c *Client) CheckDatasetExisted(ctx context.Context, in *CheckDatasetExistedRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, read("CheckDatasetExisted"), in, opts)
}

// CreateCubeBySqlRequest are the parameters of [Client.CreateCubeBySql].
type CreateCubeBySqlRequest struct {
	WorkspaceID  string              `url:"WorkspaceId" quickbi:"required"`
	DataSourceID string              `url:"DsId" quickbi:"required"`
	DatasetName  string              `url:"Caption" quickbi:"required"`
	CustomSQL    string              `url:"CustomSql" quickbi:"required"`
	UserID       string              `url:"UserId" quickbi:"required"` // of a member who may create datasets
	Placeholders DatasetPlaceholders `url:"Placeholders" quickbi:"body"`
}

func (in *CreateCubeBySqlRequest) check(problem func(parameter, text string)) {
	in.Placeholders.check(problem)
}

// CreateCubeBySql creates a dataset from a query. The documented result is the text
// "true", not an id: [Client.QueryDatasetList] finds the dataset.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-createcubebysql
func (c *Client) CreateCubeBySql(ctx context.Context, in *CreateCubeBySqlRequest, opts ...CallOption) (*Response[string], error) {
	return call[string](ctx, c, write("CreateCubeBySql"), in, opts)
}

// CreateDatasetRequest are the parameters of [Client.CreateDataset].
type CreateDatasetRequest struct {
	WorkspaceID       string `url:"WorkspaceId" quickbi:"required"`
	DataSourceID      string `url:"DsId" quickbi:"required"`
	TableName         string `url:"TableName" quickbi:"required"`
	DatasetName       string `url:"UserDefineCubeName" quickbi:"required"`
	UserID            string `url:"UserId" quickbi:"required"`   // of a member who may create datasets
	TargetDirectoryID string `url:"TargetDirectoryId,omitempty"` // folder of the dataset; the default is not documented
}

// CreateDataset creates a dataset from a table. The documented result is the text
// "true", not an id: [Client.QueryDatasetList] finds the dataset.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-createdataset
func (c *Client) CreateDataset(ctx context.Context, in *CreateDatasetRequest, opts ...CallOption) (*Response[string], error) {
	return call[string](ctx, c, write("CreateDataset"), in, opts)
}

// DataSetBloodRequest are the parameters of [Client.DataSetBlood].
type DataSetBloodRequest struct {
	DatasetIDs []string `url:"DataSetIds,comma" quickbi:"required"`
	UserID     string   `url:"UserId,omitempty"` // owner of the works; left out: works of all owners
	// WorksType is WorksTypeSpreadsheet, WorksTypeSelfService, WorksTypeDashboard,
	// WorksTypeOldDashboard, WorksTypeAnalysis or WorksTypeScreen; left out, works
	// of all kinds are returned.
	WorksType WorksType `url:"WorksType,omitempty" quickbi:"kinds=REPORT dashboardOfflineQuery PAGE:DASHBOARD ANALYSIS SCREEN OLDPAGE:PAGE"`
}

// DataSetBlood returns the works that use any of the datasets. The answer does not
// say which of the datasets a work uses. [Client.QueryWorksBloodRelationship] goes the
// other way.
//
// Expect [ErrDatasetNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-datasetblood
func (c *Client) DataSetBlood(ctx context.Context, in *DataSetBloodRequest, opts ...CallOption) (*Response[[]DatasetWorks], error) {
	return call[[]DatasetWorks](ctx, c, read("DataSetBlood"), in, opts)
}

// ListAccelerationOfWorkspaceRequest are the parameters of [Client.ListAccelerationOfWorkspace].
type ListAccelerationOfWorkspaceRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	CreatorID   string `url:"CreatorId,omitempty"`                           // UserID
	DatasetName string `url:"CubeName,omitempty"`                            // whether a part is enough is not documented
	PageNum     int    `url:"PageNo,omitempty" quickbi:"min=1"`              // default 1
	PageSize    int    `url:"PageSize,omitempty" quickbi:"min=1,default=10"` // default 10
}

// ListAccelerationOfWorkspace returns a page of the acceleration tasks of a
// workspace. [Client.ListAccelerationOfWorkspaceAll] walks through all pages.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listaccelerationofworkspace
func (c *Client) ListAccelerationOfWorkspace(ctx context.Context, in *ListAccelerationOfWorkspaceRequest, opts ...CallOption) (*Response[AccelerationPage[AccelerationTask]], error) {
	return call[AccelerationPage[AccelerationTask]](ctx, c, read("ListAccelerationOfWorkspace"), in, opts)
}

// ListAccelerationOfWorkspaceAll returns the tasks of all pages of
// [Client.ListAccelerationOfWorkspace], 10 a page by default.
func (c *Client) ListAccelerationOfWorkspaceAll(ctx context.Context, in *ListAccelerationOfWorkspaceRequest, opts ...CallOption) iter.Seq2[AccelerationTask, error] {
	return all[AccelerationTask](ctx, c, in, c.ListAccelerationOfWorkspace, opts)
}

// QueryAccelerationLogByCubeIdRequest are the parameters of [Client.QueryAccelerationLogByCubeId].
type QueryAccelerationLogByCubeIdRequest struct {
	DatasetID string `url:"CubeId" quickbi:"required"`
	// StartDate and EndDate are moments, such as "2025-04-15 00:00:00". Their zone is
	// not documented; the times in the log are in UTC+8. [TimeTextOf] writes them.
	StartDate TimeText `url:"StartDate" quickbi:"required"`
	EndDate   TimeText `url:"EndDate" quickbi:"required"`
	PageNum   int      `url:"PageNo,omitempty" quickbi:"min=1"`              // default 1
	PageSize  int      `url:"PageSize,omitempty" quickbi:"min=1,default=10"` // default 10
}

func (in *QueryAccelerationLogByCubeIdRequest) check(problem func(parameter, text string)) {
	start := checkMoment("StartDate", in.StartDate, problem)
	end := checkMoment("EndDate", in.EndDate, problem)
	if !start.IsZero() && !end.IsZero() && end.Before(start) {
		problem("EndDate", "is before StartDate")
	}
}

// checkMoment returns the moment of a parameter, or reports a text that is not one.
func checkMoment(parameter string, text TimeText, problem func(parameter, text string)) time.Time {
	moment, err := time.Parse(time.DateTime, string(text))
	if err != nil && text != "" {
		problem(parameter, fmt.Sprintf("is %q, not a moment such as 2025-04-15 00:00:00", text))
	}
	return moment
}

// QueryAccelerationLogByCubeId returns a page of the logs of a dataset's
// acceleration. [Client.QueryAccelerationLogByCubeIdAll] walks through all pages.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-queryaccelerationlogbycubeid
func (c *Client) QueryAccelerationLogByCubeId(ctx context.Context, in *QueryAccelerationLogByCubeIdRequest, opts ...CallOption) (*Response[AccelerationPage[AccelerationLog]], error) {
	return call[AccelerationPage[AccelerationLog]](ctx, c, read("QueryAccelerationLogByCubeId"), in, opts)
}

// QueryAccelerationLogByCubeIdAll returns the logs of all pages of
// [Client.QueryAccelerationLogByCubeId], 10 a page by default.
func (c *Client) QueryAccelerationLogByCubeIdAll(ctx context.Context, in *QueryAccelerationLogByCubeIdRequest, opts ...CallOption) iter.Seq2[AccelerationLog, error] {
	return all[AccelerationLog](ctx, c, in, c.QueryAccelerationLogByCubeId, opts)
}

// QueryCubeOptimizationRequest are the parameters of [Client.QueryCubeOptimization].
type QueryCubeOptimizationRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
}

// QueryCubeOptimization returns the service's advice to make the datasets of a
// workspace faster.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querycubeoptimization
func (c *Client) QueryCubeOptimization(ctx context.Context, in *QueryCubeOptimizationRequest, opts ...CallOption) (*Response[[]DatasetAdvice], error) {
	return call[[]DatasetAdvice](ctx, c, read("QueryCubeOptimization"), in, opts)
}

// QueryCubePerformanceRequest are the parameters of [Client.QueryCubePerformance].
type QueryCubePerformanceRequest struct {
	WorkspaceID string          `url:"WorkspaceId" quickbi:"required"`
	QueryType   PerformanceSpan `url:"QueryType" quickbi:"required,oneof=lastDay sevenDays thirtyDays"`
	DatasetID   string          `url:"CubeId,omitempty"` // left out: all datasets of the workspace
	// CostTimeAvgMin is an average duration in minutes. Whether it is a minimum is
	// not documented.
	CostTimeAvgMin int `url:"CostTimeAvgMin,omitempty"`
	PageNum        int `url:"PageNum,omitempty" quickbi:"min=1"`           // default 1
	PageSize       int `url:"PageSize,omitempty" quickbi:"min=1,max=1000"` // default 10
}

// QueryCubePerformance returns a page of performance figures of datasets. The
// answer does not hold the number of pages: a page with fewer than PageSize entries
// is the last one. [Client.QueryCubePerformanceAll] walks through all pages.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querycubeperformance
func (c *Client) QueryCubePerformance(ctx context.Context, in *QueryCubePerformanceRequest, opts ...CallOption) (*Response[[]DatasetPerformance], error) {
	return call[[]DatasetPerformance](ctx, c, read("QueryCubePerformance"), in, opts)
}

// QueryCubePerformanceAll returns the figures of all pages of
// [Client.QueryCubePerformance], 1000 a page by default.
func (c *Client) QueryCubePerformanceAll(ctx context.Context, in *QueryCubePerformanceRequest, opts ...CallOption) iter.Seq2[DatasetPerformance, error] {
	return allBare(ctx, c, in, c.QueryCubePerformance, opts)
}

// QueryDatasetDetailInfoRequest are the parameters of [Client.QueryDatasetDetailInfo].
type QueryDatasetDetailInfoRequest struct {
	DatasetID string `url:"DatasetId" quickbi:"required"`
}

// QueryDatasetDetailInfo returns a dataset with its model: fields, table, data
// source. The result is a document that is documented by an example only. Its Text
// can hold more, such as joins and SQL. [Client.QueryDatasetInfo] has more documented
// fields.
//
// Expect [ErrDatasetNotFound], [ErrDatasetNotInWorkspace], [ErrDataSourceIDMissing]
// and [ErrDataSourceNotPermitted].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydatasetdetailinfo
func (c *Client) QueryDatasetDetailInfo(ctx context.Context, in *QueryDatasetDetailInfoRequest, opts ...CallOption) (*Response[Document[DatasetDetail]], error) {
	return call[Document[DatasetDetail]](ctx, c, read("QueryDatasetDetailInfo"), in, opts)
}

// QueryDatasetInfoRequest are the parameters of [Client.QueryDatasetInfo].
type QueryDatasetInfoRequest struct {
	DatasetID string `url:"DatasetId" quickbi:"required"`
}

// QueryDatasetInfo returns a dataset with its tables, dimensions and measures.
//
// Expect [ErrDatasetNotFound], [ErrDatasetNotInWorkspace], [ErrDataSourceNotFound]
// and [ErrDataSourceNotPermitted]. [ErrDatasetToXML], [ErrDatasetMetaToXML] and
// [ErrDatasetDecryption] say that the service could not read its own data.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydatasetinfo
func (c *Client) QueryDatasetInfo(ctx context.Context, in *QueryDatasetInfoRequest, opts ...CallOption) (*Response[DatasetInfo], error) {
	return call[DatasetInfo](ctx, c, read("QueryDatasetInfo"), in, opts)
}

// QueryDatasetListRequest are the parameters of [Client.QueryDatasetList].
type QueryDatasetListRequest struct {
	WorkspaceID  string `url:"WorkspaceId" quickbi:"required"`
	DirectoryID  string `url:"DirectoryId,omitempty"`                       // folder; left out: the whole workspace
	WithChildren *bool  `url:"WithChildren,omitempty"`                      // also the folders below DirectoryID; the default is not documented
	Keyword      string `url:"Keyword,omitempty"`                           // part of a dataset's name
	PageNum      int    `url:"PageNum,omitempty" quickbi:"min=1"`           // default 1
	PageSize     int    `url:"PageSize,omitempty" quickbi:"min=1,max=1000"` // default 10
}

// QueryDatasetList returns a page of the datasets of a workspace, the newest
// first. [Client.QueryDatasetListAll] walks through all pages.
//
// Expect [ErrWorkspaceNotInOrganization] and [ErrDatasetSchemaNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querydatasetlist
func (c *Client) QueryDatasetList(ctx context.Context, in *QueryDatasetListRequest, opts ...CallOption) (*Response[Page[Dataset]], error) {
	return call[Page[Dataset]](ctx, c, read("QueryDatasetList"), in, opts)
}

// QueryDatasetListAll returns the datasets of all pages of
// [Client.QueryDatasetList], 1000 a page by default. A dataset that is created
// meanwhile moves the others, so that one may come twice.
func (c *Client) QueryDatasetListAll(ctx context.Context, in *QueryDatasetListRequest, opts ...CallOption) iter.Seq2[Dataset, error] {
	return all[Dataset](ctx, c, in, c.QueryDatasetList, opts)
}

// QueryLastAccelerationEngineJobRequest are the parameters of [Client.QueryLastAccelerationEngineJob].
type QueryLastAccelerationEngineJobRequest struct {
	DatasetID string `url:"CubeId" quickbi:"required"`
}

// QueryLastAccelerationEngineJob returns the latest run of a dataset's acceleration.
//
// Expect [ErrDatasetNotFound].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-querylastaccelerationenginejob
func (c *Client) QueryLastAccelerationEngineJob(ctx context.Context, in *QueryLastAccelerationEngineJobRequest, opts ...CallOption) (*Response[AccelerationJob], error) {
	return call[AccelerationJob](ctx, c, read("QueryLastAccelerationEngineJob"), in, opts)
}

// UpdateCubeBySqlRequest are the parameters of [Client.UpdateCubeBySql].
type UpdateCubeBySqlRequest struct {
	DatasetID    string `url:"CubeId" quickbi:"required"`
	WorkspaceID  string `url:"WorkspaceId" quickbi:"required"`
	DataSourceID string `url:"DsId" quickbi:"required"`
	CustomSQL    string `url:"CustomSql" quickbi:"required"`
	UserID       string `url:"UserId" quickbi:"required"` // of a member who may create datasets
	// Placeholders are those of the new SQL. What happens to the old ones if they are
	// left out is not documented.
	Placeholders DatasetPlaceholders `url:"Placeholders"`
}

func (in *UpdateCubeBySqlRequest) check(problem func(parameter, text string)) {
	in.Placeholders.check(problem)
}

// UpdateCubeBySql replaces the SQL of a dataset that is made of SQL.
//
// Expect [ErrDatasetNotFound], [ErrDataSourceNotFound], [ErrUserNotInWorkspace],
// [ErrInvalidUserOrganization] and [ErrWorkspaceNotInOrganization].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updatecubebysql
func (c *Client) UpdateCubeBySql(ctx context.Context, in *UpdateCubeBySqlRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateCubeBySql"), in, opts)
}
