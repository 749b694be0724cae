package quickbi

import (
	"fmt"
	"slices"
	"strings"
)

// PartialError lists the parts of a batch that failed, although the service answered
// with a success. The call returns it together with its result.
//
// It matches the code and the class of every entry, and [ErrNotPerformed] if no
// part of a command was performed. It wraps an [*Error] with the RequestID.
type PartialError struct {
	Failed []FailedEntry

	err *Error
}

// FailedEntry is one entry of a [PartialError].
type FailedEntry struct {
	ID      string    // of the object that the call should act on; "" where the service only counts
	Code    ErrorCode // as answered; often ""
	Message string
}

// shownFailures is the number of entries in the text of a PartialError.
const shownFailures = 10

// Error names the first ten entries; Failed has all.
func (e *PartialError) Error() string {
	shown := e.shown()
	shown.Message = joinedTexts(": ", shown.Message, e.entries(": ", "; ", func(own string) string { return own }))
	return shown.Error()
}

// Text returns the text of the failure for people, in the language of
// [WithHintLanguage]. What the service says of the entries stays as it is.
// [PartialError.Error] is always in English, for logs.
func (e *PartialError) Text() string {
	shown := e.shown()
	if shown.hintLanguage != HintChinese {
		return e.Error()
	}
	shown.Message = joinedTexts("：", inChinese(shown.Message), e.entries("：", "；", inChinese))
	shown.said = true // it is in Chinese already
	return shown.chinese()
}

// shown is the error in which the entries are shown.
func (e *PartialError) shown() Error {
	if e.err == nil {
		return Error{Action: "batch"} // of a PartialError that this package did not make
	}
	return *e.err
}

// entries returns the text of the first entries, with the texts of this package as
// translate returns them.
func (e *PartialError) entries(colon, semicolon string, translate func(string) string) string {
	texts := make([]string, 0, shownFailures+1)
	for i, f := range e.Failed {
		if i == shownFailures {
			texts = append(texts, translate(fmt.Sprintf("and %d more", len(e.Failed)-i)))
			break
		}
		if f.ID == "" && f.Code == "" {
			f.Message = translate(f.Message) // see unnamed
		}
		texts = append(texts, oneLine(joinedTexts(colon, f.ID, string(f.Code), f.Message)))
	}
	return strings.Join(texts, semicolon)
}

// joinedTexts joins the texts that are not empty.
func joinedTexts(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), separator)
}

// GoString is Error.
func (e *PartialError) GoString() string { return e.Error() }

// Is matches the code or class of any entry.
func (e *PartialError) Is(target error) bool {
	return slices.ContainsFunc(e.Failed, func(f FailedEntry) bool { return (&Error{Code: f.Code}).Is(target) })
}

// Unwrap returns an [*Error] without the entries.
func (e *PartialError) Unwrap() error {
	if e.err == nil {
		return nil
	}
	return e.err
}

// A batch is a request whose result shows which parts failed.
type batch[R any] interface {
	// failed returns the failed parts, and whether any part succeeded.
	failed(result *R) (entries []FailedEntry, some bool)
}

// partialError returns the error of a batch, with texts in a language; nil if no part failed.
func partialError[R any](op operation, in batch[R], r *Response[R], language HintLanguage) error {
	entries, some := in.failed(&r.Result)
	if len(entries) == 0 {
		return nil
	}
	err := &Error{Action: op.action, RequestID: r.RequestID, Message: "the service answered that a part failed", hintLanguage: language}
	if !some {
		err.Message = "the service answered that nothing succeeded"
		if op.access == writeAccess {
			err.class = ErrNotPerformed
		}
	}
	return &PartialError{Failed: entries, err: err}
}

// fewer returns the failures of a batch whose result is a count.
func fewer(done int, asked []string) (entries []FailedEntry, some bool) {
	if missing := distinct(asked) - done; missing > 0 {
		entries = append(entries, unnamed(missing))
	}
	return entries, done > 0
}

// unnamed is the entry for n failures that the service only counts.
func unnamed(n int) FailedEntry {
	return FailedEntry{Message: fmt.Sprintf("%d that the service does not name", n)}
}

// failedIDs returns the failures of a batch whose result lists their ids. A
// documented answer without failures has the id "[]".
func failedIDs(ids []string) (entries []FailedEntry) {
	for _, id := range ids {
		if id != "" && id != "[]" {
			entries = append(entries, FailedEntry{ID: id})
		}
	}
	return entries
}

func distinct(ids []string) int {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		seen[id] = true
	}
	return len(seen)
}
