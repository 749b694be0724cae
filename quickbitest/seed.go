package quickbitest

import (
	"cmp"
	"fmt"
	"iter"
	"reflect"
	"time"
)

// An Organization is the state to start with. In JSON, the members have the service's
// names.
type Organization struct {
	Users      []User      `json:"Users,omitempty"`
	Roles      []Role      `json:"Roles,omitempty"`
	UserGroups []UserGroup `json:"UserGroups,omitempty"`

	WorkspaceRoles     []Role             `json:"WorkspaceRoles,omitempty"` // of all workspaces
	Workspaces         []Workspace        `json:"Workspaces,omitempty"`
	DataSources        []DataSource       `json:"Datasources,omitempty"`
	APIDataSources     []APIDataSource    `json:"ApiDatasources,omitempty"`
	DatasetDirectories []DatasetDirectory `json:"DatasetDirectories,omitempty"`
	RowOperators       []RowOperator      `json:"RowOperators,omitempty"`
	Datasets           []Dataset          `json:"Datasets,omitempty"`
	DataServices       []DataService      `json:"DataServices,omitempty"`
	UserTags           []UserTag          `json:"UserTags,omitempty"`
	DynamicTags        []DynamicTag       `json:"DynamicTags,omitempty"`
	Works              []Works            `json:"Works,omitempty"`
	Shares             []Share            `json:"Shares,omitempty"`
	Favorites          []Favorite         `json:"Favorites,omitempty"`
	Views              []View             `json:"Views,omitempty"`

	LLMCubes         []LLMCube            `json:"LlmCubes,omitempty"`
	CopilotThemes    []CopilotTheme       `json:"LlmThemes,omitempty"`
	SmartqGrants     []SmartqGrant        `json:"SmartqGrants,omitempty"`
	SmartqAnswers    []SmartqAnswer       `json:"SmartqAnswers,omitempty"`
	NL2SQLDashboards []string             `json:"Nl2sqlDashboards,omitempty"` // ids of those that answer questions
	CopilotEmbeds    []CopilotEmbedConfig `json:"CopilotEmbeds,omitempty"`
	AIProEmbeds      []AIProEmbedConfig   `json:"AiproEmbeds,omitempty"`
	Tickets          []TicketInfo         `json:"Tickets,omitempty"`
	MailTasks        []MailTask           `json:"MailTasks,omitempty"`
	Applications     []Application        `json:"Applications,omitempty"`
	MobileAccounts   []MobileAccount      `json:"MobileAccounts,omitempty"`
	IPWhiteList      []string             `json:"IpWhiteList,omitempty"`
	AuditLog         []AuditLogEntry      `json:"AuditLog,omitempty"`

	Lacks  Lacks  `json:"Lacks,omitzero"`
	Limits Limits `json:"Limits,omitzero"`
}

// A seedKind is one kind of things that a seed has: how it is put into an organization,
// and how it is taken out again.
type seedKind struct {
	put  func(*organization, *Organization, time.Time) error
	take func(*organization, *Organization)
}

// kindOf makes a kind of a field of seeds. title is what errors call a thing by; put adds
// one thing, and take is its inverse for all of them.
func kindOf[S any](
	kind string, field func(*Organization) *[]S, title func(S) string,
	put func(*organization, S, time.Time) error, take func(*organization) []S,
) seedKind {
	member := memberOf(field)
	return seedKind{
		put: func(o *organization, s *Organization, now time.Time) error {
			for i, thing := range *field(s) {
				if err := put(o, thing, now); err != nil {
					return &seedError{kind: kind, title: title(thing), member: member, index: i, err: err}
				}
			}
			return nil
		},
		take: func(o *organization, s *Organization) { *field(s) = take(o) },
	}
}

