//go:build race

package quickbi

func init() { raceDetector = true }
