package main

import (
	"bytes"
	_ "embed"
	"math"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
)

// demoJSON is the made-up organization of -emulator.
//
//go:embed demo.json
var demoJSON []byte

// connect returns a client, and what to do when it is no longer needed.
func (a *app) connect(opts ...quickbi.Option) (*quickbi.Client, func(), error) {
	done := func() {}
	opts = append(opts,
		quickbi.WithDefaultCredentials(), // unless a later option gives a key
		quickbi.WithHintLanguage(quickbi.HintLanguage(a.lang)),
		quickbi.WithUserAgent("quickbi-command"),
	)
	if !a.emulator { // which is there for this run only, and answers at once
		opts = append(opts, quickbi.WithRateLimit(a.rate, int(math.Ceil(a.rate/4))))
	}
	switch {
	case a.emulator:
		server, err := a.startEmulator()
		if err != nil {
			return nil, nil, err
		}
		done = server.Close
		id, secret := server.AccessKey()
		opts = append(opts, quickbi.WithEndpoint(server.URL), quickbi.WithAccessKey(id, secret))
	case a.endpoint != "":
		opts = append(opts, quickbi.WithEndpoint(a.endpoint))
	default:
		opts = append(opts, quickbi.WithRegion(a.region))
	}
	client, err := quickbi.NewClient(opts...)
	if err != nil {
		done()
		return nil, nil, err
	}
	return client, done, nil
}

// startEmulator starts an emulator with the made-up organization.
func (a *app) startEmulator() (*quickbitest.Server, error) {
	server := quickbitest.NewServer(quickbitest.WithRateLimit("", 0))
	if err := server.SeedJSON(bytes.NewReader(demoJSON)); err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}
