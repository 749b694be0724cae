package quickbitest

import (
	"context"
	"errors"
	"fmt"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/catalog"
)

// Error returns the error with which a call of the action fails when it meets the
// fault, for fakes that take the place of a [quickbi.Client]:
//
//	return nil, quickbitest.Error("DeleteUser", quickbitest.Refuse("User.Not.In.Organization"))
//	return nil, quickbitest.Error("AddUser", quickbitest.DropAfter()) // its outcome is unknown
//	return nil, quickbitest.Error("QueryUserList", quickbitest.Raw(502, "text/html", "<h1>Bad Gateway</h1>"))
//
// A real client makes the error, so that code, status, class and outcome fit together.
// Undocumented actions count as writes. Error panics if the call succeeds in spite of the
// fault.
func Error(action string, f Fault) *quickbi.Error {
	server := NewServer()
	defer server.Close()
	server.Fail("", f, 1)
	client := server.Client(quickbi.WithRetryPolicy(quickbi.RetryPolicy{MaxAttempts: 1}), quickbi.WithMaxResponseBytes(1<<20))
	defer client.CloseIdleConnections()
	var opts []quickbi.DoOption
	if op := catalog.Load().Operations[action]; op != nil {
		switch op.Access {
		case "read":
			opts = append(opts, quickbi.AsRead())
		case "costly read":
			opts = append(opts, quickbi.AsCostlyRead())
		}
	}
	err := client.Do(context.Background(), action, nil, nil, opts...)
	failure, ok := errors.AsType[*quickbi.Error](err)
	if !ok {
		panic(fmt.Sprintf("quickbitest: %s succeeds in spite of the fault (%v)", action, err))
	}
	return failure
}