// seedKinds lists all kinds in order of dependency: things refer to those before them.
var seedKinds = []seedKind{
	kindOf("role", func(s *Organization) *[]Role { return &s.Roles }, func(v Role) string { return v.RoleName },
		(*organization).seedRole, func(o *organization) []Role { return sortedRoles(o.roles) }),
	kindOf("workspace role", func(s *Organization) *[]Role { return &s.WorkspaceRoles }, func(v Role) string { return v.RoleName },
		(*organization).seedWorkspaceRole, func(o *organization) []Role { return sortedRoles(o.workspaceRoles) }),
	kindOf("user", func(s *Organization) *[]User { return &s.Users }, func(v User) string { return v.NickName },
		(*organization).seedUser, func(o *organization) []User { return seedsOf(o.members.all(), func(m *member) User { return m.User }) }),
	kindOf("user group", func(s *Organization) *[]UserGroup { return &s.UserGroups }, func(v UserGroup) string { return v.UserGroupName },
		(*organization).seedGroup, func(o *organization) []UserGroup { return o.root.seedsBelow() }),
	kindOf("workspace", func(s *Organization) *[]Workspace { return &s.Workspaces }, func(v Workspace) string { return v.WorkspaceName },
		(*organization).seedWorkspace, func(o *organization) []Workspace { return seedsOf(o.workspaces.all(), (*workspace).seed) }),
	kindOf("data source", func(s *Organization) *[]DataSource { return &s.DataSources }, func(v DataSource) string { return v.ShowName },
		(*organization).seedDatasource, func(o *organization) []DataSource { return seedsOf(o.datasources.all(), (*datasource).seed) }),
	kindOf("API data source", func(s *Organization) *[]APIDataSource { return &s.APIDataSources }, func(v APIDataSource) string { return v.ShowName },
		(*organization).seedAPIDatasource, func(o *organization) []APIDataSource { return seedsOf(o.apiSources.all(), (*apiSource).seed) }),
	kindOf("dataset directory", func(s *Organization) *[]DatasetDirectory { return &s.DatasetDirectories }, func(v DatasetDirectory) string { return v.Name },
		(*organization).seedDirectory, func(o *organization) []DatasetDirectory { return seedsOf(o.directories.all(), (*directory).seed) }),
	kindOf("operator of rules", func(s *Organization) *[]RowOperator { return &s.RowOperators }, func(v RowOperator) string { return v.Operator },
		(*organization).seedRowOperator, func(o *organization) []RowOperator { return seedsOf(o.rowOperators.all(), itself[RowOperator]) }),
	kindOf("dataset", func(s *Organization) *[]Dataset { return &s.Datasets }, func(v Dataset) string { return v.DatasetName },
		(*organization).seedDataset, func(o *organization) []Dataset { return seedsOf(o.datasets.all(), (*dataset).seed) }),
	kindOf("data service", func(s *Organization) *[]DataService { return &s.DataServices }, func(v DataService) string { return v.Name },
		(*organization).seedDataService, func(o *organization) []DataService { return seedsOf(o.dataServices.all(), (*dataService).seed) }),
	kindOf("user tag", func(s *Organization) *[]UserTag { return &s.UserTags }, func(v UserTag) string { return v.TagName },
		(*organization).seedUserTag, func(o *organization) []UserTag { return seedsOf(o.tags.all(), o.tagSeed) }),
	kindOf("dynamic tag", func(s *Organization) *[]DynamicTag { return &s.DynamicTags }, func(v DynamicTag) string { return v.ConfigName },
		(*organization).seedDynamicTag, func(o *organization) []DynamicTag { return seedsOf(o.dynamicTags.all(), itself[DynamicTag]) }),
	kindOf("work", func(s *Organization) *[]Works { return &s.Works }, func(v Works) string { return v.WorksName },
		(*organization).seedWork, func(o *organization) []Works { return seedsOf(o.works.all(), o.workSeed) }),
	kindOf("share", func(s *Organization) *[]Share { return &s.Shares }, func(v Share) string { return v.WorksID },
		(*organization).seedShare, func(o *organization) []Share { return seedsOf(o.shares.inOrder(), (*grant).seed) }),
	kindOf("favorite", func(s *Organization) *[]Favorite { return &s.Favorites }, func(v Favorite) string { return v.WorksID },
		(*organization).seedFavorite, func(o *organization) []Favorite { return o.favoriteSeeds() }),
	kindOf("view", func(s *Organization) *[]View { return &s.Views }, func(v View) string { return v.WorksID },
		(*organization).seedView, func(o *organization) []View { return o.viewSeeds() }),
	kindOf("address", func(s *Organization) *[]string { return &s.IPWhiteList }, func(v string) string { return v },
		(*organization).seedLoginIP, func(o *organization) []string { return seedsOf(o.loginIPs.all(), itself[string]) }),
	kindOf("question resource", func(s *Organization) *[]LLMCube { return &s.LLMCubes }, func(v LLMCube) string { return v.Alias },
		(*organization).seedLLMCube, func(o *organization) []LLMCube { return seedsOf(o.llmCubes.all(), (*llmCube).seed) }),
	kindOf("analysis theme", func(s *Organization) *[]CopilotTheme { return &s.CopilotThemes }, func(v CopilotTheme) string { return v.ThemeName },
		(*organization).seedLLMTheme, func(o *organization) []CopilotTheme { return seedsOf(o.llmThemes.all(), (*llmTheme).seed) }),
	kindOf("grant", func(s *Organization) *[]SmartqGrant { return &s.SmartqGrants }, func(v SmartqGrant) string { return v.UserID },
		(*organization).seedSmartQGrant, func(o *organization) []SmartqGrant { return o.grantSeeds() }),
	kindOf("answer", func(s *Organization) *[]SmartqAnswer { return &s.SmartqAnswers }, func(v SmartqAnswer) string { return v.UserQuestion },
		(*organization).seedSmartQAnswer, func(o *organization) []SmartqAnswer { return o.answerSeeds() }),
	kindOf("dashboard", func(s *Organization) *[]string { return &s.NL2SQLDashboards }, func(v string) string { return v },
		(*organization).seedAskedDashboard, func(o *organization) []string { return o.askedSeeds() }),
	kindOf("embedded Smart Q", func(s *Organization) *[]CopilotEmbedConfig { return &s.CopilotEmbeds }, func(v CopilotEmbedConfig) string { return v.ShowName },
		(*organization).seedCopilotEmbed, func(o *organization) []CopilotEmbedConfig { return seedsOf(o.copilots.all(), (*copilot).seed) }),
	kindOf("embedded agent", func(s *Organization) *[]AIProEmbedConfig { return &s.AIProEmbeds }, func(v AIProEmbedConfig) string { return v.ShowName },
		(*organization).seedAIProEmbed, func(o *organization) []AIProEmbedConfig { return seedsOf(o.aiPros.all(), (*aiPro).seed) }),
	kindOf("ticket", func(s *Organization) *[]TicketInfo { return &s.Tickets }, func(v TicketInfo) string { return v.AccessTicket },
		(*organization).seedTicket, func(o *organization) []TicketInfo { return seedsOf(o.tickets.all(), (*ticket).seed) }),
	kindOf("mail task", func(s *Organization) *[]MailTask { return &s.MailTasks }, func(v MailTask) string { return v.Name },
		(*organization).seedMailTask, func(o *organization) []MailTask { return seedsOf(o.mailTasks.all(), (*mailTask).seed) }),
	kindOf("application", func(s *Organization) *[]Application { return &s.Applications }, func(v Application) string { return v.ApplicationID },
		(*organization).seedApplication, func(o *organization) []Application { return seedsOf(o.applications.all(), (*application).seed) }),
	kindOf("mobile account", func(s *Organization) *[]MobileAccount { return &s.MobileAccounts }, func(v MobileAccount) string { return v.MobileUserID },
		(*organization).seedMobileAccount, func(o *organization) []MobileAccount { return seedsOf(o.mobileAccounts.all(), itself[MobileAccount]) }),
	kindOf("audit entry", func(s *Organization) *[]AuditLogEntry { return &s.AuditLog }, func(v AuditLogEntry) string { return v.TargetName },
		(*organization).seedAuditEntry, func(o *organization) []AuditLogEntry { return o.audit.entries() }),
}

