package quickbitest

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"
)

// Snapshot returns the state of the organization in the form that [Emulator.Seed]
// takes: to look at it, or to have another emulator go on from there. Not in it is
// what seeds do not have: when and by whom user groups were made, and the ids of
// authorizations.
func (e *Emulator) Snapshot() Organization {
	e.mu.Lock()
	defer e.mu.Unlock()
	o := e.org
	return Organization{
		Users:      list(o.members.all(), func(m *member) User { return m.User }),
		Roles:      sortedRoles(o.roles),
		UserGroups: o.root.seedsBelow(),

		WorkspaceRoles:     sortedRoles(o.workspaceRoles),
		Workspaces:         list(o.workspaces.all(), (*workspace).seed),
		Datasources:        list(o.datasources.all(), (*datasource).seed),
		APIDatasources:     list(o.apiSources.all(), (*apiSource).seed),
		DatasetDirectories: list(o.directories.all(), (*directory).seed),
		Datasets:           list(o.datasets.all(), (*dataset).seed),
		DataServices:       list(o.dataServices.all(), (*dataService).seed),
		UserTags:           list(o.tags.all(), o.tagSeed),
		DynamicTags:        list(o.dynamicTags.all(), itself[DynamicTag]),
		Works:              list(o.works.all(), o.workSeed),
		Shares:             list(o.shares.inOrder(), (*grant).seed),
		Favorites:          o.favoriteSeeds(),
		Views:              o.viewSeeds(),

		LLMCubes:        list(o.smartQ.cubes.all(), (*llmCube).seed),
		LLMThemes:       list(o.smartQ.themes.all(), (*llmTheme).seed),
		SmartQGrants:    o.smartQ.grantSeeds(),
		SmartQAnswers:   o.smartQ.answerSeeds(),
		AskedDashboards: o.smartQ.askedSeeds(),
		CopilotEmbeds:   list(o.embeds.copilots.all(), (*copilot).seed),
		Tickets:         list(o.embeds.tickets.all(), (*ticket).seed),
		MailTasks:       list(o.mail.tasks.all(), (*mailTask).seed),
		Applications:    list(o.applications.all.all(), func(a *application) Application { return a.Application }),
		MobileAccounts:  list(o.mobile.all.all(), itself[MobileAccount]),
		LoginIPs:        list(o.loginIPs.all(), itself[string]),
		AuditLog:        o.audit.entries(),

		Lacks:  o.lacks,
		Limits: o.limits,
	}
}

// list is collect for seeds, where nothing is nil.
func list[T, S any](all iter.Seq[T], seed func(T) S) []S {
	var seeds []S
	for v := range all {
		seeds = append(seeds, seed(v))
	}
	return seeds
}

func itself[T any](v T) T { return v }

func memberID(m *member) string { return m.UserID }

// seedsBelow lists the groups below the group, each after its parent.
func (g *group) seedsBelow() []UserGroup {
	var seeds []UserGroup
	for child := range g.children.all() {
		seeds = append(seeds, UserGroup{
			ID: child.id, ParentID: g.id, Name: child.name, Description: child.description, UserIDs: list(child.members.all(), memberID),
		})
		seeds = append(seeds, child.seedsBelow()...)
	}
	return seeds
}

func (ws *workspace) seed() Workspace {
	s := Workspace{
		ID: ws.id, Name: ws.name, Description: ws.description, OwnerID: ws.owner.UserID,
		AllowPublish: new(ws.allowPublish), AllowShare: new(ws.allowShare), AllowViewAll: new(ws.allowViewAll),
		DefaultShareToAll: ws.defaultShareToAll, CreateTime: ws.created.UnixMilli(),
	}
	for seat := range ws.seats.all() {
		if !seat.isOwner() || len(seat.roles) > 1 {
			s.Users = append(s.Users, WorkspaceUser{seat.member.UserID, seat.roles})
		}
	}
	return s
}

func (d *datasource) seed() Datasource {
	s := d.Datasource
	s.WorkspaceID, s.CreatorID, s.ModifierID = d.workspace.id, d.creator.UserID, d.modifier.UserID
	s.GmtCreate, s.GmtModified = d.created.UnixMilli(), d.modified.UnixMilli()
	return s
}

