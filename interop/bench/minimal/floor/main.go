// Floor is the smallest program that calls Quick BI without any library.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/quickbi-go/quickbi/interop/bench/floor"
)

func main() {
	client := &floor.Client{Endpoint: "https://quickbi-public.cn-hangzhou.aliyuncs.com", AccessKeyID: "id", Secret: "secret"}
	if len(os.Args) > 1 {
		if _, err := client.DeleteUser(context.Background(), os.Args[1], ""); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
