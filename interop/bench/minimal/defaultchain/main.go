// Defaultchain is the smallest program that calls Quick BI with this module and looks
// for credentials on its machine.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/quickbi-go/quickbi"
)

func main() {
	client, err := quickbi.NewClient(quickbi.WithDefaultCredentials())
	if err == nil && len(os.Args) > 1 {
		_, err = client.DeleteUser(context.Background(), &quickbi.DeleteUserRequest{UserID: os.Args[1]})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