func (a *apiSource) seed() APIDatasource {
	s := a.APIDatasource
	s.DateUpdateTime, s.GmtCreate, s.GmtModified = a.updated.UnixMilli(), a.created.UnixMilli(), a.modified.UnixMilli()
	s.Parameters = list(slices.Values(a.parameters), func(p apiParameter) APIParameter { return APIParameter{p.Name, p.Value} })
	s.Body = make(map[string]any)
	for name, value := range a.body {
		s.Body[name] = value
	}
	return s
}

func (d *directory) seed() DatasetDirectory {
	return DatasetDirectory{ID: d.id, Name: d.name, ParentID: d.parent.seedID(), WorkspaceID: d.workspace.id}
}

// seedID is the id by which seeds name the directory: none for a workspace's own.
func (d *directory) seedID() string {
	if d.parent == nil {
		return ""
	}
	return d.id
}

func (d *dataset) seed() Dataset {
	s := Dataset{
		ID: d.id, Name: d.name, Description: d.description, WorkspaceID: d.workspace.id, OwnerID: d.owner.UserID,
		DirectoryID: d.directory.seedID(), Tables: d.tables, Dimensions: d.dimensions, Measures: d.measures,
		RowLevel: d.row.seed(), ColumnLevel: d.column.seed(), Performance: d.performance, Advice: d.advice,
		CreateTime: d.created.UnixMilli(), ModifyTime: d.modified.UnixMilli(),
	}
	if d.source != nil {
		s.DatasourceID = d.source.ID
	}
	if a := d.acceleration; a != nil {
		s.Acceleration = &Acceleration{
			JobID: a.jobID, CreatorID: a.creator.UserID, EnabledTime: a.enabled.UnixMilli(), Size: a.size,
			Runs:       list(slices.Values(a.runs), (*accelerationRun).seed),
			RunSeconds: int(a.takes / time.Second), RunStatus: a.outcome,
		}
	}
	return s
}

func (r *accelerationRun) seed() AccelerationRun {
	return AccelerationRun{
		JobHistoryID: r.id, Status: r.outcome, StartTime: r.start.UnixMilli(), EndTime: r.end.UnixMilli(), Log: r.log,
	}
}

func (l *dataLevel) seed() DataLevel {
	return DataLevel{
		IsOpen: l.open, MissHitPolicy: l.missHit, WhiteList: l.whiteList.result(),
		Rules: list(l.rules.all(), func(r *dataLevelRule) DataLevelRule {
			s := r.model
			s.Users = r.audience.result()
			return s
		}),
	}
}

func (s *dataService) seed() DataService {
	seed := s.DataService
	seed.OwnerID, seed.CreatorID, seed.ModifierID = s.owner.UserID, s.creator.UserID, s.modifier.UserID
	seed.GmtCreate, seed.GmtModified = s.created.UnixMilli(), s.modified.UnixMilli()
	return seed
}

func (o *organization) tagSeed(t *tag) UserTag {
	s := UserTag{ID: t.id, Name: t.name, Description: t.description, Values: make(map[string]string)}
	for m := range t.members.all() {
		if v, ok := o.tagValues.get(m, t.id); ok {
			s.Values[m.UserID] = v.text
		}
	}
	return s
}

func (o *organization) workSeed(w *work) Work {
	s := w.Work
	s.WorkspaceID, s.OwnerID = w.workspace.id, w.owner.UserID
	if s.EmbedTime = 0; w.Embedded {
		s.EmbedTime = w.embedded.UnixMilli()
	}
	s.Menus = o.menuSeeds(o.topMenus[w.ID])
	s.WhiteList = list(o.whiteLists.byResource.all(w.ID), (*grant).receiverSeed)
	return s
}

func (o *organization) menuSeeds(menus []*menu) []Menu {
	return list(slices.Values(menus), func(m *menu) Menu {
		return Menu{
			ID: m.id, Name: m.name, Type: m.kind, URI: m.uri,
			ShowOnlyWithAccess: m.showOnlyWithAccess, DependentPermission: m.dependent,
			Children: o.menuSeeds(m.children), Receivers: list(o.menuGrants.byResource.all(m.id), (*grant).receiverSeed),
		}
	})
}

