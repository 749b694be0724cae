package quickbitest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

const (
	maxVisits       = 99_999
	maxVisitsChange = 99_998 // documented of UpdateTicketNum
	maxTicketLife   = 240    // minutes, and the default
	maxWatermark    = 50     // characters

	// How long a ticket is remembered after its end: it is refused as expired, and not as
	// unknown.
	ticketMemory = 24 * time.Hour
)

// A CopilotEmbedConfig is a Smart Q that is open for embedding. No operation creates
// one.
type CopilotEmbedConfig struct {
	CopilotID  string `json:"CopilotId"` // empty: generated
	ShowName   string
	ModuleName string
	AgentName  string
	DataRange  quickbi.CopilotEmbedDataRange
	CreatorID  string `json:"CreateUser"` // a user's id; empty: the organization's owner
	ModifierID string `json:"ModifyUser"` // a user's id; empty: CreateUser
}

// An AIProEmbedConfig is an AiPro agent that is open for embedding. No operation
// makes one. What its numbers mean is not documented: the emulator keeps them.
type AIProEmbedConfig struct {
	AIProID           string `json:"AiProId"` // empty: generated
	ShowName          string
	AgentName         string
	Config            string
	Status            int
	ChatHistoryStatus int
	MemoryEnabled     int
	UploadEnabled     int
}

type aiPro struct{ AIProEmbedConfig }

// The embedState is what the organization knows of tickets and embedded Smart Q.
type embedState struct {
	tickets       table[*ticket]
	ticketsViewed index[string, *ticket] // by the id of the user they are made for
	copilots      table[*copilot]
	aiPros        table[*aiPro]
}

// A ticket opens a page without a login.
type ticket struct {
	TicketInfo                   // but for the times and what is named by ids
	work                *work    // what it opens: a work
	copilot             *copilot // or an embedded Smart Q
	aiPro               *aiPro   // or an embedded agent
	viewer              *member  // nil: whoever owns the work, or the owner of the organization
	registered, expires time.Time
}

type copilot struct {
	CopilotEmbedConfig // but for the two users; the lists of its range are replaced as a whole
	creator            *member
	modifier           *member
}

// seenBy returns the member with whose rights the page is shown.
func (c *call) seenBy(t *ticket) *member {
	switch {
	case t.viewer != nil:
		return t.viewer
	case t.work != nil:
		return t.work.owner
	default:
		return c.owner()
	}
}

// findTicket returns a ticket that can be used. All operations refuse other tickets
// alike: their documentation lists the same codes, and users' reports of expired
// tickets agree.
func (o *organization) findTicket(id string, now time.Time) (*ticket, error) {
	t, err := o.tickets.find(id, "Authorize3rdTicket.NotExist", "ticket")
	switch {
	case err != nil:
		return nil, err
	case !now.Before(t.expires):
		return nil, gateway.Refuse("Authorize3rdTicket.Expired", "The ticket [%s] expired at %s.", id, written(t.expires))
	case t.UsedTicketNum >= t.MaxTicketNum:
		return nil, gateway.Refuse("Authorize3rdTicket.Num.HasNoLeft", "The ticket is used up; make a new one.")
	}
	return t, nil
}

// ticket finds the ticket that the parameter Ticket names.
func (c *call) ticket() (*ticket, error) { return c.findTicket(c.string("Ticket"), c.now) }

// addTicket takes the parameters that the two kinds of tickets share.
func (c *call) addTicket(t *ticket) (string, error) {
	t.AccessTicket, t.MaxTicketNum = gateway.NewUUID(), 1
	life := maxTicketLife
	set(c, "TicketNum", &t.MaxTicketNum, (*call).int)
	set(c, "ExpireTime", &life, (*call).int)
	switch {
	case t.MaxTicketNum < 1 || t.MaxTicketNum > maxVisits:
		return "", c.invalidVisits(maxVisits)
	case life < 1 || life > maxTicketLife:
		return "", gateway.Invalid("ExpireTime", "is not within 1 and %d minutes", maxTicketLife)
	}
	t.registered, t.expires = c.now, c.now.Add(time.Duration(life)*time.Minute)

	c.forgetOldTickets()
	c.putTicket(t)
	return t.AccessTicket, nil
}

func (o *organization) putTicket(t *ticket) {
	o.tickets.put(t.AccessTicket, t)
	if t.viewer != nil {
		o.ticketsViewed.put(t.viewer.UserID, t.AccessTicket, t)
	}
}

