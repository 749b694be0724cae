// Package dirsync makes user groups, and who is in them, follow a source of
// truth: a CSV file, JSON Lines, an LDAP directory (package dirsync/ldap), or the
// records of any other system.
//
//	syncer := dirsync.Syncer{Client: client, Within: []string{"Departments"}}
//	plan, err := syncer.Plan(ctx, dirsync.CSV(file))
//	if err != nil { … }
//	plan.Print(os.Stdout) // what would change
//	report, err := plan.Apply(ctx)
//
// [Syncer.Plan] only reads. [Plan.Apply] sends what is missing, in bulk and by
// several goroutines; a client made with quickbi.WithRateLimit(50, 1) keeps
// within the rate that the service documents. What failed is in the [Report],
// with the account and the reason; everything else was done. A new plan has what
// is still missing, and a plan for an organization that is as it should be is
// empty and sends nothing.
//
// A plan can be saved with [Plan.Encode], reviewed, and applied later by another
// process, which reads it with [Syncer.Decode]. A report grows in [Syncer.Reports]
// while changes are made, and [Syncer.Undo] makes a plan of it that takes back what
// can be taken back. docs/directory.md leads from a file to a nightly job.
//
// # Whom a record means
//
// The account id decides. Without one it is the name of the account, with the main
// account of a RAM user. Where the list of members does not show what is needed, the
// service is asked. A record is a [Problem], and everybody it may be about stays
// as they are, if its id and its name contradict each other, if several members can
// be meant, or if two records name one member differently. A member without any
// account is left alone: see [Plan.Nameless].
//
// A record that names nobody, such as a row without an account, may be about
// anybody: the plan then takes nothing away from anybody. See [Plan.Blocked].
//
// # What is safe
//
// Groups are never deleted, because rights hang on them. They are renamed and moved
// only by keys: see [Syncer.Groups]. A group whose name differs in letter case, blanks or the composition
// of characters is the group that is meant; one that only looks alike is a Problem.
// Without keys, a group that the source calls by another name or puts elsewhere is a new
// group, unless it is renamed or moved in Quick BI first.
//
// Members are added and deleted only if [Syncer.AddMembersAs] and
// [Syncer.DeleteMembers] say so. Administrators, and owners of workspaces, are
// never deleted. A member is read again before it is deleted. A member of whom a
// group cannot be joined leaves none.
//
// A plan that exceeds a limit is refused, because the source is probably not whole:
// see [Plan.Guard]. So is one that is too old, one for another organization, and one
// that was applied before. A write whose answer was lost is not sent again before a
// look at what became of it: see package settle.
//
// # Memory
//
// Records are read one at a time and not kept, unless the service has to be asked
// about them or their account is to be added. A plan for 20,000 members with 60,000
// memberships takes 4 MB, and 15 MB while it is made and applied. A group's list of
// members comes on top, as Quick BI sends it in one piece: 40 MB for one of 100,000.
package dirsync

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/quickbi-go/quickbi"
)

// A Record is what the source of truth says of one account. An account may have
// several, whose groups are then taken together.
type Record struct {
	// AccountID is the UID of the cloud account, the surest way to name it. But
	// Quick BI knows it of some members only once they have logged in, so that it
	// is best to give AccountName as well.
	AccountID string
	// AccountName is the name of the cloud account: "main:sub",
	// "sub@main.onaliyun.com" or just "sub" for a RAM user. Letter case does not matter.
	AccountName string
	// NickName, UserType and Roles are those of a member to be added. Members who
	// are there already keep theirs, unless UpdateNickNames, UpdateUserTypes or
	// UpdateRoles of the [Syncer] say otherwise.
	NickName string
	UserType quickbi.UserType // zero: [Syncer.AddMembersAs]
	// Roles are organization roles, by name or id. They count with
	// [Syncer.UpdateRoles] only. Empty says nothing about roles.
	Roles []string
	// Tags are the values that user tags have for the account, by the tags' names;
	// several of one tag are joined by commas. They count with [Syncer.UpdateTags]
	// only. "" says nothing, and [quickbi.UserTagCleared] takes the value away.
	Tags map[string]string
	// Workspaces are the roles that the account has in workspaces, by name or id of the
	// workspace: {"Sales": {"analyst"}}. Roles are admin, developer, analyst, viewer, or
	// those of the organization's own making, by name or id. They count with
	// [Syncer.UpdateWorkspaces] only. Nil says nothing about workspaces; empty means
	// being in none.
	Workspaces map[string][]string
	// Groups are the paths of the groups to be in, from the top, such as
	// "Sales/North". Being in it does not mean being in "Sales". [Path] makes
	// paths of names with a slash in them.
	Groups []string
	// Origin says where the record comes from, such as "line 17". It is only
	// repeated where the record has a problem.
	Origin string
}

