package quickbitest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A DatasetDirectory is a folder for datasets. It comes after its parent.
type DatasetDirectory struct {
	ID          string `json:"Id,omitempty"` // empty: generated
	Name        string `json:"Name"`
	ParentID    string `json:"ParentId,omitempty"`    // empty: the workspace's own folder
	WorkspaceID string `json:"WorkspaceId,omitempty"` // may be left out below a parent
}

// A Dataset is a dataset, or cube, of a workspace. It comes after its data source.
type Dataset struct {
	DatasetID     string                     `json:"DatasetId,omitempty"` // empty: generated
	DatasetName   string                     `json:"DatasetName"`
	Description   string                     `json:"Description,omitempty"`
	WorkspaceID   string                     `json:"WorkspaceId"`
	OwnerID       string                     `json:"OwnerId,omitempty"`     // empty: the workspace's owner
	DataSourceID  string                     `json:"DsId,omitempty"`        // empty: its data source is lost
	DirectoryID   string                     `json:"DirectoryId,omitempty"` // empty: the workspace's own folder
	Tables        []quickbi.DatasetTable     `json:"CubeTableList,omitempty"`
	Dimensions    []quickbi.DatasetDimension `json:"DimensionList,omitempty"`
	Measures      []quickbi.DatasetMeasure   `json:"MeasureList,omitempty"`
	AuthLevel     string                     `json:"AuthLevel,omitempty"`     // who may edit it, as a data source has it
	UsePermission int                        `json:"UsePermission,omitempty"` // who may use it: 1 the workspace, 2 or 0 only those named
	RowLevel      DataLevel                  `json:"RowLevel,omitzero"`
	ColumnLevel   DataLevel                  `json:"ColumnLevel,omitzero"`
	Acceleration  *AccelerationTask          `json:"Acceleration,omitempty"` // nil: it is not accelerated
	Performance   []DatasetPerformance       `json:"Performance,omitempty"`
	Advice        []DatasetAdvice            `json:"Advice,omitempty"`
	CreatedTime   int64                      `json:"CreateTime,omitempty"` // milliseconds since 1970; 0: now
	ModifiedTime  int64                      `json:"ModifyTime,omitempty"` // 0: when it was created
}

// A CubePerformance has the figures of a dataset for a period.
type DatasetPerformance struct {
	QueryType string // lastDay, sevenDays, or thirtyDays
	PerformanceFigures
}

// A CubeAdvice says how a dataset could be made faster.
type DatasetAdvice struct {
	AdviceType  string             `json:"AdviceType"`                   // such as "OPEN_QUICK_ENGINE"
	Performance PerformanceFigures `json:"CubePerformanceDiagnoseModel"` // what led to it
}

// The datasetState is what the organization knows of datasets.
type datasetState struct {
	datasets      table[*dataset]
	datasetsIn    index[string, *dataset] // by workspace
	directories   table[*directory]
	directoryRoot map[*workspace]*directory
}

func newDatasetState() datasetState {
	return datasetState{directoryRoot: make(map[*workspace]*directory)}
}

// A dataset is a dataset; the service also says cube. Its slices are replaced as a
// whole.
type dataset struct {
	Dataset           // but for what is below
	workspace         *workspace
	owner             *member
	source            *datasource // nil: lost
	directory         *directory
	row, column       *dataLevel
	acceleration      *acceleration // nil: none
	created, modified time.Time
	number            int // datasets are numbered in the order in which they came
}

// A directory is a folder for datasets.
type directory struct {
	id, name  string
	workspace *workspace
	parent    *directory // nil: the workspace's own
	children  []*directory
	datasets  table[*dataset]
}

// rootDirectory returns the folder that a workspace has by itself.
func (o *organization) rootDirectory(ws *workspace) *directory {
	d, ok := o.directoryRoot[ws]
	if !ok {
		d = &directory{id: "schema" + ws.WorkspaceID, name: "Datasets", workspace: ws}
		o.directoryRoot[ws] = d
	}
	return d
}

