package quickbi

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"reflect"
	"slices"

	"github.com/quickbi-go/quickbi/internal/json"
)

// DataSource is a source of a workspace's data, such as a database.
type DataSource struct {
	DataSourceID         string   `json:"DatasourceId"`
	DataSourceType       string   `json:"DsType"`       // such as "mysql", "odps", "postgresql", "hive"
	ParentDataSourceType string   `json:"ParentDsType"` // main type of a multi-engine source, such as "dataphin"
	ShowName             string   `json:"ShowName"`
	CreatorID            string   `json:"CreatorId"`   // UserID
	CreatorName          string   `json:"CreatorName"` // documented as the nickname of the owner
	CreatedTime          TimeText `json:"GmtCreate"`   // such as "2024-04-16 13:17:39", in a zone that is not documented
	ModifiedTime         TimeText `json:"GmtModified"`
}

// DataSourceAuthLevel says who may edit a data source.
type DataSourceAuthLevel string

// The levels.
const (
	DataSourceAuthPrivate   DataSourceAuthLevel = "0"
	DataSourceAuthShared    DataSourceAuthLevel = "1"  // shared, with the old permission model
	DataSourceAuthWorkspace DataSourceAuthLevel = "11" // members of the workspace
	DataSourceAuthChosen    DataSourceAuthLevel = "12" // chosen members
)

// DataSourceConnection describes the connection to a data source, without its password.
type DataSourceConnection struct {
	DataSourceID         string              `json:"DsId"`
	DataSourceType       string              `json:"DsType"`
	ParentDataSourceType string              `json:"ParentDsType"` // main type of a multi-engine source
	Version              string              `json:"DsVersion"`    // such as "5.7"
	ShowName             string              `json:"ShowName"`
	WorkspaceID          string              `json:"WorkspaceId"`
	Address              string              `json:"Address"` // host name or IP address
	Port                 string              `json:"Port"`
	Instance             string              `json:"Instance"` // the database; for MaxCompute (odps) the project
	InstanceID           string              `json:"InstanceId"`
	Schema               string              `json:"Schema"`  // of databases with schemas
	Project              string              `json:"Project"` // display name of a MaxCompute project
	NoSASL               bool                `json:"NoSasl"`  // Impala: true if it requires account and password, despite the name
	AuthLevel            DataSourceAuthLevel `json:"AuthLevel"`
	CreatorID            string              `json:"CreatorId"`  // UserID
	ModifierID           string              `json:"ModifyUser"` // UserID
}

// DataSourceModel describes a new data source for [Client.AddDataSource]. Config
// holds further settings. For a model of another shape use [RawJSON].
type DataSourceModel struct {
	UserID         string         `json:"userId"`             // of the creator; required
	WorkspaceID    string         `json:"workspaceId"`        // required
	DataSourceType string         `json:"dsType"`             // such as "mysql"; required
	ShowName       string         `json:"showName,omitempty"` // name that Quick BI shows
	Address        string         `json:"address,omitempty"`  // host name or IP address; for MaxCompute a URL
	Port           string         `json:"port,omitempty"`
	Instance       string         `json:"instance,omitempty"` // the database; for MaxCompute the project
	Project        string         `json:"project,omitempty"`  // MaxCompute: the project again
	Schema         string         `json:"schema,omitempty"`   // of databases with schemas
	UserName       string         `json:"userName,omitempty"` // or an access key's id; also sent as "username", because the name depends on the type
	Password       Secret         `json:"password,omitzero"`  // or an access key's secret
	Config         map[string]any `json:"config,omitempty"`   // further settings; each [Secret] in it is sent as what it hides

	original `json:"-"`
}

// UnmarshalJSON reads a model, such as that of the browser. Members without a field are
// sent as they came.
func (m *DataSourceModel) UnmarshalJSON(text []byte) (err error) {
	type plain DataSourceModel
	m.original, err = readDocument(text, (*plain)(m))
	return err
}

