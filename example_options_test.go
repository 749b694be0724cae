package quickbi_test

import (
	"context"
	"fmt"
	"log"
	"sync"

	"golang.org/x/time/rate"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// Credentials from a vault: the client asks again shortly before they expire, and if
// Quick BI refuses them earlier.
func ExampleCredentialFunc() {
	server := quickbitest.NewServer(quickbitest.WithSTSToken("STS.id", "secret", "token"))
	defer server.Close()

	vault := func(ctx context.Context) (quickbi.Credential, error) {
		return quickbi.Credential{
			AccessKeyID:     "STS.id",
			AccessKeySecret: quickbi.NewSecret("secret"),
			SecurityToken:   quickbi.NewSecret("token"),
			Expires:         server.Now().AddDate(0, 0, 1),
		}, nil
	}
	client, err := quickbi.NewClient(
		quickbi.WithEndpoint(server.URL),
		quickbi.WithCredential(quickbi.CredentialFunc(vault)),
	)
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.QueryUserList(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Result.TotalNum)
	// Output: 1
}

// perOperation has a limiter for each operation, as the service has a quota for each.
type perOperation struct {
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

func (l *perOperation) Wait(ctx context.Context) error {
	action := quickbi.ActionFromContext(ctx)
	l.mu.Lock()
	limiter := l.limiters[action]
	if limiter == nil {
		limiter = rate.NewLimiter(50, 50)
		l.limiters[action] = limiter
	}
	l.mu.Unlock()
	return limiter.Wait(ctx)
}

// The service has a quota for each operation. A limiter gets the operation that waits
// from the context.
func ExampleWithLimiter() {
	server := quickbitest.NewServer()
	defer server.Close()
	limiter := &perOperation{limiters: map[string]*rate.Limiter{}}
	client := server.Client(quickbi.WithLimiter(limiter))
	if _, err := client.QueryUserList(context.Background(), nil); err != nil {
		log.Fatal(err)
	}
	if _, err := client.ListOrganizationRoles(context.Background(), nil); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(limiter.limiters))
	// Output: 2
}

// A hook sees the attempts of calls; Step.Attempt is 0 for a call as a whole.
func ExampleWithHook() {
	server := quickbitest.NewServer()
	defer server.Close()
	server.Fail("QueryUserList", quickbitest.Refuse("ServiceUnavailable"), 1)

	client := server.Client(quickbi.WithHook(func(ctx context.Context, step quickbi.Step) (context.Context, func(quickbi.Outcome)) {
		return ctx, func(o quickbi.Outcome) {
			fmt.Println(step.Action, step.Attempt, o.StatusCode, o.Code, o.Verdict)
		}
	}))
	if _, err := client.QueryUserList(context.Background(), nil); err != nil {
		log.Fatal(err)
	}
	// Output:
	// QueryUserList 1 503 ServiceUnavailable unknown
	// QueryUserList 2 200  succeeded
	// QueryUserList 0 200  succeeded
}
