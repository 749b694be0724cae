package settle_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
	"github.com/quickbi-go/quickbi/settle"
)

// TestDo takes a member out of an emulated organization under all kinds of
// failure: the outcome must be what the organization shows.
func TestDo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault quickbitest.Fault
		times int
		gone  bool // before
		blind bool // nobody can look

		want  settle.Outcome
		sends int
		is    []error
	}{
		{name: "answered", want: settle.Done, sends: 1},
		{name: "executed, answer lost", fault: quickbitest.DropAfter(), times: 1, want: settle.Done, sends: 1},
		{name: "executed, answer unreadable", fault: quickbitest.Truncate(), times: 1, want: settle.Done, sends: 1},
		{name: "lost on the way", fault: quickbitest.DropBefore(), times: 2, want: settle.Done, sends: 3},
		{name: "lost for good", fault: quickbitest.DropBefore(), times: -1, want: settle.NotDone, sends: 3},
		{name: "refused", fault: quickbitest.Refuse("CannotRemove.OrganizationOwner"), times: -1, want: settle.NotDone, sends: 1, is: []error{quickbi.ErrOrganizationOwnerNotRemovable}},
		{name: "answered with a failure that leaves it open", fault: quickbitest.Refuse("Works.Transfer.Error"), times: -1, want: settle.NotDone, sends: 1, is: []error{quickbi.ErrWorkTransfer}},
		{name: "answered with false", fault: quickbitest.NotPerformed(), times: -1, want: settle.NotDone, sends: 1, is: []error{quickbi.ErrNotPerformed}},
		{name: "gone before", gone: true, want: settle.Already, sends: 1},
		{name: "gone before, says the service wrongly", fault: quickbitest.Refuse("User.Not.In.Organization"), times: 1, want: settle.NotDone, sends: 1, is: []error{quickbi.ErrUserNotInOrganization}},
		{name: "executed, answer lost, cannot look", fault: quickbitest.DropAfter(), times: 1, blind: true, want: settle.Unknown, sends: 1, is: []error{quickbi.ErrOutcomeUnknown, quickbi.ErrPermission}},
		{name: "gone before, cannot look", gone: true, blind: true, want: settle.NotDone, sends: 1, is: []error{quickbi.ErrUserNotInOrganization, quickbi.ErrPermission}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := quickbitest.NewServer()
			defer server.Close()
			if !tt.gone {
				if err := server.Seed(quickbitest.Organization{Users: []quickbitest.User{{UserID: "u", NickName: "U"}}}); err != nil {
					t.Fatal(err)
				}
			}
			client := server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}))
			if tt.times != 0 {
				server.Fail("DeleteUser", tt.fault, tt.times)
			}
			if tt.blind {
				server.Fail("CheckOrganizationMember", quickbitest.Refuse("Access.Forbidden"), -1)
			}
			sends := 0
			got, err := settle.Do(t.Context(), settle.Write{
				Send: func(ctx context.Context) error {
					sends++
					_, err := client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: "u"})
					return err
				},
				Look: func(ctx context.Context) (bool, error) {
					resp, err := client.CheckOrganizationMember(ctx, &quickbi.CheckOrganizationMemberRequest{UserID: "u"})
					if err != nil {
						return false, err
					}
					return !resp.Result, nil
				},
				Already: []error{quickbi.ErrUserNotInOrganization},
			})
			if got != tt.want || sends != tt.sends {
				t.Errorf("%v after %d sends, want %v after %d: %v", got, sends, tt.want, tt.sends, err)
			}
			if known := got == settle.Done || got == settle.Already; known != (err == nil) {
				t.Errorf("%v comes with the error %v", got, err)
			}
			if errors.Is(err, quickbi.ErrOutcomeUnknown) != (got == settle.Unknown) {
				t.Errorf("%v comes with an error that says otherwise: %v", got, err)
			}
			for _, target := range tt.is {
				if !errors.Is(err, target) {
					t.Errorf("%v does not match %v", err, target)
				}
			}
			if err != nil {
				if _, ok := errors.AsType[*quickbi.Error](err); !ok {
					t.Errorf("%v is no *quickbi.Error", err)
				}
			}
			there := len(server.Snapshot().Users) > 1
			if there && (got == settle.Done || got == settle.Already) || !there && got == settle.NotDone && !tt.gone {
				t.Errorf("%v, and the member is there: %v", got, there)
			}
		})
	}
}