// EncodeValues writes the model, with what its secrets hide.
func (m DataSourceModel) EncodeValues(key string, v *url.Values) error {
	if err := lacking(key, "userId", m.UserID, "workspaceId", m.WorkspaceID, "dsType", m.DataSourceType); err != nil {
		return err
	}
	type plain DataSourceModel
	text, err := writeMembers(m, func(m DataSourceModel) any {
		return struct {
			plain
			LowerUserName string `json:"username,omitempty"`
		}{plain(m), m.UserName}
	}, revealing)
	if err != nil {
		return setJSON(key, v, text, err)
	}
	if err := checkSecrets(key, membersOf(text, reflect.TypeOf(m))); err != nil {
		return err
	}
	return setJSON(key, v, text, nil)
}

// DataSourceChanges are the changes of [Client.UpdateDataSource]. For changes of
// another shape use [RawJSON].
type DataSourceChanges struct {
	DataSourceID   string `json:"dsId"`             // required
	DataSourceType string `json:"dsType"`           // the present type, which cannot be changed; required
	UserID         string `json:"userId,omitempty"` // of the member who makes the changes

	// Fields that are nil stay as they are. An empty text removes the old one.
	ShowName *string `json:"showName,omitzero"` // name that Quick BI shows
	Address  *string `json:"address,omitzero"`  // host name or IP address
	Port     *string `json:"port,omitzero"`
	Instance *string `json:"instance,omitzero"` // the database
	Schema   *string `json:"schema,omitzero"`   // of databases with schemas, such as "dbo"
	UserName *string `json:"username,omitzero"` // or an access key's id
	Password Secret  `json:"password,omitzero"` // left out, it stays; NewSecret("") removes it

	// Resource is the kind of instance in a VPC, such as "rds" or "adb". If it is left
	// out, a source that is connected through a VPC loses that connection. With
	// Resource, the next four fields are required.
	Resource   string `json:"resource,omitempty"`
	AccessID   string `json:"accessId,omitempty"` // id of the access key for the instance
	AccessKey  Secret `json:"accessKey,omitzero"` // secret of that key
	InstanceID string `json:"instanceId,omitempty"`
	Region     string `json:"region,omitempty"`

	// Config holds settings to change, empty texts too; those that it leaves out
	// stay. Each [Secret] in it is sent as what it hides.
	Config map[string]any `json:"config,omitempty"`

	original `json:"-"`
}

// UnmarshalJSON reads changes. Members without a field are sent as they came.
func (m *DataSourceChanges) UnmarshalJSON(text []byte) (err error) {
	type plain DataSourceChanges
	m.original, err = readDocument(text, (*plain)(m))
	return err
}

// EncodeValues writes the changes, with what their secrets hide.
func (m DataSourceChanges) EncodeValues(key string, v *url.Values) error {
	needed := []string{"dsId", m.DataSourceID, "dsType", m.DataSourceType}
	if m.Resource != "" {
		needed = append(needed, "accessId", m.AccessID, "accessKey", m.AccessKey.Reveal(),
			"instanceId", m.InstanceID, "region", m.Region)
	}
	if err := lacking(key, needed...); err != nil {
		return err
	}
	type plain DataSourceChanges
	text, err := writeDocument[plain](m, revealing)
	if err != nil {
		return setJSON(key, v, text, err)
	}
	members := membersOf(text, reflect.TypeOf(m))
	if !slices.ContainsFunc(members, func(m documentMember) bool {
		return m.name != "dsId" && m.name != "dsType" && m.name != "userId"
	}) {
		return &ParameterError{Parameter: key, Problem: "changes nothing"}
	}
	if err := checkSecrets(key, members); err != nil {
		return err
	}
	return setJSON(key, v, text, nil)
}

// revealing writes secrets as what they hide.
var revealing = json.JoinMarshalers(documentValues, json.MarshalFunc(func(s Secret) ([]byte, error) {
	return json.AppendQuote(nil, s.Reveal())
}))

