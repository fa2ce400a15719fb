// Package metrics has the metrics for Prometheus. Other packages report events; [Metrics.Handler]
// serves the totals.
//
// A nil *Metrics is disabled: its methods do nothing. No metric has a label that callers choose: no
// operation names, cids or users.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus" // the official client; Apache-2.0
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the metrics of one server. Methods may be called concurrently.
type Metrics struct {
	registry *prometheus.Registry

	requests   *prometheus.CounterVec   // field, code
	durations  *prometheus.HistogramVec // field
	http       *prometheus.CounterVec   // route, status
	writes     prometheus.Histogram
	commits    prometheus.Histogram
	failures   prometheus.Counter
	deliveries prometheus.Counter
	lag        prometheus.Histogram
	slow       prometheus.Counter
	limited    *prometheus.CounterVec // what
	uploads    *prometheus.CounterVec // outcome
	uploaded   prometheus.Counter
	calls      *prometheus.CounterVec   // call, outcome
	callTimes  *prometheus.HistogramVec // call
	breakers   *prometheus.GaugeVec     // call
	busFrames  *prometheus.CounterVec   // direction
	busDropped prometheus.Counter
	busGaps    prometheus.Counter
	jobRows    *prometheus.CounterVec // operation, outcome
	webhooks   *prometheus.CounterVec // outcome
	webhookLag prometheus.Histogram
	webhookOut prometheus.Histogram
}

// Buckets in seconds. Each histogram has at most twelve, since each is a series.
var (
	requestSeconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}
	commitSeconds  = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}
	lagSeconds     = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	webhookSeconds = []float64{.05, .1, .25, .5, 1, 5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600}
	callSeconds    = []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10}
)

// New returns metrics that are all zero.
func New(version string) *Metrics {
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		requests:   counters("requests_total", "GraphQL root fields that were asked for, by outcome; the field is none if the document was refused.", "field", "code"),
		durations:  histograms("request_duration_seconds", "How long operations took, by root field.", requestSeconds, "field"),
		http:       counters("http_requests_total", "HTTP requests by route and status, those to /graphql aside.", "route", "status"),
		writes:     histogram("commit_writes", "Writes that shared a transaction.", []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}),
		commits:    histogram("commit_duration_seconds", "How long transactions took, from their beginning until they were durable.", commitSeconds),
		failures:   counter("commit_failures_total", "Transactions that the database failed at."),
		deliveries: counter("deliveries_total", "Events and answers that were put in the queues of live connections."),
		lag:        histogram("delivery_lag_seconds", "How old logged events were when they were delivered to those who follow.", lagSeconds),
		slow:       counter("slow_subscribers_total", "Live connections that were closed because the client didn't keep up."),
		limited:    counters("rate_limited_total", "Operations of users that were refused because they came too fast.", "what"),
		uploads:    counters("uploads_total", "Uploads by outcome.", "outcome"),
		uploaded:   counter("uploaded_bytes_total", "Bytes of uploads that were stored."),
		calls:      counters("stream_calls_total", "Calls to hosted Stream, each try, by outcome.", "call", "outcome"),
		callTimes:  histograms("stream_call_duration_seconds", "How long calls to hosted Stream took, each try.", callSeconds, "call"),
		breakers: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + "stream_breaker_open",
			Help: "1 if calls to hosted Stream are kept back because it fails, 0.5 if it is being tried, else 0."}, []string{"call"}),
	}
	m.busFrames = counters("bus_frames_total", "Frames with events, sent to other servers over NATS and received from them.", "direction")
	m.busDropped = counter("bus_dropped_total", "Frames and signals that weren't sent because too much was waiting, or NATS couldn't be reached.")
	m.busGaps = counter("bus_gaps_total", "How often frames of another server were missing, or a server fell silent, and the logs were read instead.")
	m.jobRows = counters("job_rows_total", "Rows of jobs that were done or have failed, by what the job does.", "operation", "outcome")
	m.webhooks = counters("webhook_deliveries_total", "Attempts to tell a webhook of an event, by what became of the delivery: delivered, retrying (it failed and is tried again) or dead (it failed and was given up).", "outcome")
	m.webhookLag = histogram("webhook_lag_seconds", "How old events were when a webhook had been told of them.", webhookSeconds)
	m.webhookOut = histogram("webhook_duration_seconds", "How long calls of webhooks took.", callSeconds)
	for _, outcome := range []string{"delivered", "retrying", "dead"} { // so that the first of each is an increase
		m.webhooks.WithLabelValues(outcome)
	}
	for _, direction := range []string{"sent", "received"} {
		m.busFrames.WithLabelValues(direction)
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + "build_info", Help: "1, with the version of the program."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build,
		m.requests, m.durations, m.http, m.writes, m.commits, m.failures, m.deliveries, m.lag, m.slow, m.limited, m.uploads, m.uploaded,
		m.calls, m.callTimes, m.breakers, m.busFrames, m.busDropped, m.busGaps, m.jobRows,
		m.webhooks, m.webhookLag, m.webhookOut)
	return m
}

