package quickbitest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const (
	maxDashboards   = 50  // in one call of ModifyDashboardNl2sqlStatus
	maxSmartQGrants = 100 // in one call: users times resources
	maxHeirs        = 100 // in one call of SmartqAuthTransfer

	smartQGrantDays = 7 // unless ExpireDay is given

	// What SmartqAuthorize does, as OperationType has it.
	smartQGrant  = 0
	smartQRevoke = 1
)

// An LLMCube is a question resource: it lets users ask questions about a dataset. No
// operation creates one.
type LLMCube struct {
	LLMCubeID   string `json:"LlmCubeId,omitempty"` // empty: generated
	DatasetID   string `json:"CubeId"`
	Alias       string `json:"Alias,omitempty"`      // empty: the dataset's name
	CreatorName string `json:"CreateUser,omitempty"` // a user's id; empty: the dataset's owner
}

// A CopilotTheme is an analysis theme: several question resources. No operation creates
// one.
type CopilotTheme struct {
	ThemeID     string   `json:"ThemeId,omitempty"` // empty: generated
	ThemeName   string   `json:"ThemeName"`
	LLMCubeIDs  []string `json:"LlmCubes,omitempty"`   // ids of question resources
	CreatorName string   `json:"CreateUser,omitempty"` // a user's id; empty: the organization's owner
}

// A SmartqGrant lets a user ask a question resource or an analysis theme.
type SmartqGrant struct {
	UserID    string `json:"UserId"`
	LLMCubeID string `json:"LlmCube"`             // what the user may ask: a question resource
	ThemeID   string `json:"LlmCubeTheme"`        // or an analysis theme
	ExpireDay string `json:"ExpireDay,omitempty"` // the last day, such as "2099-12-31"
}

// A SmartqAnswer is what SmartqQueryAbility answers to a question.
type SmartqAnswer struct {
	UserQuestion   string `json:"UserQuestion,omitempty"`
	DatasetID      string `json:"CubeId,omitempty"` // one of the datasets that are asked
	ChartType      string
	ConclusionText string
	LogicSQL       string                 `json:"LogicSql"`
	Columns        []quickbi.SmartqColumn `json:"MetaType"`
	Values         []quickbi.SmartqRow
	DataList       []string
}

// The smartQState is what the organization knows of Smart Q.
type smartQState struct {
	llmCubes     table[*llmCube]
	llmCubeOf    map[string]*llmCube // by dataset
	llmThemes    table[*llmTheme]
	smartQMakers mentions // of members in both

	smartQGrants    index[string, *smartGrant] // by user
	askedDashboards index[string, *work]       // those that can be asked, by workspace
	smartQAnswers   map[string]SmartqAnswer    // by dataset and question
}

func newSmartQState() smartQState {
	return smartQState{llmCubeOf: make(map[string]*llmCube), smartQAnswers: make(map[string]SmartqAnswer)}
}

type llmCube struct {
	LLMCube // but for its creator
	dataset *dataset
	creator *member
	themes  []*llmTheme
}

type llmTheme struct {
	CopilotTheme // but for its creator
	creator      *member
	cubes        []*llmCube
}

// A smartGrant lets a user ask one of two things until a time.
type smartGrant struct {
	cube  *llmCube
	theme *llmTheme
	until time.Time
}

func (g *smartGrant) key() string {
	if g.cube != nil {
		return "cube/" + g.cube.LLMCubeID
	}
	return "theme/" + g.theme.ThemeID
}

func (g *smartGrant) valid(now time.Time) bool { return now.Before(g.until) }

// answerKey is what an answer is found by.
func answerKey(datasetID, question string) string { return datasetID + "\n" + question }

// bought refuses organizations without Smart Q.
func (o *organization) bought() error {
	if o.lacks.SmartQ {
		return gateway.Refuse("RobotNl2sql.Moudle.NotPurchase", "The organization has not bought Smart Q.")
	}
	return nil
}