// findDirectory returns the folder of the workspace with the id, its own if there is no id.
func (o *organization) findDirectory(ws *workspace, id string) (*directory, error) {
	if root := o.rootDirectory(ws); id == "" || id == root.id {
		return root, nil
	}
	if d, ok := o.directories.get(id); ok && d.workspace == ws {
		return d, nil
	}
	return nil, gateway.Refuse("CubeSchema.Not.Exist", "The workspace has no folder %q for datasets.", id)
}

func (o *organization) seedDirectory(s DatasetDirectory, _ time.Time) error {
	if above, ok := o.directories.get(s.ParentID); ok && s.WorkspaceID == "" {
		s.WorkspaceID = above.workspace.WorkspaceID
	}
	ws, ok := o.workspaces.get(s.WorkspaceID)
	if !ok {
		return fmt.Errorf("there is no workspace %q", s.WorkspaceID)
	}
	s.ID = cmp.Or(s.ID, "schema"+gateway.NewUUID())
	if o.directories.has(s.ID) || s.ID == o.rootDirectory(ws).id {
		return fmt.Errorf("there is a folder %q already", s.ID)
	}
	parent, err := o.findDirectory(ws, s.ParentID)
	if err != nil {
		return err
	}
	d := &directory{id: s.ID, name: s.Name, workspace: ws, parent: parent}
	parent.children = append(parent.children, d)
	o.directories.put(d.id, d)
	return nil
}

func (d *directory) seed() DatasetDirectory {
	return DatasetDirectory{ID: d.id, Name: d.name, ParentID: d.parent.seedID(), WorkspaceID: d.workspace.WorkspaceID}
}

// seedID is the id by which seeds name the directory: none for a workspace's own.
func (d *directory) seedID() string {
	if d.parent == nil {
		return ""
	}
	return d.id
}

func (o *organization) seedDataset(s Dataset, now time.Time) error {
	ws, ok := o.workspaces.get(s.WorkspaceID)
	switch {
	case !ok:
		return fmt.Errorf("there is no workspace %q", s.WorkspaceID)
	case o.datasets.has(s.DatasetID):
		return fmt.Errorf("there is a dataset %q already", s.DatasetID)
	case s.DatasetName == "":
		return errors.New("there is no name")
	}
	owner, err := o.seedMember(s.OwnerID, ws.owner)
	if err != nil {
		return err
	}
	source, ok := o.datasources.get(s.DataSourceID)
	if s.DataSourceID != "" && (!ok || source.workspace != ws) {
		return fmt.Errorf("the workspace has no data source %q", s.DataSourceID)
	}
	dir, err := o.findDirectory(ws, s.DirectoryID)
	if err != nil {
		return err
	}
	s.DatasetID = cmp.Or(s.DatasetID, gateway.NewUUID())
	d := &dataset{Dataset: s, workspace: ws, source: source, directory: dir}
	fromSource(d.Tables, source)
	d.created, d.modified = seedTimes(s.CreatedTime, s.ModifiedTime, now)
	if err := o.accelerate(d, owner, s.Acceleration, now); err != nil {
		return err
	}
	o.addDataset(d, owner)
	return errors.Join(o.seedDataLevel(d, d.row, s.RowLevel), o.seedDataLevel(d, d.column, s.ColumnLevel))
}

// fromSource says of the tables that do not say it where they come from.
func fromSource(tables []quickbi.DatasetTable, source *datasource) {
	for i := range tables {
		t := &tables[i]
		if source != nil && t.DataSourceID == "" {
			t.DataSourceID, t.DataSourceType = source.DataSourceID, source.DataSourceType
		}
		fromSource(t.ChildTables, source)
	}
}

