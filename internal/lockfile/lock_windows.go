package lockfile

import (
	"errors"
	"os"
	"syscall"
)

// Supported reports whether this system has locks.
const Supported = true

// sharingViolation is what Windows answers if a file is open and not shared.
const sharingViolation = syscall.Errno(32)

// open opens the file so that nobody else can.
func open(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, ErrHeld
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(handle), path), nil
}
