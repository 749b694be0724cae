package quickbitest

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// A Works is a dashboard, a spreadsheet, a data screen, a portal, or the like. No
// operation creates one: all works come from the seed.
type Works struct {
	WorksID           string            `json:"WorksId,omitempty"` // empty: generated
	WorksName         string            `json:"WorkName"`
	WorksType         string            `json:"WorkType,omitempty"` // such as PAGE, REPORT, DATAPRODUCT; empty: PAGE
	WorkspaceID       string            `json:"WorkspaceId"`
	OwnerID           string            `json:"OwnerId,omitempty"` // a user of the workspace; empty: its owner
	Description       string            `json:"Description,omitempty"`
	Directory         quickbi.Directory `json:"Directory,omitzero"`
	Status            int               `json:"Status,omitempty"`        // 0 unpublished, 1 published, 2 changed since, 3 offline
	SecurityLevel     string            `json:"SecurityLevel,omitempty"` // 0 private, 12 for some, 1 and 11 for all in the workspace; empty: as the workspace has it
	ThirdPartAuthFlag bool              `json:"ThirdPartAuthFlag,omitempty"`
	EmbedTime         int64             `json:"EmbedTime,omitempty"` // milliseconds since 1970; 0: now
	IsPublic          bool              `json:"PublicFlag,omitempty"`
	PublicUntil       int64             `json:"PublicInvalidTime,omitempty"` // milliseconds since 1970
	CreatedTime       int64             `json:"GmtCreate,omitempty"`         // milliseconds since 1970; 0: now
	ModifiedTime      int64             `json:"GmtModify,omitempty"`         // milliseconds since 1970; 0: when it was created

	Components  []WorksComponent   `json:"Components,omitempty"`
	Performance []WorksPerformance `json:"Performance,omitempty"`

	GlobalParams []quickbi.WorksGlobalParam `json:"GlobalParamVoList,omitempty"`

	Menus     []PortalMenu                 `json:"Menus,omitempty"`     // of a portal
	WhiteList []quickbi.PortalMenuReceiver `json:"WhiteList,omitempty"` // of a portal: who may see all menus
}

// A WorksComponent is a chart, a table, or another part of a work.
type WorksComponent struct {
	ComponentID         string                       `json:"ComponentId"`
	ComponentName       string                       `json:"ComponentName"`
	ComponentType       int                          `json:"ComponentType"`
	ComponentTypeName   string                       `json:"ComponentTypeName"`
	ComponentTypeCnName string                       `json:"ComponentTypeCnName"`
	DatasetID           string                       `json:"DatasetId"`
	QueryParams         []quickbi.WorksComponentItem `json:"QueryParams"`
	Performance         []ComponentPerformance       `json:"Performance,omitempty"`
}

// PerformanceFigures are what the service measured of the queries of a work or of a
// component. Durations are in seconds.
type PerformanceFigures struct {
	CacheCostTimeAvg          float64
	CacheQueryCount           int
	CostTimeAvg               float64
	QueryCount                int
	QueryCountAvg             float64
	QueryOverFivePercentNum   float64
	QueryOverFiveSecPercent   string
	QueryOverTenSecPercent    string
	QueryOverTenSecPercentNum float64
	QueryTimeoutCount         int
	QueryTimeoutCountPercent  float64
	QuickIndexCostTimeAvg     float64
	QuickIndexQueryCount      int
	RepeatQueryPercent        string
	RepeatQueryPercentNum     float64
	RepeatSQLQueryCount       int    `json:"RepeatSqlQueryCount"`
	RepeatSQLQueryPercent     string `json:"RepeatSqlQueryPercent"`
}

// A WorksPerformance has the figures of a work for a period.
type WorksPerformance struct {
	QueryType              string `json:",omitempty"` // lastDay, sevenDays, or thirtyDays
	ComponentQueryCount    int
	ComponentQueryCountAvg float64
	PerformanceFigures
}

// A ComponentPerformance has the figures of a component for a period.
type ComponentPerformance struct {
	QueryType string // lastDay, sevenDays, or thirtyDays
	PerformanceFigures
}

// A kind is a type of work, in the spellings of the documentation. FULLPAGE is the
// former name of screens; they differ in their type only.
type kind struct {
	name     string // WorkType, TreeType
	embed    string // in GetWorksEmbedList
	share    string // in QueryShareList
	resource string // in AddWorksAuthorization
}

