package quickbitest

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi/quickbitest/internal/gateway"
)

// The types of receivers, as ShareToType, AuthorizeScope and ReceiverType have them.
const (
	receiverUser         = 0
	receiverGroup        = 1
	receiverOrganization = 2
	receiverWorkspace    = 3
)

// A receiver is a user, a user group, the organization or a workspace.
type receiver struct {
	kind int
	id   string
}

// key is unique to the receiver.
func (r receiver) key() string { return fmt.Sprint(r.kind, " ", r.id) }

// A grant lets a receiver do something with a resource.
type grant struct {
	id       string
	resource string
	to       receiver
	points   int
	expires  time.Time // zero: never
	created  time.Time // zero: not known
}

// at notes when the right was given for the first time.
func (g *grant) at(now time.Time) *grant {
	if g.created.IsZero() {
		g.created = now
	}
	return g
}

func (g *grant) valid(now time.Time) bool { return g.expires.IsZero() || now.Before(g.expires) }

// grants indexes grants by resource and by receiver. A resource is granted to a
// receiver once; a later grant replaces the former.
type grants struct {
	byResource index[string, *grant]
	byReceiver index[receiver, *grant]
}

func (t grants) get(resource string, to receiver) (*grant, bool) {
	return t.byReceiver.get(to, resource)
}

// put grants the resource and returns the grant, which keeps its id if it is renewed.
func (t *grants) put(resource string, to receiver, points int, expires time.Time) *grant {
	g, ok := t.get(resource, to)
	if !ok {
		g = &grant{id: gateway.NewUUID(), resource: resource, to: to}
		t.byResource.put(resource, to.key(), g)
		t.byReceiver.put(to, resource, g)
	}
	g.points, g.expires = points, expires
	return g
}

func (t grants) remove(resource string, to receiver) {
	t.byResource.remove(resource, to.key())
	t.byReceiver.remove(to, resource)
}

// forget removes all grants to the receiver.
func (t grants) forget(to receiver) {
	for _, g := range slices.Collect(t.byReceiver.all(to)) {
		t.remove(g.resource, to)
	}
}

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

// reaches says whether the resource is granted to any of the receivers.
func (t grants) reaches(resource string, all iter.Seq[receiver], now time.Time) bool {
	for to := range all {
		if g, ok := t.get(resource, to); ok && g.valid(now) {
			return true
		}
	}
	return false
}

// The shareState is what the organization knows of sharing. Works, datasets and data
// sources are granted by their ids.
//
// Sharing and authorizing end up in the same place, as they do in the console of
// today: QueryShareList shows workspaces, which only AddWorksAuthorization knows.
type shareState struct{ shares grants }

// dropGrants drops everything that is granted to a receiver that no longer exists.
func (o *organization) dropGrants(to receiver) {
	o.shares.forget(to)
	o.menuGrants.forget(to)
	o.whiteLists.forget(to)
}

// leaveReceivers drops the shares with a member who leaves.
func (o *organization) leaveReceivers(m *member) { o.dropGrants(receiver{receiverUser, m.UserID}) }

// receivers lists all receivers that stand for the member: the user, the user's groups
// and the groups above them, the organization, and the user's workspaces. It is not
// documented whether a share with a group is also for the groups below it.
func (m *member) receivers() iter.Seq[receiver] {
	return func(yield func(receiver) bool) {
		if !yield(receiver{receiverUser, m.UserID}) || !yield(receiver{receiverOrganization, OrganizationID}) {
			return
		}
		for s := range m.seats.all() {
			if !yield(receiver{receiverWorkspace, s.workspace.WorkspaceID}) {
				return
			}
		}
		seen := make(map[*group]bool)
		for g := range m.groups.all() {
			for ; g.parent != nil && !seen[g]; g = g.parent {
				seen[g] = true
				if !yield(receiver{receiverGroup, g.id}) {
					return
				}
			}
		}
	}
}

// shared returns the works that are shared with the member in any way.
func (c *call) shared(m *member) map[*work]bool {
	found := make(map[*work]bool)
	for to := range m.receivers() {
		for g := range c.shares.byReceiver.all(to) {
			if w, ok := c.works.get(g.resource); ok && g.valid(c.now) {
				found[w] = true
			}
		}
	}
	return found
}

