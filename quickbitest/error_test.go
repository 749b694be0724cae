package quickbitest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

func TestError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		action string
		fault  quickbitest.Fault
		code   quickbi.ErrorCode
		status int
		is     []error
		not    []error
	}{
		"refusal": {"DeleteUser", quickbitest.Refuse("User.Not.In.Organization"), "User.Not.In.Organization", 400,
			[]error{quickbi.ErrUserNotInOrganization, quickbi.ErrNotFound}, []error{quickbi.ErrOutcomeUnknown}},
		"status and message": {"DeleteUser", quickbitest.Refuse("New.Code").WithStatus(409).WithMessage("a new one"), "New.Code", 409,
			[]error{quickbi.ErrorCode("New.Code"), quickbi.ErrOutcomeUnknown}, []error{quickbi.ErrNotFound}},
		"throttled": {"QueryUserList", quickbitest.Refuse("Throttling.User").WithHeader("Retry-After", "3"), "Throttling.User", 400,
			[]error{quickbi.ErrThrottled}, []error{quickbi.ErrOutcomeUnknown}},
		"lost answer of a write": {"AddUser", quickbitest.DropAfter(), "", 0,
			[]error{quickbi.ErrOutcomeUnknown}, nil},
		"lost answer of a read": {"QueryUserList", quickbitest.DropAfter(), "", 0,
			nil, []error{quickbi.ErrOutcomeUnknown}},
		"page of a proxy": {"QueryUserList", quickbitest.Raw(502, "text/html", "<h1>Bad Gateway</h1>"), "", 502,
			[]error{quickbi.ErrUnavailable, quickbi.ErrInvalidResponse}, []error{quickbi.ErrOutcomeUnknown}},
		"not performed": {"DeleteUser", quickbitest.NotPerformed(), "", 200,
			[]error{quickbi.ErrNotPerformed}, []error{quickbi.ErrOutcomeUnknown}},
		"endless": {"QueryUserList", quickbitest.Endless(), "", 200,
			[]error{quickbi.ErrResponseTooLarge}, nil},
		"undocumented action": {"DoSomethingNew", quickbitest.DropBefore(), "", 0,
			[]error{quickbi.ErrOutcomeUnknown}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := quickbitest.Error(test.action, test.fault)
			if err.Action != test.action || err.Code != test.code || err.StatusCode != test.status || err.Attempts != 1 {
				t.Errorf("%v: %q, status %d", err, err.Code, err.StatusCode)
			}
			for _, target := range test.is {
				if !errors.Is(err, target) {
					t.Errorf("%v is not %v", err, target)
				}
			}
			for _, target := range test.not {
				if errors.Is(err, target) {
					t.Errorf("%v is %v", err, target)
				}
			}
			if name == "status and message" && !strings.Contains(err.Error(), "a new one") || name == "throttled" && err.RetryAfter.Seconds() != 3 {
				t.Errorf("%v, %v", err, err.RetryAfter)
			}
		})
	}
	defer func() {
		if recover() == nil {
			t.Error("a call that succeeds made an error")
		}
	}()
	_ = quickbitest.Error("ListOrganizationRoles", quickbitest.Delay(0))
}

// userDeleter is what removing needs of a client: a *quickbi.Client is one.
type userDeleter interface {
	DeleteUser(ctx context.Context, in *quickbi.DeleteUserRequest, opts ...quickbi.CallOption) (*quickbi.Response[bool], error)
}

// remove deletes a member; one who is not there any more is no failure.
func remove(ctx context.Context, client userDeleter, id string) error {
	_, err := client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: id})
	if errors.Is(err, quickbi.ErrUserNotInOrganization) {
		return nil
	}
	return err
}

// fakeDeleter fails for the members it has an error for.
type fakeDeleter map[string]error

func (f fakeDeleter) DeleteUser(_ context.Context, in *quickbi.DeleteUserRequest, _ ...quickbi.CallOption) (*quickbi.Response[bool], error) {
	if err := f[in.UserID]; err != nil {
		return nil, err
	}
	return &quickbi.Response[bool]{Success: true, Result: true}, nil
}

// A function that needs one operation takes an interface of one method. Its test
// gives it a fake, and the errors of the fake are those that a client returns.
func ExampleError() {
	var _ userDeleter = (*quickbi.Client)(nil)
	fake := fakeDeleter{
		"gone":   quickbitest.Error("DeleteUser", quickbitest.Refuse("User.Not.In.Organization")),
		"owner":  quickbitest.Error("DeleteUser", quickbitest.Refuse("CannotRemove.OrganizationOwner")),
		"silent": quickbitest.Error("DeleteUser", quickbitest.DropAfter()),
	}
	for _, id := range []string{"present", "gone", "owner", "silent"} {
		err := remove(context.Background(), fake, id)
		fmt.Println(id, err == nil, errors.Is(err, quickbi.ErrOutcomeUnknown))
	}
	// Output:
	// present true false
	// gone true false
	// owner false false
	// silent false true
}