// checkSecrets returns an error about a secret of a model that is what secrets print
// as: the model was marshalled, and read again.
func checkSecrets(key string, members []documentMember) error {
	for _, m := range members {
		switch m.name {
		case "password", "accessKey", "config":
			if path := redactedIn(m.name, m.value); path != "" {
				return &ParameterError{Parameter: key, Problem: fmt.Sprintf("has the %s REDACTED, which is what a secret prints as: give the secret itself", path)}
			}
		}
	}
	return nil
}

// redactedIn returns the path of a text in a value that is what secrets print as, or "".
func redactedIn(path string, value json.Value) string {
	switch value.Kind() {
	case '"':
		var text string
		if json.Unmarshal(value, &text, decodeOptions) == nil && text == redacted {
			return path
		}
	case '{':
		for _, m := range membersOf(value, reflect.TypeFor[struct{}]()) {
			if found := redactedIn(path+"."+m.name, m.value); found != "" {
				return found
			}
		}
	case '[':
		var elements []json.Value
		_ = json.Unmarshal(value, &elements, decodeOptions)
		for i, element := range elements {
			if found := redactedIn(fmt.Sprintf("%s[%d]", path, i), element); found != "" {
				return found
			}
		}
	}
	return ""
}

// lacking returns an error about the first of the named values that is empty.
func lacking(key string, namesAndValues ...string) error {
	for i := 0; i < len(namesAndValues); i += 2 {
		if namesAndValues[i+1] == "" {
			return &ParameterError{Parameter: key, Problem: "lacks " + namesAndValues[i]}
		}
	}
	return nil
}

// APIDataSourceStatus is the status of the job that fetches the data of an API data
// source.
type APIDataSourceStatus int

// The statuses of the job.
const (
	APIDataSourcePending   APIDataSourceStatus = 0
	APIDataSourceRunning   APIDataSourceStatus = 1
	APIDataSourceSucceeded APIDataSourceStatus = 2
	APIDataSourceFailed    APIDataSourceStatus = 3
)

// APIDataSource is a data source that fetches its data from a web API.
type APIDataSource struct {
	APIID        string                            `json:"ApiId"`
	ShowName     string                            `json:"ShowName"`
	JobID        string                            `json:"JobId"`          // of the job that fetches the data
	Status       APIDataSourceStatus               `json:"StatusType"`     // of that job
	DataSize     float64                           `json:"DataSize"`       // in kilobytes
	Parameters   Document[APIDataSourceParameters] `json:"Parameters"`     // may hold a token
	Body         Document[APIDataSourceBody]       `json:"Body"`           // Text returns a body that is not a JSON object
	SyncTime     TimeText                          `json:"DateUpdateTime"` // of the last synchronization, such as "2022-05-25 16:19:43", in a zone that is not documented
	CreatedTime  TimeText                          `json:"GmtCreate"`      // in the same form
	ModifiedTime TimeText                          `json:"GmtModified"`    // in the same form
}

// APIDataSourceBody is the JSON object that an API data source sends. Its numbers are
// of type json.Number of encoding/json.
type APIDataSourceBody map[string]any

// UnmarshalJSON decodes the object, in a string or not.
func (b *APIDataSourceBody) UnmarshalJSON(text []byte) error {
	var inner json.Value
	if err := decodeQuoted(text, &inner); err != nil || inner == nil {
		return err
	}
	return decodeExact(inner, (*map[string]any)(b))
}

// APIDataSourceParameter is a parameter that an API data source sends. A number from an
// answer is of type json.Number of encoding/json.
type APIDataSourceParameter struct {
	Name  string `json:"name"`
	Value any    `json:"value"`

	original `json:"-"`
}

// MarshalJSON writes the parameter, and the members without a field that it was read
// with.
func (p APIDataSourceParameter) MarshalJSON() ([]byte, error) {
	type plain APIDataSourceParameter
	return writeDocument[plain](p, documentValues)
}

// UnmarshalJSON reads a parameter. Numbers stay exact.
func (p *APIDataSourceParameter) UnmarshalJSON(text []byte) (err error) {
	type plain APIDataSourceParameter
	p.original, err = readDocument(text, (*plain)(p))
	return err
}

