package quickbi

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUserGroupLookupFailures(t *testing.T) {
	t.Parallel()
	for _, none := range [][]string{nil, {}, {"[]"}, {""}} {
		if err := (UserGroupLookup{FailedUserGroupIDs: none}).Failures(); err != nil {
			t.Errorf("%q: %v, want nil", none, err)
		}
	}
	err := UserGroupLookup{FailedUserGroupIDs: []string{"g-1", "g-2"}}.Failures()
	var partial *PartialError
	if !errors.As(err, &partial) {
		t.Fatalf("%v, want a *PartialError", err)
	}
	if diff := cmp.Diff([]FailedEntry{{ID: "g-1"}, {ID: "g-2"}}, partial.Failed); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
}

func TestChildUserGroupConverts(t *testing.T) {
	t.Parallel()
	child := ChildUserGroup{UserGroupID: "g-1", UserGroupName: "财务", ParentUserGroupID: "g-0", ModifiedTime: "m"}
	want := UserGroup{UserGroupID: "g-1", UserGroupName: "财务", ParentUserGroupID: "g-0", ModifiedTime: "m"}
	if got := UserGroup(child); got != want {
		t.Errorf("converted to %+v, want %+v", got, want)
	}
}
