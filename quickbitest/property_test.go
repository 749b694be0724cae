package quickbitest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

const (
	propertySteps = 500
	compareEvery  = 50 // steps
	mostWorks     = 20
)

// TestProperty makes random calls, some of which go wrong on the way, and does the same
// to a model of plain maps. Each call must be answered as the model has it, and what
// the operations list must be what is in the model.
//
// QUICKBI_PROPERTY_SEED makes the calls of another run again, and
// QUICKBI_PROPERTY_STEPS says how many to make.
func TestProperty(t *testing.T) {
	t.Parallel()
	steps := numberFromEnv(t, "QUICKBI_PROPERTY_STEPS", propertySteps)
	w := newWorld(t, numberFromEnv(t, "QUICKBI_PROPERTY_SEED", uint64(time.Now().UnixNano())))
	for n := range steps {
		if w.oneIn(30) {
			w.passTime()
		}
		if len(w.works) < mostWorks && w.oneIn(20) {
			w.publish()
		}
		w.do(operations[w.random.IntN(len(operations))](w))
		if n%compareEvery == 0 || n == steps-1 {
			w.compare()
		}
	}
	// What the emulator shows of itself makes another one that is the same.
	w.log = append(w.log, "a new emulator goes on")
	w.startServer(w.server.Snapshot())
	w.compare()
	t.Logf("seed %d: %d steps, %d of which changed something; refusals: %v", w.seed, steps, w.changes, w.refused)
	if steps >= propertySteps && (w.changes < int(steps)/4 || len(w.refused) < 15) {
		t.Error("too few changes, or too few kinds of refusals, to show anything")
	}
}

func numberFromEnv(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// What the model knows of the organization. It finds things by looking at all of them:
// it is meant to be seen to be right, not to be fast.
type (
	person struct {
		id, account, nick string
		kind              quickbi.UserType
		roles             []int64
		inactive          bool
	}
	group struct {
		id, name string
		parent   *group // nil: this is the root
		members  map[*person]bool
	}
	workspace struct {
		id, name  string
		owner     *person
		share     bool // works can be shared
		coediting bool // developers edit the works of others
		seats     map[*person][]int64
	}
	work struct {
		id    string
		kind  quickbi.WorksType
		in    *workspace
		owner *person
		open  bool // to all members of the workspace
	}
	tag struct {
		id, name, description string
		values                map[*person]string
	}
	target struct {
		kind quickbi.ShareTargetType
		id   string
	}
	grant struct {
		points quickbi.AuthPoints
		ends   time.Time // zero: never
	}
)

// A world is an emulator, the model of what must be in it, and what was done to both.
type world struct {
	t      *testing.T
	ctx    context.Context
	server *quickbitest.Server
	client *quickbi.Client

	seed    uint64
	random  *rand.Rand
	log     []string
	changes int
	refused map[quickbi.ErrorCode]int

	start, now time.Time
	people     []*person
	root       *group
	groups     []*group
	workspaces []*workspace
	works      []*work
	tags       []*tag
	shares     map[*work]map[target]grant
	gone       []string          // ids of what was deleted
	names      map[string]string // by id; ids differ from run to run
}

// The roles that the organization and its workspaces have made.
const (
	auditorRole  int64 = 456 // of the organization
	watcherRole  int64 = 900 // may do nothing besides looking
	modelerRole  int64 = 901 // may edit datasets
	authorRole   int64 = 902 // may edit dashboards
	unknownRole  int64 = 77
	alreadyThere       = quickbi.ErrorCode("AE0150010001") // in the results of AddWorkspaceUsers

	mostWorkspaces = 6
)

var licences = map[quickbi.UserType]struct {
	number int
	code   quickbi.ErrorCode
}{
	quickbi.UserTypeDeveloper: {8, quickbi.ErrDeveloperLimit},
	quickbi.UserTypeViewer:    {3, quickbi.ErrViewerLimit},
	quickbi.UserTypeAnalyst:   {6, quickbi.ErrAnalystLimit},
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	start := time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC)
	w := &world{
		t: t, ctx: t.Context(), seed: seed, random: rand.New(rand.NewPCG(seed, 0)), refused: make(map[quickbi.ErrorCode]int),
		start: start, now: start,
		root: &group{id: quickbi.RootUserGroupID}, shares: make(map[*work]map[target]grant),
		names: map[string]string{quickbitest.OrganizationID: "everybody"},
	}
	o := quickbitest.Organization{
		Roles: []quickbitest.Role{{RoleID: auditorRole, RoleName: "Auditor"}},
		WorkspaceRoles: []quickbitest.Role{
			{RoleID: watcherRole, RoleName: "Watcher"},
			{RoleID: modelerRole, RoleName: "Modeler", AuthConfigs: []quickbi.RoleAuthConfig{{AuthKey: "cube"}}},
			{RoleID: authorRole, RoleName: "Author", AuthConfigs: []quickbi.RoleAuthConfig{{AuthKey: "dashboard_create"}}},
		},
		Limits: quickbitest.Limits{
			Developers: licences[quickbi.UserTypeDeveloper].number, Viewers: licences[quickbi.UserTypeViewer].number,
			Analysts: licences[quickbi.UserTypeAnalyst].number, Workspaces: mostWorkspaces,
		},
	}
	owner := w.addPerson(&person{id: quickbitest.OwnerUserID, account: "owner", nick: "Owner", kind: quickbi.UserTypeDeveloper, roles: []int64{quickbi.OrganizationRoleAdmin}})
	for i := range 6 {
		p := w.addPerson(&person{
			id: fmt.Sprint("seeded", i), account: fmt.Sprint("a", i), nick: fmt.Sprint("N", i),
			kind: []quickbi.UserType{quickbi.UserTypeDeveloper, quickbi.UserTypeDeveloper, quickbi.UserTypeAnalyst}[i%3], roles: []int64{quickbi.OrganizationRoleUser},
		})
		o.Users = append(o.Users, quickbitest.User{UserID: p.id, AccountName: p.account, NickName: p.nick, UserType: int(p.kind)})
	}
	lab := w.addWorkspace(&workspace{id: "lab", name: "lab", owner: owner, share: true, coediting: true})
	vault := w.addWorkspace(&workspace{id: "vault", name: "vault", owner: w.people[1]})
	lab.seats[w.people[2]] = []int64{quickbi.WorkspaceRoleDeveloper}
	lab.seats[w.people[3]] = []int64{quickbi.WorkspaceRoleAnalyst}
	o.Workspaces = []quickbitest.Workspace{
		{WorkspaceID: lab.id, WorkspaceName: lab.name, Users: []quickbitest.WorkspaceUser{
			{UserID: w.people[2].id, RoleIDs: lab.seats[w.people[2]]}, {UserID: w.people[3].id, RoleIDs: lab.seats[w.people[3]]},
		}},
		{WorkspaceID: vault.id, WorkspaceName: vault.name, OwnerID: vault.owner.id, AllowShare: new(false), AllowViewAll: new(false)},
	}
	for i, parent := 1, w.root; i <= 8; i++ { // or the tree would seldom become too deep
		g := &group{id: fmt.Sprint("g", i), name: "A", parent: parent, members: make(map[*person]bool)}
		o.UserGroups = append(o.UserGroups, quickbitest.UserGroup{UserGroupID: g.id, UserGroupName: g.name, ParentUserGroupID: parent.id})
		w.groups, parent = append(w.groups, g), g
	}
	w.startServer(o)
	for range 4 {
		w.publish()
	}
	return w
}

// startServer sends the calls that follow to a new emulator with this organization.
func (w *world) startServer(o quickbitest.Organization) {
	w.t.Helper()
	w.server = quickbitest.NewServer(quickbitest.WithClock(func() time.Time { return w.start }))
	w.t.Cleanup(w.server.Close)
	w.server.SetSkew(w.now.Sub(w.start))
	if err := w.server.Seed(o); err != nil {
		w.fatalf("%v", err)
	}
	w.client = w.server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{BaseDelay: time.Millisecond}))
	w.setClock()
}