// nameOf returns the name of the receiver, and whether it exists.
func (o *organization) nameOf(to receiver) (string, bool) {
	switch to.kind {
	case receiverUser:
		if m, ok := o.members.get(to.id); ok {
			return m.NickName, true
		}
	case receiverGroup:
		if g, ok := o.groups.get(to.id); ok {
			return g.name, true
		}
	case receiverOrganization:
		return "Organization", to.id == OrganizationID
	case receiverWorkspace:
		if ws, ok := o.workspaces.get(to.id); ok {
			return ws.WorkspaceName, true
		}
	}
	return "", false
}

// A Share lets somebody see a work, a dataset, or a data source from the start.
type Share struct {
	WorksID     string `json:"ReportId"`
	ShareToType int    `json:"ShareToType"` // 0 user, 1 user group, 2 organization, 3 workspace
	ShareToID   string `json:"ShareToId"`   // empty: the organization
	AuthPoints  int    `json:"AuthPoint"`   // 1 view, 3 export too, 11 edit too; 0: view
	ExpireDate  int64  `json:"ExpireDate"`  // milliseconds since 1970; 0: never
}

func (o *organization) seedShare(s Share, _ time.Time) error {
	to := receiver{s.ShareToType, s.ShareToID}
	if to.kind == receiverOrganization && to.id == "" {
		to.id = OrganizationID
	}
	if s.AuthPoints == 0 {
		s.AuthPoints = mayView
	}
	_, there := o.nameOf(to)
	switch {
	case !o.hasResource(s.WorksID):
		return fmt.Errorf("there is no work, dataset or data source %q", s.WorksID)
	case !there:
		return fmt.Errorf("there is no receiver %q of type %d", to.id, to.kind)
	case s.AuthPoints != mayView && s.AuthPoints != mayExport && s.AuthPoints != mayEdit:
		return errors.New("AuthPoint is none of 1, 3, 11")
	}
	var expires time.Time
	if s.ExpireDate != 0 {
		expires = time.UnixMilli(s.ExpireDate)
	}
	o.shares.put(s.WorksID, to, s.AuthPoints, expires)
	return nil
}

func (g *grant) seed() Share {
	s := Share{WorksID: g.resource, ShareToType: g.to.kind, ShareToID: g.to.id, AuthPoints: g.points}
	if !g.expires.IsZero() {
		s.ExpireDate = g.expires.UnixMilli()
	}
	return s
}

// hasResource says whether the id is that of a work, a dataset or a data source.
func (o *organization) hasResource(id string) bool {
	return o.works.has(id) || o.datasets.has(id) || o.datasources.has(id)
}

// addShareReport shares a work. It refuses shares with other organizations.
func addShareReport(c *call, w *work) (any, error) {
	if !*w.workspace.AllowShare {
		return nil, gateway.Refuse("Workspace.Share.Forbidden", "Works of the workspace %q cannot be shared.", w.workspace.WorkspaceID)
	}
	expires := time.UnixMilli(c.int64("ExpireDate"))
	if !c.now.Before(expires) {
		return nil, gateway.Refuse("Share.ExpireDate.Error", "ExpireDate is not in the future.")
	}
	to := receiver{c.int("ShareToType"), c.string("ShareToId")}
	if to.id == "" {
		if to.kind != receiverOrganization {
			return nil, gateway.Refuse("System.Param.Empty", "The call needs ShareToId.")
		}
		to.id = OrganizationID
	}
	if _, there := c.nameOf(to); !there {
		return nil, gateway.Refuse(map[int]string{
			receiverUser:         "User.Not.In.Organization",
			receiverGroup:        "Usergroup.Not.Exist",
			receiverOrganization: "Workspace.OutsideShare.Forbidden",
		}[to.kind], "The organization does not have %q, or is another one.", to.id)
	}
	c.shares.put(w.WorksID, to, c.int("AuthPoint"), expires).at(c.now)
	return true, nil
}

// cancelReportShare takes back shares with several receivers, all of them or none.
// Idempotent.
func cancelReportShare(c *call, w *work) (any, error) {
	code := map[int]string{
		receiverUser:         "User.NotBelongTo.CurrentOrganization",
		receiverGroup:        "Usergroup.NotBelongTo.CurrentOrganization",
		receiverOrganization: "Resource.NotBelongTo.CurrentOrganization",
	}[c.int("ShareToType")]
	ids := c.list("ShareToIds")
	for _, id := range ids {
		if _, there := c.nameOf(receiver{c.int("ShareToType"), id}); !there {
			return nil, gateway.Refuse(code, "The organization does not have %q.", id)
		}
	}
	for _, id := range ids {
		c.shares.remove(w.WorksID, receiver{c.int("ShareToType"), id})
	}
	return true, nil
}

