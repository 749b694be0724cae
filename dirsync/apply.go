package dirsync

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quickbi-go/quickbi"
)

// maxSends is how often a write is sent whose outcome stays unknown.
const maxSends = 3

// A Report says what [Plan.Apply] did. It can be written as JSON.
type Report struct {
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Records  int       `json:"records"`
	Done     Counts    `json:"done"`
	Failed   []Failure `json:"failed,omitempty"`
	Problems []Problem `json:"problems,omitempty"` // of the plan
	Unknown  []string  `json:"unknown,omitempty"`  // of the plan
	Outside  []string  `json:"outside,omitempty"`  // of the plan
}

// A Failure is a change that was not made, or of which that is not known.
type Failure struct {
	Change
	Err error `json:"-"`
}

// MarshalJSON writes the change with the text of the error.
func (f Failure) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Change
		Error string `json:"error"`
	}{f.Change, f.Err.Error()})
}

// run is one Apply.
type run struct {
	*Plan
	ctx    context.Context
	client *quickbi.Client
	total  int

	mu   sync.Mutex // guards what follows
	done int
	stop error // nothing more is sent
	full map[quickbi.UserType]error

	groupErr  map[int32]error // why it was not created
	memberErr map[int32]error // why it was not added
	deleteErr map[int32]error
	joinErr   map[edge]error
	leaveErr  map[edge]error
}

// Apply makes the changes. It goes on when one fails, and so the error, which is
// not nil if any did, comes with a full report. The error matches that of the
// first change that failed. It ends early when ctx does, and when the service
// does not accept the credentials.
//
// To finish what Apply could not, make a new plan.
func (p *Plan) Apply(ctx context.Context) (*Report, error) {
	if err := p.Guard(); err != nil {
		return nil, err
	}
	r := &run{
		Plan: p, ctx: ctx, client: p.syncer.Client,
		total:    len(p.creates) + len(p.adds) + len(p.joins) + len(p.leaves) + len(p.deletes),
		full:     make(map[quickbi.UserType]error),
		groupErr: make(map[int32]error), memberErr: make(map[int32]error), deleteErr: make(map[int32]error),
		joinErr: make(map[edge]error), leaveErr: make(map[edge]error),
	}
	report := &Report{Started: time.Now(), Records: p.Records, Problems: p.Problems, Unknown: p.Unknown, Outside: p.Outside}
	r.createGroups()
	parallel(r, slices.Values(p.adds), func(i int32) { settleOne(r, r.memberErr, i, r.addMember(i)) })
	r.join()
	r.leave()
	parallel(r, slices.Values(p.deletes), func(i int32) { settleOne(r, r.deleteErr, i, r.deleteMember(i)) })
	r.fill(report)
	report.Finished = time.Now()
	if n := len(report.Failed); n > 0 {
		return report, fmt.Errorf("dirsync: %d of %d changes failed, the first one, %v: %w",
			n, report.Done.Total()+n, report.Failed[0].Change, report.Failed[0].Err)
	}
	return report, nil
}

// parallel calls do for every element, for some of them at a time.
func parallel[T any](r *run, all iter.Seq[T], do func(T)) {
	var g errgroup.Group
	g.SetLimit(r.syncer.Workers)
	for v := range all {
		g.Go(func() error {
			do(v)
			return nil
		})
	}
	_ = g.Wait() // failures are noted where they belong
}

// finish notes that n of the things to do have been dealt with; note, if not nil,
// is called under the lock.
func (r *run) finish(n int, note func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if note != nil {
		note()
	}
	r.done += n
	if r.syncer.Progress != nil {
		r.syncer.Progress(r.done, r.total)
	}
}

func settleOne(r *run, failed map[int32]error, i int32, err error) {
	r.finish(1, func() {
		if err != nil {
			failed[i] = err
		}
	})
}

// call calls do unless that has become pointless.
func (r *run) call(do func() error) error {
	if err := r.ctx.Err(); err != nil {
		return fmt.Errorf("not tried: %w", err)
	}
	r.mu.Lock()
	stop := r.stop
	r.mu.Unlock()
	if stop != nil {
		return fmt.Errorf("not tried any more: %w", stop)
	}
	err := do()
	if errors.Is(err, quickbi.ErrAuthentication) {
		r.mu.Lock()
		r.stop = err
		r.mu.Unlock()
	}
	return err
}

