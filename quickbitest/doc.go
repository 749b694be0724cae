// Package quickbitest is a Quick BI that lives in memory.
//
// It answers the operations of the quickbi-public API (2022-01-01) over HTTP,
// keeps an organization that the calls read and change, and refuses what the
// service is documented to refuse, with the documented codes. Requests must be
// signed, by either signature of the RPC style, as they must be for the real
// service:
//
//	srv := quickbitest.NewServer()
//	defer srv.Close()
//	err := srv.Seed(quickbitest.Organization{
//		Users: []quickbitest.User{{UserID: "ann", AccountName: "ann@example.com", NickName: "Ann", UserType: 1}},
//	})
//
// A program that talks to srv.URL with the key [AccessKeyID], [AccessKeySecret] now
// finds two members: Ann and the owner of the organization. The owner is there from the
// start, and all calls are made in the owner's name.
//
// [Emulator.Fail] does to a client what a network and a busy service do:
//
//	srv.Fail("DeleteUser", quickbitest.DropAfter(), 1)                // done, but the answer is lost
//	srv.Fail("", quickbitest.Refuse("Throttling.User"), 2)            // two calls too many
//	srv.Fail("AddUser", quickbitest.Raw(502, "text/html", "<h1>"), 1) // a proxy speaks
//
// [Emulator.Calls] tells what reached the service, and what was done about it.
//
// Tickets open pages: below /token3rd/ the emulator shows browsers a stand-in for
// the embedded work, and takes one use of the ticket each time. Programs in other
// languages run the command quickbi-emulator, and do below /_emulator/ what the
// methods of [Emulator] do; see docs/emulator.md.
//
// The emulator verifies signatures by code of its own, which shares nothing with the
// client it tests. Its tests hold what it answers against the catalogue of the API, which
// is made of the service's own description, and not against the client. Where the documentation does not say how the service behaves, a
// comment says what the emulator does.
package quickbitest
