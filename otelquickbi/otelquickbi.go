// Package otelquickbi shows the calls of a [quickbi.Client] to OpenTelemetry, as spans
// and as metrics that follow its semantic conventions:
//
//	client, err := quickbi.NewClient(quickbi.WithDefaultCredentials(), quickbi.WithHook(otelquickbi.Hook()))
//
// # Spans
//
// A call is a span of kind client by the conventions for RPC, named like
// "quickbi-public/QueryUserList". Each of its attempts is a span of kind client within
// it by the conventions for HTTP, named by its method, such as "POST". The waits for the
// limiter and for credentials are within an attempt; the waits between attempts are not.
//
//	rpc.system.name            alibaba_cloud
//	rpc.method                 quickbi-public/ and the operation
//	rpc.response.status_code   the Code of a refusal
//	http.request.method        GET or POST
//	http.request.resend_count  of the second attempt and further ones
//	http.response.status_code  if there is an answer
//	server.address, server.port
//	error.type                 the Code, or timeout, canceled, the HTTP status, _OTHER
//	quickbi.request_id         what Alibaba Cloud's support asks for
//	quickbi.verdict            of a failure: "not executed", "executed" or "unknown"
//	quickbi.attempts           of a call: how many there were
//
// The URL, and with it url.full, is left out: it holds the parameters of the call. So are
// the texts of errors.
//
// # Metrics
//
// The durations of calls are in rpc.client.call.duration and those of attempts in
// http.client.request.duration, both in seconds. Attributes with many values, such as the
// request id, are left out.
//
// # Propagation
//
// The service does not take part in traces, so no header is added to the requests. A
// transport of otelhttp in the http.Client ([quickbi.WithHTTPClient]) makes spans
// below those of the attempts.
package otelquickbi

import (
	"context"
	"errors"
	"net"
	"strconv"

	"github.com/quickbi-go/quickbi"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
	"go.opentelemetry.io/otel/semconv/v1.43.0/rpcconv"
	"go.opentelemetry.io/otel/trace"
)

const (
	scope   = "github.com/quickbi-go/quickbi/otelquickbi"
	system  = "alibaba_cloud"
	service = "quickbi-public"
)

// An Option changes what [Hook] returns.
type Option func(*config)

type config struct {
	traces  trace.TracerProvider
	metrics metric.MeterProvider
}

// WithTracerProvider makes the spans by p. The default is otel.GetTracerProvider().
func WithTracerProvider(p trace.TracerProvider) Option { return func(c *config) { c.traces = p } }

// WithMeterProvider measures by p. The default is otel.GetMeterProvider().
func WithMeterProvider(p metric.MeterProvider) Option { return func(c *config) { c.metrics = p } }

// Hook returns a hook for [quickbi.WithHook]. One hook may serve many clients.
func Hook(opts ...Option) quickbi.Hook {
	cfg := config{traces: otel.GetTracerProvider(), metrics: otel.GetMeterProvider()}
	for _, opt := range opts {
		opt(&cfg)
	}
	meter := cfg.metrics.Meter(scope, metric.WithInstrumentationVersion(quickbi.Version), metric.WithSchemaURL(semconv.SchemaURL))
	o := &observer{tracer: cfg.traces.Tracer(scope, trace.WithInstrumentationVersion(quickbi.Version), trace.WithSchemaURL(semconv.SchemaURL))}
	var err error
	if o.calls, err = rpcconv.NewClientCallDuration(meter); err != nil {
		otel.Handle(err)
	}
	if o.requests, err = httpconv.NewClientRequestDuration(meter); err != nil {
		otel.Handle(err)
	}
	return func(ctx context.Context, step quickbi.Step) (context.Context, func(quickbi.Outcome)) {
		if step.Attempt == 0 {
			return o.call(ctx, step)
		}
		return o.attempt(ctx, step)
	}
}

type observer struct {
	tracer   trace.Tracer
	calls    rpcconv.ClientCallDuration
	requests httpconv.ClientRequestDuration
}

func (o *observer) call(ctx context.Context, step quickbi.Step) (context.Context, func(quickbi.Outcome)) {
	name := service + "/" + step.Action
	address, port := server(step)
	common := []attribute.KeyValue{semconv.RPCMethod(name), semconv.ServerAddress(address), semconv.ServerPort(port)}
	ctx, span := o.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(common...), trace.WithAttributes(semconv.RPCSystemNameKey.String(system)))
	return ctx, func(out quickbi.Outcome) {
		failed := failure(out)
		if out.Code != "" {
			failed = append(failed, semconv.RPCResponseStatusCode(string(out.Code)))
		}
		if out.Attempts > 0 {
			span.SetAttributes(attribute.Int("quickbi.attempts", out.Attempts))
		}
		finish(span, out, failed)
		o.calls.Record(ctx, out.Duration.Seconds(), system, append(common, failed...)...)
	}
}

func (o *observer) attempt(ctx context.Context, step quickbi.Step) (context.Context, func(quickbi.Outcome)) {
	address, port := server(step)
	attrs := []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(step.Method), semconv.ServerAddress(address), semconv.ServerPort(port),
	}
	if step.Attempt > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(step.Attempt-1))
	}
	ctx, span := o.tracer.Start(ctx, step.Method, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	return ctx, func(out quickbi.Outcome) {
		ended := failure(out)
		if out.StatusCode != 0 {
			ended = append(ended, semconv.HTTPResponseStatusCode(out.StatusCode))
		}
		finish(span, out, ended)
		o.requests.Record(ctx, out.Duration.Seconds(), httpconv.RequestMethodAttr(step.Method), address, port, ended...)
	}
}

// finish ends the span of a call or of an attempt.
func finish(span trace.Span, out quickbi.Outcome, attrs []attribute.KeyValue) {
	defer span.End()
	span.SetAttributes(attrs...)
	if out.RequestID != "" {
		span.SetAttributes(attribute.String("quickbi.request_id", out.RequestID))
	}
	if out.Err != nil {
		span.SetAttributes(attribute.String("quickbi.verdict", string(out.Verdict)))
		span.SetStatus(codes.Error, "")
	}
}

// failure returns error.type, and nothing after a success.
func failure(out quickbi.Outcome) []attribute.KeyValue {
	var timeout interface{ Timeout() bool }
	switch {
	case out.Err == nil:
		return nil
	case out.Code != "":
		return []attribute.KeyValue{semconv.ErrorTypeKey.String(string(out.Code))}
	case errors.Is(out.Err, context.Canceled):
		return []attribute.KeyValue{semconv.ErrorTypeKey.String("canceled")}
	case errors.Is(out.Err, context.DeadlineExceeded), errors.As(out.Err, &timeout) && timeout.Timeout():
		return []attribute.KeyValue{semconv.ErrorTypeKey.String("timeout")}
	case out.StatusCode >= 400:
		return []attribute.KeyValue{semconv.ErrorTypeKey.String(strconv.Itoa(out.StatusCode))}
	}
	return []attribute.KeyValue{semconv.ErrorTypeOther}
}

// server splits the host of a step.
func server(step quickbi.Step) (address string, port int) {
	if host, text, err := net.SplitHostPort(step.Host); err == nil {
		if n, err := strconv.Atoi(text); err == nil {
			return host, n
		}
	}
	if step.Scheme == "http" {
		return step.Host, 80
	}
	return step.Host, 443
}
