package dirsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/planfile"
	"github.com/quickbi-go/quickbi/internal/terminal"
	"github.com/quickbi-go/quickbi/settle"
)

var (
	// ErrApplied is matched by the error of [Plan.Apply] if the plan has been applied
	// before, or is being applied, by this process or, with [Syncer.Reports], another.
	ErrApplied = planfile.ErrApplied
	// ErrTooOld is matched by the error of [Plan.Apply] if the plan is older than
	// [Syncer.MaxAge].
	ErrTooOld = planfile.ErrExpired
	// ErrChanged is matched by the error of a [Failure] if the member is no longer as
	// it was when the plan was made. Nothing was sent.
	ErrChanged = errors.New("the member is no longer as planned")
)

// run is one Apply.
type run struct {
	*Plan
	ctx     context.Context
	client  *quickbi.Client
	created map[groupAt]int  // changes that create groups
	adding  map[memberAt]int // changes that add members

	journal *planfile.Journal

	mu       sync.Mutex // guards what follows
	progress Progress
	failed   map[int]error // by change
	halfway  map[int]bool  // changes of two calls, of which the first is made
	stop     error         // nothing more is sent
	full     map[quickbi.UserType]error
}

// Apply makes the changes. It goes on when one fails, and so the error, which is
// not nil if any did, comes with a full report. The error matches that of the
// first change that failed. It ends early when ctx does, and when the service
// does not accept the credentials.
//
// A plan is applied once: the same value, and, if [Syncer.Reports] is set, every
// copy of it whose report would go into that directory. Before a member is deleted, it is read again: one who is
// not as planned, such as somebody who has become an administrator since, stays.
//
// With [Syncer.Reports], a change is in the report before it is sent, and so is what
// became of it before the next thing is done. When that fails, Apply sends nothing more.
//
// Without a report, nothing was sent: the error matches [ErrGuard], [ErrTooOld] or
// [ErrApplied], or says that the report cannot be written.
//
// To finish what Apply could not, make a new plan.
func (p *Plan) Apply(ctx context.Context) (*Report, error) {
	if err := p.Guard(); err != nil {
		return nil, err
	}
	if err := p.header.Check(p.header.Organization); err != nil {
		return nil, fmt.Errorf("dirsync: %w", err)
	}
	if age := time.Since(p.Made); age > p.syncer.MaxAge {
		return nil, fmt.Errorf("dirsync: %w: it was made %v ago, and %v are allowed; make a new one, or allow more with MaxAge (-max-age)", ErrTooOld, age.Round(time.Second), p.syncer.MaxAge)
	}
	if p.applied.Swap(true) {
		return nil, fmt.Errorf("dirsync: %w; make a new one", ErrApplied)
	}
	journal, err := planfile.Begin(p.syncer.Reports, p.reportHeader())
	if err != nil {
		return nil, fmt.Errorf("dirsync: %w", err)
	}
	r := &run{
		Plan: p, ctx: ctx, client: p.syncer.Client,
		created: make(map[groupAt]int), adding: make(map[memberAt]int),
		journal: journal, failed: make(map[int]error), halfway: make(map[int]bool), full: make(map[quickbi.UserType]error),
	}
	r.progress.OfCalls = p.Calls()
	for i, c := range p.changes {
		r.progress.OfChanges++
		switch c.kind {
		case CreateGroup:
			r.created[c.group] = i
		case AddMember:
			r.adding[c.member] = i
		case Move:
			r.progress.OfChanges++
		}
	}
	report := &Report{
		Plan: p.header.ID, Started: time.Now(), Records: p.Records,
		Problems: p.Problems, Unknown: p.Unknown, Outside: p.Outside, Blocked: p.Blocked,
	}
	if journal != nil {
		report.File = planfile.JournalPath(p.syncer.Reports, p.header.ID)
	}
	r.changeGroups()
	r.each(r.only(AddMember), r.addMember)
	r.each(r.only(Reactivate), r.setInactive)
	r.each(r.only(UpdateMember), r.updateMember)
	r.each(r.only(SetTag), r.setTag)
	r.join()
	r.setSeats(JoinWorkspace)
	r.setSeats(SetWorkspaceRoles)
	r.leave()
	r.leaveWorkspaces()
	r.each(r.only(Deactivate), r.setInactive)
	r.each(r.only(DeleteMember), r.deleteMember)
	r.advance(func(p *Progress) { p.OfCalls = p.Calls })
	for i := range p.changes {
		if err := r.failed[i]; err != nil {
			report.Failed = append(report.Failed, Failure{p.change(i), err})
		} else {
			*report.Done.of(p.changes[i].kind)++
		}
	}
	report.Finished = time.Now()
	_ = journal.Append(entry{Time: report.Finished, Finished: true, Counts: &report.Done}) // Close returns its error
	err = journal.Close()
	if err != nil {
		err = fmt.Errorf("dirsync: %w", err)
	}
	if n := len(report.Failed); n > 0 {
		err = errors.Join(fmt.Errorf("dirsync: %d of %d changes failed, the first one, %v: %w",
			n, report.Done.Total()+n, report.Failed[0].Change, report.Failed[0].Err), err)
	}
	return report, err
}