var kinds = []kind{
	{"PAGE", "page", "dashboard", "dashboard"},
	{"REPORT", "report", "report", "report"},
	{"DATAPRODUCT", "dataProduct", "dataProduct", "dataProduct"},
	{"SCREEN", "screen", "SCREEN", "screen"},
	{"FULLPAGE", "screen", "SCREEN", "screen"},
	{"dashboardOfflineQuery", "dashboardOfflineQuery", "dashboardOfflineQuery", "dashboardOfflineQuery"},
	{"ANALYSIS", "ANALYSIS", "ANALYSIS", "ANALYSIS"},
	{"DATAFORM", "dataForm", "DATAFORM", "dataForm"},
}

// portalKind is the type of works that have menus.
const portalKind = "DATAPRODUCT"

// is says whether s is one of the spellings, in upper or lower case.
func (k kind) is(s string) bool {
	return slices.ContainsFunc([]string{k.name, k.embed, k.share, k.resource}, func(name string) bool { return strings.EqualFold(name, s) })
}

// published says whether works of the type need no publishing.
func (k kind) published() bool {
	return !slices.Contains([]string{"PAGE", "REPORT", "SCREEN", "FULLPAGE"}, k.name)
}

// A work is a work in its workspace. Its owner is always a member of the workspace.
type work struct {
	Works
	kind      kind
	workspace *workspace
	owner     *member
	number    int       // works are numbered in the order in which they came
	embedded  time.Time // when it was last opened for embedding
}

// The worksState is what the organization knows of works.
type worksState struct {
	works          table[*work]
	embedded       table[*work]         // those open for embedding
	worksOfDataset index[string, *work] // by what their components query
}

func (o *organization) seedWork(s Works, now time.Time) error {
	s.WorksID, s.WorksType = cmp.Or(s.WorksID, gateway.NewUUID()), cmp.Or(s.WorksType, kinds[0].name)
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.is(s.WorksType) })
	ws, ok := o.workspaces.get(s.WorkspaceID)
	switch {
	case o.works.has(s.WorksID):
		return fmt.Errorf("there is a work %q already", s.WorksID)
	case s.WorksName == "":
		return errors.New("there is no name")
	case i < 0:
		return fmt.Errorf("there is no type %q of works", s.WorksType)
	case !ok:
		return fmt.Errorf("there is no workspace %q", s.WorkspaceID)
	case s.Status < 0 || s.Status > 3:
		return fmt.Errorf("there is no status %d", s.Status)
	}
	w := &work{Works: s, kind: kinds[i], workspace: ws, owner: ws.owner, number: o.works.len()}
	if s.OwnerID != "" {
		owner, ok := ws.seats.get(s.OwnerID)
		if !ok {
			return fmt.Errorf("the owner %q is not in the workspace", s.OwnerID)
		}
		w.owner = owner.member
	}
	if err := w.fill(now); err != nil {
		return err
	}
	if err := o.seedMenus(w); err != nil {
		return err
	}
	o.addWork(w)
	return nil
}

func (o *organization) workSeed(w *work) Works {
	s := w.Works
	s.WorkspaceID, s.OwnerID = w.workspace.WorkspaceID, w.owner.UserID
	if s.EmbedTime = 0; w.ThirdPartAuthFlag {
		s.EmbedTime = w.embedded.UnixMilli()
	}
	s.Menus = o.menuSeeds(o.topMenus[w.WorksID])
	s.WhiteList = seedsOf(o.whiteLists.byResource.all(w.WorksID), (*grant).menuReceiver)
	return s
}

// fill completes what the seed leaves out.
func (w *work) fill(now time.Time) error {
	switch w.SecurityLevel {
	case "":
		w.SecurityLevel = "0"
		if w.workspace.DefaultShareToAll {
			w.SecurityLevel = "11"
		}
	case "0", "1", "11", "12":
	default:
		return fmt.Errorf("there is no security level %q", w.SecurityLevel)
	}
	w.WorksType = w.kind.name
	if w.Status == 0 && w.kind.published() {
		w.Status = 1
	}
	w.CreatedTime = seededTime(w.CreatedTime, now).UnixMilli()
	w.ModifiedTime = cmp.Or(w.ModifiedTime, w.CreatedTime)
	if w.Directory.PathID == "" {
		w.Directory.PathID, w.Directory.PathName = w.Directory.ID, w.Directory.Name
	}
	w.embedded = seededTime(w.EmbedTime, now)
	return nil
}