// publish has somebody make a work. No operation does that.
func (w *world) publish() {
	in := pick(w, w.workspaces...)
	owner := in.owner
	if others := where(w.people, func(p *person) bool { return in.seats[p] != nil && p != owner }); len(others) > 0 {
		owner = pick(w, others...)
	}
	v := &work{
		id: fmt.Sprintf("w%02d", len(w.works)), in: in, owner: owner, open: w.oneIn(3),
		kind: pick(w, quickbi.WorksTypeDashboard, quickbi.WorksTypeSpreadsheet, quickbi.WorksTypeScreen, quickbi.WorksTypeDataForm),
	}
	level := "0"
	if v.open {
		level = "11"
	}
	w.log = append(w.log, fmt.Sprintf("%s makes %s in %s, open: %t", owner.account, v.id, in.name, v.open))
	err := w.server.Seed(quickbitest.Organization{Works: []quickbitest.Works{
		{WorksID: v.id, WorksName: v.id, WorksType: string(v.kind), WorkspaceID: in.id, OwnerID: owner.id, SecurityLevel: level},
	}})
	if err != nil {
		w.fatalf("%v", err)
	}
	w.works = append(w.works, v)
	w.shares[v] = make(map[target]grant)
}

func (w *world) addPerson(p *person) *person {
	w.people = append(w.people, p)
	w.names[p.id] = p.account
	return p
}

func (w *world) addWorkspace(ws *workspace) *workspace {
	ws.seats = map[*person][]int64{ws.owner: {quickbi.WorkspaceRoleAdmin}}
	w.workspaces = append(w.workspaces, ws)
	w.names[ws.id] = ws.name
	return ws
}

// name returns what the log calls the thing with the id.
func (w *world) name(id string) string {
	if name, ok := w.names[id]; ok {
		return name
	}
	return id
}

// fatalf ends the test, and says how to have it again.
func (w *world) fatalf(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\n\nQUICKBI_PROPERTY_SEED=%d, steps:\n%s", fmt.Sprintf(format, args...), w.seed, strings.Join(w.log, "\n"))
}

// passTime lets some hours pass.
func (w *world) passTime() {
	hours := 1 + w.random.IntN(40)
	w.now = w.now.Add(time.Duration(hours) * time.Hour)
	w.server.SetSkew(w.now.Sub(w.start))
	w.log = append(w.log, fmt.Sprintf("%d hours pass", hours))
	w.setClock()
}

// setClock lets the client learn what time the emulator has, by a call that does not count.
func (w *world) setClock() {
	get(w, w.client.CheckOrganizationMember, &quickbi.CheckOrganizationMemberRequest{UserID: "nobody"})
}

// A step is one call that changes something, and what the model has of it.
type step struct {
	text     string
	call     func() error
	refusals []error               // any of which may come; none: the call must succeed
	partial  *quickbi.PartialError // what failed of a batch
	answer   func() string         // what is wrong with the result, if there is more to it than true
	done     func()                // changes the model
}

// plan returns a step that makes the call, and where its result will be.
func plan[Q, R any](w *world, call func(context.Context, *Q, ...quickbi.CallOption) (*quickbi.Response[R], error), in *Q) (*step, *R) {
	s, result := &step{text: w.describe(in)}, new(R)
	s.call = func() error {
		resp, err := call(w.ctx, in)
		if resp != nil {
			*result = resp.Result
		}
		if s.partial, _ = errors.AsType[*quickbi.PartialError](err); s.partial != nil {
			return nil
		}
		return err
	}
	return s, result
}

// describe writes the request with names for ids.
func (w *world) describe(in any) string {
	var parts []string
	document, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		w.t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch v := fields[name].(type) {
		case nil:
		case string:
			if v != "" {
				parts = append(parts, name+"="+w.name(v))
			}
		case []any:
			for i := range v {
				if id, ok := v[i].(string); ok {
					v[i] = w.name(id)
				}
			}
			parts = append(parts, fmt.Sprintf("%s=%v", name, v))
		default:
			parts = append(parts, fmt.Sprintf("%s=%v", name, v))
		}
	}
	action := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", in), "*quickbi."), "Request")
	return action + " " + strings.Join(parts, " ")
}

// refuse notes that the call has to be refused with the code.
func (s *step) refuse(code quickbi.ErrorCode, when bool) {
	if when {
		s.refusals = append(s.refusals, code)
	}
}

func (s *step) refuseAll(codes []quickbi.ErrorCode) {
	for _, code := range codes {
		s.refuse(code, true)
	}
}

// mishaps are what can go wrong with a call.
var mishaps = []struct {
	text     string
	fault    quickbitest.Fault
	times    int   // how many attempts it spoils
	executed bool  // the operation sees the call all the same
	err      error // nil: the client tries again
}{
	{"executed, answer lost", quickbitest.DropAfter(), 1, true, quickbi.ErrOutcomeUnknown},
	{"lost on its way", quickbitest.DropBefore(), 1, false, quickbi.ErrOutcomeUnknown},
	{"throttled once", quickbitest.Refuse("Throttling.User"), 1, true, nil},
	{"throttled for good", quickbitest.Refuse("Throttling"), 3, false, quickbi.ErrThrottled},
}

// do makes the call, with or without a mishap, and does the same to the model.
func (w *world) do(s *step) {
	w.t.Helper()
	w.log = append(w.log, s.text)
	want, attempts, executed := s.refusals, 1, len(s.refusals) == 0
	if n := w.random.IntN(4 * len(mishaps)); n < len(mishaps) {
		m := mishaps[n]
		w.log[len(w.log)-1] += " (" + m.text + ")"
		w.server.Fail("", m.fault, m.times)
		executed = executed && m.executed
		if attempts = m.times; m.err != nil {
			want = []error{m.err}
		} else {
			attempts++
		}
	}
	w.server.ResetCalls()
	err := s.call()
	w.server.ClearFaults()

	matches := func(want error) bool { return errors.Is(err, want) }
	if len(want) == 0 && err != nil || len(want) > 0 && !slices.ContainsFunc(want, matches) {
		w.fatalf("got %v, want %v", err, want)
	}
	if errors.Is(err, quickbi.ErrThrottled) && errors.Is(err, quickbi.ErrOutcomeUnknown) {
		w.fatalf("%v: but it is known that nothing was executed", err)
	}
	if err == nil && s.answer != nil {
		if problem := s.answer(); problem != "" {
			w.fatalf("%s", problem)
		}
	}
	calls := w.server.Calls()
	if len(calls) != attempts || calls[len(calls)-1].Executed != executed {
		w.fatalf("want %d calls, the last one executed: %t, got %+v", attempts, executed, calls)
	}
	if apiErr, ok := errors.AsType[*quickbi.Error](err); ok && apiErr.Code != "" {
		w.refused[apiErr.Code]++
	}
	if executed {
		w.changes++
		s.done()
	}
}

// get makes a call that must succeed, or find a part of what it looks for.
func get[Q, R any](w *world, call func(context.Context, *Q, ...quickbi.CallOption) (*quickbi.Response[R], error), in *Q) R {
	w.t.Helper()
	resp, err := call(w.ctx, in)
	if _, partly := errors.AsType[*quickbi.PartialError](err); err != nil && !partly {
		w.fatalf("%s: %v", w.describe(in), err)
	}
	return resp.Result
}

// all returns what an iterator yields.
func all[T any](w *world, sequence iter.Seq2[T, error]) []T {
	w.t.Helper()
	var list []T
	for v, err := range sequence {
		if err != nil {
			w.fatalf("%v", err)
		}
		list = append(list, v)
	}
	return list
}

func (w *world) oneIn(n int) bool { return w.random.IntN(n) == 0 }

func pick[T any](w *world, list ...T) T { return list[w.random.IntN(len(list))] }

// absent returns the id of nothing: of what was deleted, or of what never was.
func (w *world) absent() string {
	if len(w.gone) == 0 || w.oneIn(3) {
		return "nobody"
	}
	return pick(w, w.gone...)
}

// anyone returns a member of the organization, and now and then somebody else.
func (w *world) anyone() *person {
	if w.oneIn(20) {
		return &person{id: w.absent()}
	}
	return pick(w, w.people...)
}

// some returns up to three people, who may be the same.
func (w *world) some() (people []*person, ids []string) {
	for range 1 + w.random.IntN(3) {
		p := w.anyone()
		people, ids = append(people, p), append(ids, p.id)
	}
	return people, ids
}

// anyGroup returns a user group, now and then the root or none that there is.
func (w *world) anyGroup() *group {
	switch {
	case w.oneIn(20):
		return &group{id: w.absent()}
	case len(w.groups) == 0 || w.oneIn(10):
		return w.root
	}
	return pick(w, w.groups...)
}