// invalidVisits refuses TicketNum. The tickets of Smart Q have no documented code for it.
func (c *call) invalidVisits(most int) error {
	if c.action != "CreateTicket" && c.action != "UpdateTicketNum" {
		return gateway.Invalid("TicketNum", "is not within 1 and %d", most)
	}
	return gateway.Refuse("Authorize3rdTicket.Num.Exceed", "A ticket can be used 1 to %d times, not %d.", most, c.int("TicketNum"))
}

// forgetOldTickets drops tickets that ended long ago. It stops at the first younger
// one.
func (c *call) forgetOldTickets() {
	var old []*ticket
	for t := range c.tickets.all() {
		if c.now.Sub(t.expires) < ticketMemory {
			break
		}
		old = append(old, t)
	}
	for _, t := range old {
		c.removeTicket(t)
	}
}

func (o *organization) removeTicket(t *ticket) {
	o.tickets.remove(t.AccessTicket)
	if t.viewer != nil {
		o.ticketsViewed.remove(t.viewer.UserID, t.AccessTicket)
	}
}

// dropTickets voids the tickets that are made for a member who leaves. The owner of the
// organization replaces the member as creator and modifier.
func (o *organization) dropTickets(m *member) {
	for _, t := range slices.Collect(o.ticketsViewed.all(m.UserID)) {
		o.removeTicket(t)
	}
	for e := range o.copilots.all() { // there are few
		if e.creator == m {
			e.creator = o.owner()
		}
		if e.modifier == m {
			e.modifier = o.owner()
		}
	}
}

// createTicket makes a ticket for a work.
func createTicket(c *call, w *work, viewer *member) (any, error) {
	t := &ticket{
		TicketInfo: TicketInfo{ComponentID: c.string("CmptId"), WatermarkParam: c.string("WatermarkParam")},
		work:       w, viewer: viewer,
	}
	switch {
	case utf8.RuneCountInString(t.WatermarkParam) > maxWatermark:
		return nil, gateway.Refuse("Parameter.Length.Exceed", "WatermarkParam is longer than %d characters.", maxWatermark)
	case t.WatermarkParam != "" && w.kind.name == "SCREEN":
		return nil, gateway.Refuse("Authorize3rdTicket.Unsupport.ScreenWatermark", "A data screen has no watermark.")
	case t.ComponentID != "" && w.kind.name != "PAGE":
		return nil, gateway.Invalid("CmptId", "is for dashboards only")
	case t.ComponentID != "" && !w.hasComponent(t.ComponentID):
		return nil, gateway.Invalid("CmptId", "is %q: the dashboard has no such component", t.ComponentID)
	}
	var err error
	if t.GlobalParam, err = c.globalParam(); err != nil {
		return nil, err
	}
	return c.addTicket(t)
}

// findEmbeddedWork returns the work if a ticket can open it: it is published, and open
// for embedding. Portals are not in the list of works that can be.
func (o *organization) findEmbeddedWork(id, code string) (*work, error) {
	w, err := o.findWork(id, code)
	switch {
	case err != nil:
		return nil, err
	case !w.ThirdPartAuthFlag || w.kind.name == portalKind:
		return nil, gateway.Refuse("Authorize3Rd.Report.Unauthorized", "The work %q is not open for embedding.", id)
	case !w.isPublished():
		return nil, gateway.Refuse(code, "The work %q is not published.", id)
	}
	return w, nil
}

// hasComponent says whether the component can be one of the work's. A work that is
// seeded without components has all.
func (w *work) hasComponent(id string) bool {
	return len(w.Components) == 0 || slices.ContainsFunc(w.Components, func(part WorksComponent) bool { return part.ComponentID == id })
}

// viewerBy makes look-ups of the member that the parameter of that name or AccountName
// names. They find nothing without both. The codes are those for an unknown one.
func viewerBy(param, noUser, noAccount string) lookup[*member] {
	return func(c *call) (*member, error) { return c.viewer(param, noUser, noAccount) }
}

func (c *call) viewer(param, noUser, noAccount string) (*member, error) {
	id, account := c.string(param), c.string("AccountName")
	switch {
	case id != "" && account != "":
		return nil, gateway.Invalid("AccountName", "cannot be given together with %s", param)
	case account != "" && !c.has("AccountType"):
		return nil, gateway.Refuse("System.Param.Empty", "AccountName needs AccountType.")
	case id != "":
		return c.findMember(id, noUser)
	case account != "":
		_, parent := splitAccount(account)
		for _, m := range c.byAccount[loginKey(account)] {
			if _, p := splitAccount(m.AccountName); strings.EqualFold(p, parent) {
				return m, nil
			}
		}
		return nil, gateway.Refuse(noAccount, "No member of the organization has the account %q.", account)
	}
	return nil, nil
}