// Seed adds to the organization. The seed may refer to what is already there. It stops
// at the first thing that does not fit, and says why; what came before stays. Limits
// apply to the calls that follow, not to the seed. The emulator keeps a copy: later
// changes of the value have no effect.
func (e *Emulator) Seed(s Organization) error {
	now := e.Now()
	s = deepCopy(s)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, kind := range seedKinds {
		if err := kind.put(e.org, &s, now); err != nil {
			return fmt.Errorf("quickbitest: %w", err)
		}
	}
	e.org.lacks = cmp.Or(s.Lacks, e.org.lacks)
	e.org.limits = cmp.Or(s.Limits, e.org.limits)
	return nil
}

// Snapshot returns the state of the organization in the form that [Emulator.Seed]
// takes: to look at it, or to start another emulator from there. It lacks what seeds do
// not have: when and by whom user groups were created, and the ids of authorizations.
// It is a copy: a change of it changes nothing in the emulator.
func (e *Emulator) Snapshot() Organization {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := Organization{Lacks: e.org.lacks, Limits: e.org.limits}
	for _, kind := range seedKinds {
		kind.take(e.org, &s)
	}
	return deepCopy(s)
}

// deepCopy returns a copy that shares nothing mutable with v.
func deepCopy[T any](v T) T {
	var copied T
	copyInto(reflect.ValueOf(&copied).Elem(), reflect.ValueOf(&v).Elem())
	return copied
}

