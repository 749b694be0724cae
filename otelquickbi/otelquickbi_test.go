package otelquickbi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/otelquickbi"
	"github.com/quickbi-go/quickbi/quickbitest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	apitrace "go.opentelemetry.io/otel/trace"
)

// bench is an emulator, a client and what OpenTelemetry gets to see.
type bench struct {
	server *quickbitest.Server
	client *quickbi.Client
	spans  *tracetest.InMemoryExporter
	reader *metric.ManualReader
}

func newBench(t *testing.T, opts ...quickbi.Option) *bench {
	t.Helper()
	b := &bench{server: quickbitest.NewServer(), spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	t.Cleanup(b.server.Close)
	traces := trace.NewTracerProvider(trace.WithSyncer(b.spans))
	metrics := metric.NewMeterProvider(metric.WithReader(b.reader))
	b.client = b.server.Client(append([]quickbi.Option{
		quickbi.WithHook(otelquickbi.Hook(otelquickbi.WithTracerProvider(traces), otelquickbi.WithMeterProvider(metrics))),
		quickbi.WithRetryPolicy(quickbi.RetryPolicy{BaseDelay: 1}),
	}, opts...)...)
	return b
}

// attrs returns attributes as text.
func attrs(list []attribute.KeyValue) map[string]string {
	m := map[string]string{}
	for _, kv := range list {
		m[string(kv.Key)] = kv.Value.String()
	}
	return m
}

func check(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value && value != "*" || got[name] == "" && value != "" {
			t.Errorf("%s: %s is %q, want %q", what, name, got[name], value)
		}
	}
	for name, value := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is %q, want none", what, name, value)
		}
	}
}

// histogram returns the points of a metric, by their attributes.
func (b *bench) histogram(t *testing.T, name string) []metricdata.HistogramDataPoint[float64] {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := b.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if h, ok := m.Data.(metricdata.Histogram[float64]); ok && m.Name == name && m.Unit == "s" {
				return h.DataPoints
			}
		}
	}
	t.Fatalf("there is no %s in %+v", name, all)
	return nil
}