// addWork adds the work. The id must be free.
func (o *organization) addWork(w *work) {
	o.works.put(w.WorksID, w)
	w.workspace.works.put(w.WorksID, w)
	w.give(w.owner)
	for _, component := range w.Components {
		if component.DatasetID != "" {
			o.worksOfDataset.put(component.DatasetID, w.WorksID, w)
		}
	}
	if w.ThirdPartAuthFlag {
		o.embedded.put(w.WorksID, w)
	}
}

// give makes another member of the workspace the owner of the work.
func (w *work) give(to *member) {
	w.owner.works.remove(w.WorksID)
	w.owner, w.OwnerID = to, to.UserID
	to.works.put(w.WorksID, w)
}

// is says whether the work is of the type, in any of its spellings.
func (w *work) is(kind string) bool { return w.kind.is(kind) }

func (w *work) isIn(workspaceID string) bool { return w.workspace.WorkspaceID == workspaceID }

func (w *work) isPublished() bool { return w.Status == 1 || w.Status == 2 }

// findWork returns the work with the id, or the refusal with the code.
func (o *organization) findWork(id, code string) (*work, error) {
	return o.works.find(id, code, "work")
}

// What a member may do with a work, as AuthPoint and its like have it. Each
// number includes what the smaller ones mean.
const (
	mayView   = 1
	mayExport = 3
	mayEdit   = 11
)

// rights returns what the member may do with the work, 0 for nothing. Rights come from
// roles in the workspace, from shares and from authorizations. A public work gives no
// right: it can be seen at an address of its own.
func (c *call) rights(m *member, w *work) int {
	best := 0
	if s, ok := w.workspace.seats.get(m.UserID); ok {
		best = s.rights(w, c.rank(s))
	}
	for to := range m.receivers() {
		if g, ok := c.shares.get(w.WorksID, to); ok && g.valid(c.now) {
			best = max(best, g.points)
		}
	}
	return best
}

// rights returns what a member of the work's workspace may do with it by a role of the
// rank. Owners edit their works. Administrators edit all works, and so do developers if
// the workspace allows it. All members export works that are for all of them.
func (s *seat) rights(w *work, rank int) int {
	switch {
	case w.owner == s.member, rank == rankManagement, rank == rankDevelopment && *w.workspace.AllowViewAll:
		return mayEdit
	case w.SecurityLevel == "1", w.SecurityLevel == "11":
		return mayExport
	}
	return 0
}

// readable lists the works that the member may view, in the order in which they came.
func (c *call) readable(m *member) []*work {
	found := c.shared(m)
	for s := range m.seats.all() {
		rank := c.rank(s)
		for w := range s.workspace.works.all() {
			if s.rights(w, rank) >= mayView {
				found[w] = true
			}
		}
	}
	return inOrder(found)
}

// inOrder lists works in the order in which they came.
func inOrder(works map[*work]bool) []*work {
	all := make([]*work, 0, len(works))
	for w := range works {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b *work) int { return cmp.Compare(a.number, b.number) })
	return all
}

// A workResult is a work as most operations show it.
type workResult struct {
	WorksID  string `json:"WorksId"`
	WorkName string
	WorkType string
	inWorkspace
	Description   string
	Directory     quickbi.Directory
	OwnerID       string `json:"OwnerId"`
	OwnerName     string
	ModifyName    string
	SecurityLevel string
	Status        int
}

// A workRow is a work in the lists of a workspace and of the organization.
type workRow struct {
	workResult
	Auth3rdFlag       int
	GmtCreate         string
	GmtModify         string
	PublicFlag        bool
	PublicInvalidTime int64 `json:",omitempty"`
}

// A resourceRow is a work in the lists of a user.
type resourceRow struct {
	workResult
	ThirdPartAuthFlag int
	CreateTime        string
	ModifyTime        string
}

// result shows the work. Its owner is shown as its modifier: no operation modifies
// works.
func (w *work) result() workResult {
	return workResult{
		WorksID:       w.WorksID,
		WorkName:      w.WorksName,
		WorkType:      w.kind.name,
		inWorkspace:   w.workspace.named(),
		Description:   w.Description,
		Directory:     w.Directory,
		OwnerID:       w.owner.UserID,
		OwnerName:     w.owner.AccountName,
		ModifyName:    w.owner.AccountName,
		SecurityLevel: w.SecurityLevel,
		Status:        w.Status,
	}
}

