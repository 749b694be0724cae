// Package interop holds quickbi against the official Alibaba Cloud clients for
// Go. Its tests let them talk to the emulator and compare what they put on the
// wire with what quickbi does; the package witness does so with clients of other
// languages; the command bench compares their speed:
//
//	go test ./...
//	go run ./bench
//
// It is a module of its own, so that the official clients and what they depend
// on stay out of quickbi's go.sum.
package interop