// anyWorkspace returns a workspace, and now and then none that there is.
func (w *world) anyWorkspace() *workspace {
	if w.oneIn(20) {
		return &workspace{id: "nowhere"}
	}
	return pick(w, w.workspaces...)
}

// anyWork returns a work, and now and then none that there is.
func (w *world) anyWork() *work {
	if w.oneIn(20) {
		return &work{id: "nothing", in: &workspace{share: true}, kind: quickbi.WorksTypeDashboard}
	}
	return pick(w, w.works...)
}

// anyTag returns a tag, and now and then none that there is.
func (w *world) anyTag() *tag {
	if len(w.tags) == 0 || w.oneIn(20) {
		return &tag{id: w.absent()}
	}
	return pick(w, w.tags...)
}

// anyTarget returns one to share with, of one of the kinds, and whether there is one.
func (w *world) anyTarget(kinds ...quickbi.ShareTargetType) (to target, there bool) {
	to.kind = pick(w, kinds...)
	switch to.kind {
	case quickbi.ShareTargetUser:
		p := w.anyone()
		to.id, there = p.id, w.isMember(p)
	case quickbi.ShareTargetUserGroup:
		g := w.anyGroup()
		to.id, there = g.id, w.isGroup(g)
	case quickbi.ShareTargetOrganization:
		to.id, there = quickbitest.OrganizationID, true
		if w.oneIn(10) {
			to.id, there = "elsewhere", false
		}
	case quickbi.ShareTargetWorkspace:
		ws := w.anyWorkspace()
		to.id, there = ws.id, w.isWorkspace(ws)
	}
	return to, there
}

func (w *world) isMember(p *person) bool        { return slices.Contains(w.people, p) }
func (w *world) isGroup(g *group) bool          { return slices.Contains(w.groups, g) }
func (w *world) isParent(g *group) bool         { return g == w.root || w.isGroup(g) }
func (w *world) isWorkspace(ws *workspace) bool { return slices.Contains(w.workspaces, ws) }
func (w *world) isWork(v *work) bool            { return slices.Contains(w.works, v) }
func (w *world) isTag(t *tag) bool              { return slices.Contains(w.tags, t) }

// operations lists what a step can be. The important ones occur more than once.
var operations = []func(*world) *step{
	(*world).addUser, (*world).addUser, (*world).addUser, (*world).addUser, (*world).updateUser, (*world).deleteUser, (*world).deleteUser,
	(*world).createGroup, (*world).createGroup, (*world).updateGroup, (*world).transferGroup, (*world).deleteGroup, (*world).deleteGroup,
	(*world).addMembers, (*world).addMembers, (*world).joinGroups, (*world).leaveGroup, (*world).leaveGroups, (*world).withdraw,
	(*world).createWorkspace, (*world).enterWorkspace, (*world).enterWorkspace, (*world).enterWorkspaceTogether,
	(*world).changeRoles, (*world).changeRoleTogether, (*world).leaveWorkspace,
	(*world).shareWork, (*world).authorize, (*world).authorize, (*world).authorize, (*world).cancelShare, (*world).revoke,
	(*world).addTag, (*world).updateTag, (*world).deleteTag, (*world).setTag, (*world).setTag,
}

func (w *world) addUser() *step {
	p := &person{
		account: fmt.Sprint("a", 1+w.random.IntN(24)), nick: fmt.Sprint("N", 1+w.random.IntN(24)),
		kind:  pick(w, quickbi.UserTypeDeveloper, quickbi.UserTypeViewer, quickbi.UserTypeAnalyst),
		roles: pick(w, nil, nil, nil, []int64{auditorRole}, []int64{quickbi.OrganizationRoleAdmin, auditorRole}, []int64{unknownRole}),
	}
	if w.oneIn(30) {
		p.nick += "*"
	}
	if p.kind == quickbi.UserTypeViewer && len(p.roles) > 1 {
		p.roles = nil // what becomes of a viewer who is added as an administrator is not documented
	}
	//lint:ignore SA1019 The model knows members by the name of their account.
	s, result := plan(w, w.client.AddUser, &quickbi.AddUserRequest{AccountName: p.account, NickName: p.nick, UserType: p.kind, RoleIDs: p.roles})
	if p.roles == nil {
		p.roles = []int64{quickbi.OrganizationRoleUser}
	}
	s.refuse(quickbi.ErrInvalidParameterValue, strings.HasSuffix(p.nick, "*"))
	s.refuse(quickbi.ErrUserAlreadyInOrganization, slices.ContainsFunc(w.people, func(q *person) bool { return q.account == p.account }))
	s.refuse(quickbi.ErrNicknameTaken, w.nickTaken(p.nick, nil))
	s.refuse(licences[p.kind].code, w.full(p.kind))
	s.refuseAll(roleProblems(p))
	s.answer = func() string {
		if r := result; r.UserID == "" || r.AccountName != p.account || r.NickName != p.nick || r.UserType != p.kind || !slices.Equal(r.RoleIDs, p.roles) {
			return fmt.Sprintf("the new member is %+v, want %+v", r, p)
		}
		return ""
	}
	s.done = func() {
		if p.id = result.UserID; p.id == "" { // the answer was lost
			p.id = get(w, w.client.QueryUserInfoByAccount, &quickbi.QueryUserInfoByAccountRequest{Account: p.account}).UserID
		}
		w.addPerson(p)
	}
	return s
}

func (w *world) nickTaken(nick string, by *person) bool {
	return slices.ContainsFunc(w.people, func(p *person) bool { return p.nick == nick && p != by })
}

// full says whether all licences for members of the kind are taken.
func (w *world) full(kind quickbi.UserType) bool {
	n := 0
	for _, p := range w.people {
		if p.kind == kind {
			n++
		}
	}
	return n >= licences[kind].number
}

// roleProblems says why the person cannot have the person's organization roles.
func roleProblems(p *person) (codes []quickbi.ErrorCode) {
	if slices.Contains(p.roles, unknownRole) {
		codes = append(codes, quickbi.ErrBoundRoleNotFound)
	}
	if slices.Contains(p.roles, auditorRole) && p.kind == quickbi.UserTypeViewer {
		codes = append(codes, quickbi.ErrViewerCannotHaveCustomRole)
	}
	return codes
}

func (w *world) updateUser() *step {
	p := w.anyone()
	next := *p
	in := &quickbi.UpdateUserRequest{UserID: p.id}
	if w.oneIn(2) {
		next.nick = fmt.Sprint("N", 1+w.random.IntN(24))
		in.NickName = next.nick
	}
	if w.oneIn(3) {
		next.kind = pick(w, quickbi.UserTypeDeveloper, quickbi.UserTypeViewer, quickbi.UserTypeViewer, quickbi.UserTypeAnalyst)
		in.UserType = next.kind
	}
	if w.oneIn(3) {
		next.inactive = w.oneIn(2)
		in.IsDeleted = new(next.inactive)
	}
	if w.oneIn(3) {
		next.roles = pick(w, []int64{quickbi.OrganizationRoleUser}, []int64{auditorRole, quickbi.OrganizationRoleAdmin}, []int64{unknownRole})
		in.RoleIDs = next.roles
	}
	if in.NickName == "" && in.UserType == 0 && in.IsDeleted == nil && in.RoleIDs == nil { // there must be something to change
		in.IsDeleted = new(next.inactive)
	}
	s, _ := plan(w, w.client.UpdateUser, in)
	isAdmin := slices.Contains(next.roles, quickbi.OrganizationRoleAdmin)
	s.refuse(quickbi.ErrInvalidUserOrganization, !w.isMember(p))
	s.refuse(quickbi.ErrNicknameTaken, in.NickName != "" && w.nickTaken(next.nick, p))
	s.refuse(quickbi.ErrOrganizationOwnerNeedsAdminRole, p.id == quickbitest.OwnerUserID && (!isAdmin || next.inactive))
	s.refuse(quickbi.ErrAdminCannotBecomeViewer, next.kind == quickbi.UserTypeViewer && isAdmin)
	s.refuse(quickbi.ErrDeveloperCannotBecomeAnalystOrViewer, p.kind == quickbi.UserTypeDeveloper && next.kind != p.kind)
	s.refuse(quickbi.ErrWorkspaceMemberCannotBecomeViewer, next.kind == quickbi.UserTypeViewer && w.hasSeat(p))
	s.refuse(licences[next.kind].code, next.kind != p.kind && w.full(next.kind))
	s.refuseAll(roleProblems(&next))
	s.done = func() { *p = next }
	return s
}

