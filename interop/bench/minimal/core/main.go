// Core is the smallest program that calls Quick BI with the core of the current
// clients. The package of the product, which most programs use on top of it, is
// not counted.
package main

import (
	"fmt"
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
)

func main() {
	client, err := openapi.NewClient(&openapi.Config{
		AccessKeyId: new("id"), AccessKeySecret: new("secret"), Endpoint: new("quickbi-public.cn-hangzhou.aliyuncs.com"),
	})
	if err == nil && len(os.Args) > 1 {
		_, err = client.CallApi(&openapi.Params{
			Action: new("DeleteUser"), Version: new("2022-01-01"), Protocol: new("HTTPS"), Pathname: new("/"), Method: new("POST"),
			AuthType: new("AK"), Style: new("RPC"), ReqBodyType: new("formData"), BodyType: new("json"),
		}, &openapi.OpenApiRequest{Query: map[string]*string{"UserId": &os.Args[1]}}, new(dara.RuntimeOptions))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