// TestRetriedCall has one attempt refused by an overloaded service.
func TestRetriedCall(t *testing.T) {
	b := newBench(t)
	b.server.Fail("QueryUserList", quickbitest.Refuse("ServiceUnavailable"), 1)
	if _, err := b.client.QueryUserList(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	address, port, _ := strings.Cut(strings.TrimPrefix(b.server.URL, "http://"), ":")
	spans := b.spans.GetSpans()
	if len(spans) != 3 {
		t.Fatalf("%d spans", len(spans))
	}
	refused, answered, call := spans[0], spans[1], spans[2] // in the order of their ends
	for _, span := range spans {
		if span.SpanKind != apitrace.SpanKindClient || span.SpanContext.TraceID() != call.SpanContext.TraceID() || span.EndTime.Before(span.StartTime) ||
			span.InstrumentationScope.Name != "github.com/quickbi-go/quickbi/otelquickbi" || !strings.HasPrefix(span.InstrumentationScope.SchemaURL, "https://opentelemetry.io/schemas/") {
			t.Errorf("%s: %+v", span.Name, span)
		}
	}
	if call.Name != "quickbi-public/QueryUserList" || call.Status.Code != codes.Unset || call.Parent.IsValid() {
		t.Errorf("call %q, %v", call.Name, call.Status)
	}
	check(t, "call", attrs(call.Attributes), map[string]string{
		"rpc.system.name": "alibaba_cloud", "rpc.method": "quickbi-public/QueryUserList", "server.address": address, "server.port": port,
		"quickbi.attempts": "2", "quickbi.request_id": "*",
	})
	if refused.Name != "GET" && refused.Name != "POST" || refused.Status.Code != codes.Error || refused.Status.Description != "" || refused.Parent.SpanID() != call.SpanContext.SpanID() {
		t.Errorf("first attempt %q, %v", refused.Name, refused.Status)
	}
	check(t, "first attempt", attrs(refused.Attributes), map[string]string{
		"http.request.method": refused.Name, "server.address": address, "server.port": port, "http.response.status_code": "503",
		"error.type": "ServiceUnavailable", "quickbi.verdict": "unknown", "quickbi.request_id": "*",
	})
	check(t, "second attempt", attrs(answered.Attributes), map[string]string{
		"http.request.method": refused.Name, "server.address": address, "server.port": port, "http.response.status_code": "200",
		"http.request.resend_count": "1", "quickbi.request_id": "*",
	})

	points := b.histogram(t, "rpc.client.call.duration")
	if len(points) != 1 || points[0].Count != 1 {
		t.Fatalf("%+v", points)
	}
	check(t, "rpc.client.call.duration", attrs(points[0].Attributes.ToSlice()), map[string]string{
		"rpc.system.name": "alibaba_cloud", "rpc.method": "quickbi-public/QueryUserList", "server.address": address, "server.port": port,
	})
	if points = b.histogram(t, "http.client.request.duration"); len(points) != 2 {
		t.Fatalf("%+v", points)
	}
	for _, point := range points {
		want := map[string]string{"http.request.method": refused.Name, "server.address": address, "server.port": port, "http.response.status_code": "200"}
		if attrs(point.Attributes.ToSlice())["error.type"] != "" {
			want["http.response.status_code"], want["error.type"] = "503", "ServiceUnavailable"
		}
		check(t, "http.client.request.duration", attrs(point.Attributes.ToSlice()), want)
	}
}

// TestErrorTypes checks error.type and the verdict of calls that fail.
func TestErrorTypes(t *testing.T) {
	for name, test := range map[string]struct {
		fault             quickbitest.Fault
		errorType, status string
		verdict           string
		timeout           time.Duration
	}{
		"refusal":     {quickbitest.Refuse("User.Not.In.Organization"), "User.Not.In.Organization", "User.Not.In.Organization", "not executed", 0},
		"lost answer": {quickbitest.DropAfter(), "_OTHER", "", "unknown", 0},
		"proxy":       {quickbitest.Raw(http.StatusBadGateway, "text/html", "<html>"), "502", "", "unknown", 0},
		"timeout":     {quickbitest.Delay(10 * time.Second), "timeout", "", "unknown", 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.server.Fail("DeleteUser", test.fault, -1)
			ctx := t.Context()
			if test.timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.timeout)
				defer cancel()
			}
			_, err := b.client.DeleteUser(ctx, &quickbi.DeleteUserRequest{UserID: "marked-user"})
			if err == nil {
				t.Fatal("it succeeded")
			}
			spans := b.spans.GetSpans()
			call := attrs(spans[len(spans)-1].Attributes)
			if call["error.type"] != test.errorType || call["rpc.response.status_code"] != test.status || call["quickbi.verdict"] != test.verdict || spans[len(spans)-1].Status.Code != codes.Error {
				t.Errorf("%v: %v", err, call)
			}
			if text := fmt.Sprintf("%+v", spans); strings.Contains(text, "marked-user") || strings.Contains(text, "Signature") {
				t.Errorf("shows a parameter: %s", text)
			}
			if point := b.histogram(t, "rpc.client.call.duration")[0]; attrs(point.Attributes.ToSlice())["error.type"] != test.errorType {
				t.Errorf("%+v", point)
			}
		})
	}
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = b.client.QueryUserList(ctx, nil)
	if call := attrs(b.spans.GetSpans()[1].Attributes); call["error.type"] != "canceled" || call["quickbi.verdict"] != "not executed" {
		t.Errorf("cancelled: %v", call)
	}
}

// TestContext checks that the transport of the http.Client works within the span of the attempt.
func TestContext(t *testing.T) {
	var within apitrace.SpanContext
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		within = apitrace.SpanContextFromContext(req.Context())
		w := httptest.NewRecorder()
		_, _ = w.WriteString(`{"RequestId":"R","Success":true,"Result":true}`)
		return w.Result(), nil
	})
	b := newBench(t, quickbi.WithHTTPClient(&http.Client{Transport: transport}), quickbi.WithEndpoint("https://quickbi.example"))
	if _, err := b.client.DeleteUser(t.Context(), &quickbi.DeleteUserRequest{UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	attempt := b.spans.GetSpans()[0]
	if !within.IsValid() || within.SpanID() != attempt.SpanContext.SpanID() {
		t.Errorf("sent in %v, want %v", within, attempt.SpanContext)
	}
	if got := attrs(attempt.Attributes); got["server.address"] != "quickbi.example" || got["server.port"] != "443" {
		t.Errorf("%v", got)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