const prefix = "backchannel_"

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets})
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets}, labels)
}

// Handler serves the metrics in Prometheus's text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
}

// Gauge adds a metric whose value is read on each scrape. value must not block.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	if m != nil {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + name, Help: help}, value))
	}
}

// Request counts a root field of an operation, with the operation's duration.
func (m *Metrics) Request(field, code string, took time.Duration) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(field, code).Inc()
	m.durations.WithLabelValues(field).Observe(took.Seconds())
}

// HTTP counts a request that isn't GraphQL.
func (m *Metrics) HTTP(route, status string) {
	if m != nil {
		m.http.WithLabelValues(route, status).Inc()
	}
}

// Commit counts a transaction and its writes.
func (m *Metrics) Commit(writes int, took time.Duration, failed bool) {
	if m == nil {
		return
	}
	if failed {
		m.failures.Inc()
		return
	}
	m.writes.Observe(float64(writes))
	m.commits.Observe(took.Seconds())
}

// Deliveries counts items added to the queue of a live connection.
func (m *Metrics) Deliveries(n int) {
	if m != nil {
		m.deliveries.Add(float64(n))
	}
}

// Lag records the age of a logged event at its delivery.
func (m *Metrics) Lag(age time.Duration) {
	if m != nil {
		m.lag.Observe(max(0, age.Seconds()))
	}
}

// Slow counts a live connection whose client was too slow.
func (m *Metrics) Slow() {
	if m != nil {
		m.slow.Inc()
	}
}

// Limited counts an operation refused by a rate limit.
func (m *Metrics) Limited(what string) {
	if m != nil {
		m.limited.WithLabelValues(what).Inc()
	}
}

// Upload counts an upload and its stored bytes.
func (m *Metrics) Upload(outcome string, bytes int64) {
	if m == nil {
		return
	}
	m.uploads.WithLabelValues(outcome).Inc()
	m.uploaded.Add(float64(bytes))
}

// Call counts an attempt of a call to hosted Stream.
func (m *Metrics) Call(call, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.calls.WithLabelValues(call, outcome).Inc()
	m.callTimes.WithLabelValues(call).Observe(took.Seconds())
}

// Breaker records the state of a call's circuit breaker: 1 for open, 0 for closed.
func (m *Metrics) Breaker(call string, open float64) {
	if m != nil {
		m.breakers.WithLabelValues(call).Set(open)
	}
}

// BusFrame counts a frame that was sent or received.
func (m *Metrics) BusFrame(direction string) {
	if m != nil {
		m.busFrames.WithLabelValues(direction).Inc()
	}
}

// BusDropped counts a frame or signal that wasn't sent.
func (m *Metrics) BusDropped() {
	if m != nil {
		m.busDropped.Inc()
	}
}

// BusGap counts a gap in another server's frames.
func (m *Metrics) BusGap() {
	if m != nil {
		m.busGaps.Inc()
	}
}

// JobRow counts a row of a job. operation is one of our own names.
func (m *Metrics) JobRow(operation, outcome string) {
	if m != nil {
		m.jobRows.WithLabelValues(operation, outcome).Inc()
	}
}

// Webhook counts an attempt to deliver an event of that age to a webhook.
func (m *Metrics) Webhook(outcome string, age, took time.Duration) {
	if m == nil {
		return
	}
	m.webhooks.WithLabelValues(outcome).Inc()
	m.webhookOut.Observe(took.Seconds())
	if outcome == "delivered" {
		m.webhookLag.Observe(max(0, age.Seconds()))
	}
}