// only yields the changes of one kind.
func (p *Plan) only(kind Kind) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, c := range p.changes {
			if c.kind == kind && !yield(i) {
				return
			}
		}
	}
}

// parallel calls do for every element, for up to [Syncer.Workers] at a time.
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

// each makes changes one by one.
func (r *run) each(changes iter.Seq[int], do func(i int) error) {
	parallel(r, changes, func(i int) { r.finish(do(i), i) })
}

// finish notes that changes have been made, or why not.
func (r *run) finish(err error, changes ...int) {
	if len(changes) == 0 {
		return
	}
	r.advance(func(p *Progress) {
		for _, i := range changes {
			if err != nil && r.failed[i] == nil {
				r.failed[i] = err
			}
		}
		r.note(func(i int) outcome { return outcomeOf(r.changes[i].kind, err, r.halfway[i]) }, changes)
		for _, i := range changes {
			if err == nil && r.changes[i].kind == Move {
				r.halfway[i] = true
			}
		}
		p.Changes += len(changes)
	})
}

// advance changes what is known of the run, and tells it.
func (r *run) advance(change func(*Progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.progress
	change(&r.progress)
	r.progress.OfCalls = max(r.progress.OfCalls, r.progress.Calls)
	if r.syncer.Progress != nil && r.progress != before {
		r.syncer.Progress(r.progress)
	}
}

// begin notes that changes are being made, before they are sent, so that the report of
// a process that is killed has them.
func (r *run) begin(changes ...int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(func(int) outcome { return begun }, changes)
}

// half notes that the first of the two calls of a change is made.
func (r *run) half(i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.halfway[i] = true
	r.note(func(int) outcome { return halfDone }, []int{i})
}

// note writes what is known of changes into the report. Those of a call go in one piece,
// as to write hundreds one by one takes longer than the call. If that fails, nothing more
// is sent.
func (r *run) note(known func(i int) outcome, changes []int) {
	if r.journal == nil {
		return
	}
	entries := make([]any, len(changes))
	for n, i := range changes {
		e := entry{Time: time.Now(), Change: new(r.change(i)), N: i + 1, Outcome: known(i)}
		if err := r.failed[i]; err != nil {
			e.Error = err.Error()
		}
		entries[n] = e
	}
	if err := r.journal.Append(entries...); err != nil && r.stop == nil {
		r.stop = err
	}
}

// call calls do, unless ctx has ended or nothing more is to be sent.
func (r *run) call(ctx context.Context, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("not tried: %w", err)
	}
	r.mu.Lock()
	stop := r.stop
	r.mu.Unlock()
	if stop != nil {
		return fmt.Errorf("not tried any more: %w", stop)
	}
	err := do(ctx)
	r.advance(func(p *Progress) {
		p.Calls++
		if errors.Is(err, quickbi.ErrAuthentication) {
			r.stop = err
		}
	})
	return err
}

// settle sends the write of a change until its outcome is known.
func (r *run) settle(i int, send func(context.Context) error, look func(context.Context) (bool, error), already ...error) error {
	r.begin(i)
	_, err := settle.Do(r.ctx, settle.Write{
		Send: func(ctx context.Context) error { return r.call(ctx, send) },
		Look: func(ctx context.Context) (found bool, err error) {
			err = r.call(ctx, func(ctx context.Context) (err error) {
				found, err = look(ctx)
				return err
			})
			return found, err
		},
		Already: already,
	})
	return err
}

// createGroups creates groups from the top, those of one layer side by side.
func (r *run) createGroups(creates []int) {
	layers := make([][]int, serviceMaxDepth)
	for _, i := range creates {
		depth := 0
		for up := r.groups[r.changes[i].group].parent; up != none; up = r.groups[up].parent {
			depth++
		}
		layers[depth] = append(layers[depth], i)
	}
	there := make(map[string]bool) // ids of groups, before others write theirs
	for _, g := range r.groups {
		there[g.id] = true
	}
	for _, layer := range layers {
		r.each(slices.Values(layer), func(i int) error { return r.createGroup(i, there) })
	}
}