func copyInto(to, from reflect.Value) {
	to.Set(from) // what is plain, and the fields that are not exported, which all are
	switch kind := from.Kind(); {
	case kind == reflect.Struct:
		for i := range from.NumField() {
			if from.Type().Field(i).IsExported() {
				copyInto(to.Field(i), from.Field(i))
			}
		}
	case kind == reflect.Pointer && !from.IsNil():
		to.Set(reflect.New(from.Type().Elem()))
		copyInto(to.Elem(), from.Elem())
	case kind == reflect.Interface && !from.IsNil():
		value := reflect.New(from.Elem().Type()).Elem()
		copyInto(value, from.Elem())
		to.Set(value)
	case kind == reflect.Slice && !from.IsNil():
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			copyInto(to.Index(i), from.Index(i))
		}
	case kind == reflect.Map && !from.IsNil():
		to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
		for entry := from.MapRange(); entry.Next(); {
			value := reflect.New(from.Type().Elem()).Elem()
			copyInto(value, entry.Value())
			to.SetMapIndex(entry.Key(), value)
		}
	}
}

// seedsOf is collect for seeds, which are nil if there is nothing.
func seedsOf[T, S any](all iter.Seq[T], seed func(T) S) []S {
	var seeds []S
	for v := range all {
		seeds = append(seeds, seed(v))
	}
	return seeds
}

func itself[T any](v T) T { return v }

// seedTimes reads when something was created and last modified. Without the latter it
// was never modified.
func seedTimes(made, changed int64, now time.Time) (created, modified time.Time) {
	created = seededTime(made, now)
	return created, seededTime(changed, created)
}

// seedMember returns the member that a seed names, or otherwise if it names none.
func (o *organization) seedMember(id string, otherwise *member) (*member, error) {
	if id == "" {
		return otherwise, nil
	}
	m, ok := o.members.get(id)
	if !ok {
		return nil, fmt.Errorf("there is no user %q", id)
	}
	return m, nil
}

// seededTime is the time that a seed gives in milliseconds.
func seededTime(ms int64, now time.Time) time.Time {
	if ms == 0 {
		return now
	}
	return time.UnixMilli(ms)
}

// parseWritten is the inverse of written. An empty text is now.
func parseWritten(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return now, nil
	}
	t, err := time.ParseInLocation(time.DateTime, s, beijing)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time such as %q", s, time.DateTime)
	}
	return t, nil
}