// resourceTypes are the types of what can be authorized. A portal cannot.
var resourceTypes = []string{"dashboard", "report", "dashboardOfflineQuery", "cube", "datasource", "screen", "ANALYSIS", "dataForm"}

// A resource is what can be authorized: a work, a dataset or a data source.
type resource struct {
	workspace *workspace
	edit      *string // who may edit: 0 nobody else, 1 and 11 the workspace, 12 those named
	use       *int    // who may use: 1 the workspace, 2 and 0 those named; nil of a work
	dataset   *dataset
}

// resourceBy makes look-ups of the resource that ResourceId and the parameter of its type
// name. The codes are those for an unknown one; a work of another type is unknown, too.
func resourceBy(param, noWork, noDataset, noSource string) lookup[resource] {
	return func(c *call) (resource, error) {
		id, kind := c.string("ResourceId"), c.string(param)
		switch {
		case !slices.Contains(resourceTypes, kind):
			return resource{}, gateway.Invalid(param, "is none of %s", strings.Join(resourceTypes, ", "))
		case kind == "cube":
			d, err := c.findDataset(id, noDataset)
			if err != nil {
				return resource{}, err
			}
			return resource{d.workspace, &d.AuthLevel, &d.UsePermission, d}, nil
		case kind == "datasource":
			d, err := c.findDatasource(id, noSource)
			if err != nil {
				return resource{}, err
			}
			return resource{d.workspace, &d.AuthLevel, &d.UsePermission, nil}, nil
		}
		w, ok := c.works.get(id)
		if !ok || w.kind.resource != kind {
			return resource{}, gateway.Refuse(noWork, "There is no %s %q.", kind, id)
		}
		return resource{w.workspace, &w.SecurityLevel, nil, nil}, nil
	}
}

// addWorksAuthorization documents one code of its own, for works; the emulator uses it
// for datasets and data sources too. A receiver that does not exist is an invalid
// parameter.
func addWorksAuthorization(c *call, _ resource) (any, error) {
	points, to := c.int("AuthPoints"), receiver{c.int("AuthorizeScope"), c.string("AuthorizedId")}
	if _, there := c.nameOf(to); !there {
		return nil, gateway.Invalid("AuthorizedId", "names nobody in the organization")
	}
	expires, err := c.expireDay(points)
	if err != nil {
		return nil, err
	}
	return c.shares.put(c.string("ResourceId"), to, points, expires).at(c.now).id, nil
}

// expireDay returns the end of the day in ExpireDay. The right to edit does not expire;
// all others last until tomorrow at least.
func (c *call) expireDay(points int) (time.Time, error) {
	if points == mayEdit {
		return time.Time{}, nil
	}
	day, err := c.time("ExpireDay", time.DateOnly)
	if err != nil {
		return day, err
	}
	if !day.After(c.now) { // the next day begins after now, this one does not
		return time.Time{}, gateway.Invalid("ExpireDay", "is not after today")
	}
	return day.AddDate(0, 0, 1), nil
}

// deleteAuthorizationByUserId takes a resource from a user. It refuses if the user has
// it through a workspace or a user group.
func deleteAuthorizationByUserId(c *call, _ resource, m *member) (any, error) {
	id := c.string("ResourceId")
	for to := range m.receivers() {
		if g, ok := c.shares.get(id, to); !ok || !g.valid(c.now) {
			continue
		}
		switch to.kind {
		case receiverWorkspace:
			return nil, gateway.Refuse("DeletePermission.ExistWorkspaceRecord.Error", "The workspace %q, which the user is in, is authorized.", to.id)
		case receiverGroup:
			return nil, gateway.Refuse("DeletePermission.UserBelongsToUsergroup.Error", "The user group %q, which the user is in, is authorized.", to.id)
		}
	}
	c.shares.remove(id, receiver{receiverUser, m.UserID})
	return true, nil
}