// check returns why the record is not one that the source can have meant.
func (r *Record) check() error {
	if isValue(r.AccountID) {
		if err := checkAccountID(clean(r.AccountID)); err != nil {
			if r.Origin != "" {
				return fmt.Errorf("%s: %w", r.Origin, err)
			}
			return err
		}
	}
	return nil
}

// account names the record's account in texts.
func (r Record) account() string {
	if r.AccountName != "" {
		return r.AccountName
	}
	return r.AccountID
}

// A Syncer has the client and the rules. Only Client is required.
type Syncer struct {
	Client *quickbi.Client

	// Within are the paths of groups that, with all below them, belong to the
	// source. Other groups are left alone, whatever records say: see
	// [Plan.Outside]. Empty means all groups: then whoever was put into one by
	// hand is taken out of it.
	Within []string

	// Groups are the groups of the source that have keys, such as those that
	// [CSVFormat.Groups], [JSONLinesGroups] or package dirsync/ldap read. A group that
	// dirsync creates with a key has [GroupID] of it for an id. When the source calls the
	// group by another name, or has it elsewhere, it is renamed or moved, and keeps its
	// id, its rights and its members. Two groups with one key, and a group with two,
	// are Problems, as is one whose new place is taken; they are left alone. Groups that
	// were there before they had a key are known by their paths: see [Plan.Keyless].
	// Empty means that all are.
	Groups []Group

	// AddMembersAs adds accounts that are no members yet to the organization, with
	// the user type of their record, or this one if it has none. Zero means that
	// they are not added: see [Plan.Unknown].
	AddMembersAs quickbi.UserType

	// DeleteMembers deletes members from the organization of whom the source has no
	// record, except for administrators. It cannot be undone.
	DeleteMembers bool
	// Successor is the account, id or name, of the member who gets the works of
	// deleted ones. Empty means the owners of the workspaces they are in.
	Successor string

	// AppendAccount gives a new member whose nickname another member has one of its
	// own: the account in brackets is put behind it. Otherwise such a record is a
	// Problem, because the service refuses nicknames that are taken.
	AppendAccount bool

	// UpdateNickNames, UpdateUserTypes and UpdateRoles give members what their
	// records say. A developer stays one, because the service does not allow
	// otherwise. Roles that make administrators are neither given nor taken away.
	UpdateNickNames, UpdateUserTypes, UpdateRoles bool
	// UpdateTags gives user tags the values that records have; row-level permissions
	// hang on them. The tags must be there. Planning takes a call for each member
	// whose records have any.
	UpdateTags bool

	// UpdateWorkspaces lets members join the workspaces that their records name, and
	// gives them the roles there. Workspaces are not created. Two of one name are
	// told apart by their ids. A member stays in workspaces that its records do not
	// name.
	UpdateWorkspaces bool
	// LeaveWorkspaces are workspaces, by name or id, that belong to the source, if
	// UpdateWorkspaces is on: who is in one, and has no record that names it, leaves
	// it. Owners of the workspace and administrators of the organization stay. So does
	// who owns works, datasets or data sources there, and that is a Problem, because
	// the service would give these to somebody of its own choice.
	LeaveWorkspaces []string

	// Deactivate deactivates members of whom the source has no record, except for
	// administrators: they keep their works, but cannot log in. Who is back in the
	// source is brought back, but only if a report in Reports tells that it was
	// Deactivate: see [Plan.Inactive] for the others. It needs Reports.
	Deactivate bool
	// DeleteAfter is how long members stay deactivated before DeleteMembers deletes
	// them, with both switched on. Zero means 30 days. Only those count whose
	// deactivation is in a report.
	DeleteAfter time.Duration

	// Keep reports whether a member is to be left as it is, whatever the source
	// says: not added to a group, not taken out of one, not deleted.
	Keep func(quickbi.User) bool

	// The following limits guard against a source that is not whole. A plan that
	// exceeds one is refused: see [Plan.Guard]. Zero means the default, a negative
	// number allows nothing, and a share of 1, or a large number, allows everything.

	// MaxRemove is the share of the memberships that a plan may end, by default
	// 0.1. Moving from one group to another counts, too. It holds for groups and for
	// workspaces, where losing a role counts.
	MaxRemove float64
	// MaxRemoveCount is how many memberships a plan may end, by default 1000.
	MaxRemoveCount int
	// MaxRemovePerGroup is the share of the members of each group and workspace who may
	// leave it, by default 0.5. Up to five may always leave.
	MaxRemovePerGroup float64
	// MaxDelete is the share of the members that a plan may delete or deactivate, by
	// default 0.01. Up to three always may.
	MaxDelete float64
	// MaxDeleteCount is how many members a plan may delete or deactivate, by default 50.
	MaxDeleteCount int
	// MaxAdd is how many paid seats a plan may take, by default 100: by members who
	// are added, come back or get another user type.
	MaxAdd int

	// MaxAge is how old a plan may be when it is applied, by default 24 hours.
	MaxAge time.Duration

	// Reports is the directory in which the report of each plan that is applied grows
	// while changes are made: a file of JSON Lines with the plan's id for a name. Of
	// two processes that apply one plan, only one can make that file. [Syncer.Undo] reads
	// it. A change is in it before it is sent, so that the report of a process that was
	// killed has those that were under way. Empty means none.
	Reports string

	// Workers is how many calls are under way at a time; zero means 16. To use up
	// a rate, there must be as many as calls begin while one lasts.
	Workers int
	// MaxIDs is how many ids are sent in one call; zero means 1000, which is the
	// service's limit.
	MaxIDs int
	// MaxURL is how many bytes the URL of a call may have, encoded; zero means
	// 7168. It is what limits calls: a user id of 32 characters takes up 35.
	MaxURL int

	// Progress is called by [Plan.Apply], by one goroutine at a time, after each call
	// and each change.
	Progress func(Progress)
}

