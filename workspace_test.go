package quickbi

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWorkspaceUsersFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		result WorkspaceUsersResult
		want   []FailedEntry
	}{
		"none": {WorkspaceUsersResult{Total: 2, Success: 2}, nil},
		"named": {
			WorkspaceUsersResult{Total: 3, Failure: 2, FailureDetail: map[string]any{"u-2": "AE0150010001: exists", "u-1": "no: such user"}},
			[]FailedEntry{{ID: "u-1", Code: "no", Message: "such user"}, {ID: "u-2", Code: "AE0150010001", Message: "exists"}},
		},
		"no text, no code": {
			WorkspaceUsersResult{Total: 2, Failure: 2, FailureDetail: map[string]any{"u-1": 7.0, "u-2": "not here: gone"}},
			[]FailedEntry{{ID: "u-1", Message: "7"}, {ID: "u-2", Message: "not here: gone"}},
		},
		"counted only": {
			WorkspaceUsersResult{Total: 3, Failure: 3, FailureDetail: map[string]any{"u-1": "no"}},
			[]FailedEntry{{ID: "u-1", Message: "no"}, {Message: "2 more that the service does not name"}},
		},
	} {
		var got []FailedEntry
		if err := test.result.Failures(); err != nil {
			var partial *PartialError
			if !errors.As(err, &partial) {
				t.Fatalf("%s: %T", name, err)
			}
			got = partial.Failed
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
