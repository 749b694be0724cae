module github.com/quickbi-go/quickbi/redislimit

go 1.26.0

require (
	github.com/go-redis/redis_rate/v10 v10.0.1
	github.com/quickbi-go/quickbi v0.0.0
	github.com/redis/go-redis/v9 v9.23.0
	golang.org/x/time v0.16.0
)

replace github.com/quickbi-go/quickbi => ..