// globalParam reads the parameter GlobalParam, which is URL-encoded twice. It cannot
// check the keys: works here have no global parameters.
func (c *call) globalParam() (string, error) {
	sent := c.string("GlobalParam")
	if sent == "" {
		return "", nil
	}
	if c.lacks.GlobalParams {
		return "", gateway.Refuse("GlobalParam.Restricted.Use", "The edition of the organization has no global parameters.")
	}
	text, err := url.QueryUnescape(sent)
	if err != nil {
		return "", gateway.Invalid("GlobalParam", "cannot be decoded: %v", err)
	}
	var params []struct {
		ParamKey      string `json:"paramKey"`
		JoinType      string `json:"joinType"`
		ConditionList []struct {
			Operate string          `json:"operate"`
			Value   json.RawMessage `json:"value"`
		} `json:"conditionList"`
	}
	if err := json.Unmarshal([]byte(text), &params); err != nil || !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return "", gateway.Invalid("GlobalParam", "is not an array of conditions in JSON: expect '['")
	}
	for _, p := range params {
		if p.ParamKey == "" || p.JoinType != "" && p.JoinType != "and" {
			return "", gateway.Invalid("GlobalParam", "needs a paramKey in each condition, and no joinType but %q", "and")
		}
	}
	return text, nil
}

// createTicket4Copilot makes a ticket for an embedded Smart Q. Its page is not
// documented, so it cannot be used anywhere.
func createTicket4Copilot(c *call, e *copilot, viewer *member) (any, error) {
	return c.addTicket(&ticket{copilot: e, viewer: viewer})
}

// createTicket4AiPro makes a ticket for an embedded agent. Its page is at any address
// that belongs to no kind of works.
func createTicket4AiPro(c *call, a *aiPro, viewer *member) (any, error) {
	return c.addTicket(&ticket{aiPro: a, viewer: viewer})
}

// delayTicketExpireTime adds to what is left of a ticket.
func delayTicketExpireTime(c *call, t *ticket) (any, error) {
	minutes := c.int("ExpireTime")
	if minutes < 0 || minutes > maxTicketLife {
		return nil, gateway.Invalid("ExpireTime", "is not within 0 and %d minutes", maxTicketLife)
	}
	t.expires = t.expires.Add(time.Duration(minutes) * time.Minute)
	return true, nil
}

func deleteTicket(c *call, t *ticket) (any, error) {
	c.removeTicket(t)
	return true, nil
}

// updateTicketNum sets how often a ticket can be used in all. It refuses a number that
// is used up already.
func updateTicketNum(c *call, t *ticket) (any, error) {
	visits := c.int("TicketNum")
	switch {
	case visits < 1 || visits > maxVisitsChange:
		return nil, c.invalidVisits(maxVisitsChange)
	case visits <= t.UsedTicketNum:
		return nil, gateway.Refuse("Authorize3rdTicket.Num.Exceed", "The ticket has been used %d times already.", t.UsedTicketNum)
	}
	t.MaxTicketNum = visits
	return true, nil
}

// asEntities writes JSON as the example of the documentation shows it.
var asEntities = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;")

func queryTicketInfo(c *call, t *ticket) (any, error) {
	type ticketResult struct {
		TicketInfo
		OrganizationID string `json:"OrganizationId"`
	}
	info := t.seed()
	info.CopilotID, info.AIProID = "", "" // are not shown
	info.UserID, info.GlobalParam = c.seenBy(t).UserID, asEntities.Replace(t.GlobalParam)
	return ticketResult{info, OrganizationID}, nil
}

func queryCopilotEmbedConfig(c *call) (any, error) {
	type copilotResult struct {
		CopilotEmbedConfig
		CreateUserName string
	}
	found := search(c, "Keyword", c.copilots.all(), func(e *copilot) string { return e.ShowName + "\n" + e.ModuleName })
	return collect(found, func(e *copilot) copilotResult { return copilotResult{e.seed(), e.creator.NickName} }), nil
}

func queryAiproEmbedConfig(c *call) (any, error) {
	found := search(c, "Keyword", c.aiPros.all(), func(a *aiPro) string { return a.ShowName + "\n" + a.AgentName })
	return collect(found, (*aiPro).seed), nil
}