// settle sends a write until its outcome is known. If the answer was lost, or
// says that what is to be made is there already, look finds out whether it is.
func (r *run) settle(write func() error, look func() (bool, error), already ...quickbi.ErrorCode) error {
	for n := 1; ; n++ {
		err := r.call(write)
		there := slices.ContainsFunc(already, func(code quickbi.ErrorCode) bool { return errors.Is(err, code) })
		if !there && !errors.Is(err, quickbi.ErrOutcomeUnknown) {
			return err
		}
		found := false
		lookErr := r.call(func() (err error) {
			found, err = look()
			return err
		})
		switch {
		case lookErr != nil:
			return fmt.Errorf("%w; looking at what became of it: %w", err, lookErr)
		case found:
			return nil
		case there || n == maxSends:
			return err
		}
	}
}

// createGroups creates groups from the top, those of one layer side by side.
func (r *run) createGroups() {
	layers := make([][]int32, serviceMaxDepth)
	for _, i := range r.creates {
		depth := 0
		for up := r.groups[i].parent; up != none; up = r.groups[up].parent {
			depth++
		}
		layers[depth] = append(layers[depth], i)
	}
	for _, layer := range layers {
		parallel(r, slices.Values(layer), func(i int32) { settleOne(r, r.groupErr, i, r.createGroup(i)) })
	}
}

func (r *run) createGroup(i int32) error {
	g := &r.groups[i]
	parent := quickbi.RootUserGroupID
	if g.parent != none {
		if parent = r.groups[g.parent].id; parent == "" {
			return errors.New("the group above it could not be created")
		}
	}
	return r.settle(func() error {
		resp, err := r.client.CreateUserGroup(r.ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: parent, UserGroupName: g.name})
		if err == nil {
			g.id = resp.Result
		}
		return err
	}, func() (bool, error) {
		resp, err := r.client.QueryUserGroupListByParentId(r.ctx, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: parent})
		if err != nil {
			return false, err
		}
		for _, child := range resp.Result {
			if child.UserGroupName == g.name {
				g.id = child.UserGroupID
			}
		}
		return g.id != "", nil
	}, quickbi.ErrDuplicateUserGroupName, quickbi.ErrDuplicateName)
}

func (r *run) addMember(i int32) error {
	m, n := &r.members[i], r.added[int(i)-r.Members]
	r.mu.Lock()
	full := r.full[n.userType]
	r.mu.Unlock()
	if full != nil {
		return fmt.Errorf("not tried any more: %w", full)
	}
	err := r.settle(func() error {
		resp, err := r.client.AddUser(r.ctx, &quickbi.AddUserRequest{
			AccountID: m.accountID,
			//lint:ignore SA1019 The source may not have the id.
			AccountName: m.account,
			NickName:    n.nickName,
			UserType:    n.userType,
		})
		if err == nil {
			m.id = resp.Result.UserID
		}
		return err
	}, func() (bool, error) {
		query := quickbi.QueryUserInfoByAccountRequest{Account: m.accountID}
		if query.Account == "" {
			login, parent := splitAccount(m.account)
			query.Account = login
			if parent != "" {
				query.ParentAccountName = parent[1:]
			}
		}
		resp, err := r.client.QueryUserInfoByAccount(r.ctx, &query)
		if errors.Is(err, quickbi.ErrUserNotInOrganization) {
			return false, nil
		}
		if err == nil {
			m.id = resp.Result.UserID
		}
		return m.id != "", err
	}, quickbi.ErrUserAlreadyInOrganization)
	if err == nil && m.id == "" {
		err = errors.New("the service did not tell the new member's id")
	}
	if errors.Is(err, quickbi.ErrQuota) {
		r.mu.Lock()
		r.full[n.userType] = err // the next one of this type would not get in either
		r.mu.Unlock()
	}
	return err
}

