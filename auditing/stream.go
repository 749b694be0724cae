package auditing

import (
	"context"
	"iter"
	"sync"
)

// rows makes a row of each element.
func rows[T, R any](all iter.Seq2[T, error], row func(T) R) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for v, err := range all {
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			if !yield(row(v), nil) {
				return
			}
		}
	}
}

// ahead is how many calls each has under way at a time.
const ahead = 8

// each calls fetch for all elements, some at a time, and returns the rows in the
// order of the elements.
func each[T, R any](ctx context.Context, all iter.Seq2[T, error], fetch func(context.Context, T) ([]R, error)) iter.Seq2[R, error] {
	type answer struct {
		rows []R
		err  error
	}
	return func(yield func(R, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var calls sync.WaitGroup
		defer calls.Wait()
		defer cancel()
		// In order. Besides those in the channel, one is waited for, and one waits to get in.
		answers := make(chan chan answer, ahead-2)
		calls.Go(func() {
			defer close(answers)
			for v, err := range all {
				a := make(chan answer, 1)
				if err != nil {
					a <- answer{err: err}
				} else {
					calls.Go(func() {
						list, err := fetch(ctx, v)
						a <- answer{list, err}
					})
				}
				select {
				case answers <- a:
				case <-ctx.Done():
					return
				}
			}
		})
		var none R
		for a := range answers {
			answer := <-a
			if answer.err != nil {
				yield(none, answer.err)
				return
			}
			for _, row := range answer.rows {
				if !yield(row, nil) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil { // or it would look like the end
			yield(none, err)
		}
	}
}