func (w *world) hasSeat(p *person) bool {
	return slices.ContainsFunc(w.workspaces, func(ws *workspace) bool { return ws.seats[p] != nil })
}

func (w *world) deleteUser() *step {
	p := w.anyone()
	var heir *person
	switch w.random.IntN(3) {
	case 0:
		heir = w.anyone()
	case 1: // there is something to take over
		v := pick(w, w.works...)
		p, heir = v.owner, pick(w, where(w.people, func(p *person) bool { return v.in.seats[p] != nil })...)
	}
	in := &quickbi.DeleteUserRequest{UserID: p.id}
	if heir != nil {
		in.TransferUserID = heir.id
	}
	s, _ := plan(w, w.client.DeleteUser, in)
	s.refuse(quickbi.ErrUserNotInOrganization, !w.isMember(p))
	s.refuse(quickbi.ErrOrganizationOwnerNotRemovable, p.id == quickbitest.OwnerUserID)
	if heir != nil {
		s.refuse(quickbi.ErrTransferTargetNotFound, !w.isMember(heir) || heir == p)
		s.refuse(quickbi.ErrViewerCannotJoinWorkspace, heir.kind == quickbi.UserTypeViewer)
	}
	for _, ws := range w.workspaces {
		s.refuse(quickbi.ErrWorkspaceOwnerNotRemovable, ws.owner == p)
		if heir != nil && len(w.worksOf(p, ws)) > 0 {
			there, ok := ws.seats[heir]
			s.refuse(quickbi.ErrWorkTransfer, ok && rank(there) < rank(ws.seats[p]))
			s.refuse(quickbi.ErrAnalystRoleUnsupported, !ok && len(seatProblems(heir, ws.seats[p])) > 0)
		}
	}
	s.done = func() {
		for _, ws := range w.workspaces {
			works, to := w.worksOf(p, ws), ws.owner
			if len(works) > 0 && heir != nil {
				if to = heir; ws.seats[to] == nil {
					ws.seats[to] = ws.seats[p]
				}
			}
			for _, v := range works {
				v.owner = to
			}
			delete(ws.seats, p)
		}
		for _, g := range w.groups {
			delete(g.members, p)
		}
		for _, t := range w.tags {
			delete(t.values, p)
		}
		w.endShares(target{quickbi.ShareTargetUser, p.id})
		w.people = slices.DeleteFunc(w.people, func(q *person) bool { return q == p })
		w.gone = append(w.gone, p.id)
	}
	return s
}

// worksOf returns the works that the person owns in the workspace.
func (w *world) worksOf(p *person, ws *workspace) []*work {
	return where(w.works, func(v *work) bool { return v.owner == p && v.in == ws })
}

// where returns those of the list for which is holds.
func where[T any](list []T, is func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return !is(v) })
}

func (w *world) endShares(to target) {
	for _, shares := range w.shares {
		delete(shares, to)
	}
}

// layers counts the groups from the top down to this one.
func (g *group) layers() int {
	if g.parent == nil {
		return 0
	}
	return 1 + g.parent.layers()
}

func (w *world) children(g *group) []*group {
	return where(w.groups, func(child *group) bool { return child.parent == g })
}

// height counts the groups from this one down to the lowest.
func (w *world) height(g *group) int {
	below := 0
	for _, child := range w.children(g) {
		below = max(below, w.height(child))
	}
	return 1 + below
}

// lowest returns a group that is in no higher layer than the others.
func (w *world) lowest() *group {
	return slices.MaxFunc(w.groups, func(a, b *group) int { return a.layers() - b.layers() })
}

// ancestry returns the group and those above it, without the root.
func (g *group) ancestry() (groups []*group) {
	for ; g.parent != nil; g = g.parent {
		groups = append(groups, g)
	}
	return groups
}

// childNamed says whether the group has a child of that name other than one.
func (w *world) childNamed(g *group, name string, other *group) bool {
	return slices.ContainsFunc(w.children(g), func(child *group) bool { return child.name == name && child != other })
}

func (w *world) groupName() string { return pick(w, "A", "B", "C", "D", "E", "F") }

func (w *world) createGroup() *step {
	parent := w.anyGroup()
	if len(w.groups) > 0 && w.oneIn(4) {
		parent = w.lowest()
	}
	g := &group{name: w.groupName(), parent: parent, members: make(map[*person]bool)}
	if !w.oneIn(3) {
		g.id = fmt.Sprint("g", 1+w.random.IntN(30))
	}
	s, result := plan(w, w.client.CreateUserGroup, &quickbi.CreateUserGroupRequest{ParentUserGroupID: parent.id, UserGroupName: g.name, UserGroupID: g.id})
	s.refuse(quickbi.ErrParentUserGroupNotFound, !w.isParent(parent))
	s.refuse(quickbi.ErrUserGroupTooDeep, parent.layers() >= 10)
	s.refuse(quickbi.ErrDuplicateUserGroupID, slices.ContainsFunc(w.groups, func(other *group) bool { return other.id == g.id }))
	s.refuse(quickbi.ErrDuplicateUserGroupName, w.childNamed(parent, g.name, nil))
	s.answer = func() string {
		if *result == "" || g.id != "" && *result != g.id {
			return fmt.Sprintf("the new group has the id %q", *result)
		}
		return ""
	}
	s.done = func() {
		if *result != "" {
			g.id = *result
		}
		if g.id == "" { // the answer was lost
			for _, child := range get(w, w.client.QueryUserGroupListByParentId, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: parent.id}) {
				if child.UserGroupName == g.name {
					g.id = child.UserGroupID
				}
			}
		}
		w.groups = append(w.groups, g)
		w.gone = where(w.gone, func(id string) bool { return id != g.id }) // it may have been used before
		if len(g.id) > 3 {
			w.names[g.id] = fmt.Sprint("made", len(w.names))
		}
	}
	return s
}

func (w *world) updateGroup() *step {
	g, name := w.anyGroup(), w.groupName()
	s, _ := plan(w, w.client.UpdateUserGroup, &quickbi.UpdateUserGroupRequest{UserGroupID: g.id, UserGroupName: name})
	s.refuse(quickbi.ErrRootUserGroupNotRemovable, g == w.root)
	s.refuse(quickbi.ErrUserGroupNotFound, !w.isParent(g))
	s.refuse(quickbi.ErrDuplicateUserGroupName, w.isGroup(g) && w.childNamed(g.parent, name, g))
	s.done = func() { g.name = name }
	return s
}

func (w *world) transferGroup() *step {
	g, parent := w.anyGroup(), w.anyGroup()
	if len(w.groups) > 0 && w.oneIn(3) {
		parent = w.lowest()
	}
	s, _ := plan(w, w.client.TransferUsergroup, &quickbi.TransferUsergroupRequest{UserGroupID: g.id, ParentUserGroupID: parent.id})
	s.refuse(quickbi.ErrUserGroupNotFound, !w.isGroup(g))
	s.refuse(quickbi.ErrParentUserGroupNotFound, !w.isParent(parent) || slices.Contains(parent.ancestry(), g))
	s.refuse(quickbi.ErrUserGroupTooDeep, parent.layers()+w.height(g) > 10)
	s.refuse(quickbi.ErrDuplicateUserGroupName, w.childNamed(parent, g.name, g))
	s.done = func() { g.parent = parent }
	return s
}

func (w *world) deleteGroup() *step {
	g := w.anyGroup()
	if leaves := where(w.groups, func(g *group) bool { return len(w.children(g)) == 0 }); len(leaves) > 0 && w.oneIn(2) {
		g = pick(w, leaves...)
	}
	s, _ := plan(w, w.client.DeleteUserGroup, &quickbi.DeleteUserGroupRequest{UserGroupID: g.id})
	s.refuse(quickbi.ErrRootUserGroupNotRemovable, g == w.root)
	s.refuse(quickbi.ErrUserGroupNotFound, !w.isParent(g))
	s.refuse(quickbi.ErrUserGroupHasChildren, len(w.children(g)) > 0)
	s.done = func() {
		w.groups = where(w.groups, func(other *group) bool { return other != g })
		w.endShares(target{quickbi.ShareTargetUserGroup, g.id})
		w.gone = append(w.gone, g.id)
	}
	return s
}

