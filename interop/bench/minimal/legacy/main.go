// Legacy is the smallest program that calls Quick BI with alibaba-cloud-sdk-go
// and its package for Quick BI.
package main

import (
	"fmt"
	"os"

	quickbi_public "github.com/aliyun/alibaba-cloud-sdk-go/services/quickbi-public"
)

func main() {
	client, err := quickbi_public.NewClientWithAccessKey("cn-hangzhou", "id", "secret")
	if err == nil && len(os.Args) > 1 {
		request := quickbi_public.CreateDeleteUserRequest()
		request.Scheme = "https"
		request.UserId = os.Args[1]
		_, err = client.DeleteUser(request)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