func (r *run) createGroup(i int, there map[string]bool) error {
	g := &r.groups[r.changes[i].group]
	parent := quickbi.RootUserGroupID
	if g.parent != none {
		if parent = r.groups[g.parent].id; parent == "" {
			return errors.New("the group above it could not be created")
		}
	}
	return r.settle(i, func(ctx context.Context) error {
		resp, err := r.client.CreateUserGroup(ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: parent, UserGroupName: g.name, UserGroupID: g.newID})
		if err == nil {
			g.id = resp.Result
		}
		return err
	}, func(ctx context.Context) (bool, error) {
		resp, err := r.client.QueryUserGroupListByParentId(ctx, &quickbi.QueryUserGroupListByParentIdRequest{ParentUserGroupID: parent})
		if err != nil {
			return false, err
		}
		for _, child := range resp.Result {
			if child.UserGroupName != g.name || g.newID != "" && child.UserGroupID != g.newID {
				continue
			}
			// One that could not be renamed or moved away has its own members and rights.
			if !there[child.UserGroupID] {
				g.id = child.UserGroupID
			}
		}
		return g.id != "", nil
	}, quickbi.ErrDuplicateUserGroupName, quickbi.ErrDuplicateName, quickbi.ErrDuplicateUserGroupID)
}

func (r *run) addMember(i int) error {
	at := r.changes[i].member
	m, n := &r.members[at], r.added[at]
	r.mu.Lock()
	full := r.full[n.userType]
	r.mu.Unlock()
	if full != nil {
		return fmt.Errorf("not tried any more: %w", full)
	}
	err := r.settle(i, func(ctx context.Context) error {
		resp, err := r.client.AddUser(ctx, &quickbi.AddUserRequest{
			AccountID: m.accountID,
			//lint:ignore SA1019 The source may not have the id.
			AccountName: m.account,
			NickName:    n.nickName,
			UserType:    n.userType,
			RoleIDs:     n.roles,
		})
		if err == nil {
			m.id = resp.Result.UserID
		}
		return err
	}, func(ctx context.Context) (bool, error) {
		query := quickbi.QueryUserInfoByAccountRequest{Account: m.accountID}
		if query.Account == "" {
			name := splitAccount(m.account)
			query.Account, query.ParentAccountName = name.login, name.parent
		}
		resp, err := r.client.QueryUserInfoByAccount(ctx, &query)
		if errors.Is(err, quickbi.ErrUserNotInOrganization) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		// The account may be that of somebody else: an id beside another one's name.
		if user := resp.Result; user.AccountID != "" && m.accountID != "" && user.AccountID != m.accountID ||
			user.AccountName != "" && m.account != "" && !splitAccount(user.AccountName).key().fits(splitAccount(m.account).key()) {
			return false, fmt.Errorf("%w: the service names another account, %s", ErrChanged, terminal.Name(user.AccountName))
		}
		m.id = resp.Result.UserID
		return m.id != "", nil
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

func (r *run) deleteMember(i int) error {
	at := r.changes[i].member
	id, heir := r.members[at].id, ""
	if r.successor != none {
		heir = r.members[r.successor].id
	}
	switch err := r.stillAsPlanned(at); {
	case errors.Is(err, quickbi.ErrUserNotInOrganization):
		return nil // gone already
	case err != nil:
		return err
	}
	if err := r.successorReady(); err != nil {
		return err
	}
	return r.settle(i, func(ctx context.Context) error {
		_, err := r.client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: id, TransferUserID: heir})
		return err
	}, func(ctx context.Context) (bool, error) {
		resp, err := r.client.CheckOrganizationMember(ctx, &quickbi.CheckOrganizationMemberRequest{UserID: id})
		return err == nil && !resp.Result, err
	}, quickbi.ErrUserNotInOrganization)
}

// stillAsPlanned reads a member again and returns why it must not be taken away any
// more.
func (r *run) stillAsPlanned(i memberAt) error {
	user, err := r.readAgain(i)
	switch {
	case err != nil:
		return err
	case isAdmin(user):
		return fmt.Errorf("%w: it is an administrator now", ErrChanged)
	case r.syncer.Keep != nil && r.syncer.Keep(user):
		return fmt.Errorf("%w: it is to be kept now", ErrChanged)
	case r.members[i].inactive && user.IsDeleted == quickbi.OptionalBoolFalse:
		return fmt.Errorf("%w: it was deactivated, and is active now", ErrChanged)
	}
	return nil
}

// readAgain reads a member, who still has the account for which the plan was made.
func (r *run) readAgain(i memberAt) (user quickbi.User, err error) {
	m := &r.members[i]
	if err := r.call(r.ctx, func(ctx context.Context) error {
		resp, err := r.client.QueryUserInfoByUserId(ctx, &quickbi.QueryUserInfoByUserIdRequest{UserID: m.id})
		if err == nil {
			user = resp.Result
		}
		return err
	}); err != nil {
		return user, err
	}
	if user.AccountID != "" && m.accountID != "" && user.AccountID != m.accountID ||
		user.AccountName != "" && m.account != "" && !splitAccount(user.AccountName).key().fits(splitAccount(m.account).key()) {
		return user, fmt.Errorf("%w: it has another account now", ErrChanged)
	}
	return user, nil
}

// successorReady reads the successor again, who is to get works, and returns why they
// cannot.
func (r *run) successorReady() error {
	if r.successor == none {
		return nil
	}
	user, err := r.readAgain(r.successor)
	switch {
	case errors.Is(err, quickbi.ErrUserNotInOrganization):
		return fmt.Errorf("%w: the successor has left the organization", ErrChanged)
	case err != nil:
		return fmt.Errorf("reading the successor: %w", err)
	case user.IsDeleted.True():
		return fmt.Errorf("%w: the successor is deactivated now", ErrChanged)
	case user.UserType == quickbi.UserTypeViewer:
		return fmt.Errorf("%w: the successor is a viewer now, who cannot own works", ErrChanged)
	}
	return nil
}

// join begins the memberships of those who are there, in groups that are there.
func (r *run) join() {
	var possible []membership
	for i, c := range r.changes {
		if c.kind != Join && c.kind != Move {
			continue
		}
		at, isNew := r.created[c.group]
		if err := r.failed[at]; isNew && err != nil {
			r.finish(fmt.Errorf("the group could not be created: %w", err), i)
			continue
		}
		if err := r.notAdded(c.member); err != nil {
			r.finish(err, i)
			continue
		}
		possible = append(possible, membership{edge{c.member, c.group}, i})
	}
	r.send(possible, true)
}

// notAdded returns why a member who was to be added is not there.
func (r *run) notAdded(i memberAt) error {
	n, isNew := r.adding[i]
	if !isNew {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.failed[n]; err != nil {
		return fmt.Errorf("the member could not be added: %w", err)
	}
	return nil
}

// leave ends memberships. A member of whom a group could not be joined stays
// everywhere: the new rights must be there before the old ones go.
func (r *run) leave() {
	kept := r.couldNotJoin()
	var possible []membership
	for i, c := range r.changes {
		if c.kind != Leave && c.kind != Move {
			continue
		}
		if err := kept[c.member]; err != nil {
			r.finish(err, i)
			continue
		}
		possible = append(possible, membership{edge{c.member, c.from}, i})
	}
	r.send(possible, false)
}

// couldNotJoin returns which members could not join a group or a workspace, and why.
func (r *run) couldNotJoin() map[memberAt]error {
	kept := make(map[memberAt]error)
	for i, c := range r.changes {
		err := r.failed[i]
		if err == nil || kept[c.member] != nil {
			continue
		}
		switch c.kind {
		case Join, Move:
			kept[c.member] = fmt.Errorf("not tried, because the member could not join %s: %w", terminal.Name(r.groups[c.group].path), err)
		case JoinWorkspace:
			kept[c.member] = fmt.Errorf("not tried, because the member could not join the workspace %s: %w", terminal.Name(r.seats[i].name), err)
		}
	}
	return kept
}

// A doubt is memberships that a call may or may not have changed.
type doubt struct {
	batch
	err error
}

// send begins or ends memberships. Those in doubt are looked at when all calls
// have been made, so that a group is listed once, however many of its calls were
// lost; what turns out not to have been done is sent again.
func (r *run) send(open []membership, join bool) {
	for n := 1; len(open) > 0; n++ {
		var mu sync.Mutex
		var doubts []doubt
		parallel(r, r.batches(open, join), func(b batch) {
			r.begin(b.changes()...)
			r.sendBatch(b, join, func(d doubt) {
				mu.Lock()
				defer mu.Unlock()
				doubts = append(doubts, d)
			})
		})
		open = nil
		parallel(r, slices.Values(gather(doubts)), func(d doubt) {
			made, notMade, err := r.look(d.batch, join)
			switch {
			case err != nil:
				r.finish(settle.NotFoundOut(d.err, err), d.changes()...)
				return
			case n == settle.MaxSends || r.ctx.Err() != nil:
				r.finish(settle.NotExecuted(d.err), changesOf(notMade)...)
			default:
				mu.Lock()
				open = append(open, notMade...)
				mu.Unlock()
			}
			r.finish(nil, changesOf(made)...)
		})
	}
}

// sendBatch makes one call. If the service refuses it because of one member or group
// of several, sendBatch calls again with each half, until it has found that one.
func (r *run) sendBatch(b batch, join bool, inDoubt func(doubt)) {
	ctx, cancel := settle.WriteContext(r.ctx)
	defer cancel()
	err := r.call(ctx, func(ctx context.Context) error { return r.request(ctx, b, join) })
	ofMember, ofGroup := isAny(err, memberRefused), isAny(err, groupRefused)
	switch n := len(b.memberships); {
	case err == nil:
		r.finish(nil, b.changes()...)
	case settle.InDoubt(err), !join && errors.Is(err, quickbi.ErrUserNotInOrganization):
		inDoubt(doubt{b, err}) // a look tells who has really left
	case n > 1 && (b.byMember && ofGroup || !b.byMember && ofMember):
		r.sendBatch(batch{b.byMember, b.memberships[:n/2]}, join, inDoubt)
		r.sendBatch(batch{b.byMember, b.memberships[n/2:]}, join, inDoubt)
	case !join && n == 1 && isAny(err, groupGone):
		r.finish(nil, b.changes()...) // there is nothing to leave any more
	default:
		r.finish(err, b.changes()...)
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
func (r *run) request(ctx context.Context, b batch, join bool) error {
	var err error
	member, group := r.members[b.memberships[0].member].id, r.groups[b.memberships[0].group].id
	switch {
	case !b.byMember:
		_, err = r.client.AddUserGroupMember(ctx, &quickbi.AddUserGroupMemberRequest{UserGroupID: group, UserIDs: r.others(b)})
	case join:
		_, err = r.client.AddUserGroupMembers(ctx, &quickbi.AddUserGroupMembersRequest{UserID: member, UserGroupIDs: r.others(b)})
	default:
		_, err = r.client.DeleteUserGroupMembers(ctx, &quickbi.DeleteUserGroupMembersRequest{UserID: member, UserGroupIDs: r.others(b)})
	}
	return err
}

// others returns the ids that a batch lists: of groups for one member, of members for one group.
func (r *run) others(b batch) []string {
	ids := make([]string, len(b.memberships))
	for i, m := range b.memberships {
		if ids[i] = r.members[m.member].id; b.byMember {
			ids[i] = r.groups[m.group].id
		}
	}
	return ids
}

// look tells the memberships of the batch that are as they should be from the others.
func (r *run) look(b batch, join bool) (made, notMade []membership, err error) {
	there := make(map[string]bool)
	ctx, cancel := settle.LookContext(r.ctx)
	defer cancel()
	err = r.call(ctx, func(ctx context.Context) error {
		if b.byMember {
			resp, err := r.client.ListUserGroupsByUserId(ctx, &quickbi.ListUserGroupsByUserIdRequest{UserID: r.members[b.memberships[0].member].id})
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
		resp, err := r.client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: r.groups[b.memberships[0].group].id})
		if err == nil {
			for _, entry := range resp.Result {
				there[entry.ID] = there[entry.ID] || !entry.IsUserGroup
			}
		}
		return err
	})
	for i, id := range r.others(b) {
		if there[id] == join {
			made = append(made, b.memberships[i])
		} else {
			notMade = append(notMade, b.memberships[i])
		}
	}
	return made, notMade, err
}

// gather puts doubts about the same group, or the same member, together.
func gather(doubts []doubt) []doubt {
	slices.SortStableFunc(doubts, func(a, b doubt) int {
		switch {
		case a.byMember && b.byMember:
			return cmp.Compare(a.memberships[0].member, b.memberships[0].member)
		case a.byMember:
			return -1
		case b.byMember:
			return 1
		}
		return cmp.Compare(a.memberships[0].group, b.memberships[0].group)
	})
	var out []doubt
	for _, d := range doubts {
		if n := len(out); n > 0 && out[n-1].byMember == d.byMember && d.sameCall(out[n-1].memberships[0], d.memberships[0]) {
			out[n-1].memberships = slices.Concat(out[n-1].memberships, d.memberships)
		} else {
			out = append(out, d)
		}
	}
	return out
}