// APIDataSourceParameters are parameters of an API data source.
type APIDataSourceParameters []APIDataSourceParameter

// EncodeValues writes the parameters as a JSON array.
func (p APIDataSourceParameters) EncodeValues(key string, v *url.Values) error {
	return encodeJSON(key, []APIDataSourceParameter(p), v)
}

// UnmarshalJSON decodes the array, in a string or not.
func (p *APIDataSourceParameters) UnmarshalJSON(text []byte) error {
	return decodeQuoted(text, (*[]APIDataSourceParameter)(p))
}

// AddDataSourceRequest are the parameters of [Client.AddDataSource].
type AddDataSourceRequest struct {
	AddModel JSONDocument `url:"AddModel" quickbi:"required"` // a [DataSourceModel], or [RawJSON], which does not hide its passwords in prints
}

// AddDataSource adds a data source to a workspace. The result is its id.
//
// The members that a model needs depend on the type of the source and are not all
// documented. The console shows them: fill in its form for a new data source, press
// the button that tests the connection, and copy what the browser sends to
// restapi/datasource/detect. Some types, sources with a file for the login, and
// encrypted passwords (the member encode) are not supported.
//
// The model travels in the URL of the request, passwords included: make sure that
// proxies on the way do not log URLs.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-adddatasource
func (c *Client) AddDataSource(ctx context.Context, in *AddDataSourceRequest, opts ...CallOption) (*Response[string], error) {
	return call[string](ctx, c, write("AddDataSource"), in, opts)
}

// DataSourceBloodRequest are the parameters of [Client.DataSourceBlood].
type DataSourceBloodRequest struct {
	DataSourceID string `url:"DataSourceId" quickbi:"required"`
}

// DataSourceBlood returns the ids of the datasets of a data source.
//
// Expect [ErrDataSourceNotFound] and [ErrInvalidWorkspace].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-datasourceblood
func (c *Client) DataSourceBlood(ctx context.Context, in *DataSourceBloodRequest, opts ...CallOption) (*Response[[]string], error) {
	return call[[]string](ctx, c, read("DataSourceBlood"), in, opts)
}

// GetDataSourceConnectionInfoRequest are the parameters of [Client.GetDataSourceConnectionInfo].
type GetDataSourceConnectionInfoRequest struct {
	DataSourceID string `url:"DsId" quickbi:"required"`
}

// GetDataSourceConnectionInfo returns the connection of a data source, without its password.
//
// Expect [ErrInvalidParameter].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-getdatasourceconnectioninfo
func (c *Client) GetDataSourceConnectionInfo(ctx context.Context, in *GetDataSourceConnectionInfoRequest, opts ...CallOption) (*Response[DataSourceConnection], error) {
	return call[DataSourceConnection](ctx, c, read("GetDataSourceConnectionInfo"), in, opts)
}

// ListApiDatasourceRequest are the parameters of [Client.ListApiDatasource].
type ListApiDatasourceRequest struct {
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	Keyword     string `url:"KeyWord,omitempty"`                          // part of a name
	PageNum     int    `url:"PageNum,omitempty" quickbi:"min=1"`          // default 1
	PageSize    int    `url:"PageSize,omitempty" quickbi:"min=1,max=100"` // default 10
}

// ListApiDatasource returns a page of the API data sources of a workspace, with the
// parameters that they send, which may hold tokens. [Client.ListApiDatasourceAll] walks
// through all pages.
//
// Expect [ErrWorkspaceNotInOrganization] and [ErrNotWorkspaceAdmin].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listapidatasource
func (c *Client) ListApiDatasource(ctx context.Context, in *ListApiDatasourceRequest, opts ...CallOption) (*Response[Page[APIDataSource]], error) {
	return call[Page[APIDataSource]](ctx, c, read("ListApiDatasource"), in, opts)
}