// mayAsk says whether the member may ask the resource. Administrators may ask all
// resources, creators their own, and others what they are granted, by itself or in a
// theme.
func (c *call) mayAsk(m *member, q *llmCube) bool {
	if m.hasRole(roleAdmin) || q.creator == m || c.granted(m, &smartGrant{cube: q}) {
		return true
	}
	return slices.ContainsFunc(q.themes, func(t *llmTheme) bool { return c.mayAskTheme(m, t) })
}

func (c *call) mayAskTheme(m *member, t *llmTheme) bool {
	return m.hasRole(roleAdmin) || t.creator == m || c.granted(m, &smartGrant{theme: t})
}

func (c *call) granted(m *member, what *smartGrant) bool {
	g, ok := c.smartQGrants.get(m.UserID, what.key())
	return ok && g.valid(c.now)
}

func queryDatasetSmartqStatus(c *call, d *dataset) (any, error) {
	return c.llmCubeOf[d.DatasetID] != nil, nil
}

func querySmartqPermissionByCubeId(c *call, m *member, d *dataset) (any, error) {
	type permission struct {
		CubeID      string `json:"CubeId"`
		CubeName    string
		HasPerssion bool // sic
	}
	q := c.llmCubeOf[d.DatasetID]
	return permission{d.DatasetID, d.DatasetName, q != nil && c.mayAsk(m, q)}, nil
}

// queryLlmCubeWithThemeListByUserId lists the datasets and themes that the user may ask.
func queryLlmCubeWithThemeListByUserId(c *call, m *member) (any, error) {
	var list struct {
		CubeIDs  map[string]string `json:"CubeIds"`
		ThemeIDs map[string]string `json:"ThemeIds"`
	}
	list.CubeIDs, list.ThemeIDs = make(map[string]string), make(map[string]string)
	addTheme := func(t *llmTheme) {
		list.ThemeIDs[t.ThemeID] = t.ThemeName
		for _, q := range t.cubes {
			list.CubeIDs[q.dataset.DatasetID] = q.dataset.DatasetName
		}
	}
	for g := range c.smartQGrants.all(m.UserID) {
		switch {
		case !g.valid(c.now):
		case g.theme != nil:
			addTheme(g.theme)
		default:
			list.CubeIDs[g.cube.dataset.DatasetID] = g.cube.dataset.DatasetName
		}
	}
	// There are few resources: an index by creator is not worth it.
	for t := range c.llmThemes.all() {
		if c.mayAskTheme(m, t) {
			addTheme(t)
		}
	}
	for q := range c.llmCubes.all() {
		if m.hasRole(roleAdmin) || q.creator == m {
			list.CubeIDs[q.dataset.DatasetID] = q.dataset.DatasetName
		}
	}
	return list, nil
}

// A smartQFailure is a grant that could not be made or taken back.
type smartQFailure struct {
	SmartqGrant   // without ExpireDay
	DetailMessage string
}

// A smartQTarget is one thing that SmartqAuthorize is to grant.
type smartQTarget struct {
	grant   smartGrant
	named   SmartqGrant // what the answer says if it fails
	problem string      // why it fails; "" if it does not
}

// smartQTargets returns what the parameters name, and what is wrong with it.
func (c *call) smartQTargets() []smartQTarget {
	var targets []smartQTarget
	add := func(what smartGrant, named SmartqGrant, unknown string) {
		t := smartQTarget{grant: what, named: named}
		if what.cube == nil && what.theme == nil {
			t.problem = unknown
		}
		targets = append(targets, t)
	}
	for _, id := range c.list("CubeIds") {
		add(smartGrant{cube: c.llmCubeOf[id]}, SmartqGrant{LLMCubeID: id}, "The dataset has no question resource.")
	}
	for _, id := range c.list("LlmCubes") {
		q, _ := c.llmCubes.get(id)
		add(smartGrant{cube: q}, SmartqGrant{LLMCubeID: id}, "There is no such question resource.")
	}
	for _, id := range c.list("LlmCubeThemes") {
		t, _ := c.llmThemes.get(id)
		add(smartGrant{theme: t}, SmartqGrant{ThemeID: id}, "There is no such analysis theme.")
	}
	return targets
}

