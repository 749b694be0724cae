package otelquickbi_test

import (
	"context"
	"fmt"
	"log"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/otelquickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// A program usually sets its providers with otel.SetTracerProvider and
// otel.SetMeterProvider; then Hook needs no option. Here the spans are kept in memory, and
// an emulator takes the place of Quick BI and fails once.
func Example() {
	exporter := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(exporter))

	server := quickbitest.NewServer()
	defer server.Close()
	server.Fail("QueryUserList", quickbitest.Refuse("ServiceUnavailable"), 1)

	client, err := quickbi.NewClient(
		quickbi.WithEndpoint(server.URL),
		quickbi.WithAccessKey(server.AccessKey()),
		quickbi.WithHook(otelquickbi.Hook(otelquickbi.WithTracerProvider(provider))),
	)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.QueryUserList(context.Background(), nil); err != nil {
		log.Fatal(err)
	}
	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name, span.Status.Code)
	}
	// Output:
	// GET Error
	// GET Unset
	// quickbi-public/QueryUserList Unset
}