// ListApiDatasourceAll returns the sources of all pages of
// [Client.ListApiDatasource], 100 a page by default.
func (c *Client) ListApiDatasourceAll(ctx context.Context, in *ListApiDatasourceRequest, opts ...CallOption) iter.Seq2[APIDataSource, error] {
	return all[APIDataSource](ctx, c, in, c.ListApiDatasource, opts)
}

// ListDataSourceRequest are the parameters of [Client.ListDataSource].
type ListDataSourceRequest struct {
	WorkspaceID    string `url:"WorkspaceId" quickbi:"required"`
	DataSourceType string `url:"DsType,omitempty"` // such as "mysql"; left out, all types
}

// ListDataSource returns the data sources of a workspace, all at once.
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-listdatasource
func (c *Client) ListDataSource(ctx context.Context, in *ListDataSourceRequest, opts ...CallOption) (*Response[[]DataSource], error) {
	return call[[]DataSource](ctx, c, read("ListDataSource"), in, opts)
}

// ModifyApiDatasourceParametersRequest are the parameters of [Client.ModifyApiDatasourceParameters].
type ModifyApiDatasourceParametersRequest struct {
	APIID       string `url:"ApiId" quickbi:"required"`
	WorkspaceID string `url:"WorkspaceId" quickbi:"required"`
	// Parameters are up to ten parameters, or members of the body, with their new values.
	Parameters APIDataSourceParameters `url:"Parameters" quickbi:"required,max=10"`
}

// ModifyApiDatasourceParameters changes parameters that an API data source sends. In
// the body, it can change only members at the top level. The values travel in the URL
// of the request, tokens included.
//
// Expect [ErrAPIDataSourceNotFound], [ErrAPIDataSourceNotInWorkspace],
// [ErrAPIDataSourceTooManyParams] and [ErrNotWorkspaceAdmin].
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-modifyapidatasourceparameters
func (c *Client) ModifyApiDatasourceParameters(ctx context.Context, in *ModifyApiDatasourceParametersRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("ModifyApiDatasourceParameters"), in, opts)
}

// UpdateDataSourceRequest are the parameters of [Client.UpdateDataSource].
type UpdateDataSourceRequest struct {
	UpdateModel JSONDocument `url:"UpdateModel" quickbi:"required"` // [DataSourceChanges], or [RawJSON], which does not hide its passwords in prints
}

// UpdateDataSource changes the connection of a data source. Its type cannot be
// changed. A source that is connected through a VPC loses that connection if
// [DataSourceChanges].Resource is left out.
//
// The changes travel in the URL of the request, passwords included, like the model of
// [Client.AddDataSource].
//
// Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updatedatasource
func (c *Client) UpdateDataSource(ctx context.Context, in *UpdateDataSourceRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateDataSource"), in, opts)
}

// UpdateDataSourcePropertiesRequest are the parameters of
// [Client.UpdateDataSourceProperties]. Fields that are left out stay as they are.
type UpdateDataSourcePropertiesRequest struct {
	DataSourceID string  `url:"DsId" quickbi:"required"`
	ShowName     string  `url:"ShowName,omitempty"`       // name that Quick BI shows
	Description  *string `url:"Description,omitempty"`    // new("") removes it
	OwnerID      string  `url:"QuickBIOwnerId,omitempty"` // UserID of the new owner
}

func (in *UpdateDataSourcePropertiesRequest) check(problem func(parameter, text string)) {
	if in.DataSourceID != "" && in.ShowName == "" && in.Description == nil && in.OwnerID == "" {
		problem("ShowName", "or another parameter is required: there is nothing to change")
	}
}

// UpdateDataSourceProperties changes the name, the description or the owner of a data
// source. [Client.UpdateDataSource] changes the connection. Errors are not documented.
//
// https://www.alibabacloud.com/help/en/quick-bi/developer-reference/api-quickbi-public-2022-01-01-updatedatasourceproperties
func (c *Client) UpdateDataSourceProperties(ctx context.Context, in *UpdateDataSourcePropertiesRequest, opts ...CallOption) (*Response[bool], error) {
	return call[bool](ctx, c, write("UpdateDataSourceProperties"), in, opts)
}
