package quickbitest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const maxAPIParameters = 10 // changed in one call

// A DataSource is a data source of a workspace. It comes after its workspace. The
// emulator connects to nothing and has no fields for accounts and passwords.
type DataSource struct {
	DataSourceID         string `json:"DsId"` // empty: generated
	WorkspaceID          string `json:"WorkspaceId"`
	DataSourceType       string `json:"DsType"`       // such as "mysql"
	ParentDataSourceType string `json:"ParentDsType"` // of an engine within a multi-engine source
	Version              string `json:"DsVersion"`
	ShowName             string
	Address              string
	Port                 string
	Instance             string // the database
	InstanceID           string `json:"InstanceId"` // of an instance in a VPC
	Schema               string
	Project              string
	NoSASL               bool   `json:"NoSasl"`
	Description          string `json:"Description,omitempty"`
	AuthLevel            string // who may edit it; empty: "0", private
	UsePermission        int    `json:"UsePermission,omitempty"` // who may use it: 1 the workspace, 2 or 0 only those named
	CreatorID            string `json:"CreatorId"`               // empty: the workspace's owner
	ModifierID           string `json:"ModifyUser"`              // empty: the creator
	CreatedTime          int64  `json:"GmtCreate,omitempty"`     // milliseconds since 1970; 0: now
	ModifiedTime         int64  `json:"GmtModified,omitempty"`   // 0: when it was created
}

// An APIDatasource is a data source that fetches its data from a web API. It comes
// after its workspace.
type APIDataSource struct {
	APIID        string                           `json:"ApiId,omitempty"` // empty: generated
	WorkspaceID  string                           `json:"WorkspaceId"`
	JobID        string                           `json:"JobId,omitempty"` // empty: derived from the id
	ShowName     string                           `json:"ShowName"`
	DataSize     float64                          `json:"DataSize,omitempty"`
	Status       int                              `json:"StatusType,omitempty"` // 0 to run, 1 running, 2 done, 3 failed
	Parameters   []quickbi.APIDataSourceParameter `json:"Parameters,omitempty"`
	Body         map[string]any                   `json:"Body,omitempty"`
	SyncTime     int64                            `json:"DateUpdateTime,omitempty"` // milliseconds since 1970; 0: now
	CreatedTime  int64                            `json:"GmtCreate,omitempty"`      // 0: now
	ModifiedTime int64                            `json:"GmtModified,omitempty"`    // 0: when it was created
}

// The datasourceState is what the organization knows of data sources.
type datasourceState struct {
	datasources   table[*datasource]
	datasourcesIn index[string, *datasource] // by workspace
	apiSources    table[*apiSource]
	apiSourcesIn  index[string, *apiSource] // by workspace
	dataOwners    mentions                  // of data sources, datasets and data services
	dataMakers    mentions                  // who made or changed these, and does not own them
}

// A datasource is a data source.
type datasource struct {
	DataSource
	workspace         *workspace
	creator, modifier *member
	created, modified time.Time
	datasets          table[*dataset]
}

// An apiSource is an API data source. The documentation lists them apart from other
// data sources, with other ids.
type apiSource struct {
	APIDataSource              // times and workspace as seeded
	workspace                  *workspace
	created, modified, updated time.Time
}

func (o *organization) seedDatasource(s DataSource, now time.Time) error {
	ws, ok := o.workspaces.get(s.WorkspaceID)
	switch {
	case !ok:
		return fmt.Errorf("there is no workspace %q", s.WorkspaceID)
	case o.datasources.has(s.DataSourceID):
		return fmt.Errorf("there is a data source %q already", s.DataSourceID)
	case s.DataSourceType == "":
		return errors.New("there is no type")
	}
	creator, err := o.seedMember(s.CreatorID, ws.owner)
	if err != nil {
		return err
	}
	modifier, err := o.seedMember(s.ModifierID, creator)
	if err != nil {
		return err
	}
	created, modified := seedTimes(s.CreatedTime, s.ModifiedTime, now)
	o.addDatasource(s, ws, creator, modifier, created, modified)
	return nil
}

func (d *datasource) seed() DataSource {
	s := d.DataSource
	s.WorkspaceID, s.CreatorID, s.ModifierID = d.workspace.WorkspaceID, d.creator.UserID, d.modifier.UserID
	s.CreatedTime, s.ModifiedTime = d.created.UnixMilli(), d.modified.UnixMilli()
	return s
}