// modifyAiproEmbedConfig changes what is given.
func modifyAiproEmbedConfig(c *call, a *aiPro) (any, error) {
	set(c, "ShowName", &a.ShowName, (*call).string)
	set(c, "AgentName", &a.AgentName, (*call).string)
	set(c, "Config", &a.Config, (*call).string)
	set(c, "ChatHistoryStatus", &a.ChatHistoryStatus, (*call).int)
	set(c, "MemoryEnabled", &a.MemoryEnabled, (*call).int)
	set(c, "UploadEnabled", &a.UploadEnabled, (*call).int)
	return true, nil
}

// modifyCopilotEmbedConfig documents no codes. For an unknown id it uses that of
// CreateTicket4Copilot.
func modifyCopilotEmbedConfig(c *call, e *copilot) (any, error) {
	if c.string("DataRange") != "" {
		wanted, err := c.dataRange()
		if err != nil {
			return nil, err
		}
		e.DataRange = wanted
	}
	set(c, "AgentName", &e.AgentName, (*call).string)
	set(c, "ModuleName", &e.ModuleName, (*call).string)
	e.modifier = c.owner()
	return true, nil
}

// dataRange reads the parameter DataRange. Only one of several members counts. All
// before some is documented; resources before themes is not.
func (c *call) dataRange() (quickbi.CopilotEmbedDataRange, error) {
	var wanted struct {
		AllCube  bool          `json:"allCube"`
		AllTheme bool          `json:"allTheme"`
		LLMCubes []lenientText `json:"llmCubes"`
		Themes   []lenientText `json:"themes"`
	}
	if err := c.decode("DataRange", &wanted); err != nil {
		return quickbi.CopilotEmbedDataRange{}, err
	}
	r := quickbi.CopilotEmbedDataRange{LLMCubeIDs: []string{}, ThemeIDs: []string{}}
	switch {
	case wanted.AllCube:
		r.AllLLMCubes = true
	case wanted.AllTheme:
		r.AllThemes = true
	case len(wanted.LLMCubes) > 0:
		r.LLMCubeIDs = collect(slices.Values(wanted.LLMCubes), lenientText.String)
	case len(wanted.Themes) > 0:
		r.ThemeIDs = collect(slices.Values(wanted.Themes), lenientText.String)
	default:
		return r, gateway.Invalid("DataRange", "selects nothing")
	}
	if err := c.checkRange(r); err != nil {
		return r, gateway.Invalid("DataRange", "is wrong: %v", err)
	}
	return r, nil
}

// checkRange says whether everything in the range exists.
func (o *organization) checkRange(r quickbi.CopilotEmbedDataRange) error {
	for _, id := range r.LLMCubeIDs {
		if !o.llmCubes.has(id) {
			return fmt.Errorf("there is no question resource %q", id)
		}
	}
	for _, id := range r.ThemeIDs {
		if !o.llmThemes.has(id) {
			return fmt.Errorf("there is no analysis theme %q", id)
		}
	}
	return nil
}

// A rangeCube is a question resource as queryDataRange shows it.
type rangeCube struct {
	LLMCubeID  string `json:"LlmCubeId"`
	Alias      string
	CreateUser string
}

func (q *llmCube) inRange() rangeCube { return rangeCube{q.LLMCubeID, q.Alias, q.creator.NickName} }

// queryDataRange lists the question resources or the analysis themes.
func queryDataRange(c *call) (any, error) {
	type rangeTheme struct {
		ThemeID                 string `json:"ThemeId"`
		ThemeName               string
		CreateUser              string
		APICopilotLLMCubeModels []rangeCube `json:"ApiCopilotLlmCubeModels"`
	}
	type rangeList struct {
		APICopilotLLMCubeModels []rangeCube  `json:"ApiCopilotLlmCubeModels"`
		APICopilotThemeModels   []rangeTheme `json:"ApiCopilotThemeModels"`
	}
	if c.string("Type") == "llmCube" {
		found := search(c, "Keyword", c.llmCubes.all(), func(q *llmCube) string { return q.Alias })
		return rangeList{collect(found, (*llmCube).inRange), []rangeTheme{}}, nil
	}
	found := search(c, "Keyword", c.llmThemes.all(), func(t *llmTheme) string { return t.ThemeName })
	return rangeList{[]rangeCube{}, collect(found, func(t *llmTheme) rangeTheme {
		return rangeTheme{t.ThemeID, t.ThemeName, t.creator.NickName, collect(slices.Values(t.cubes), (*llmCube).inRange)}
	})}, nil
}

