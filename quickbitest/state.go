package quickbitest

import (
	"iter"
	"time"
)

// OwnerUserID is the Quick BI id of the organization's owner. All calls are made in the
// owner's name. The owner is the first member, and cannot be removed.
const OwnerUserID = "00000000000000000000000000000001"

// OrganizationID is the id of the organization. Works are shared with everybody by it.
const OrganizationID = "00000000-0000-0000-0000-000000000001"

// The roles that every organization has.
const (
	roleAdmin     int64 = 111111111
	roleAuthAdmin int64 = 111111112
	roleRegular   int64 = 111111113
)

// An organization is all there is: everything the operations read and change. It
// has an index for each way in which something is looked up, so that what a call
// costs depends on its answer and not on the size of the organization; only
// listings with a keyword look at everything there is.
//
// Each section has its own state, which is in the section's file. It is made by a
// function newXState if its zero value will not do.
type organization struct {
	userState
	userTagState
	userGroupState
	roleState
	shareState
	portalState
	dataLevelState
	workspaceState
	worksState
	datasetState
	datasourceState
	favoriteState
	dataServiceState
	embedState
	approvalState
	smartQState
	mailTaskState
	organizationState
}

func newOrganization(now time.Time) *organization {
	o := &organization{
		userState:      newUserState(),
		userTagState:   newUserTagState(),
		userGroupState: newUserGroupState(),
		roleState:      newRoleState(),
		portalState:    newPortalState(),
		dataLevelState: newDataLevelState(),
		datasetState:   newDatasetState(),
		approvalState:  newApprovalState(),
		smartQState:    newSmartQState(),
	}
	o.addMember(User{
		UserID:      OwnerUserID,
		AccountID:   "1000000000000001",
		AccountName: "owner",
		NickName:    "Owner",
		UserType:    developer,
		RoleIDs:     []int64{roleAdmin},
		JoinedDate:  now.UnixMilli(),
	})
	return o
}

// leaving lists what each section does when a member leaves the organization.
var leaving = []func(*organization, *member){
	(*organization).leaveGroups,
	(*organization).leaveWorkspaces,
	(*organization).leaveReceivers,
	(*organization).unbind,
	(*organization).dropMailTasks,
	(*organization).dropApplications,
	(*organization).dropTickets,
	(*organization).dropSmartQ,
	(*organization).replaceInData,
	(*organization).leaveAudiences,
	(*organization).dropTagValues,
	(*organization).unindexMember,
}

// removeMember removes the member from the organization.
func (o *organization) removeMember(m *member) {
	for _, leave := range leaving {
		leave(o, m)
	}
	o.members.remove(m.UserID)
}

// filter lists the elements for which keep is true.
func filter[T any](all iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range all {
			if keep(v) && !yield(v) {
				return
			}
		}
	}
}

// collect renders all of the sequence. The result is never nil, so that it is an empty
// list in JSON.
func collect[T, R any](all iter.Seq[T], render func(T) R) []R {
	rows := []R{}
	for v := range all {
		rows = append(rows, render(v))
	}
	return rows
}

// beijing is the zone of times in answers. The documentation names none.
var beijing = time.FixedZone("CST", int((8 * time.Hour).Seconds()))

func written(t time.Time) string { return t.In(beijing).Format(time.DateTime) }
