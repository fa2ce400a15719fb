package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/felixge/httpsnoop" // the status of an answer, whatever else its writer can do; MIT
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"backchannel/internal/metrics"
)

// telemetry has the log, metrics and traces of the server.
type telemetry struct {
	logger  *slog.Logger
	access  *accessLog       // nil for none
	metrics *metrics.Metrics // nil if nothing reads them
	tracer  trace.Tracer     // nil if traces are disabled
}

// telemetry sets up the log, the metrics and traces. end writes what is buffered.
func (c serveCommand) telemetry(ctx context.Context, s streams) (t telemetry, end func(), err error) {
	t.logger, t.access, end = c.loggers(s.err)
	if c.OpsAddr != "" {
		t.metrics = metrics.New(version())
	}
	provider, err := tracing(ctx, t.logger)
	if provider == nil {
		return t, end, err
	}
	t.tracer = provider.Tracer("backchannel")
	flush := end // not end, which is the result
	return t, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), opsTime)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			t.logger.Warn("traces were lost", "cause", err)
		}
		flush()
	}, nil
}

// tracing sends traces by OTLP if OpenTelemetry's own environment variables configure it; otherwise
// it returns nil. These variables also control sampling and the service's name.
func tracing(ctx context.Context, logger *slog.Logger) (*sdktrace.TracerProvider, error) {
	if !tracingWanted() {
		return nil, nil
	}
	if protocol := firstSet("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q, and traces are sent by http/protobuf only, usually to port 4318", protocol)
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("setting up traces: %w", err)
	}
	from, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithAttributes(attribute.String("service.name", "backchannel"), attribute.String("service.version", version())),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("setting up traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { logger.Warn("traces can't be sent", "cause", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(from))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return provider, nil
}

func tracingWanted() bool {
	return !strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") && os.Getenv("OTEL_TRACES_EXPORTER") != "none" &&
		firstSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT") != ""
}

func firstSet(names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}

// traced creates a span for each request. Its name contains nothing that callers choose. What only a
// recorded span needs is done for those only: most requests aren't sampled.
func (t telemetry) traced(next http.Handler) http.Handler {
	if t.tracer == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r) {
			next.ServeHTTP(w, r)
			return
		}
		route := routeOf(r)
		ctx := otel.GetTextMapPropagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, r.Method+" "+route, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		r = r.WithContext(ctx)
		if !span.IsRecording() {
			next.ServeHTTP(w, r)
			return
		}
		span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("http.route", route))
		answer := httpsnoop.CaptureMetrics(next, w, r)
		span.SetAttributes(attribute.Int("http.response.status_code", answer.Code))
		if answer.Code >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
	})
}

// transport creates a span for each call to Stream; nil if traces are disabled.
func (t telemetry) transport() http.RoundTripper {
	if t.tracer == nil {
		return nil
	}
	network := http.DefaultTransport.(*http.Transport).Clone()
	network.MaxIdleConnsPerHost = 32
	return t.wrap(network)
}

// wrap creates a span for each call of a webhook or Stream, and passes the trace on by traceparent.
// Spans of otelhttp would contain the whole address, including keys and user ids.
func (t telemetry) wrap(next http.RoundTripper) http.RoundTripper {
	if t.tracer == nil {
		return next
	}
	return tracedTransport{tracer: t.tracer, next: next}
}

type tracedTransport struct {
	tracer trace.Tracer
	next   http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t tracedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, span := t.tracer.Start(r.Context(), r.Method, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", r.Method), attribute.String("server.address", r.URL.Hostname())))
	defer span.End()
	r = r.Clone(ctx)
	otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(r.Header))
	resp, err := t.next.RoundTrip(r)
	switch {
	case err != nil:
		span.SetStatus(codes.Error, "no answer")
	case resp.StatusCode >= http.StatusBadRequest:
		span.SetStatus(codes.Error, "")
		fallthrough
	default:
		span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode))
	}
	return resp, err
}
