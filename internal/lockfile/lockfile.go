// Package lockfile keeps two processes from working on one directory at once.
package lockfile

import (
	"errors"
	"fmt"
)

// ErrHeld is matched by the error of [Acquire] if somebody has the lock.
var ErrHeld = errors.New("it is locked")

// Acquire locks the file with this path, which it makes if it is not there, and
// returns what unlocks it. The system unlocks it when the process ends, however that
// happens, so that a crash leaves no lock behind. The file stays, and means nothing.
//
// The lock holds against other processes, and against this one. Systems that can do
// neither are those that [Supported] is false for; there, Acquire locks nothing.
func Acquire(path string) (release func() error, err error) {
	file, err := open(path)
	if errors.Is(err, ErrHeld) {
		return nil, fmt.Errorf("%w by %s", ErrHeld, path)
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return file.Close, nil
}