func (d *dataset) seed() Dataset {
	s := d.Dataset
	s.WorkspaceID, s.OwnerID, s.DirectoryID = d.workspace.WorkspaceID, d.owner.UserID, d.directory.seedID()
	s.RowLevel, s.ColumnLevel = d.row.seed(), d.column.seed()
	s.CreatedTime, s.ModifiedTime = d.created.UnixMilli(), d.modified.UnixMilli()
	if s.DataSourceID = ""; d.source != nil {
		s.DataSourceID = d.source.DataSourceID
	}
	if a := d.acceleration; a != nil {
		s.Acceleration = &AccelerationTask{
			JobID: a.jobID, CreatorID: a.creator.UserID, EnabledTime: a.enabled.UnixMilli(), Size: a.size,
			Runs:       seedsOf(slices.Values(a.runs), (*accelerationRun).seed),
			RunSeconds: int(a.takes / time.Second), RunStatus: a.outcome,
		}
	}
	return s
}

// addDataset adds the dataset. The id must be free.
func (o *organization) addDataset(d *dataset, owner *member) {
	o.dataOwners.set(&d.owner, d.workspace, owner)
	d.row, d.column = newDataLevel(d, rowLevel), newDataLevel(d, columnLevel)
	d.number = o.datasets.len()
	o.datasets.put(d.DatasetID, d)
	o.datasetsIn.put(d.workspace.WorkspaceID, d.DatasetID, d)
	d.directory.datasets.put(d.DatasetID, d)
	if d.source != nil {
		d.source.datasets.put(d.DatasetID, d)
	}
}

// findDataset returns the dataset with the id, or the refusal with the code.
func (o *organization) findDataset(id, code string) (*dataset, error) {
	return o.datasets.find(id, code, "dataset")
}

func checkDatasetExisted(c *call) (any, error) {
	return c.datasets.has(c.string("CubeId")), nil
}

// maker returns the member of the workspace that the parameter UserId names.
func (c *call) maker(ws *workspace) (*member, error) {
	m, err := c.findMember(c.string("UserId"), "Invalid.User.Organization")
	if err != nil {
		return nil, err
	}
	if _, err := ws.seatOf(m); err != nil {
		return nil, err
	}
	return m, nil
}

// source returns the data source that the parameter DsId names. Datasets use those of
// their own workspace.
func (c *call) source(ws *workspace) (*datasource, error) {
	s, err := c.findDatasource(c.string("DsId"), "Datasource.NotFound.Error")
	if err == nil && s.workspace != ws {
		err = gateway.Refuse("Datasource.NotFound.Error", "The workspace has no data source %q.", s.DataSourceID)
	}
	return s, err
}

// newDataset creates a dataset of one table. It has no fields: the emulator does not
// know the columns of tables.
func (c *call) newDataset(ws *workspace, name string, table quickbi.DatasetTable, directoryID string) (any, error) {
	source, err := c.source(ws)
	if err != nil {
		return nil, err
	}
	owner, err := c.maker(ws)
	if err != nil {
		return nil, err
	}
	dir, err := c.findDirectory(ws, directoryID)
	if err != nil {
		return nil, err
	}
	id := gateway.NewUUID()
	table.UniqueID, table.Caption = strings.ReplaceAll(id, "-", "")[:10], name
	table.DataSourceID, table.DataSourceType = source.DataSourceID, source.DataSourceType
	c.addDataset(&dataset{
		Dataset:   Dataset{DatasetID: id, DatasetName: name, Tables: []quickbi.DatasetTable{table}},
		workspace: ws, source: source, directory: dir, created: c.now, modified: c.now,
	}, owner)
	return "true", nil // as documented: not the id
}

// createDataset has no documented refusals but the common ones.
func createDataset(c *call, ws *workspace) (any, error) {
	return c.newDataset(ws, c.string("UserDefineCubeName"), quickbi.DatasetTable{TableName: c.string("TableName"), FactTable: true}, c.string("TargetDirectoryId"))
}

// createCubeBySql has no documented refusals but the common ones.
func createCubeBySql(c *call, ws *workspace) (any, error) {
	if err := c.checkPlaceholders(); err != nil {
		return nil, err
	}
	return c.newDataset(ws, c.string("Caption"), quickbi.DatasetTable{IsCustomSQL: true, SQL: c.string("CustomSql")}, "")
}