// When the caller gives up while the write is under way, Do looks, and does not
// send again.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	for _, executed := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		server := quickbitest.NewServer()
		defer server.Close()
		client := server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}))
		server.Fail("CreateUserGroup", quickbitest.DropBefore(), -1)
		sends := 0
		outcome, err := settle.Do(ctx, settle.Write{
			Send: func(ctx context.Context) error {
				sends++
				_, err := client.CreateUserGroup(ctx, &quickbi.CreateUserGroupRequest{ParentUserGroupID: quickbi.RootUserGroupID, UserGroupName: "G"})
				cancel()
				return err
			},
			Look: func(ctx context.Context) (bool, error) {
				_, err := client.QueryUserGroupMember(ctx, &quickbi.QueryUserGroupMemberRequest{UserGroupID: quickbi.RootUserGroupID})
				return executed, err
			},
		})
		if want := map[bool]settle.Outcome{true: settle.Done, false: settle.NotDone}[executed]; outcome != want || sends != 1 {
			t.Errorf("%v after %d sends, want %v: %v", outcome, sends, want, err)
		}
	}
}

// A look that hangs does not hold the program up for long once ctx has ended.
func TestLookIsShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		outcome, err := settle.Do(ctx, settle.Write{
			Send: func(context.Context) error { return quickbi.ErrOutcomeUnknown },
			Look: func(ctx context.Context) (bool, error) {
				<-ctx.Done()
				return false, ctx.Err()
			},
		})
		if took := time.Since(start); outcome != settle.Unknown || took != 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v: %v", outcome, took, err)
		}
	})
}

// A look that is under way when the context ends has five more seconds, too.
func TestLookUnderWay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		takes   time.Duration
		found   bool
		outcome settle.Outcome
		after   time.Duration
	}{
		{name: "done", takes: 1200 * time.Millisecond, found: true, outcome: settle.Done, after: 1200 * time.Millisecond},
		{name: "not done", takes: 1200 * time.Millisecond, outcome: settle.NotDone, after: 1200 * time.Millisecond},
		{name: "late", takes: time.Minute, found: true, outcome: settle.Unknown, after: 6 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				type name struct{}
				ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), name{}, "v"), time.Second)
				defer cancel()
				began, sends := time.Now(), 0
				outcome, err := settle.Do(ctx, settle.Write{
					Send: func(context.Context) error {
						sends++
						return quickbi.ErrOutcomeUnknown
					},
					Look: func(ctx context.Context) (bool, error) {
						if ctx.Value(name{}) != "v" {
							t.Error("the look has not the values of the context")
						}
						select {
						case <-time.After(tt.takes):
							return tt.found, nil
						case <-ctx.Done():
							return false, context.Cause(ctx)
						}
					},
				})
				if took := time.Since(began); outcome != tt.outcome || took != tt.after || sends != 1 || (err == nil) != (outcome == settle.Done) {
					t.Errorf("%v after %v and %d sends: %v", outcome, took, sends, err)
				}
				if late := outcome == settle.Unknown; errors.Is(err, context.DeadlineExceeded) != late || errors.Is(err, quickbi.ErrOutcomeUnknown) != late {
					t.Errorf("%v: %v", outcome, err)
				}
			})
		})
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	err := settle.NotExecuted(quickbi.ErrOutcomeUnknown)
	if !strings.Contains(err.Error(), "outcome unknown; a look at the state shows that it was not") {
		t.Error(err)
	}
	for outcome, want := range map[settle.Outcome]string{settle.Unknown: "unknown", settle.NotDone: "not done", settle.Done: "done", settle.Already: "already"} {
		if outcome.String() != want {
			t.Errorf("%d is %q, want %q", outcome, outcome, want)
		}
	}
	if plain := errors.New("plain"); settle.NotExecuted(plain) != plain {
		t.Error("an error without doubt is changed")
	}
}

// A write that is under way when the context ends is answered, if that takes no longer
// than five seconds: broken off, it could be executed after the look.
func TestWriteUnderWay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		takes   time.Duration
		ended   bool // before the write
		outcome settle.Outcome
		after   time.Duration
		looks   int
	}{
		{name: "soon", takes: 4 * time.Second, outcome: settle.Done, after: 4 * time.Second},
		{name: "late", takes: time.Minute, outcome: settle.NotDone, after: 6 * time.Second, looks: 1},
		{name: "before", ended: true, outcome: settle.NotDone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if tt.ended {
					cancel()
				}
				began, looks := time.Now(), 0
				outcome, err := settle.Do(ctx, settle.Write{
					Send: func(ctx context.Context) error {
						if ctx.Err() != nil {
							return ctx.Err()
						}
						select {
						case <-time.After(tt.takes):
							return nil
						case <-ctx.Done():
							return fmt.Errorf("%w: %w", quickbi.ErrOutcomeUnknown, ctx.Err())
						}
					},
					Look: func(ctx context.Context) (bool, error) {
						looks++
						return false, ctx.Err()
					},
				})
				if outcome != tt.outcome || (err == nil) != (outcome == settle.Done) || errors.Is(err, quickbi.ErrOutcomeUnknown) || looks != tt.looks || time.Since(began) != tt.after {
					t.Errorf("%v, %v after %v and %d looks", outcome, err, time.Since(began), looks)
				}
			})
		})
	}
}