// addMembers adds several members to a group, all of them or none.
func (w *world) addMembers() *step {
	g := w.anyGroup()
	people, ids := w.some()
	s, _ := plan(w, w.client.AddUserGroupMember, &quickbi.AddUserGroupMemberRequest{UserGroupID: g.id, UserIDs: ids})
	s.refuse(quickbi.ErrUserGroupNotFound, !w.isGroup(g))
	s.refuse(quickbi.ErrGroupUserNotFound, !w.areMembers(people))
	s.done = func() {
		for _, p := range people {
			g.members[p] = true
		}
	}
	return s
}

func (w *world) areMembers(people []*person) bool {
	return !slices.ContainsFunc(people, func(p *person) bool { return !w.isMember(p) })
}

// someGroups returns up to three groups, and whether they all are there.
func (w *world) someGroups() (groups []*group, ids []string, there bool) {
	there = true
	for range 1 + w.random.IntN(3) {
		g := w.anyGroup()
		groups, ids, there = append(groups, g), append(ids, g.id), there && w.isGroup(g)
	}
	return groups, ids, there
}

func (w *world) joinGroups() *step {
	p := w.anyone()
	groups, ids, there := w.someGroups()
	s, _ := plan(w, w.client.AddUserGroupMembers, &quickbi.AddUserGroupMembersRequest{UserID: p.id, UserGroupIDs: ids})
	s.refuse(quickbi.ErrGroupUserNotFound, !w.isMember(p))
	s.refuse(quickbi.ErrUserGroupNotFound, !there)
	s.done = func() {
		for _, g := range groups {
			g.members[p] = true
		}
	}
	return s
}

func (w *world) leaveGroup() *step {
	p, g := w.anyone(), w.anyGroup()
	s, _ := plan(w, w.client.DeleteUserGroupMember, &quickbi.DeleteUserGroupMemberRequest{UserID: p.id, UserGroupID: g.id})
	s.refuse(quickbi.ErrUserGroupNotFound, !w.isGroup(g))
	s.refuse(quickbi.ErrUserNotInOrganization, !w.isMember(p))
	s.done = func() { delete(g.members, p) }
	return s
}

func (w *world) leaveGroups() *step {
	p := w.anyone()
	groups, ids, there := w.someGroups()
	s, _ := plan(w, w.client.DeleteUserGroupMembers, &quickbi.DeleteUserGroupMembersRequest{UserID: p.id, UserGroupIDs: ids})
	s.refuse(quickbi.ErrUserNotInOrganization, !w.isMember(p))
	s.refuse(quickbi.ErrUserGroupOfOtherOrganization, !there)
	s.done = func() {
		for _, g := range groups {
			delete(g.members, p)
		}
	}
	return s
}

func (w *world) withdraw() *step {
	p := w.anyone()
	s, _ := plan(w, w.client.WithdrawAllUserGroups, &quickbi.WithdrawAllUserGroupsRequest{UserID: p.id})
	s.refuse(quickbi.ErrUserNotInOrganization, !w.isMember(p))
	s.done = func() {
		for _, g := range w.groups {
			delete(g.members, p)
		}
	}
	return s
}

func (w *world) createWorkspace() *step {
	ws := &workspace{name: fmt.Sprintf("ws%02d", len(w.workspaces)), owner: w.people[0], share: w.oneIn(2), coediting: w.oneIn(2)}
	s, result := plan(w, w.client.CreateWorkspace, &quickbi.CreateWorkspaceRequest{
		WorkspaceName: ws.name, AllowShare: new(ws.share), AllowViewAll: new(ws.coediting),
	})
	s.refuse(quickbi.ErrWorkspaceLimit, len(w.workspaces) >= mostWorkspaces)
	s.done = func() {
		if ws.id = *result; ws.id == "" { // the answer was lost
			for _, found := range all(w, w.client.QueryOrganizationWorkspaceListAll(w.ctx, &quickbi.QueryOrganizationWorkspaceListRequest{Keyword: ws.name})) {
				ws.id = found.WorkspaceID
			}
		}
		w.addWorkspace(ws)
	}
	return s
}

var presetRoles = []int64{quickbi.WorkspaceRoleAdmin, quickbi.WorkspaceRoleDeveloper, quickbi.WorkspaceRoleAnalyst, quickbi.WorkspaceRoleViewer}

// rank says what a role is worth.
func roleRank(role int64) int {
	switch role {
	case quickbi.WorkspaceRoleAdmin:
		return 3
	case quickbi.WorkspaceRoleDeveloper, modelerRole:
		return 2
	case quickbi.WorkspaceRoleAnalyst, authorRole:
		return 1
	}
	return 0
}

func rank(roles []int64) int {
	best := 0
	for _, role := range roles {
		best = max(best, roleRank(role))
	}
	return best
}

// seatProblems says why the person cannot have the roles in a workspace.
func seatProblems(p *person, roles []int64) (codes []quickbi.ErrorCode) {
	for _, role := range roles {
		switch {
		case role == unknownRole:
			codes = append(codes, quickbi.ErrInvalidRoleID)
		case p.kind == quickbi.UserTypeViewer && !slices.Contains(presetRoles, role):
			codes = append(codes, quickbi.ErrViewerCannotHaveCustomRole)
		case p.kind == quickbi.UserTypeAnalyst && (role == quickbi.WorkspaceRoleAdmin || role == quickbi.WorkspaceRoleDeveloper):
			codes = append(codes, quickbi.ErrAnalystCannotBeAdminOrDeveloper)
		case p.kind == quickbi.UserTypeAnalyst && roleRank(role) > 1:
			codes = append(codes, quickbi.ErrAnalystRoleUnsupported)
		}
	}
	return codes
}

// entryProblems says why the person cannot enter the workspace with a role.
func (w *world) entryProblems(p *person, ws *workspace, role int64) []quickbi.ErrorCode {
	codes := seatProblems(p, []int64{role})
	if roles, ok := ws.seats[p]; ok && slices.Equal(roles, []int64{role}) {
		codes = append(codes, quickbi.ErrUserAlreadyInRole)
	} else if ok {
		codes = append(codes, quickbi.ErrUserAlreadyInWorkspace)
	}
	if p.kind == quickbi.UserTypeViewer {
		codes = append(codes, quickbi.ErrViewerCannotJoinWorkspace)
	}
	return codes
}

func (w *world) enterWorkspace() *step {
	p, ws := w.anyone(), w.anyWorkspace()
	role := pick(w, append(presetRoles, watcherRole, modelerRole, authorRole, unknownRole)...)
	s, _ := plan(w, w.client.AddUserToWorkspace, &quickbi.AddUserToWorkspaceRequest{WorkspaceID: ws.id, UserID: p.id, RoleID: role})
	s.refuse(quickbi.ErrWorkspaceNotFound, !w.isWorkspace(ws))
	s.refuse(quickbi.ErrInvalidUserOrganization, !w.isMember(p))
	s.refuseAll(w.entryProblems(p, ws, role))
	s.done = func() { ws.seats[p] = []int64{role} }
	return s
}

// each completes a step that does something for people one by one: for those who have
// no problems it is done, and the result has the others.
func (w *world) each(s *step, result *quickbi.WorkspaceUsersResult, people []*person, problems func(*person) []quickbi.ErrorCode, done func(*person)) {
	fit, unfit := make(map[string]*person), make(map[string][]quickbi.ErrorCode)
	for _, p := range people {
		codes := problems(p)
		if !w.isMember(p) {
			codes = []quickbi.ErrorCode{quickbi.ErrUserNotInOrganization}
		}
		if len(codes) > 0 {
			unfit[p.id] = codes
		} else {
			fit[p.id] = p
		}
	}
	s.answer = func() string {
		failed := new(quickbi.PartialError)
		if s.partial != nil {
			failed = s.partial
		}
		right := (s.partial != nil && errors.Is(s.partial, quickbi.ErrNotPerformed)) == (len(fit) == 0) && result.Total == len(fit)+len(unfit) && result.Success == len(fit) && result.Failure == len(unfit) && len(failed.Failed) == len(unfit)
		for _, entry := range failed.Failed {
			right = right && slices.Contains(unfit[entry.ID], entry.Code)
		}
		if !right {
			return fmt.Sprintf("got %+v, want failures %v", *result, unfit)
		}
		return ""
	}
	s.done = func() {
		for _, p := range fit {
			done(p)
		}
	}
}