func (r *run) deleteMember(i int32) error {
	id, heir := r.members[i].id, ""
	if r.successor != none {
		heir = r.members[r.successor].id
	}
	err := r.settle(func() error {
		_, err := r.client.DeleteUser(r.ctx, &quickbi.DeleteUserRequest{UserID: id, TransferUserID: heir})
		return err
	}, func() (bool, error) {
		resp, err := r.client.CheckOrganizationMember(r.ctx, &quickbi.CheckOrganizationMemberRequest{UserID: id})
		return err == nil && !resp.Result, err
	})
	if errors.Is(err, quickbi.ErrUserNotInOrganization) {
		return nil // gone already
	}
	return err
}

// join begins the memberships of those who are there, in groups that are there.
func (r *run) join() {
	possible := make([]edge, 0, len(r.joins))
	for _, e := range r.joins {
		err := r.groupErr[e.group()]
		if err != nil {
			err = fmt.Errorf("the group could not be created: %w", err)
		} else if err = r.memberErr[e.member()]; err != nil {
			err = fmt.Errorf("the member could not be added: %w", err)
		}
		if err != nil {
			r.fail([]edge{e}, r.joinErr, err)
		} else {
			possible = append(possible, e)
		}
	}
	r.send(possible, true)
}

// leave ends memberships. Who could not join the group to move to stays.
func (r *run) leave() {
	possible := make([]edge, 0, len(r.leaves))
	for s := range r.steps() {
		if s.leave == none {
			continue
		}
		e := newEdge(s.member, s.leave)
		if s.join != none && r.joinErr[newEdge(s.member, s.join)] != nil {
			r.finish(1, nil)
			continue
		}
		possible = append(possible, e)
	}
	r.send(possible, false)
}

func (r *run) fail(edges []edge, failed map[edge]error, err error) {
	r.finish(len(edges), func() {
		for _, e := range edges {
			failed[e] = err
		}
	})
}

// A doubt is memberships of which nobody knows whether a call changed them.
type doubt struct {
	batch
	err error
}

// send begins or ends memberships. Those in doubt are looked at when all calls
// have been made, so that a group is listed once, however many of its calls were
// lost; what turns out not to have been done is sent again.
func (r *run) send(edges []edge, join bool) {
	failed := r.leaveErr
	if join {
		failed = r.joinErr
	}
	for n := 1; len(edges) > 0; n++ {
		var mu sync.Mutex
		var doubts []doubt
		parallel(r, r.batches(edges, join), func(b batch) {
			r.sendBatch(b, join, failed, func(d doubt) {
				mu.Lock()
				defer mu.Unlock()
				doubts = append(doubts, d)
			})
		})
		edges = nil
		parallel(r, slices.Values(gather(doubts)), func(d doubt) {
			open, err := r.look(d.batch, join)
			switch {
			case err != nil:
				r.fail(d.edges, failed, fmt.Errorf("%w; looking at what became of it: %w", d.err, err))
				return
			case n == maxSends:
				r.fail(open, failed, d.err)
			default:
				mu.Lock()
				edges = append(edges, open...)
				mu.Unlock()
			}
			r.finish(len(d.edges)-len(open), nil)
		})
		slices.Sort(edges)
	}
}

// sendBatch makes one call. If that is refused because of one of several, it is
// made again with each half, until the ones are found.
func (r *run) sendBatch(b batch, join bool, failed map[edge]error, inDoubt func(doubt)) {
	err := r.call(func() error { return r.request(b, join) })
	ofMember, ofGroup := isAny(err, memberRefused), isAny(err, groupRefused)
	switch n := len(b.edges); {
	case err == nil:
		r.finish(n, nil)
	case errors.Is(err, quickbi.ErrOutcomeUnknown):
		inDoubt(doubt{b, err})
	case n > 1 && (b.byMember && ofGroup || !b.byMember && ofMember):
		r.sendBatch(batch{b.byMember, b.edges[:n/2]}, join, failed, inDoubt)
		r.sendBatch(batch{b.byMember, b.edges[n/2:]}, join, failed, inDoubt)
	case !join && (errors.Is(err, quickbi.ErrUserNotInOrganization) || n == 1 && isAny(err, groupGone)):
		r.finish(n, nil) // there is nothing to leave any more
	default:
		r.fail(b.edges, failed, err)
	}
}