// smartqAuthorize grants or revokes. Each user and each thing succeeds or fails by
// itself. Idempotent, but a grant that exists gets the new end.
func smartqAuthorize(c *call) (any, error) {
	users, targets := c.list("UserIds"), c.smartQTargets()
	operation := c.int("OperationType")
	until := endOfDay(c.now.AddDate(0, 0, smartQGrantDays))
	if c.string("ExpireDay") != "" {
		day, err := c.time("ExpireDay", time.DateOnly)
		if err != nil {
			return nil, err
		}
		until = endOfDay(day)
	}
	switch {
	case len(targets) == 0:
		return nil, gateway.Refuse("System.Param.Empty", "The call needs CubeIds, LlmCubes or LlmCubeThemes.")
	case len(users)*len(targets) > maxSmartQGrants:
		return nil, gateway.Invalid("UserIds", "has %d ids for %d things to ask: more than %d grants", len(users), len(targets), maxSmartQGrants)
	case operation == smartQGrant && !c.now.Before(until):
		return nil, gateway.Invalid("ExpireDay", "is in the past")
	}

	failures := []smartQFailure{}
	for _, id := range users {
		for _, t := range targets {
			problem := t.problem
			if !c.members.has(id) {
				problem = "The user is not in the organization."
			}
			switch {
			case problem != "":
				t.named.UserID = id
				failures = append(failures, smartQFailure{t.named, problem})
			case operation == smartQRevoke:
				c.smartQGrants.remove(id, t.grant.key())
			default:
				g := t.grant
				g.until = until
				c.grantSmartQ(id, &g)
			}
		}
	}
	return failures, nil
}

// grantSmartQ adds the grant, or replaces one for the same thing.
func (o *organization) grantSmartQ(userID string, g *smartGrant) {
	o.smartQGrants.remove(userID, g.key())
	o.smartQGrants.put(userID, g.key(), g)
}

// endOfDay is the end of the day of t in Beijing.
func endOfDay(t time.Time) time.Time {
	y, m, d := t.In(beijing).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, beijing)
}

// smartqAuthTransfer copies the grants of one user to others, all of them or none. The
// user keeps them.
func smartqAuthTransfer(c *call, from *member) (any, error) {
	ids := c.list("TargetUserIds")
	if len(ids) > maxHeirs {
		return nil, gateway.Invalid("TargetUserIds", "has %d ids; at most %d are allowed", len(ids), maxHeirs)
	}
	for _, id := range ids {
		if !c.members.has(id) {
			return nil, gateway.Refuse("User.NotBelongTo.CurrentOrganization", "No member of the organization has the id %q.", id)
		}
	}
	var valid []*smartGrant
	for g := range c.smartQGrants.all(from.UserID) {
		if g.valid(c.now) {
			valid = append(valid, g)
		}
	}
	for _, id := range ids {
		for _, g := range valid {
			if old, ok := c.smartQGrants.get(id, g.key()); !ok || old.until.Before(g.until) {
				clone := *g
				c.grantSmartQ(id, &clone)
			}
		}
	}
	return true, nil
}

// modifyDashboardNl2sqlStatus lets dashboards answer questions, or stops that. It
// returns the ids that do not exist or are no dashboards.
func modifyDashboardNl2sqlStatus(c *call) (any, error) {
	ids, status := c.list("DashboardIds"), c.int("Status")
	if len(ids) > maxDashboards {
		return nil, gateway.Refuse("Parameter.Error", "DashboardIds has %d ids; at most %d are allowed.", len(ids), maxDashboards)
	}
	failed := []string{}
	for _, id := range ids {
		w, ok := c.works.get(id)
		switch {
		case !ok || w.kind.name != "PAGE":
			failed = append(failed, id)
		case status == 1:
			c.askedDashboards.put(w.workspace.WorkspaceID, w.WorksID, w)
		default:
			c.askedDashboards.remove(w.workspace.WorkspaceID, w.WorksID)
		}
	}
	return failed, nil
}