func (w *world) enterWorkspaceTogether() *step {
	ws, role := w.anyWorkspace(), pick(w, presetRoles...)
	people, ids := w.some()
	s, result := plan(w, w.client.AddWorkspaceUsers, &quickbi.AddWorkspaceUsersRequest{WorkspaceID: ws.id, UserIDs: ids, RoleID: role})
	s.refuse(quickbi.ErrWorkspaceNotFound, !w.isWorkspace(ws))
	problems := func(p *person) []quickbi.ErrorCode {
		codes := w.entryProblems(p, ws, role)
		if ws.seats[p] != nil {
			codes = append(codes, alreadyThere)
		}
		return codes
	}
	w.each(s, result, people, problems, func(p *person) { ws.seats[p] = []int64{role} })
	return s
}

// changeProblems says why the member of the workspace cannot get other roles.
func (w *world) changeProblems(p *person, ws *workspace, roles []int64) []quickbi.ErrorCode {
	codes := seatProblems(p, roles)
	if ws.seats[p] == nil {
		codes = append(codes, quickbi.ErrUserNotInWorkspace)
	}
	if ws.owner == p && !slices.Contains(roles, quickbi.WorkspaceRoleAdmin) {
		codes = append(codes, quickbi.ErrWorkspaceOwnerNeedsAdminRole)
	}
	return codes
}

func (w *world) changeRoles() *step {
	p, ws := w.anyone(), w.anyWorkspace()
	var roles []int64
	for range 1 + w.random.IntN(3) {
		roles = append(roles, pick(w, append(presetRoles, watcherRole, modelerRole, authorRole, unknownRole)...))
	}
	s, _ := plan(w, w.client.UpdateWorkspaceUserRole, &quickbi.UpdateWorkspaceUserRoleRequest{WorkspaceID: ws.id, UserID: p.id, RoleIDs: roles})
	roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	s.refuse(quickbi.ErrWorkspaceNotFound, !w.isWorkspace(ws))
	s.refuse(quickbi.ErrUserNotInOrganization, !w.isMember(p))
	s.refuse(quickbi.ErrUserAlreadyInRole, slices.Equal(ws.seats[p], roles))
	s.refuseAll(w.changeProblems(p, ws, roles))
	s.done = func() { ws.seats[p] = roles }
	return s
}

func (w *world) changeRoleTogether() *step {
	ws, role := w.anyWorkspace(), pick(w, presetRoles...)
	people, ids := w.some()
	s, result := plan(w, w.client.UpdateWorkspaceUsersRole, &quickbi.UpdateWorkspaceUsersRoleRequest{WorkspaceID: ws.id, UserIDs: ids, RoleID: role})
	s.refuse(quickbi.ErrWorkspaceNotFound, !w.isWorkspace(ws))
	problems := func(p *person) []quickbi.ErrorCode { return w.changeProblems(p, ws, []int64{role}) }
	w.each(s, result, people, problems, func(p *person) { ws.seats[p] = []int64{role} })
	return s
}

func (w *world) leaveWorkspace() *step {
	p, ws := w.anyone(), w.anyWorkspace()
	s, _ := plan(w, w.client.DeleteUserFromWorkspace, &quickbi.DeleteUserFromWorkspaceRequest{WorkspaceID: ws.id, UserID: p.id})
	s.refuse(quickbi.ErrWorkspaceNotFound, !w.isWorkspace(ws))
	s.refuse(quickbi.ErrUserNotInOrganization, !w.isMember(p))
	s.refuse(quickbi.ErrUserNotInWorkspace, ws.seats[p] == nil)
	s.refuse(quickbi.ErrWorkspaceOwnerNotRemovable, ws.owner == p)
	s.done = func() {
		for _, v := range w.worksOf(p, ws) {
			v.owner = ws.owner
		}
		delete(ws.seats, p)
	}
	return s
}

func (w *world) shareWork() *step {
	v := w.anyWork()
	to, there := w.anyTarget(quickbi.ShareTargetUser, quickbi.ShareTargetUserGroup, quickbi.ShareTargetOrganization)
	g := grant{pick(w, quickbi.AuthPointsView, quickbi.AuthPointsExport), w.now.Add(time.Hour * pick[time.Duration](w, -1, 1, 30, 100))}
	s, _ := plan(w, w.client.AddShareReport, &quickbi.AddShareReportRequest{
		WorksID: v.id, AuthPoints: g.points, ShareToType: new(to.kind), ShareToID: to.id, ExpireDate: quickbi.UnixMilliOf(g.ends),
	})
	s.refuse(quickbi.ErrReportNotFound, !w.isWork(v))
	s.refuse(quickbi.ErrShareForbidden, !v.in.share)
	s.refuse(quickbi.ErrInvalidShareExpiry, g.ends.Before(w.now))
	s.refuse(map[quickbi.ShareTargetType]quickbi.ErrorCode{
		quickbi.ShareTargetUser: quickbi.ErrUserNotInOrganization, quickbi.ShareTargetUserGroup: quickbi.ErrUserGroupNotFound,
		quickbi.ShareTargetOrganization: quickbi.ErrOutsideShareForbidden,
	}[to.kind], !there)
	s.done = func() { w.shares[v][to] = g }
	return s
}

func (w *world) authorize() *step {
	v := w.anyWork()
	to, there := w.anyTarget(quickbi.ShareTargetUser, quickbi.ShareTargetUserGroup, quickbi.ShareTargetOrganization, quickbi.ShareTargetWorkspace)
	g := grant{points: pick(w, quickbi.AuthPointsView, quickbi.AuthPointsExport, quickbi.AuthPointsEdit)}
	kind := v.kind
	if w.oneIn(10) {
		kind = quickbi.WorksTypeAnalysis
	}
	today := w.now.In(time.FixedZone("Beijing", 8*60*60))
	day := today.AddDate(0, 0, w.random.IntN(4))
	in := &quickbi.AddWorksAuthorizationRequest{ResourceID: v.id, ResourceType: kind, AuthorizeScope: new(to.kind), AuthorizedID: to.id, AuthPoints: g.points}
	if g.points != quickbi.AuthPointsEdit {
		in.ExpireDay = quickbi.DayOf(day)
		g.ends = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location())
	}
	s, result := plan(w, w.client.AddWorksAuthorization, in)
	s.refuse(quickbi.ErrWorkNotFound, !w.isWork(v) || kind != v.kind)
	s.refuse(quickbi.ErrInvalidParameterValue, !there || in.ExpireDay != "" && day.Equal(today))
	s.answer = func() string {
		if *result == "" {
			return "the authorization has no id"
		}
		return ""
	}
	s.done = func() { w.shares[v][to] = g }
	return s
}

func (w *world) cancelShare() *step {
	v := w.anyWork()
	to, there := w.anyTarget(quickbi.ShareTargetUser, quickbi.ShareTargetUserGroup, quickbi.ShareTargetOrganization)
	s, _ := plan(w, w.client.CancelReportShare, &quickbi.CancelReportShareRequest{WorksID: v.id, ShareToType: new(to.kind), ShareToID: to.id})
	s.refuse(quickbi.ErrReportNotFound, !w.isWork(v))
	s.refuse(map[quickbi.ShareTargetType]quickbi.ErrorCode{
		quickbi.ShareTargetUser: quickbi.ErrUserOfOtherOrganization, quickbi.ShareTargetUserGroup: quickbi.ErrUserGroupOfOtherOrganization,
		quickbi.ShareTargetOrganization: quickbi.ErrResourceOfOtherOrganization,
	}[to.kind], !there)
	s.done = func() { delete(w.shares[v], to) }
	return s
}

func (w *world) revoke() *step {
	p, v := w.anyone(), w.anyWork()
	s, _ := plan(w, w.client.DeleteAuthorizationByUserId, &quickbi.DeleteAuthorizationByUserIdRequest{UserID: p.id, ResourceID: v.id, ResourceType: v.kind})
	s.refuse(quickbi.ErrReportNotFound, !w.isWork(v))
	s.refuse(quickbi.ErrInvalidUserOrganization, !w.isMember(p))
	for to := range w.received(p, v) {
		s.refuse(quickbi.ErrPermissionFromWorkspace, to.kind == quickbi.ShareTargetWorkspace)
		s.refuse(quickbi.ErrPermissionFromUserGroup, to.kind == quickbi.ShareTargetUserGroup)
	}
	s.done = func() { delete(w.shares[v], target{quickbi.ShareTargetUser, p.id}) }
	return s
}

