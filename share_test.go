package quickbi

import (
	"slices"
	"testing"
)

// TestSharingChecks covers what requests of sharing, portals and workspaces check beyond their tags.
func TestSharingChecks(t *testing.T) {
	t.Parallel()
	for i, test := range []struct {
		in   checker
		want []string
	}{
		{&AddShareReportRequest{}, nil},
		{&AddShareReportRequest{ShareToType: new(ShareTargetUser)}, []string{"ShareToId"}},
		{&AddShareReportRequest{ShareToType: new(ShareTargetUserGroup)}, []string{"ShareToId"}},
		{&AddShareReportRequest{ShareToType: new(ShareTargetUser), ShareToID: "u"}, nil},
		{&AddShareReportRequest{ShareToType: new(ShareTargetOrganization)}, nil},
		{&AddWorksAuthorizationRequest{AuthPoints: AuthPointsView}, []string{"ExpireDay"}},
		{&AddWorksAuthorizationRequest{AuthPoints: AuthPointsView, ExpireDay: "2099-12-31"}, nil},
		{&AddWorksAuthorizationRequest{AuthPoints: AuthPointsEdit}, nil},
		{&AuthorizeMenuRequest{}, []string{"UserIds"}},
		{&AuthorizeMenuRequest{UserIDs: []string{"u"}}, nil},
		{&AuthorizeMenuRequest{UserGroupIDs: []string{"g"}}, nil},
		{&CancelAuthorizationMenuRequest{}, []string{"UserIds"}},
		{&CancelAuthorizationMenuRequest{UserGroupIDs: []string{"g"}}, nil},
		{&UpdateWorkspaceUserRoleRequest{}, []string{"RoleIds"}},
		{&UpdateWorkspaceUserRoleRequest{RoleID: WorkspaceRoleViewer}, nil},
		{&UpdateWorkspaceUserRoleRequest{RoleIDs: []int64{WorkspaceRoleViewer}}, nil},
	} {
		var got []string
		test.in.check(func(parameter, _ string) { got = append(got, parameter) })
		if !slices.Equal(got, test.want) {
			t.Errorf("%d: problems with %v, want %v", i, got, test.want)
		}
	}
}
