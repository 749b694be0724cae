// Package settle ends the doubt about a write whose answer was lost.
//
// A write that fails with [quickbi.ErrOutcomeUnknown] may have been executed: a
// deleted member, a paid seat. Sending it again by reflex does it twice, and
// giving up leaves it half known. [Do] looks at the state instead, and sends the
// write again only when the look has shown that nothing happened:
//
//	outcome, err := settle.Do(ctx, settle.Write{
//		Send: func(ctx context.Context) error {
//			_, err := client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: id})
//			return err
//		},
//		Look: func(ctx context.Context) (bool, error) {
//			member, err := client.CheckOrganizationMember(ctx, &quickbi.CheckOrganizationMemberRequest{UserID: id})
//			if err != nil {
//				return false, err
//			}
//			return !member.Result, nil
//		},
//		Already: []error{quickbi.ErrUserNotInOrganization},
//	})
//
// A look sees the moment at which it is made. A request that the network still
// holds back can arrive after it; Do cannot know of that.
package settle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi"
)

// MaxSends is how often [Do] sends a write unless [Write.MaxSends] says otherwise.
const MaxSends = 3

// grace is how long a write that is under way, and then a look, may take once ctx has
// ended.
const grace = 5 * time.Second

// An Outcome is how a write ended.
type Outcome int

// The outcomes. The error of [Do] is nil for Done and Already only.
const (
	Unknown Outcome = iota // the answer was lost, and looking failed, too
	NotDone                // refused, or a look showed that nothing happened
	Done                   // executed
	Already                // refused because it was so before
)

func (o Outcome) String() string {
	switch o {
	case NotDone:
		return "not done"
	case Done:
		return "done"
	case Already:
		return "already"
	}
	return "unknown"
}

// A Write is a write, and how to find out whether it was executed. Send and Look
// are required.
type Write struct {
	// Send makes the call, with a context that ends five seconds after that of Do.
	Send func(context.Context) error
	// Look reports whether the state is as the write is to leave it.
	Look func(context.Context) (bool, error)
	// Already are the refusals, such as [quickbi.ErrUserAlreadyInOrganization],
	// which say that there is nothing to do. A look confirms them.
	Already []error
	// MaxSends limits how often the write is sent. Zero means [MaxSends].
	MaxSends int
}

// Do sends a write and returns when its outcome is known, or cannot be found out.
//
// Do looks when the answer does not settle the matter: when the error matches
// [quickbi.ErrOutcomeUnknown], [quickbi.ErrNotPerformed] or one of
// [Write.Already]. It sends the write again only if the answer was lost, or the
// service was out of order, and the look has shown that nothing happened. When
// ctx ends while the write is under way, Do waits up to five seconds for the answer,
// because a write that is broken off may be executed after the look. Then it does not send
// again, but takes up to five seconds to look if it has to. A look that is under way when
// ctx ends has these five seconds, too.
//
// The error of [NotDone] never matches [quickbi.ErrOutcomeUnknown]. That of
// [Unknown] always does; it holds the errors of the write and of the look.
func Do(ctx context.Context, w Write) (Outcome, error) {
	sends := w.MaxSends
	if sends <= 0 {
		sends = MaxSends
	}
	for n := 1; ; n++ {
		sendCtx, cancel := WriteContext(ctx)
		err := w.Send(sendCtx)
		cancel()
		if err == nil {
			return Done, nil
		}
		already := slices.ContainsFunc(w.Already, func(known error) bool { return errors.Is(err, known) })
		if !already && !InDoubt(err) && !errors.Is(err, quickbi.ErrNotPerformed) {
			return NotDone, err
		}
		lookCtx, cancel := LookContext(ctx)
		found, lookErr := w.Look(lookCtx)
		cancel()
		switch {
		case lookErr != nil && !InDoubt(err):
			return NotDone, fmt.Errorf("%w; looking at the state: %w", err, lookErr)
		case lookErr != nil:
			return Unknown, NotFoundOut(err, lookErr)
		case found && already && n == 1:
			return Already, nil
		case found:
			return Done, nil
		case n >= sends || !unanswered(err) || ctx.Err() != nil:
			return NotDone, NotExecuted(err)
		}
	}
}

// LookContext returns the context for a look. It ends five seconds after ctx, whether ctx
// ends while the look is under way or has ended already: then the look has five seconds
// from now. What was done is worth knowing.
func LookContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() != nil {
		return context.WithTimeout(context.WithoutCancel(ctx), grace)
	}
	return outliving(ctx)
}

// WriteContext returns the context for a write. It ends five seconds after ctx, so that
// the end of ctx leaves a write that is under way the time to be answered. If ctx has ended
// already, it is ctx: nothing is to be sent.
func WriteContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() != nil {
		return ctx, func() {}
	}
	return outliving(ctx)
}

// outliving returns a context that ends five seconds after ctx, which has not ended yet.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel(context.Cause(ctx))
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		cancel(nil)
	}
}

// InDoubt reports whether a write that failed with err may have been executed.
func InDoubt(err error) bool { return errors.Is(err, quickbi.ErrOutcomeUnknown) }

// NotFoundOut returns the error of a write in doubt of which looking told nothing.
// It matches what either error matches.
func NotFoundOut(err, lookErr error) error {
	return fmt.Errorf("%w; looking at what became of it: %w", err, lookErr)
}

// NotExecuted returns the error of a write that was in doubt until a look showed
// that it was not executed. It matches what err matches, but for
// [quickbi.ErrOutcomeUnknown].
func NotExecuted(err error) error {
	if !InDoubt(err) {
		return err
	}
	return &notExecuted{err}
}

type notExecuted struct{ err error }

func (e *notExecuted) Error() string {
	return e.err.Error() + "; a look at the state shows that it was not"
}

func (e *notExecuted) Is(target error) bool {
	return target != quickbi.ErrOutcomeUnknown && errors.Is(e.err, target)
}

func (e *notExecuted) As(target any) bool { return errors.As(e.err, target) }

// unanswered reports whether a write that turned out not to have been executed
// got no answer that would be the same the next time.
func unanswered(err error) bool {
	if errors.Is(err, quickbi.ErrUnavailable) {
		return true
	}
	e, ok := errors.AsType[*quickbi.Error](err)
	return ok && e.Code == "" && !errors.Is(err, quickbi.ErrNotPerformed)
}