// updateCubeBySql replaces the query. A dataset that is made of a table stays so.
func updateCubeBySql(c *call, ws *workspace, d *dataset) (any, error) {
	switch {
	case d.workspace != ws:
		return nil, gateway.Refuse("Cube.Not.Exist", "The dataset %q is in another workspace.", d.DatasetID)
	case len(d.Tables) != 1 || !d.Tables[0].IsCustomSQL:
		return nil, gateway.Refuse("Invalid.Param.Error", "The dataset is not defined by SQL.")
	}
	source, err := c.source(ws)
	if err != nil {
		return nil, err
	}
	if _, err := c.maker(ws); err != nil {
		return nil, err
	}
	if err := c.checkPlaceholders(); err != nil {
		return nil, err
	}
	table := d.Tables[0]
	table.SQL, table.DataSourceID, table.DataSourceType = c.string("CustomSql"), source.DataSourceID, source.DataSourceType
	if d.source != nil {
		d.source.datasets.remove(d.DatasetID)
	}
	source.datasets.put(d.DatasetID, d)
	d.source, d.Tables, d.modified = source, []quickbi.DatasetTable{table}, c.now
	return true, nil
}

// checkPlaceholders checks the placeholders of a query. They are not stored: no
// operation shows them.
func (c *call) checkPlaceholders() error {
	var placeholders []struct {
		Name  string `json:"name"`
		Style string `json:"style"`
	}
	if c.string("Placeholders") == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(c.string("Placeholders")), &placeholders); err != nil {
		return gateway.Refuse("Invalid.Param.Error", "The parameter Placeholders is not the expected JSON: %v.", err)
	}
	seen := make(map[string]bool)
	for _, p := range placeholders {
		switch {
		case p.Name == "" || seen[p.Name]:
			return gateway.Refuse("Invalid.Param.Error", "Each placeholder needs a unique name; %q is not one.", p.Name)
		case p.Style != "placeholder" && p.Style != "param" && p.Style != "condition":
			return gateway.Refuse("Invalid.Param.Error", "The placeholder %q has the unknown style %q.", p.Name, p.Style)
		}
		seen[p.Name] = true
	}
	return nil
}

// dataSetBlood lists the works that use any of the datasets, without duplicates. For an
// unknown user the list is empty: no code is documented.
func dataSetBlood(c *call, datasets []*dataset) (any, error) {
	type workOfDataset struct {
		WorksID   string `json:"WorksId"`
		WorksType string
	}
	owner, want := c.string("UserId"), c.string("WorksType")
	list, seen := []workOfDataset{}, make(map[*work]bool)
	for _, d := range datasets {
		for w := range c.worksOfDataset.all(d.DatasetID) {
			if !seen[w] && (owner == "" || w.owner.UserID == owner) && (want == "" || w.kind.is(want)) {
				list = append(list, workOfDataset{w.WorksID, w.kind.name})
			}
			seen[w] = true
		}
	}
	return list, nil
}

// result shows the folder and those above it.
func (d *directory) result() quickbi.Directory {
	r := quickbi.Directory{ID: d.id, Name: d.name, PathID: d.id, PathName: d.name}
	for d = d.parent; d != nil; d = d.parent {
		r.PathID, r.PathName = d.id+"/"+r.PathID, d.name+"/"+r.PathName
	}
	return r
}

// collect lists the datasets of the folder and, if deep, of those below it.
func (d *directory) collect(deep bool) []*dataset {
	all := slices.Collect(d.datasets.all())
	if deep {
		for _, child := range d.children {
			all = append(all, child.collect(true)...)
		}
	}
	return all
}

// A sourceResult is the data source of a dataset.
type sourceResult struct {
	DsID   string `json:"DsId"`
	DsName string
	DsType string
}

