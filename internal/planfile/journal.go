package planfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A Journal is a report that grows. Its first line is a document's header, and
// each other line is an entry. A nil Journal keeps nothing.
type Journal struct {
	mu    sync.Mutex
	file  *os.File
	lines bytes.Buffer // of one Append
	err   error
}

// JournalPath returns where a directory has the report of a plan.
func JournalPath(dir, planID string) string { return filepath.Join(dir, planID+".jsonl") }

// Begin creates the report of a plan, whose header is head, in a directory, and
// the directory if it is not there. If the directory has a report of that plan
// already, finished or not, the error matches [ErrApplied]: of two processes that
// apply one plan at once, one gets it. Without a directory, Begin
// returns a nil Journal.
//
// The header is on the disk when Begin returns.
func Begin(dir string, head Header) (*Journal, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the report cannot be written: %w", err)
	}
	path := JournalPath(dir, head.ID)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w, or is being applied: its report is %s; make a new plan", ErrApplied, path)
	}
	if err != nil {
		return nil, fmt.Errorf("the report cannot be written: %w", err)
	}
	j := &Journal{file: file}
	if err := errors.Join(j.Append(head), file.Sync()); err != nil {
		_ = file.Close()
		_ = os.Remove(path)
		return nil, fmt.Errorf("the report cannot be written: %w", err)
	}
	return j, nil
}

// Append adds entries. They are in the file when Append returns, so that the end of
// the process does not lose them. After an error, every Append returns it: who gets
// it should make no further change. Several goroutines may call Append.
func (j *Journal) Append(entries ...any) error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	j.lines.Reset()
	out := json.NewEncoder(&j.lines)
	out.SetEscapeHTML(false)
	var err error
	for _, entry := range entries {
		err = errors.Join(err, out.Encode(entry))
	}
	if err == nil {
		_, err = j.file.Write(j.lines.Bytes()) // in one piece
	}
	if err != nil {
		j.err = fmt.Errorf("writing the report: %w", err)
	}
	return j.err
}

// Close brings the report to the disk. It returns the first error there was.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return errors.Join(j.err, j.file.Sync(), j.file.Close())
}

// ReadJournal reads a report of a plan with this format and version. A last line
// that is not whole is left out: the process ended while it wrote it. The error of
// an entry ends the sequence.
func ReadJournal[T any](r io.Reader, format string, version int) (Header, iter.Seq2[T, error], error) {
	in := json.NewDecoder(r)
	var head Header
	if err := in.Decode(&head); err != nil {
		return head, nil, fmt.Errorf("this is no %s: %w", reportName(format), err)
	}
	if err := head.is(format, version); err != nil {
		return head, nil, err
	}
	return head, func(yield func(T, error) bool) {
		for {
			var entry T
			err := in.Decode(&entry)
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return
			}
			if err != nil {
				err = fmt.Errorf("reading the %s: %w", reportName(format), err)
			}
			if !yield(entry, err) || err != nil {
				return
			}
		}
	}, nil
}

// reportName is what the report of a format is called. Some reports have the format of
// their plan.
func reportName(format string) string {
	if strings.HasSuffix(format, " report") {
		return format
	}
	return "report of a " + format
}
