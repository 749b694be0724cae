package main

import (
	"context"
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/dirsync"
	"github.com/quickbi-go/quickbi/quickbitest"
)

//go:embed staff.csv
var staff string

// demo starts an emulator and returns a client of it and a source that is ahead
// of its organization. stop ends it, whether or not there is an error.
func demo(ctx context.Context, members int, options []quickbi.Option) (*quickbi.Client, iter.Seq2[dirsync.Record, error], func(), error) {
	server := quickbitest.NewServer()
	client := server.Client(options...)
	if members > 0 {
		source := dirsync.Records(generated(members))
		return client, source, server.Close, hire(server, source)
	}
	// Yesterday Zoe was not there yet, Otto was, and Ben was in the south.
	var yesterday []dirsync.Record
	for r, err := range dirsync.CSV(strings.NewReader(staff)) {
		switch {
		case err != nil:
			return client, nil, server.Close, err
		case r.NickName == "Zoe":
			continue
		case r.NickName == "Ben":
			r.Groups = []string{"Everybody", "Sales/South"}
		default:
			r.Groups = slices.DeleteFunc(r.Groups, func(path string) bool { return path == "Finance/Audit" })
		}
		yesterday = append(yesterday, r)
	}
	yesterday = append(yesterday, dirsync.Record{
		AccountID: "5099", AccountName: "otto@example.com", NickName: "Otto", UserType: quickbi.UserTypeAnalyst, Groups: []string{"Everybody", "Finance"},
	})
	old := dirsync.Records(slices.Values(yesterday))
	if err := hire(server, old); err != nil {
		return client, nil, server.Close, err
	}
	plan, err := dirsync.Syncer{Client: server.Client()}.Plan(ctx, old)
	if err == nil {
		_, err = plan.Apply(ctx)
	}
	return client, dirsync.CSV(strings.NewReader(staff)), server.Close, err
}

// hire makes everybody in the source a member of the emulated organization.
func hire(server *quickbitest.Server, source iter.Seq2[dirsync.Record, error]) error {
	var seed quickbitest.Organization
	for r, err := range source {
		if err != nil {
			return err
		}
		seed.Users = append(seed.Users, quickbitest.User{AccountID: r.AccountID, AccountName: r.AccountName, NickName: r.NickName, UserType: int(r.UserType)})
	}
	return server.Seed(seed)
}

// generated are so many records, each of somebody in a department of a hundred.
func generated(n int) iter.Seq[dirsync.Record] {
	return func(yield func(dirsync.Record) bool) {
		for i := range n {
			if !yield(dirsync.Record{
				AccountID: fmt.Sprint(1_000_000_000+i) + "0001", AccountName: fmt.Sprintf("acme:user%d", i), NickName: fmt.Sprintf("User %d", i),
				UserType: quickbi.UserTypeViewer, Groups: []string{"Everybody", fmt.Sprintf("Departments/No %d", i/100)},
			}) {
				return
			}
		}
	}
}