func (g *grant) receiverSeed() MenuReceiver { return MenuReceiver{g.to.id, g.to.kind, g.points} }

// inOrder lists all grants, by resource.
func (t grants) inOrder() iter.Seq[*grant] {
	return func(yield func(*grant) bool) {
		for _, resource := range slices.Sorted(maps.Keys(t.byResource)) {
			for g := range t.byResource.all(resource) {
				if !yield(g) {
					return
				}
			}
		}
	}
}

func (g *grant) seed() Share {
	s := Share{ResourceID: g.resource, ShareToType: g.to.kind, ShareToID: g.to.id, AuthPoint: g.points}
	if !g.expires.IsZero() {
		s.ExpireDate = g.expires.UnixMilli()
	}
	return s
}

func (o *organization) favoriteSeeds() []Favorite {
	type numbered struct {
		Favorite
		id int
	}
	var all []numbered
	for m := range o.members.all() {
		for f := range m.favorites.all() {
			all = append(all, numbered{Favorite{m.UserID, f.work.ID, f.since.UnixMilli()}, f.id})
		}
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.id, b.id) })
	return list(slices.Values(all), func(n numbered) Favorite { return n.Favorite })
}

func (o *organization) viewSeeds() []View {
	var seeds []View
	for m := range o.members.all() {
		for v := range m.views.all() {
			seeds = append(seeds, View{UserID: m.UserID, WorksID: v.work.ID, ViewCount: v.count, LatestViewTime: v.last.UnixMilli()})
		}
	}
	return seeds
}

func (q *llmCube) seed() LLMCube {
	return LLMCube{ID: q.id, DatasetID: q.dataset.id, Alias: q.alias, CreatorID: q.creator.UserID}
}

func (t *llmTheme) seed() LLMTheme {
	return LLMTheme{
		ID: t.id, Name: t.name, CreatorID: t.creator.UserID,
		LLMCubes: list(slices.Values(t.cubes), func(q *llmCube) string { return q.id }),
	}
}

func (s *smartQ) grantSeeds() []SmartQGrant {
	var seeds []SmartQGrant
	for _, userID := range slices.Sorted(maps.Keys(s.grants)) {
		for g := range s.grants.all(userID) {
			seed := SmartQGrant{UserID: userID, ExpireDay: g.until.Add(-time.Nanosecond).In(beijing).Format(time.DateOnly)}
			if g.cube != nil {
				seed.LLMCube = g.cube.id
			} else {
				seed.LLMTheme = g.theme.id
			}
			seeds = append(seeds, seed)
		}
	}
	return seeds
}

func (s *smartQ) answerSeeds() []SmartQAnswer {
	var seeds []SmartQAnswer
	for _, key := range slices.Sorted(maps.Keys(s.answers)) {
		seeds = append(seeds, s.answers[key])
	}
	return seeds
}

func (s *smartQ) askedSeeds() []string {
	var ids []string
	for _, workspaceID := range slices.Sorted(maps.Keys(s.asked)) {
		for w := range s.asked.all(workspaceID) {
			ids = append(ids, w.ID)
		}
	}
	return ids
}

func (e *copilot) seed() CopilotEmbed {
	s := e.CopilotEmbed
	s.CreateUser, s.ModifyUser = e.creator.UserID, e.modifier.UserID
	return s
}

func (t *ticket) seed() Ticket {
	s := Ticket{
		AccessTicket: t.id, CmptID: t.component, GlobalParam: t.globalParam, WatermarkParam: t.watermark,
		MaxTicketNum: t.visits, UsedTicketNum: t.used, RegisterTime: written(t.registered), InvalidTime: written(t.expires),
	}
	if t.viewer != nil {
		s.UserID = t.viewer.UserID
	}
	if t.work != nil {
		s.WorksID = t.work.ID
	} else {
		s.CopilotID = t.copilot.CopilotID
	}
	return s
}

// entries lists all of the log, day by day.
func (l *auditLog) entries() []AuditEntry {
	var all []AuditEntry
	for _, day := range slices.Sorted(maps.Keys(l.days)) {
		all = append(all, l.days[day]...)
	}
	return all
}
