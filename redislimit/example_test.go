package redislimit_test

import (
	"context"
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/redislimit"
)

// Any number of processes on any number of machines, at most 20 of which go on
// by themselves while Redis is away.
func Example() {
	rdb := redis.NewClient(&redis.Options{Addr: "redis.internal:6379", ContextTimeoutEnabled: true})
	defer rdb.Close()
	limiter, err := redislimit.New(rdb, redislimit.Config{Account: "acme", Processes: 20})
	if err != nil {
		log.Fatal(err)
	}
	client, err := quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithLimiter(limiter))
	if err != nil {
		log.Fatal(err)
	}
	for member, err := range client.QueryUserListAll(context.Background(), nil) {
		if err != nil {
			log.Fatal(err)
		}
		log.Print(member.NickName)
	}
}