func (o *organization) seedCopilotEmbed(s CopilotEmbedConfig, _ time.Time) error {
	s.CopilotID = cmp.Or(s.CopilotID, gateway.NewUUID())
	creator, err := o.seedMember(s.CreatorID, o.owner())
	if err != nil {
		return err
	}
	modifier, err := o.seedMember(s.ModifierID, creator)
	if err != nil {
		return err
	}
	if o.copilots.has(s.CopilotID) {
		return fmt.Errorf("there is an embedded Smart Q %q already", s.CopilotID)
	}
	s.DataRange.LLMCubeIDs, s.DataRange.ThemeIDs = orEmpty(s.DataRange.LLMCubeIDs), orEmpty(s.DataRange.ThemeIDs)
	if err := o.checkRange(s.DataRange); err != nil {
		return err
	}
	o.copilots.put(s.CopilotID, &copilot{CopilotEmbedConfig: s, creator: creator, modifier: modifier})
	return nil
}

func (e *copilot) seed() CopilotEmbedConfig {
	s := e.CopilotEmbedConfig
	s.CreatorID, s.ModifierID = e.creator.UserID, e.modifier.UserID
	return s
}

func (o *organization) seedAIProEmbed(s AIProEmbedConfig, _ time.Time) error {
	s.AIProID = cmp.Or(s.AIProID, gateway.NewUUID())
	if o.aiPros.has(s.AIProID) {
		return fmt.Errorf("there is an embedded agent %q already", s.AIProID)
	}
	o.aiPros.put(s.AIProID, &aiPro{s})
	return nil
}

func (a *aiPro) seed() AIProEmbedConfig { return a.AIProEmbedConfig }

// A TicketInfo is a ticket, used or unused.
type TicketInfo struct {
	AccessTicket   string // empty: generated
	WorksID        string `json:"WorksId"`             // what it opens: a work
	CopilotID      string `json:"CopilotId,omitempty"` // or an embedded Smart Q
	AIProID        string `json:"AiProId,omitempty"`   // or an embedded agent
	UserID         string `json:"UserId"`              // empty: the owner of the work, or of the organization
	ComponentID    string `json:"CmptId"`
	GlobalParam    string // an array of conditions in JSON, as it is
	WatermarkParam string
	MaxTicketNum   int // 0: 1
	UsedTicketNum  int
	RegisterTime   string // such as "2022-01-09 22:23:49"; empty: now
	InvalidTime    string // empty: 240 minutes after RegisterTime
}

// seedTicket does not check whether the work is open for embedding: it may have been
// when the ticket was created.
func (o *organization) seedTicket(s TicketInfo, now time.Time) error {
	s.AccessTicket, s.MaxTicketNum = cmp.Or(s.AccessTicket, gateway.NewUUID()), max(s.MaxTicketNum, 1)
	t := &ticket{TicketInfo: s}
	t.work, _ = o.works.get(s.WorksID)
	t.copilot, _ = o.copilots.get(s.CopilotID)
	t.aiPro, _ = o.aiPros.get(s.AIProID)
	named := bit(s.WorksID != "") + bit(s.CopilotID != "") + bit(s.AIProID != "")
	opened := bit(t.work != nil) + bit(t.copilot != nil) + bit(t.aiPro != nil)
	viewer, err := o.seedMember(s.UserID, nil)
	switch {
	case err != nil:
		return err
	case opened != 1 || named != 1:
		return errors.New("it must open exactly one thing, which must exist")
	case o.tickets.has(t.AccessTicket):
		return errors.New("there is such a ticket already")
	}
	if t.registered, err = parseWritten(s.RegisterTime, now); err != nil {
		return err
	}
	if t.expires, err = parseWritten(s.InvalidTime, t.registered.Add(maxTicketLife*time.Minute)); err != nil {
		return err
	}
	t.viewer = viewer
	o.putTicket(t)
	return nil
}

func (t *ticket) seed() TicketInfo {
	s := t.TicketInfo
	s.RegisterTime, s.InvalidTime = written(t.registered), written(t.expires)
	if t.viewer != nil {
		s.UserID = t.viewer.UserID
	}
	switch {
	case t.work != nil:
		s.WorksID = t.work.WorksID
	case t.copilot != nil:
		s.CopilotID = t.copilot.CopilotID
	default:
		s.AIProID = t.aiPro.AIProID
	}
	return s
}