// The refusals that are due to one member, or to one group, of several.
var (
	memberRefused = []quickbi.ErrorCode{
		quickbi.ErrGroupUserNotFound, quickbi.ErrUserNotInOrganization, quickbi.ErrUserNeedsBIUserGroup,
	}
	groupGone = []quickbi.ErrorCode{
		quickbi.ErrUserGroupNotFound, quickbi.ErrUserGroupNotInOrganization, quickbi.ErrUserGroupOfOtherOrganization,
	}
	groupRefused = append([]quickbi.ErrorCode{
		quickbi.ErrUserGroupSynchronized, quickbi.ErrRootUserGroupSynchronized, quickbi.ErrUserNeedsBIUserGroup,
	}, groupGone...)
)

func isAny(err error, codes []quickbi.ErrorCode) bool {
	return slices.ContainsFunc(codes, func(code quickbi.ErrorCode) bool { return errors.Is(err, code) })
}

// request makes the call of a batch.
func (r *run) request(b batch, join bool) error {
	var err error
	member, group := r.members[b.edges[0].member()].id, r.groups[b.edges[0].group()].id
	switch {
	case !b.byMember:
		_, err = r.client.AddUserGroupMember(r.ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: group, UserIDs: r.others(b)})
	case join:
		_, err = r.client.AddUserGroupMembers(r.ctx, &quickbi.AddUserGroupMembersRequest{UserID: member, UserGroupIDs: r.others(b)})
	default:
		_, err = r.client.DeleteUserGroupMembers(r.ctx, &quickbi.DeleteUserGroupMembersRequest{UserID: member, UserGroupIDs: r.others(b)})
	}
	return err
}

// others returns the ids that a batch lists: of groups for one member, of members for one group.
func (r *run) others(b batch) []string {
	ids := make([]string, len(b.edges))
	for i, e := range b.edges {
		if ids[i] = r.members[e.member()].id; b.byMember {
			ids[i] = r.groups[e.group()].id
		}
	}
	return ids
}

// look returns the memberships of the batch that are not as they should be.
func (r *run) look(b batch, join bool) ([]edge, error) {
	there := make(map[string]bool)
	err := r.call(func() error {
		if b.byMember {
			resp, err := r.client.ListUserGroupsByUserId(r.ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: r.members[b.edges[0].member()].id})
			if !join && errors.Is(err, quickbi.ErrUserNotInOrganization) {
				return nil // in no group any more
			}
			if err == nil {
				for _, g := range resp.Result {
					there[g.UserGroupID] = true
				}
			}
			return err
		}
		resp, err := r.client.QueryUserGroupMember(r.ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: r.groups[b.edges[0].group()].id})
		if err == nil {
			for _, entry := range resp.Result {
				there[entry.ID] = there[entry.ID] || !entry.IsUserGroup
			}
		}
		return err
	})
	var open []edge
	for i, id := range r.others(b) {
		if there[id] != join {
			open = append(open, b.edges[i])
		}
	}
	return open, err
}

// gather puts doubts about the same group, or the same member, together.
func gather(doubts []doubt) []doubt {
	key := func(d doubt) edge {
		if d.byMember {
			return newEdge(d.edges[0].member(), 1)
		}
		return newEdge(d.edges[0].group(), 0)
	}
	slices.SortStableFunc(doubts, func(a, b doubt) int { return cmp.Compare(key(a), key(b)) })
	var out []doubt
	for _, d := range doubts {
		if n := len(out); n > 0 && key(out[n-1]) == key(d) {
			out[n-1].edges = slices.Concat(out[n-1].edges, d.edges)
		} else {
			out = append(out, d)
		}
	}
	return out
}

// fill counts what was done and lists what was not.
func (r *run) fill(report *Report) {
	note := func(c Change, err error) {
		if err != nil {
			report.Failed = append(report.Failed, Failure{c, err})
		} else {
			*report.Done.of(c.Kind)++
		}
	}
	for _, i := range r.creates {
		note(r.creation(i), r.groupErr[i])
	}
	for _, i := range r.adds {
		note(r.addition(i), r.memberErr[i])
	}
	for s := range r.steps() {
		var err error
		if s.join != none {
			err = r.joinErr[newEdge(s.member, s.join)]
		}
		if err == nil && s.leave != none {
			err = r.leaveErr[newEdge(s.member, s.leave)]
		}
		note(r.change(s), err)
	}
	for _, i := range r.deletes {
		note(r.deletion(i), r.deleteErr[i])
	}
}