// queryDashboardNl2sql lists the dashboards of a workspace that answer questions,
// and whether the user may read them.
func queryDashboardNl2sql(c *call, m *member, ws *workspace) (any, error) {
	type dashboardRow struct {
		DashboardNl2sqlID string `json:"DashboardNl2sqlId"`
		DashboardName     string
		OwnerID           string `json:"OwnerId"`
		Authorities       []string
	}
	return collect(c.askedDashboards.all(ws.WorkspaceID), func(w *work) dashboardRow {
		row := dashboardRow{"nl2sql-" + w.WorksID, w.WorksName, w.owner.UserID, []string{}}
		if c.rights(m, w) >= mayView {
			row.Authorities = append(row.Authorities, "READ")
		}
		return row
	}), nil
}

// smartqQueryAbility answers what is seeded for the question. To other questions it
// answers the number of rows of the first dataset, which is zero: the emulator has no
// data. The user must be allowed to ask all the datasets.
func smartqQueryAbility(c *call, m *member) (any, error) {
	single, several := c.string("CubeId"), c.list("MultipleCubeIds")
	if (single == "") == (len(several) == 0) {
		return nil, gateway.Invalid("CubeId", "must be given, or else MultipleCubeIds, but not both")
	}
	if single != "" {
		several = []string{single}
	}
	for _, id := range several {
		q := c.llmCubeOf[id]
		if c.lacks.SmartQ || q == nil || !c.mayAsk(m, q) {
			return nil, gateway.Refuse("Query.Auth.Error", "The user may not ask the dataset %q.", id)
		}
	}
	question := c.string("UserQuestion")
	for _, id := range several {
		if a, ok := c.smartQAnswers[answerKey(id, question)]; ok {
			a.UserQuestion, a.DatasetID = "", "" // are not shown
			a.Columns, a.Values, a.DataList = orEmpty(a.Columns), orEmpty(a.Values), orEmpty(a.DataList)
			return a, nil
		}
	}
	d := c.llmCubeOf[several[0]].dataset
	return SmartqAnswer{
		ChartType:      "NEW_TABLE",
		ConclusionText: d.DatasetName + " has no rows.",
		LogicSQL:       fmt.Sprintf("SELECT COUNT(*) AS rows FROM `%s`", d.DatasetName),
		Columns:        []quickbi.SmartqColumn{{Name: "rows", Kind: "Measure", DataType: "number"}},
		Values:         []quickbi.SmartqRow{{Row: []string{"0"}}},
		DataList:       []string{},
	}, nil
}

// dataInterpretation answers the length of the data: there is no model.
func dataInterpretation(c *call) (any, error) {
	text := fmt.Sprintf("The data have %d characters.", len([]rune(c.string("Data"))))
	if question := c.string("UserQuestion"); question != "" {
		text += fmt.Sprintf(" The question was: %s", question)
	}
	return text, nil
}

// dropSmartQ drops the grants of a member who leaves. The owner of the organization
// becomes the creator of what the member made.
func (o *organization) dropSmartQ(m *member) {
	delete(o.smartQGrants, m.UserID)
	o.smartQMakers.replace(m, func(*workspace) *member { return o.owner() })
}

func (o *organization) seedLLMCube(s LLMCube, _ time.Time) error {
	d, ok := o.datasets.get(s.DatasetID)
	if !ok {
		return fmt.Errorf("there is no dataset %q", s.DatasetID)
	}
	creator, err := o.seedMember(s.CreatorName, d.owner)
	if err != nil {
		return err
	}
	s.LLMCubeID, s.Alias = cmp.Or(s.LLMCubeID, gateway.NewUUID()), cmp.Or(s.Alias, d.DatasetName)
	switch {
	case o.llmCubes.has(s.LLMCubeID):
		return fmt.Errorf("there is a question resource %q already", s.LLMCubeID)
	case o.llmCubeOf[d.DatasetID] != nil:
		return errors.New("the dataset has a question resource already")
	}
	q := &llmCube{LLMCube: s, dataset: d}
	o.smartQMakers.set(&q.creator, d.workspace, creator)
	o.llmCubes.put(q.LLMCubeID, q)
	o.llmCubeOf[d.DatasetID] = q
	return nil
}