// received returns what makes a work known to the person: shares with the person, with
// groups, workspaces, and all.
func (w *world) received(p *person, v *work) map[target]grant {
	got := make(map[target]grant)
	for to, g := range w.validShares(v) {
		var reaches bool
		switch to.kind {
		case quickbi.ShareTargetUser:
			reaches = to.id == p.id
		case quickbi.ShareTargetOrganization:
			reaches = true
		case quickbi.ShareTargetWorkspace:
			reaches = slices.ContainsFunc(w.workspaces, func(ws *workspace) bool { return ws.id == to.id && ws.seats[p] != nil })
		case quickbi.ShareTargetUserGroup: // which stands for those below it as well
			reaches = slices.ContainsFunc(w.groups, func(g *group) bool {
				return g.members[p] && slices.ContainsFunc(g.ancestry(), func(above *group) bool { return above.id == to.id })
			})
		}
		if reaches {
			got[to] = g
		}
	}
	return got
}

func (w *world) validShares(v *work) map[target]grant {
	valid := maps.Clone(w.shares[v])
	maps.DeleteFunc(valid, func(_ target, g grant) bool { return !g.ends.IsZero() && !w.now.Before(g.ends) })
	return valid
}

// rights returns what the person may do with the work, 0 for nothing.
func (w *world) rights(p *person, v *work) quickbi.AuthPoints {
	var best quickbi.AuthPoints
	if roles := v.in.seats[p]; roles != nil {
		switch n := rank(roles); {
		case v.owner == p || n == 3 || n == 2 && v.in.coediting:
			best = quickbi.AuthPointsEdit
		case v.open:
			best = quickbi.AuthPointsExport
		}
	}
	for _, g := range w.received(p, v) {
		best = max(best, g.points)
	}
	return best
}

func (w *world) tagName() string { return pick(w, "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T-8") }

func (w *world) tagNameProblems(s *step, name string, of *tag) {
	s.refuse(quickbi.ErrInvalidNameFormat, strings.Contains(name, "-"))
	s.refuse(quickbi.ErrDuplicateTagName, slices.ContainsFunc(w.tags, func(t *tag) bool { return t.name == name && t != of }))
}

func (w *world) addTag() *step {
	t := &tag{name: w.tagName(), description: pick(w, "", "about them"), values: make(map[*person]string)}
	s, result := plan(w, w.client.AddUserTagMeta, &quickbi.AddUserTagMetaRequest{TagName: t.name, Description: t.description})
	w.tagNameProblems(s, t.name, t)
	s.done = func() {
		if t.id = *result; t.id == "" { // the answer was lost
			for _, found := range get(w, w.client.QueryUserTagMetaList, &quickbi.QueryUserTagMetaListRequest{}) {
				if found.TagName == t.name {
					t.id = found.TagID
				}
			}
		}
		w.names[t.id] = t.name
		w.tags = append(w.tags, t)
	}
	return s
}

func (w *world) updateTag() *step {
	t, name, description := w.anyTag(), w.tagName(), pick(w, "", "about her", "about him")
	s, _ := plan(w, w.client.UpdateUserTagMeta, &quickbi.UpdateUserTagMetaRequest{TagID: t.id, TagName: name, Description: &description})
	s.refuse(quickbi.ErrUserTagNotInOrganization, !w.isTag(t))
	w.tagNameProblems(s, name, t)
	s.done = func() {
		t.name, t.description = name, description
	}
	return s
}

func (w *world) deleteTag() *step {
	t := w.anyTag()
	s, _ := plan(w, w.client.DeleteUserTagMeta, &quickbi.DeleteUserTagMetaRequest{TagID: t.id})
	s.refuse(quickbi.ErrUserTagNotInOrganization, !w.isTag(t))
	s.done = func() {
		w.tags = where(w.tags, func(other *tag) bool { return other != t })
		w.gone = append(w.gone, t.id)
	}
	return s
}

func (w *world) setTag() *step {
	p, t, value := w.anyone(), w.anyTag(), pick(w, "x", "y", "z", quickbi.UserTagCleared)
	s, _ := plan(w, w.client.UpdateUserTagValue, &quickbi.UpdateUserTagValueRequest{UserID: p.id, TagID: t.id, TagValues: []string{value}})
	s.refuse(quickbi.ErrUserNotInOrganization, !w.isMember(p))
	s.refuse(quickbi.ErrUserTagNotInOrganization, !w.isTag(t))
	s.done = func() {
		if t.values[p] = value; value == quickbi.UserTagCleared {
			delete(t.values, p)
		}
	}
	return s
}

// same compares what an operation lists with what is in the model.
func same[T, M any](w *world, what string, listed []T, show func(T) string, modelled []M, want func(M) string) {
	w.t.Helper()
	if a, b := words(listed, show), words(modelled, want); a != b {
		w.fatalf("%s\n got %s\nwant %s", what, a, b)
	}
}

// words shows all of the list, in alphabetical order: what order listings have is not
// documented.
func words[T any](list []T, show func(T) string) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = show(v)
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// pageSize makes the listings page.
func (w *world) pageSize() int { return 1 + w.random.IntN(8) }

// compare looks at the organization through all operations that list it.
func (w *world) compare() {
	w.t.Helper()
	w.comparePeople()
	w.compareGroups()
	w.compareWorkspaces()
	w.compareWorks()
	same(w, "tags", get(w, w.client.QueryUserTagMetaList, &quickbi.QueryUserTagMetaListRequest{}),
		func(t quickbi.UserTag) string { return t.TagID + "/" + t.TagName + "/" + t.Description },
		w.tags, func(t *tag) string { return t.id + "/" + t.name + "/" + t.description })
}

func (w *world) comparePeople() {
	same(w, "members", all(w, w.client.QueryUserListAll(w.ctx, &quickbi.QueryUserListRequest{PageSize: w.pageSize()})), func(u quickbi.User) string {
		return fmt.Sprintf("%s/%s/%s/%d/%d/%t", u.UserID, u.AccountName, u.NickName, u.UserType, u.RoleIDs, u.IsDeleted.True())
	}, w.people, func(p *person) string {
		return fmt.Sprintf("%s/%s/%s/%d/%d/%t", p.id, p.account, p.nick, p.kind, p.roles, p.inactive)
	})
	for _, role := range []int64{quickbi.OrganizationRoleAdmin, quickbi.OrganizationRoleUser, auditorRole} {
		same(w, fmt.Sprint("members with role ", role), all(w, w.client.ListOrganizationRoleUsersAll(w.ctx, &quickbi.ListOrganizationRoleUsersRequest{RoleID: role, PageSize: w.pageSize()})),
			func(u quickbi.RoleUser) string { return u.NickName },
			where(w.people, func(p *person) bool { return slices.Contains(p.roles, role) }), func(p *person) string { return p.nick })
	}
	for _, id := range append(slices.Clone(w.gone), w.people[0].id) {
		if get(w, w.client.CheckOrganizationMember, &quickbi.CheckOrganizationMemberRequest{UserID: id}) != (id == w.people[0].id) {
			w.fatalf("whether %s is a member", w.name(id))
		}
	}
	for _, p := range w.people {
		if u := get(w, w.client.QueryUserInfoByAccount, &quickbi.QueryUserInfoByAccountRequest{Account: p.account}); u.UserID != p.id || u.NickName != p.nick {
			w.fatalf("the account %s: %+v", p.account, u)
		}
		same(w, "groups of "+p.account, get(w, w.client.ListUserGroupsByUserId, &quickbi.ListUserGroupsByUserIdRequest{UserID: p.id}),
			func(g quickbi.UserGroup) string { return w.name(g.UserGroupID) },
			where(w.groups, func(g *group) bool { return g.members[p] }), func(g *group) string { return w.name(g.id) })
		same(w, "roles of "+p.account, get(w, w.client.ListWorkspaceUserRolesByUserId, &quickbi.ListWorkspaceUserRolesByUserIdRequest{UserID: p.id}),
			func(r quickbi.UserWorkspaceRole) string { return fmt.Sprint(r.WorkspaceName, ":", r.Role.RoleID) },
			w.allSeats(func(s seat) bool { return s.person == p }), func(s seat) string { return fmt.Sprint(s.in.name, ":", s.role) })
		same(w, "workspaces of "+p.account, all(w, w.client.QueryOrganizationWorkspaceListAll(w.ctx, &quickbi.QueryOrganizationWorkspaceListRequest{UserID: p.id, PageSize: w.pageSize()})),
			func(ws quickbi.Workspace) string { return ws.WorkspaceName },
			where(w.workspaces, func(ws *workspace) bool { return ws.seats[p] != nil }), func(ws *workspace) string { return ws.name })
		same(w, "tags of "+p.account, get(w, w.client.QueryUserTagValueList, &quickbi.QueryUserTagValueListRequest{UserID: p.id}),
			func(v quickbi.UserTagValue) string { return v.TagName + "=" + strings.Join(v.TagValues, ",") },
			where(w.tags, func(t *tag) bool { return t.values[p] != "" }), func(t *tag) string { return t.name + "=" + t.values[p] })

		shared := where(w.works, func(v *work) bool { return len(w.received(p, v)) > 0 })
		same(w, "shared with "+p.account, get(w, w.client.QuerySharesToUserList, &quickbi.QuerySharesToUserListRequest{UserID: p.id}),
			func(v quickbi.Works) string { return v.WorksID }, shared, func(v *work) string { return v.id })
		same(w, "home page of "+p.account, all(w, w.client.ListSharedReportsAll(w.ctx, &quickbi.ListSharedReportsRequest{UserID: p.id, PageSize: w.pageSize()})),
			func(r quickbi.HomeReport) string { return fmt.Sprint(r.WorksID, r.HasViewAuth, r.HasEditAuth) },
			shared, func(v *work) string { return fmt.Sprint(v.id, true, w.rights(p, v) == quickbi.AuthPointsEdit) })
		same(w, "readable for "+p.account, get(w, w.client.QueryReadableResourcesListByUserIdV2, &quickbi.QueryReadableResourcesListByUserIdV2Request{UserID: p.id}),
			func(v quickbi.Works) string { return v.WorksID },
			where(w.works, func(v *work) bool { return w.rights(p, v) > 0 }), func(v *work) string { return v.id })
	}
	p, v := pick(w, w.people...), pick(w, w.works...)
	if got := get(w, w.client.CheckReadable, &quickbi.CheckReadableRequest{UserID: p.id, WorksID: v.id}); got != (w.rights(p, v) > 0) {
		w.fatalf("whether %s may read %s: %t", p.account, v.id, got)
	}
}

