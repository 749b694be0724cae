// Package witness tells one story to the emulator program with the official
// clients of Python, Java and Node, as they are published: their signatures are
// accepted, what they write is what they read, and they find the documented codes.
//
//	go test ./witness
//
// The test installs the clients, at pinned versions, into the user's cache
// directory. A program for each client, in the client's language, does what the
// test tells it to; the story is in story_test.go. With -update the test writes
// the table in docs/emulator.md.
package witness
