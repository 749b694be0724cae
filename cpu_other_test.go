//go:build !unix

package quickbi

import "time"

// processCPU returns 0: there is no way to tell.
func processCPU() time.Duration { return 0 }
