package quickbi

import "testing"

func TestChildUserGroupConverts(t *testing.T) {
	t.Parallel()
	child := ChildUserGroup{UserGroupID: "g-1", UserGroupName: "财务", ParentUserGroupID: "g-0", ModifiedTime: "m"}
	want := UserGroup{UserGroupID: "g-1", UserGroupName: "财务", ParentUserGroupID: "g-0", ModifiedTime: "m"}
	if got := UserGroup(child); got != want {
		t.Errorf("converted to %+v, want %+v", got, want)
	}
}