// queryShareList shows with whom a work is shared. The number for the right to edit is
// documented only where rights are granted.
func queryShareList(c *call, w *work) (any, error) {
	type shareRow struct {
		ShareID     string `json:"ShareId"`
		ReportID    string `json:"ReportId"`
		ShareType   string
		ShareToID   string `json:"ShareToId"`
		ShareToName string
		ShareToType int
		AuthPoint   int
		ExpireDate  int64 `json:",omitempty"` // not there: never
	}
	valid := filter(c.shares.byResource.all(w.WorksID), func(g *grant) bool { return g.valid(c.now) })
	return collect(valid, func(g *grant) shareRow {
		name, _ := c.nameOf(g.to)
		row := shareRow{g.id, w.WorksID, w.kind.share, g.to.id, name, g.to.kind, g.points, 0}
		if !g.expires.IsZero() {
			row.ExpireDate = g.expires.UnixMilli()
		}
		return row
	}), nil
}

// querySharesToUserList lists the works that are shared with the user, with a group or
// a workspace of the user, or with the organization.
func querySharesToUserList(c *call, m *member) (any, error) {
	return collect(slices.Values(inOrder(c.shared(m))), (*work).resource), nil
}

// updateAuthorizationAttributes documents no codes; these are those of the operations
// beside it.
func updateAuthorizationAttributes(c *call, r resource) (any, error) {
	if c.has("UsePermissionType") && r.use == nil {
		return nil, gateway.Invalid("UsePermissionType", "is for datasets and data sources")
	}
	set(c, "EditPermissionType", r.edit, (*call).string)
	set(c, "UsePermissionType", r.use, (*call).int)
	return true, nil
}

// The texts for what may be done are not documented.
var authorities = map[int][]string{
	mayView: {"VIEW"}, mayExport: {"VIEW", "EXPORT"}, mayEdit: {"VIEW", "EXPORT", "EDIT"},
}

// An authConfig is a row of ListAuthConfigByResource.
type authConfig struct {
	ResourceID     string `json:"ResourceId"`
	ResourceType   string
	Scope          int
	AuthorizedID   string `json:"AuthorizedId"`
	AuthorizedName string
	Authorities    []string
	ExpireDate     string // milliseconds since 1970; empty: never
	GmtCreate      string
}

// listAuthConfigByResource lists who has got something of a resource: by a share or an
// authorization, because all in the workspace may edit or use it, or from a white list
// of its rules. What the organization and workspaces have got is listed with users.
func listAuthConfigByResource(c *call, r resource) (any, error) {
	id, groups := c.string("ResourceId"), c.int("ShareToType") == receiverGroup
	keyword := strings.ToLower(c.string("Keyword"))
	rows, at := []authConfig{}, make(map[receiver]int)
	give := func(to receiver, rights ...string) *authConfig {
		name, _ := c.nameOf(to)
		if (to.kind == receiverGroup) != groups || !strings.Contains(strings.ToLower(name), keyword) {
			return new(authConfig) // is not asked for
		}
		i, there := at[to]
		if !there {
			i, at[to] = len(rows), len(rows)
			rows = append(rows, authConfig{ResourceID: id, ResourceType: c.string("WorksType"), Scope: to.kind, AuthorizedID: to.id, AuthorizedName: name, Authorities: []string{}})
		}
		for _, right := range rights {
			if !slices.Contains(rows[i].Authorities, right) {
				rows[i].Authorities = append(rows[i].Authorities, right)
			}
		}
		return &rows[i]
	}
	for g := range c.shares.byResource.all(id) {
		if !g.valid(c.now) {
			continue
		}
		row := give(g.to, authorities[g.points]...)
		if !g.expires.IsZero() {
			row.ExpireDate = fmt.Sprint(g.expires.UnixMilli())
		}
		if !g.created.IsZero() {
			row.GmtCreate = written(g.created)
		}
	}
	everybody := receiver{receiverWorkspace, r.workspace.WorkspaceID}
	if *r.edit == "1" || *r.edit == "11" {
		give(everybody, authorities[mayEdit]...)
	}
	if r.use != nil && *r.use == 1 {
		give(everybody, "USE")
	}
	if r.dataset != nil {
		for _, level := range [...]*dataLevel{r.dataset.row, r.dataset.column} {
			for m := range level.whiteList.users.all() {
				give(receiver{receiverUser, m.UserID}, level.kind+"_WHITE_LIST")
			}
			for g := range level.whiteList.groups.all() {
				give(receiver{receiverGroup, g.id}, level.kind+"_WHITE_LIST")
			}
		}
	}
	if !c.bool("HasAuth") { // the others, too
		for m := range c.members.all() {
			give(receiver{receiverUser, m.UserID})
		}
		for g := range c.groups.all() {
			give(receiver{receiverGroup, g.id})
		}
	}
	return rows, nil
}