// sourceResult returns what is shown of the data source, nothing if it is lost.
func (d *dataset) sourceResult() sourceResult {
	if d.source == nil {
		return sourceResult{}
	}
	return sourceResult{d.source.DataSourceID, d.source.ShowName, d.source.DataSourceType}
}

// A datasetResult is what all operations show of a dataset.
type datasetResult struct {
	DatasetID   string `json:"DatasetId"`
	DatasetName string
	inWorkspace
	OwnerID                 string `json:"OwnerId"`
	OwnerName               string
	RowLevel                bool
	OpenOfflineAcceleration bool
	Directory               quickbi.Directory
}

func (d *dataset) result() datasetResult {
	return datasetResult{
		DatasetID:               d.DatasetID,
		DatasetName:             d.DatasetName,
		inWorkspace:             d.workspace.named(),
		OwnerID:                 d.owner.UserID,
		OwnerName:               d.owner.NickName,
		RowLevel:                d.row.open,
		OpenOfflineAcceleration: d.acceleration != nil,
		Directory:               d.directory.result(),
	}
}

// A datasetRow is a dataset in a list.
type datasetRow struct {
	datasetResult
	Description string
	CreateTime  string
	ModifyTime  string
	DataSource  sourceResult
}

func (d *dataset) listed() datasetRow {
	return datasetRow{d.result(), d.Description, written(d.created), written(d.modified), d.sourceResult()}
}

// queryDatasetList lists the newest first and, of those created at the same time,
// the one that came last. Folders below are left out unless asked for.
func queryDatasetList(c *call, ws *workspace) (any, error) {
	all := slices.Collect(c.datasetsIn.all(ws.WorkspaceID))
	if id := c.string("DirectoryId"); id != "" {
		dir, err := c.findDirectory(ws, id)
		if err != nil {
			return nil, err
		}
		all = dir.collect(c.bool("WithChildren"))
	}
	found := search(c, "Keyword", slices.Values(all), func(d *dataset) string { return d.DatasetName })
	newest := slices.SortedFunc(found, func(a, b *dataset) int {
		return cmp.Or(b.created.Compare(a.created), cmp.Compare(b.number, a.number))
	})
	return paginate(c, slices.Values(newest), (*dataset).listed), nil
}

// A datasetInfo is a dataset with its model.
type datasetInfo struct {
	datasetResult
	sourceResult
	GmtCreate     string // milliseconds since 1970
	GmtModify     string // milliseconds since 1970
	CustimzeSQL   bool   `json:"CustimzeSql"` // sic
	CubeTableList []quickbi.DatasetTable
	DimensionList []quickbi.DatasetDimension
	MeasureList   []quickbi.DatasetMeasure
}

// visibleDataset returns the dataset that the parameter DatasetId names, unless its
// data source is lost.
func (c *call) visibleDataset() (*dataset, error) {
	d, err := c.findDataset(c.string("DatasetId"), "Cube.Not.Exist")
	if err == nil && d.source == nil {
		err = gateway.Refuse("DatasourceId.IsNull.Error", "The dataset has no data source.")
	}
	return d, err
}

func queryDatasetInfo(c *call, d *dataset) (any, error) {
	return datasetInfo{
		datasetResult: d.result(),
		sourceResult:  d.sourceResult(),
		GmtCreate:     millis(d.created.UnixMilli()),
		GmtModify:     millis(d.modified.UnixMilli()),
		CustimzeSQL:   slices.ContainsFunc(d.Tables, func(t quickbi.DatasetTable) bool { return t.IsCustomSQL }),
		CubeTableList: orEmpty(d.Tables),
		DimensionList: orEmpty(d.Dimensions),
		MeasureList:   orEmpty(d.Measures),
	}, nil
}