func (w *world) compareGroups() {
	ids := []string{w.absent()}
	for _, g := range append(slices.Clone(w.groups), w.root) {
		children := w.children(g)
		same(w, "groups below "+w.name(g.id), get(w, w.client.QueryUserGroupListByParentId, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: g.id}),
			func(child quickbi.ChildUserGroup) string {
				return w.name(child.UserGroupID) + "/" + child.UserGroupName
			},
			children, func(child *group) string { return w.name(child.id) + "/" + child.name })

		held := slices.Collect(maps.Keys(g.members))
		names := make([]string, 0, len(children)+len(held))
		for _, child := range children {
			names = append(names, child.id+"/true")
		}
		for _, p := range held {
			names = append(names, p.id+"/false")
		}
		same(w, "what is in "+w.name(g.id), get(w, w.client.QueryUserGroupMember, &quickbi.QueryUserGroupMemberRequest{UserGroupID: g.id}),
			func(m quickbi.UserGroupMember) string { return fmt.Sprintf("%s/%t", m.ID, m.IsUserGroup) },
			names, func(name string) string { return name })
		if g != w.root {
			ids = append(ids, g.id)
		}
	}

	found := get(w, w.client.ListByUserGroupId, &quickbi.ListByUserGroupIdRequest{UserGroupIDs: ids})
	same(w, "all groups", found.UserGroups, func(g quickbi.UserGroup) string { return g.IdentifiedPath },
		w.groups, func(g *group) string {
			path := g.ancestry()
			slices.Reverse(path)
			var ids []string
			for _, above := range path {
				ids = append(ids, above.id)
			}
			return strings.Join(ids, "/")
		})
	if len(found.FailedUserGroupIDs) != 1 || found.FailedUserGroupIDs[0] != ids[0] {
		w.fatalf("groups that are not there: %q, want %q", found.FailedUserGroupIDs, ids[0])
	}
	name := w.groupName()
	same(w, "groups called "+name, get(w, w.client.GetUserGroupInfo, &quickbi.GetUserGroupInfoRequest{Keyword: name}),
		func(g quickbi.UserGroup) string { return w.name(g.UserGroupID) },
		where(w.groups, func(g *group) bool { return g.name == name }), func(g *group) string { return w.name(g.id) })
}

// A seat is a role that somebody has in a workspace.
type seat struct {
	person *person
	in     *workspace
	role   int64
}

func (w *world) allSeats(wanted func(seat) bool) (seats []seat) {
	for _, ws := range w.workspaces {
		for p, roles := range ws.seats {
			for _, role := range roles {
				if s := (seat{p, ws, role}); wanted(s) {
					seats = append(seats, s)
				}
			}
		}
	}
	return seats
}

func (w *world) compareWorkspaces() {
	same(w, "workspaces", all(w, w.client.QueryOrganizationWorkspaceListAll(w.ctx, &quickbi.QueryOrganizationWorkspaceListRequest{PageSize: w.pageSize()})),
		func(ws quickbi.Workspace) string {
			return fmt.Sprintf("%s/%s/%t", ws.WorkspaceName, ws.OwnerID, ws.AllowShare)
		},
		w.workspaces, func(ws *workspace) string { return fmt.Sprintf("%s/%s/%t", ws.name, ws.owner.id, ws.share) })
	for _, ws := range w.workspaces {
		same(w, "members of "+ws.name, all(w, w.client.QueryWorkspaceUserListAll(w.ctx, &quickbi.QueryWorkspaceUserListRequest{WorkspaceID: ws.id, PageSize: w.pageSize()})),
			func(u quickbi.WorkspaceUser) string { return fmt.Sprint(u.AccountName, ":", u.Role.RoleID) },
			slices.Collect(maps.Keys(ws.seats)), func(p *person) string { return fmt.Sprint(p.account, ":", presetRole(ws.seats[p])) })
		same(w, "works in "+ws.name, all(w, w.client.QueryWorksByWorkspaceAll(w.ctx, &quickbi.QueryWorksByWorkspaceRequest{WorkspaceID: ws.id, PageSize: w.pageSize()})),
			func(v quickbi.WorksInfo) string { return v.WorksID + "/" + v.OwnerName },
			where(w.works, func(v *work) bool { return v.in == ws }), func(v *work) string { return v.id + "/" + v.owner.nick })
	}
	for _, role := range append(presetRoles, watcherRole, modelerRole, authorRole) {
		same(w, fmt.Sprint("workspace role ", role), all(w, w.client.ListWorkspaceRoleUsersAll(w.ctx, &quickbi.ListWorkspaceRoleUsersRequest{RoleID: role, PageSize: w.pageSize()})),
			func(u quickbi.RoleUser) string { return u.WorkspaceName + ":" + u.NickName },
			w.allSeats(func(s seat) bool { return s.role == role }), func(s seat) string { return s.in.name + ":" + s.person.nick })
	}
}

// presetRole returns the strongest of the roles that every workspace has, 0 for none.
func presetRole(roles []int64) int64 {
	for _, role := range presetRoles {
		if slices.Contains(roles, role) {
			return role
		}
	}
	return 0
}

func (w *world) compareWorks() {
	same(w, "works", all(w, w.client.QueryWorksByOrganizationAll(w.ctx, &quickbi.QueryWorksByOrganizationRequest{PageSize: w.pageSize()})),
		func(v quickbi.WorksInfo) string { return v.WorksID + "/" + w.name(v.OwnerID) },
		w.works, func(v *work) string { return v.id + "/" + v.owner.account })
	for _, v := range w.works {
		valid := w.validShares(v)
		same(w, "shares of "+v.id, get(w, w.client.QueryShareList, &quickbi.QueryShareListRequest{WorksID: v.id}), func(s quickbi.Share) string {
			return fmt.Sprintf("%d/%s/%d/%s", s.ShareToType, w.name(s.ShareToID), s.AuthPoints, s.ExpireDate)
		}, slices.Collect(maps.Keys(valid)), func(to target) string {
			return fmt.Sprintf("%d/%s/%d/%s", to.kind, w.name(to.id), valid[to].points, quickbi.UnixMilliOf(valid[to].ends))
		})
	}
}