// A Progress is how far [Plan.Apply] is.
type Progress struct {
	Changes, OfChanges int // dealt with; a move is two, joining and leaving
	// Calls are those that have ended, at the pace of the client's rate limit.
	// OfCalls begins as [Plan.Calls], grows with calls that become necessary meanwhile, and
	// is Calls in the end.
	Calls, OfCalls int
}

const (
	defaultWorkers     = 16
	defaultDeleteAfter = 30 * 24 * time.Hour
	defaultMaxURL      = 7 << 10
)

// withDefaults returns the rules with nothing left open.
func (s Syncer) withDefaults() (Syncer, error) {
	var problems []string
	if s.Client == nil {
		problems = append(problems, "Client is missing")
	}
	if s.Workers < 0 || s.MaxIDs < 0 || s.MaxURL < 0 {
		problems = append(problems, "Workers, MaxIDs and MaxURL cannot be negative")
	}
	if s.MaxIDs > serviceMaxIDs {
		problems = append(problems, fmt.Sprintf("MaxIDs is %d, and the service takes %d", s.MaxIDs, serviceMaxIDs))
	}
	for _, limit := range []struct {
		name  string
		share float64
	}{{"MaxRemove", s.MaxRemove}, {"MaxRemovePerGroup", s.MaxRemovePerGroup}, {"MaxDelete", s.MaxDelete}} {
		if limit.share > 1 || math.IsNaN(limit.share) {
			problems = append(problems, fmt.Sprintf("%s is %v, but a share is at most 1", limit.name, limit.share))
		}
	}
	if s.MaxAge < 0 {
		problems = append(problems, "MaxAge cannot be negative")
	}
	if s.AddMembersAs < 0 {
		problems = append(problems, fmt.Sprintf("AddMembersAs: there is no user type %d", s.AddMembersAs))
	}
	if s.Deactivate && s.Reports == "" {
		problems = append(problems, "Deactivate needs Reports, which tell who was deactivated and when")
	}
	if s.DeleteAfter < 0 || s.DeleteAfter > 0 && !(s.Deactivate && s.DeleteMembers) {
		problems = append(problems, "DeleteAfter cannot be negative, and needs Deactivate and DeleteMembers")
	}
	if s.Successor != "" && !s.DeleteMembers {
		problems = append(problems, "Successor means nothing without DeleteMembers")
	}
	if len(s.LeaveWorkspaces) > 0 && !s.UpdateWorkspaces {
		problems = append(problems, "LeaveWorkspaces means nothing without UpdateWorkspaces")
	}
	within := make([]string, len(s.Within)) // not to change the caller's
	for i, path := range s.Within {
		names, err := splitPath(path)
		if err != nil {
			problems = append(problems, "Within: "+err.Error())
		}
		within[i] = Path(names...)
	}
	s.Within = within
	if len(problems) > 0 {
		return s, errors.New("dirsync: " + strings.Join(problems, "; "))
	}
	s.MaxRemove = cmp.Or(s.MaxRemove, defaultMaxRemove)
	s.MaxRemoveCount = cmp.Or(s.MaxRemoveCount, defaultMaxRemoveCount)
	s.MaxRemovePerGroup = cmp.Or(s.MaxRemovePerGroup, defaultMaxRemovePerGroup)
	s.MaxDelete = cmp.Or(s.MaxDelete, defaultMaxDelete)
	s.MaxDeleteCount = cmp.Or(s.MaxDeleteCount, defaultMaxDeleteCount)
	s.MaxAdd = cmp.Or(s.MaxAdd, defaultMaxAdd)
	s.MaxAge = cmp.Or(s.MaxAge, defaultMaxAge)
	s.DeleteAfter = cmp.Or(s.DeleteAfter, defaultDeleteAfter)
	s.Workers = cmp.Or(s.Workers, defaultWorkers)
	s.MaxIDs = cmp.Or(s.MaxIDs, serviceMaxIDs)
	s.MaxURL = cmp.Or(s.MaxURL, defaultMaxURL)
	return s, nil
}