// orEmpty returns an empty list for none.
func orEmpty[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// An object is one of a document in a string.
type object map[string]any

// queryDatasetDetailInfo writes the document as the one example of it has it, with
// one table.
func queryDatasetDetailInfo(c *call, d *dataset) (any, error) {
	field := func(uid, caption, dataType, column, kind, value string) object {
		return object{"uid": uid, "caption": caption, "dataType": dataType, "factColumn": column, kind: value}
	}
	var table quickbi.DatasetTable
	if len(d.Tables) > 0 {
		table = d.Tables[0]
	}
	source, dir := d.sourceResult(), d.directory.result()
	return document(object{
		"datasetId": d.DatasetID, "datasetName": d.DatasetName, "rowLevel": d.row.open,
		"ownerId": d.owner.UserID, "ownerName": d.owner.NickName,
		"workspaceId": d.workspace.WorkspaceID, "workspaceName": d.workspace.WorkspaceName,
		"datasource": object{"dsId": source.DsID, "dsName": source.DsName, "dsType": source.DsType},
		"directory":  object{"id": dir.ID, "name": dir.Name, "pathId": dir.PathID, "pathName": dir.PathName},
		"cube": object{
			"dimensions": collect(slices.Values(d.Dimensions), func(f quickbi.DatasetDimension) object {
				return field(f.UID, f.Caption, string(f.DataType), f.FactColumn, "dimensionType", string(f.DimensionType))
			}),
			"measures": collect(slices.Values(d.Measures), func(f quickbi.DatasetMeasure) object {
				return field(f.UID, f.Caption, string(f.DataType), f.FactColumn, "measureType", string(f.MeasureType))
			}),
			"table": object{"customsql": table.IsCustomSQL, "dsId": table.DataSourceID, "tableName": table.TableName},
		},
	}), nil
}

// A datasetFigures is the performance of a dataset as it is answered.
type datasetFigures struct {
	DatasetID string `json:"CubeId"`
	CubeName  string
	inWorkspace
	PerformanceFigures
}

func (d *dataset) figures(p PerformanceFigures) datasetFigures {
	return datasetFigures{d.DatasetID, d.DatasetName, d.workspace.named(), p}
}

// queryCubePerformance lists the figures of datasets in the seed.
func queryCubePerformance(c *call, ws *workspace) (any, error) {
	all := only(c, "CubeId", c.datasetsIn.all(ws.WorkspaceID), func(d *dataset, id string) bool { return d.DatasetID == id })
	rows := []datasetFigures{}
	for d := range all {
		for _, p := range d.Performance {
			if c.wantsPerformance(p.QueryType, p.PerformanceFigures) {
				rows = append(rows, d.figures(p.PerformanceFigures))
			}
		}
	}
	return paginate(c, slices.Values(rows), itself[datasetFigures]).Data, nil
}

func queryCubeOptimization(c *call, ws *workspace) (any, error) {
	type advice struct {
		AdviceType                   string
		CubePerformanceDiagnoseModel datasetFigures
	}
	list := []advice{}
	for d := range c.datasetsIn.all(ws.WorkspaceID) {
		for _, a := range d.Advice {
			list = append(list, advice{a.AdviceType, d.figures(a.Performance)})
		}
	}
	return list, nil
}

// allotDatasetAccelerationTask starts a run. It takes as long as the seed says, by
// the emulator's clock, and then ends as the seed says.
func allotDatasetAccelerationTask(c *call, d *dataset) (any, error) {
	a := d.acceleration
	if a == nil {
		return nil, gateway.Refuse("Quick.Job.NotExist", "The dataset is not accelerated.")
	}
	if last := a.last(); last != nil {
		switch status := last.status(c.now); {
		case !last.isOver(c.now):
			return nil, gateway.Refuse("Repeat.Running.Job", "The last run is not over.")
		case status == "FAILURE" || status == "WARNING":
			return nil, gateway.Refuse("Last.Job.Failed", "The last run ended with %s.", status)
		}
	}
	a.runs = append(a.runs, &accelerationRun{
		id: newUserID(), outcome: a.outcome, log: "Extracted the data of " + d.DatasetName + ".",
		start: c.now, end: c.now.Add(a.takes),
	})
	return true, nil
}

// queryLastAccelerationEngineJob documents no code for a dataset that was never
// accelerated.
func queryLastAccelerationEngineJob(c *call, d *dataset) (any, error) {
	type job struct {
		JobHistoryID string `json:"JobHistoryId"`
		Status       string
		GmtCreate    string
		GmtModified  string `json:",omitempty"` // of a run that is over
	}
	last := d.acceleration.last()
	if last == nil {
		return nil, gateway.Invalid("CubeId", "names a dataset whose acceleration has never run")
	}
	j := job{JobHistoryID: last.id, Status: last.status(c.now), GmtCreate: written(last.start)}
	if last.isOver(c.now) {
		j.GmtModified = written(last.end)
	}
	return j, nil
}

// compactTime is how the lists of accelerations write times, unlike all other operations.
const compactTime = "20060102 15:04:05"

// listAccelerationOfWorkspace searches CubeName in the names.
func listAccelerationOfWorkspace(c *call, ws *workspace) (any, error) {
	type row struct {
		JobID                string `json:"JobId"`
		JobHistoryID         string `json:"JobHistoryId"`
		JobStatus            int
		CubeID               string `json:"CubeId"`
		CubeName             string
		CreatorName          string
		EnableQuickindexTime string
		LastModifyTime       string
		Size                 string
	}
	all := filter(c.datasetsIn.all(ws.WorkspaceID), func(d *dataset) bool { return d.acceleration != nil })
	all = only(c, "CreatorId", all, func(d *dataset, id string) bool { return d.acceleration.creator.UserID == id })
	all = search(c, "CubeName", all, func(d *dataset) string { return d.DatasetName })
	return paginate(c, all, func(d *dataset) row {
		a := d.acceleration
		r := row{
			JobID:                a.jobID,
			CubeID:               d.DatasetID,
			CubeName:             d.DatasetName,
			CreatorName:          a.creator.NickName,
			EnableQuickindexTime: a.enabled.In(beijing).Format(compactTime),
			LastModifyTime:       a.enabled.In(beijing).Format(compactTime),
			Size:                 a.size,
		}
		if last := a.last(); last != nil {
			r.JobHistoryID, r.JobStatus = last.id, jobStatuses[last.status(c.now)]
			r.LastModifyTime = last.modified(c.now).In(beijing).Format(compactTime)
		}
		return r
	}).withNeighbours(), nil
}

// queryAccelerationLogByCubeId lists the runs that started between the two times,
// the latest first.
func queryAccelerationLogByCubeId(c *call, d *dataset) (any, error) {
	type row struct {
		JobID        string `json:"JobId"`
		JobHistoryID string `json:"JobHistoryId"`
		JobStatus    string
		JonStartDate string // sic
		Duration     string // seconds
		Log          string
	}
	from, err := c.time("StartDate", time.DateTime)
	if err != nil {
		return nil, err
	}
	to, err := c.time("EndDate", time.DateTime)
	if err != nil {
		return nil, err
	}
	if to.Before(from) {
		return nil, gateway.Invalid("EndDate", "is before StartDate")
	}
	var runs []*accelerationRun
	if d.acceleration != nil {
		runs = slices.Clone(d.acceleration.runs)
		slices.Reverse(runs)
	}
	runs = slices.DeleteFunc(runs, func(r *accelerationRun) bool {
		start := r.start.Truncate(time.Second)
		return start.Before(from) || start.After(to)
	})
	return paginate(c, slices.Values(runs), func(r *accelerationRun) row {
		end := r.end
		if !r.isOver(c.now) {
			end = c.now
		}
		return row{
			JobID:        d.acceleration.jobID,
			JobHistoryID: r.id,
			JobStatus:    strconv.Itoa(jobStatuses[r.status(c.now)]),
			JonStartDate: written(r.start),
			Duration:     strconv.FormatInt(int64(end.Sub(r.start)/time.Second), 10),
			Log:          r.log,
		}
	}).withNeighbours(), nil
}