// addDatasource adds a data source. The id must be free.
func (o *organization) addDatasource(s DataSource, ws *workspace, creator, modifier *member, created, modified time.Time) *datasource {
	s.DataSourceID = cmp.Or(s.DataSourceID, gateway.NewUUID())
	s.AuthLevel = cmp.Or(s.AuthLevel, "0")
	d := &datasource{DataSource: s, workspace: ws, created: created, modified: modified}
	o.dataOwners.set(&d.creator, ws, creator)
	o.dataMakers.set(&d.modifier, ws, modifier)
	o.datasources.put(s.DataSourceID, d)
	o.datasourcesIn.put(ws.WorkspaceID, s.DataSourceID, d)
	return d
}

func (o *organization) seedAPIDatasource(s APIDataSource, now time.Time) error {
	s.APIID = cmp.Or(s.APIID, newUserID())
	s.JobID = cmp.Or(s.JobID, "REST_API_SYNC_"+s.APIID)
	ws, ok := o.workspaces.get(s.WorkspaceID)
	switch {
	case !ok:
		return fmt.Errorf("there is no workspace %q", s.WorkspaceID)
	case o.apiSources.has(s.APIID):
		return fmt.Errorf("there is an API data source %q already", s.APIID)
	case s.Status < 0 || s.Status > 3:
		return fmt.Errorf("there is no status %d", s.Status)
	}
	if s.Body == nil {
		s.Body = make(map[string]any)
	}
	if _, err := rawJSON(s); err != nil {
		return err // a value is no JSON
	}
	a := &apiSource{APIDataSource: s, workspace: ws, updated: seededTime(s.SyncTime, now)}
	a.created, a.modified = seedTimes(s.CreatedTime, s.ModifiedTime, now)
	o.apiSources.put(s.APIID, a)
	o.apiSourcesIn.put(ws.WorkspaceID, s.APIID, a)
	return nil
}

func (a *apiSource) seed() APIDataSource {
	s := a.APIDataSource
	s.SyncTime, s.CreatedTime, s.ModifiedTime = a.updated.UnixMilli(), a.created.UnixMilli(), a.modified.UnixMilli()
	return s
}

// handOverData gives the data sources, datasets and data services that the member owns
// in the workspace to another member.
func (o *organization) handOverData(m *member, ws *workspace, to *member) {
	o.dataOwners.replace(m, func(other *workspace) *member {
		if other != ws {
			return nil
		}
		return to
	})
}

// replaceInData replaces a member who leaves as owner, creator or modifier of data
// sources, datasets and data services by the owners of the workspaces.
func (o *organization) replaceInData(m *member) {
	owner := func(ws *workspace) *member { return ws.owner }
	o.dataOwners.replace(m, owner)
	o.dataMakers.replace(m, owner)
}

// A lenientText is a text or a number in a document. The documentation shows ports as
// texts, and callers write numbers; ids of question resources are shown as either.
type lenientText string

func (s lenientText) String() string { return string(s) }

func (s *lenientText) UnmarshalJSON(text []byte) error {
	var n json.Number // takes a text only if it has a number in it
	if len(text) > 0 && text[0] != '"' {
		if err := json.Unmarshal(text, &n); err != nil {
			return err
		}
		*s = lenientText(n)
		return nil
	}
	return json.Unmarshal(text, (*string)(s))
}

// A datasourceModel is the document by which a data source is added or changed.
// Only what is answered again is read. Members that are not there are nil.
type datasourceModel struct {
	DsID        string       `json:"dsId"`
	UserID      string       `json:"userId"`
	WorkspaceID string       `json:"workspaceId"`
	DsType      string       `json:"dsType"`
	Encode      any          `json:"encode"`
	Resource    string       `json:"resource"`
	ParentType  *string      `json:"parentDsType"`
	Version     *lenientText `json:"dsVersion"`
	ShowName    *string      `json:"showName"`
	Address     *string      `json:"address"`
	Port        *lenientText `json:"port"`
	Instance    *string      `json:"instance"`
	InstanceID  *string      `json:"instanceId"`
	Schema      *string      `json:"schema"`
	Project     *string      `json:"project"`
	NoSASL      *bool        `json:"noSasl"`
	Config      struct {
		NoSASL *bool `json:"noSasl"`
	} `json:"config"`
}