func (w *work) row() workRow {
	return workRow{
		workResult:        w.result(),
		Auth3rdFlag:       bit(w.ThirdPartAuthFlag),
		GmtCreate:         millis(w.CreatedTime),
		GmtModify:         millis(w.ModifiedTime),
		PublicFlag:        w.IsPublic,
		PublicInvalidTime: w.PublicUntil,
	}
}

// nickRow is row with nicknames, which QueryWorksByWorkspace shows.
func (w *work) nickRow() workRow {
	row := w.row()
	row.OwnerName, row.ModifyName = w.owner.NickName, w.owner.NickName
	return row
}

func (w *work) resource() resourceRow {
	return resourceRow{
		workResult:        w.result(),
		ThirdPartAuthFlag: bit(w.ThirdPartAuthFlag),
		CreateTime:        millis(w.CreatedTime),
		ModifyTime:        millis(w.ModifiedTime),
	}
}

// bit writes a flag that is documented as a number.
func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

// millis writes a time that is documented as a text of milliseconds.
func millis(ms int64) string { return strconv.FormatInt(ms, 10) }

// queryWorks alone shows the global parameters of a work.
func queryWorks(c *call, w *work) (any, error) {
	type worksInfo struct {
		workRow
		GlobalParamVoList []quickbi.WorksGlobalParam
	}
	return worksInfo{w.row(), orEmpty(w.GlobalParams)}, nil
}

func queryWorksByOrganization(c *call) (any, error) {
	return paginate(c, c.wantedWorks(c.works.all()), (*work).row), nil
}

// queryWorksByWorkspace documents no code of its own for a workspace that does not exist.
func queryWorksByWorkspace(c *call, ws *workspace) (any, error) {
	return paginate(c, c.wantedWorks(ws.works.all()), (*work).nickRow), nil
}

// wantedWorks lists the works that WorksType, Status and ThirdPartAuthFlag select.
func (c *call) wantedWorks(all iter.Seq[*work]) iter.Seq[*work] {
	all = only(c, "WorksType", all, (*work).is)
	if c.has("Status") {
		want := c.int("Status")
		all = filter(all, func(w *work) bool { return w.Status == want })
	}
	if c.has("ThirdPartAuthFlag") {
		want := c.int("ThirdPartAuthFlag")
		all = filter(all, func(w *work) bool { return bit(w.ThirdPartAuthFlag) == want })
	}
	return all
}

func checkReadable(c *call, m *member, w *work) (any, error) {
	return c.rights(m, w) >= mayView, nil
}

func queryReadableResourcesListByUserId(c *call, m *member) (any, error) {
	return collect(slices.Values(c.readable(m)), (*work).resource), nil
}

// queryReadableResourcesListByUserIdV2 finds nothing for types and workspaces that do
// not exist.
func queryReadableResourcesListByUserIdV2(c *call, m *member) (any, error) {
	found := only(c, "WorkType", slices.Values(c.readable(m)), (*work).is)
	return collect(only(c, "WorkspaceId", found, (*work).isIn), (*work).resource), nil
}

// queryWorksBloodRelationship shows the components of a work and what they query.
func queryWorksBloodRelationship(c *call, w *work) (any, error) {
	if !w.isPublished() {
		return nil, gateway.Refuse("Invalid.WorksId.Not.Publish", "The work %q is not published.", w.WorksID)
	}
	return collect(slices.Values(w.Components), func(part WorksComponent) WorksComponent {
		part.Performance, part.QueryParams = nil, orEmpty(part.QueryParams)
		return part
	}), nil
}

// maxEmbedded is how many works can be open for embedding.
func (o *organization) maxEmbedded() int {
	if o.limits.EmbeddedWorks > 0 {
		return o.limits.EmbeddedWorks
	}
	return math.MaxInt32
}

