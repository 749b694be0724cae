package quickbitest

import (
	"fmt"
	"testing"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// BenchmarkLargeOffice measures operations on an organization in which one workspace
// has 100,000 members and another 10,000 works.
func BenchmarkLargeOffice(b *testing.B) {
	e := large(b)
	everybody := Workspace{WorkspaceID: "everybody", WorkspaceName: "Everybody"}
	for i := range 100_000 {
		everybody.Users = append(everybody.Users, WorkspaceUser{UserID: fmt.Sprintf("user%06d", i)})
	}
	o := Organization{Workspaces: []Workspace{everybody, {WorkspaceID: "busy", WorkspaceName: "Busy", Users: []WorkspaceUser{{UserID: "user000009"}}}}}
	for i := range 10_000 {
		w := Works{WorksID: fmt.Sprintf("work%05d", i), WorksName: fmt.Sprintf("Work %05d", i), WorkspaceID: "busy", Status: 1}
		o.Works = append(o.Works, w)
		if i < 100 {
			o.Shares = append(o.Shares, Share{WorksID: w.WorksID, ShareToType: receiverOrganization}, Share{WorksID: w.WorksID, ShareToType: receiverGroup, ShareToID: "all"})
		}
	}
	if err := e.Seed(o); err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct {
		action string
		params map[string]string
	}{
		{"QueryWorkspaceUserList", map[string]string{"WorkspaceId": "everybody", "PageNum": "100", "PageSize": "1000"}},
		{"ListWorkspaceRoleUsers", map[string]string{"RoleId": "30", "WorkspaceId": "everybody"}},
		{"ListOrganizationRoleUsers", map[string]string{"RoleId": "111111111"}},
		{"UpdateWorkspaceUserRole", map[string]string{"WorkspaceId": "everybody", "UserId": "user000008", "RoleIds": "26"}},
		{"QueryWorksByOrganization", map[string]string{"PageNum": "10", "PageSize": "1000", "WorksType": "PAGE"}},
		{"QueryReadableResourcesListByUserId", map[string]string{"UserId": "user000009"}},
		{"CheckReadable", map[string]string{"UserId": "user000009", "WorksId": "work00500"}},
		{"ListSharedReports", map[string]string{"UserId": "user000009", "PageSize": "100"}},
		{"QueryShareList", map[string]string{"ReportId": "work00001"}},
	} {
		b.Run(bb.action, func(b *testing.B) {
			b.ReportAllocs()
			c := &call{organization: e.org, now: e.Now(), action: bb.action, op: catalog.Load().Operations[bb.action], params: bb.params}
			for b.Loop() {
				if _, err := operations[bb.action].do(c); err != nil && bb.action != "UpdateWorkspaceUserRole" {
					b.Fatal(err)
				}
			}
		})
	}
}