// update sets the field if there is a value.
func update[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// apply changes what the document has.
func (m *datasourceModel) apply(s *DataSource) {
	update(&s.ParentDataSourceType, m.ParentType)
	update(&s.Version, (*string)(m.Version))
	update(&s.ShowName, m.ShowName)
	update(&s.Address, m.Address)
	update(&s.Port, (*string)(m.Port))
	update(&s.Instance, m.Instance)
	update(&s.InstanceID, m.InstanceID)
	update(&s.Schema, m.Schema)
	update(&s.Project, m.Project)
	update(&s.NoSASL, m.Config.NoSASL)
	update(&s.NoSASL, m.NoSASL)
}

// addDataSource has no documented refusals but the common ones.
func addDataSource(c *call) (any, error) {
	var model datasourceModel
	if err := c.decode("AddModel", &model, "userId", "workspaceId", "dsType"); err != nil {
		return nil, err
	}
	if model.Encode != nil {
		return nil, gateway.Invalid("AddModel", "has encode, but encrypted data sources cannot be added")
	}
	creator, err := c.findMember(model.UserID, "User.Not.In.Organization")
	if err != nil {
		return nil, err
	}
	ws, err := c.findWorkspace(model.WorkspaceID, "Workspace.NotIn.Organization")
	if err != nil {
		return nil, err
	}
	s := DataSource{DataSourceType: model.DsType, WorkspaceID: ws.WorkspaceID}
	model.apply(&s)
	return c.addDatasource(s, ws, creator, creator, c.now, c.now).DataSourceID, nil
}

// updateDataSource has no documented refusals but the common ones.
func updateDataSource(c *call) (any, error) {
	var model datasourceModel
	if err := c.decode("UpdateModel", &model, "dsId", "dsType"); err != nil {
		return nil, err
	}
	d, err := c.findDatasource(model.DsID, "Datasource.NotFound.Error")
	if err != nil {
		return nil, err
	}
	if model.DsType != d.DataSourceType {
		return nil, gateway.Invalid("UpdateModel", "has the dsType %q, but the data source's is %q and cannot change", model.DsType, d.DataSourceType)
	}
	if model.Resource == "" {
		model.InstanceID = new(string) // no VPC any more
	} else if err := c.needsMembers("UpdateModel", "accessId", "accessKey", "instanceId", "region"); err != nil {
		return nil, err
	}
	modifier, err := c.findCaller(model.UserID, "User.Not.In.Organization")
	if err != nil {
		return nil, err
	}
	model.apply(&d.DataSource)
	d.modified = c.now
	c.dataMakers.set(&d.modifier, d.workspace, modifier)
	return true, nil
}

// findDatasource returns the data source with the id, or the refusal with the code.
func (o *organization) findDatasource(id, code string) (*datasource, error) {
	return o.datasources.find(id, code, "data source")
}

// findConnection is findDatasource for GetDataSourceConnectionInfo, whose page documents
// its one refusal with status 297.
func (o *organization) findConnection(id, code string) (*datasource, error) {
	if d, ok := o.datasources.get(id); ok {
		return d, nil
	}
	return nil, &gateway.Refusal{Code: code, Status: 297, Message: fmt.Sprintf("There is no data source %q.", id)}
}

// A datasourceRow is a data source in the list of a workspace.
type datasourceRow struct {
	DataSourceID string `json:"DatasourceId"`
	DsType       string
	ParentDsType string
	ShowName     string
	CreatorID    string `json:"CreatorId"`
	CreatorName  string
	GmtCreate    string
	GmtModified  string
}

func (d *datasource) row() datasourceRow {
	return datasourceRow{
		DataSourceID: d.DataSourceID,
		DsType:       d.DataSourceType,
		ParentDsType: d.ParentDataSourceType,
		ShowName:     d.ShowName,
		CreatorID:    d.creator.UserID,
		CreatorName:  d.creator.NickName,
		GmtCreate:    written(d.created),
		GmtModified:  written(d.modified),
	}
}

func listDataSource(c *call, ws *workspace) (any, error) {
	all := only(c, "DsType", c.datasourcesIn.all(ws.WorkspaceID), func(d *datasource, dsType string) bool { return d.DataSourceType == dsType })
	return collect(all, (*datasource).row), nil
}

// getDataSourceConnectionInfo shows how a data source is reached.
func getDataSourceConnectionInfo(_ *call, d *datasource) (any, error) {
	s := d.seed()
	s.Description, s.UsePermission, s.CreatedTime, s.ModifiedTime = "", 0, 0, 0 // are not shown
	return s, nil
}

func dataSourceBlood(c *call, d *datasource) (any, error) {
	return collect(d.datasets.all(), func(d *dataset) string { return d.DatasetID }), nil
}

// An apiSourceRow is an API data source in the list of a workspace.
type apiSourceRow struct {
	APIID          string `json:"ApiId"`
	JobID          string `json:"JobId"`
	ShowName       string
	DataSize       float64
	StatusType     int
	Parameters     string
	Body           string
	DateUpdateTime string
	GmtCreate      string
	GmtModified    string
}

func (a *apiSource) row() apiSourceRow {
	return apiSourceRow{
		APIID:          a.APIID,
		JobID:          a.JobID,
		ShowName:       a.ShowName,
		DataSize:       a.DataSize,
		StatusType:     a.Status,
		Parameters:     document(orEmpty(a.Parameters)),
		Body:           document(a.Body),
		DateUpdateTime: written(a.updated),
		GmtCreate:      written(a.created),
		GmtModified:    written(a.modified),
	}
}

// document writes v as a JSON document in a string.
func document(v any) string {
	raw, err := rawJSON(v)
	if err != nil {
		panic("quickbitest: " + err.Error()) // what comes from a seed was tried there
	}
	return string(raw)
}

// rawJSON is json.Marshal without escapes for HTML.
func rawJSON(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// listApiDatasource, unlike other lists, does not say how many pages there are.
func listApiDatasource(c *call, ws *workspace) (any, error) {
	type apiSourcePage struct {
		PageNum  int
		PageSize int
		TotalNum int
		Data     []apiSourceRow
	}
	all := search(c, "KeyWord", c.apiSourcesIn.all(ws.WorkspaceID), func(a *apiSource) string { return a.ShowName })
	p := paginate(c, all, (*apiSource).row)
	return apiSourcePage{p.PageNum, p.PageSize, p.TotalNum, p.Data}, nil
}

// modifyApiDatasourceParameters changes parameters or else top-level members of the
// body, all of them or none.
func modifyApiDatasourceParameters(c *call, ws *workspace, a *apiSource) (any, error) {
	if a.workspace != ws {
		return nil, gateway.Refuse("ApiDataSource.NotIn.Workspace", "The API data source %q is in another workspace.", a.APIID)
	}
	var changes []struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"` // as it is written
	}
	if err := c.decode("Parameters", &changes); err != nil {
		return nil, err
	}
	switch {
	case len(changes) == 0:
		return nil, gateway.Refuse("ApiDatasource.Param.IsNull", "There are no parameters to change.")
	case len(changes) > maxAPIParameters:
		return nil, gateway.Refuse("ApiDatasource.Param.Oversize", "One call changes up to %d parameters, not %d.", maxAPIParameters, len(changes))
	}
	parameters, body := slices.Clone(a.Parameters), maps.Clone(a.Body)
	for _, change := range changes {
		i := slices.IndexFunc(parameters, func(p quickbi.APIDataSourceParameter) bool { return p.Name == change.Name })
		switch _, inBody := body[change.Name]; {
		case change.Value == nil:
			return nil, gateway.Invalid("Parameters", "has no value for %q", change.Name)
		case i >= 0:
			parameters[i].Value = change.Value
		case inBody:
			body[change.Name] = change.Value
		default:
			return nil, gateway.Invalid("Parameters", "has %q, but the API data source has neither such a parameter nor such a member of the body", change.Name)
		}
	}
	a.Parameters, a.Body, a.modified = parameters, body, c.now
	return true, nil
}

// updateDataSourceProperties changes what is given. The new owner is a member of the
// organization; whether of the workspace is not documented.
func updateDataSourceProperties(c *call, d *datasource, owner *member) (any, error) {
	if owner != nil {
		c.dataOwners.set(&d.creator, d.workspace, owner)
	}
	set(c, "ShowName", &d.ShowName, (*call).string)
	set(c, "Description", &d.Description, (*call).string)
	d.modified = c.now
	return true, nil
}