func queryEmbeddedInfo(c *call) (any, error) {
	type detail struct{ Page, Report, DashboardOfflineQuery int }
	type embeddedInfo struct {
		MaxCount, EmbeddedCount int
		Detail                  detail
	}
	of := make(map[string]int)
	for w := range c.embedded.all() {
		of[w.kind.name]++
	}
	return embeddedInfo{c.maxEmbedded(), c.embedded.len(), detail{of["PAGE"], of["REPORT"], of["dashboardOfflineQuery"]}}, nil
}

func queryEmbeddedStatus(c *call, w *work) (any, error) {
	return w.ThirdPartAuthFlag, nil
}

// updateEmbeddedStatus opens or closes works, all of them or none. The result counts
// the works that now are in the wanted state.
func updateEmbeddedStatus(c *call, works []*work) (any, error) {
	works = distinct(works)
	opening := 0
	for _, w := range works {
		opening += bit(!w.ThirdPartAuthFlag)
	}
	open := c.bool("ThirdPartAuthFlag")
	if open && c.embedded.len()+opening > c.maxEmbedded() {
		return nil, gateway.Refuse("Auth3Rd.Over.MaxQuota", "At most %d works can be open for embedding.", c.maxEmbedded())
	}
	for _, w := range works {
		switch {
		case open && !w.ThirdPartAuthFlag:
			w.embedded = c.now
			c.embedded.put(w.WorksID, w)
		case !open:
			c.embedded.remove(w.WorksID)
		}
		w.ThirdPartAuthFlag = open
	}
	return len(works), nil
}

// getWorksEmbedList spells its page in its own way.
func getWorksEmbedList(c *call) (any, error) {
	type embedRow struct {
		WorksID     string `json:"WorksId"`
		WorksName   string
		WorksType   string
		WorkspaceID string `json:"WorkspaceId"`
		EmbedTime   string
	}
	type embedPage struct {
		PageNum    int `json:"PageNo"`
		PageSize   int
		TotalNum   int
		TotalPages int
		Data       []embedRow
	}
	all := search(c, "Keyword", c.embedded.all(), func(w *work) string { return w.WorksName })
	all = only(c, "WsId", only(c, "WorksType", all, (*work).is), (*work).isIn)
	p := paginate(c, all, func(w *work) embedRow {
		return embedRow{w.WorksID, w.WorksName, w.kind.embed, w.workspace.WorkspaceID, written(w.embedded)}
	})
	return embedPage(p), nil
}

// A measured is a work with figures.
type measured struct {
	WorksID    string `json:"ReportId"`
	ReportName string
	ReportType string
	inWorkspace
}

func (w *work) measured() measured {
	return measured{w.WorksID, w.WorksName, w.kind.resource, w.workspace.named()}
}

// measuredWorks lists the works of a workspace that ReportId and ResourceType select.
func (c *call) measuredWorks(ws *workspace) iter.Seq[*work] {
	all := only(c, "ReportId", ws.works.all(), func(w *work, id string) bool { return w.WorksID == id })
	return only(c, "ResourceType", all, (*work).is)
}

// wantsPerformance says whether the call selects the figures. CostTimeAvgMin is the
// smallest average to show, in the unit of the averages.
func (c *call) wantsPerformance(queryType string, p PerformanceFigures) bool {
	return queryType == c.string("QueryType") && p.CostTimeAvg >= float64(c.int("CostTimeAvgMin"))
}

func queryReportPerformance(c *call, ws *workspace) (any, error) {
	type row struct {
		measured
		WorksPerformance
	}
	rows := []row{}
	for w := range c.measuredWorks(ws) {
		for _, p := range w.Performance {
			if c.wantsPerformance(p.QueryType, p.PerformanceFigures) {
				p.QueryType = "" // is not shown
				rows = append(rows, row{w.measured(), p})
			}
		}
	}
	return paginate(c, slices.Values(rows), itself[row]).Data, nil
}

func queryComponentPerformance(c *call, ws *workspace) (any, error) {
	type row struct {
		measured
		ComponentID   string `json:"ComponentId"`
		ComponentName string
		PerformanceFigures
	}
	rows := []row{}
	for w := range c.measuredWorks(ws) {
		for _, part := range w.Components {
			for _, p := range part.Performance {
				if c.wantsPerformance(p.QueryType, p.PerformanceFigures) {
					rows = append(rows, row{w.measured(), part.ComponentID, part.ComponentName, p.PerformanceFigures})
				}
			}
		}
	}
	return paginate(c, slices.Values(rows), itself[row]).Data, nil
}