func (q *llmCube) seed() LLMCube {
	s := q.LLMCube
	s.CreatorName = q.creator.UserID
	return s
}

func (o *organization) seedLLMTheme(s CopilotTheme, _ time.Time) error {
	creator, err := o.seedMember(s.CreatorName, o.owner())
	if err != nil {
		return err
	}
	s.ThemeID = cmp.Or(s.ThemeID, gateway.NewUUID())
	if o.llmThemes.has(s.ThemeID) {
		return fmt.Errorf("there is an analysis theme %q already", s.ThemeID)
	}
	t := &llmTheme{CopilotTheme: s}
	for _, id := range s.LLMCubeIDs {
		q, ok := o.llmCubes.get(id)
		if !ok {
			return fmt.Errorf("there is no question resource %q", id)
		}
		t.cubes = append(t.cubes, q)
	}
	for _, q := range t.cubes {
		q.themes = append(q.themes, t)
	}
	o.smartQMakers.set(&t.creator, nil, creator)
	o.llmThemes.put(t.ThemeID, t)
	return nil
}

func (t *llmTheme) seed() CopilotTheme {
	s := t.CopilotTheme
	s.CreatorName = t.creator.UserID
	return s
}

func (o *organization) seedSmartQGrant(s SmartqGrant, _ time.Time) error {
	day, err := time.ParseInLocation(time.DateOnly, s.ExpireDay, beijing)
	if err != nil {
		return fmt.Errorf("%q is not a day such as 2099-12-31", s.ExpireDay)
	}
	g := &smartGrant{until: endOfDay(day)}
	cube, isCube := o.llmCubes.get(s.LLMCubeID)
	theme, isTheme := o.llmThemes.get(s.ThemeID)
	switch {
	case !o.members.has(s.UserID):
		return fmt.Errorf("there is no user %q", s.UserID)
	case isCube && s.ThemeID == "":
		g.cube = cube
	case isTheme && s.LLMCubeID == "":
		g.theme = theme
	default:
		return errors.New("it must name exactly one thing to ask, which must exist")
	}
	o.grantSmartQ(s.UserID, g)
	return nil
}

func (o *organization) grantSeeds() []SmartqGrant {
	var seeds []SmartqGrant
	for _, userID := range slices.Sorted(maps.Keys(o.smartQGrants)) {
		for g := range o.smartQGrants.all(userID) {
			seed := SmartqGrant{UserID: userID, ExpireDay: g.until.Add(-time.Nanosecond).In(beijing).Format(time.DateOnly)}
			if g.cube != nil {
				seed.LLMCubeID = g.cube.LLMCubeID
			} else {
				seed.ThemeID = g.theme.ThemeID
			}
			seeds = append(seeds, seed)
		}
	}
	return seeds
}

func (o *organization) seedSmartQAnswer(s SmartqAnswer, _ time.Time) error {
	if o.llmCubeOf[s.DatasetID] == nil {
		return fmt.Errorf("the dataset %q has no question resource", s.DatasetID)
	}
	o.smartQAnswers[answerKey(s.DatasetID, s.UserQuestion)] = s
	return nil
}

func (o *organization) answerSeeds() []SmartqAnswer {
	keys := slices.Sorted(maps.Keys(o.smartQAnswers))
	return seedsOf(slices.Values(keys), func(key string) SmartqAnswer { return o.smartQAnswers[key] })
}

func (o *organization) seedAskedDashboard(id string, _ time.Time) error {
	w, ok := o.works.get(id)
	if !ok || w.kind.name != "PAGE" {
		return fmt.Errorf("there is no dashboard %q", id)
	}
	o.askedDashboards.put(w.workspace.WorkspaceID, w.WorksID, w)
	return nil
}

func (o *organization) askedSeeds() []string {
	var ids []string
	for _, workspaceID := range slices.Sorted(maps.Keys(o.askedDashboards)) {
		ids = append(ids, seedsOf(o.askedDashboards.all(workspaceID), func(w *work) string { return w.WorksID })...)
	}
	return ids
}
