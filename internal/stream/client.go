package stream

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5" // waits between attempts, with jitter and Retry-After; MIT
	"github.com/golang-jwt/jwt/v5"   // as in internal/auth

	"backchannel/internal/chat"
	"backchannel/internal/metrics"
	"backchannel/internal/stream/breaker"
	"backchannel/internal/stream/quota"
)

const (
	maxAnswer = 64 << 20 // bytes of an uncompressed answer

	maxTries   = 5
	firstPause = 100 * time.Millisecond // maximum pause after the first attempt; each pause may be twice as long as the one before
	longest    = 30                     // maximum factor of the first pause
	maxTrying  = time.Minute
)

// ClientOptions configure a [Client]. Key, Secret and Logger are required.
type ClientOptions struct {
	Key, Secret  string
	BaseURL      string            // "" for DefaultBaseURL
	Transport    http.RoundTripper // nil for the network
	Unlimited    bool              // the server has no rate limits
	TryTimeout   time.Duration     // time limit of one attempt; 0 for 8 s
	BreakerPause time.Duration     // how long an open circuit breaker stays open; 0 for 5 s
	RetryPause   time.Duration     // maximum pause after the first attempt of a call; 0 for 100 ms
	Logger       *slog.Logger
	Metrics      *metrics.Metrics // counts attempts; may be nil
}

// Client makes calls at the rate that Stream allows. It repeats them if that is harmless, and makes
// none while Stream is failing. It must be closed.
type Client struct {
	base    string
	key     string
	token   string
	http    *http.Client
	timeout time.Duration // of one attempt
	pause   time.Duration // of an open circuit breaker

	retryPause time.Duration // maximum pause after the first attempt
	logger     *slog.Logger
	metrics    *metrics.Metrics

	unlimited bool
	wrote     func() // called after each call that may have changed something; may be nil

	mu    sync.Mutex
	lanes map[string]*lane // by call
}

// lane is the state shared by all uses of one call.
type lane struct {
	quota   *quota.Quota
	breaker *breaker.Breaker // opens if this call keeps failing
}

// NewClient returns a client without calling Stream.
func NewClient(o ClientOptions) (*Client, error) {
	if o.Key == "" || o.Secret == "" {
		return nil, errors.New("the key and the secret of the Stream app are needed")
	}
	base := cmp.Or(o.BaseURL, DefaultBaseURL)
	if u, err := url.Parse(base); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errors.New("the base URL of Stream must be an absolute http or https URL")
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"server": true}).SignedString([]byte(o.Secret))
	if err != nil {
		return nil, fmt.Errorf("signing Stream's token: %w", err)
	}
	if o.Transport == nil {
		network := http.DefaultTransport.(*http.Transport).Clone()
		network.MaxIdleConnsPerHost = 32
		o.Transport = network
	}
	return &Client{
		base: strings.TrimSuffix(base, "/"), key: o.Key, token: token, unlimited: o.Unlimited, logger: o.Logger, metrics: o.Metrics,
		timeout: cmp.Or(o.TryTimeout, 8*time.Second), pause: cmp.Or(o.BreakerPause, 5*time.Second), retryPause: cmp.Or(o.RetryPause, firstPause), lanes: map[string]*lane{},
		// A redirect would send the token elsewhere.
		http: &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// Close closes the client's connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// errGivenUp means that the caller gave up during an attempt, which says nothing about Stream.
var errGivenUp = errors.New("given up by the caller")

// Request is the input of a call.
type Request struct {
	Path  []string   // values of the placeholders in the call's path
	Query url.Values // in addition to the key
	Body  any        // nil for none
	Once  bool       // it isn't retried, since the caller asks again soon
	// About reports whether the decoded answer is about what was asked; nil if any is. Another answer
	// counts as a lost one.
	About func() bool
}

// Payload returns the query in the form that Stream's GET calls expect.
func Payload(v any) (url.Values, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding a question: %w", err)
	}
	return url.Values{"payload": {string(text)}}, nil
}

// Do makes a call and decodes the answer into out, which may be nil. If the call may be repeated,
// it is repeated after a rate limit, a failure of Stream, or an incomplete answer. Errors are
// *chat.Errors.
//
// Text in the answer that isn't well-formed Unicode is decoded with U+FFFD. Such strings are only
// for display; see [asShown]. A json.RawMessage keeps the original.
func (c *Client) Do(ctx context.Context, call Call, in Request, out any) error {
	var body []byte
	if in.Body != nil {
		var err error
		if body, err = json.Marshal(in.Body); err != nil {
			return fmt.Errorf("encoding %q: %w", call.Name, err)
		}
	}
	if !call.Read && c.wrote != nil {
		defer c.wrote()
	}
	where := c.base + fill(call.Path, in.Path) + "?" + c.query(in.Query).Encode()
	ctx, op, end := breaker.Begin(ctx)
	defer end()
	l := c.lane(call)
	passed, err := op.Enter(ctx, l.breaker)
	if err != nil {
		return asChatError(err)
	}
	doubtful := false // an earlier attempt may have had the effect
	var last error    // of the last attempt that says something about Stream
	tried := false    // there was such an attempt
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval, pause.Multiplier, pause.RandomizationFactor = c.retryPause, longest*c.retryPause, 2, 1 // full jitter
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		err := c.try(ctx, call, where, body, l, in, out)
		doubtful = doubtful || !call.Read && !healthy(err) && !unsent(err)
		if tells(err) {
			last, tried = err, true
		}
		if in.Once && err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		return struct{}{}, again(ctx, call, err)
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(maxTrying),
		backoff.WithNotify(func(err error, after time.Duration) {
			c.logger.Debug("trying Stream again", "call", call.Name, "after", after, "cause", err)
		}))
	op.Note(l.breaker, passed, tried && healthy(last), tried && !healthy(last))
	if doubtful || !call.Read && err == nil {
		op.Changed()
	}
	err = asChatError(err)
	if doubtful && chat.CodeOf(err) == chat.RateLimited {
		return &chat.Error{Code: away.code, Message: away.message, Cause: err}
	}
	return err
}

// again returns, in the form of package backoff, whether and when to retry.
func again(ctx context.Context, call Call, err error) error {
	if err == nil {
		return nil
	}
	refused, _ := errors.AsType[*apiError](err)
	limited := refused != nil && refused.status == http.StatusTooManyRequests // so it had no effect
	tired, _ := errors.AsType[*quota.WaitError](err)
	if tired != nil || ctx.Err() != nil || !limited && (healthy(err) || !call.Repeat) {
		return backoff.Permanent(err)
	}
	if refused != nil && refused.retryAfter > 0 {
		if end, ok := ctx.Deadline(); ok && time.Until(end) < refused.retryAfter || refused.retryAfter > maxTrying {
			return backoff.Permanent(err)
		}
		return fmt.Errorf("%w (%w)", err, &backoff.RetryAfterError{Duration: refused.retryAfter})
	}
	return err
}

// try makes one attempt of a call.
func (c *Client) try(ctx context.Context, call Call, where string, body []byte, l *lane, in Request, out any) error {
	err := l.quota.Wait(ctx)
	if err == nil {
		began := time.Now()
		err = c.send(ctx, call, where, body, l.quota, in, out)
		c.metrics.Call(call.Name, outcome(err), time.Since(began))
	}
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", errGivenUp, err)
	}
	return err
}

// outcome returns the result of an attempt for the metrics: OK, the status, or lost.
func outcome(err error) string {
	if err == nil {
		return "OK"
	}
	if refused, ok := errors.AsType[*apiError](err); ok {
		return strconv.Itoa(refused.status)
	}
	return "lost"
}

// tells reports whether an attempt says something about Stream's health. It doesn't if it was given
// up, or if its wait for the rate limit was too long.
func tells(err error) bool {
	tired, _ := errors.AsType[*quota.WaitError](err)
	return tired == nil && !errors.Is(err, errGivenUp)
}

func (c *Client) send(ctx context.Context, call Call, where string, body []byte, q *quota.Quota, in Request, out any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, call.Method, where, bytes.NewReader(body))
	if err != nil {
		return &lostError{call.Name, withoutURL(err)}
	}
	req.Header.Set("Authorization", c.token)
	req.Header.Set("Stream-Auth-Type", "jwt")
	req.Header.Set("X-Stream-Client", "backchannel")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &lostError{call.Name, withoutURL(err)}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return &lostError{call.Name, err}
	case len(text) > maxAnswer:
		return &lostError{call.Name, errors.New("the answer is too long")}
	}
	q.Learn(resp.Header)
	if resp.StatusCode >= 300 { // 399 and above are Stream's errors, and it never redirects
		return newAPIError(call, resp, text)
	}
	if out == nil {
		out = &struct{}{}
	}
	reflect.ValueOf(out).Elem().SetZero() // of what an earlier attempt's answer left
	var members map[string]json.RawMessage
	switch {
	case json.Unmarshal(text, &members) != nil || json.Unmarshal(text, out) != nil:
		return &lostError{call.Name, errors.New("the answer is not the JSON it should be")}
	case !call.answered(members) || in.About != nil && !in.About():
		return &lostError{call.Name, errors.New("the answer doesn't tell of what was asked")}
	}
	return nil
}

// answered reports whether an object, given by its members, can be the call's answer. Something in between
// may answer null, {} or a page of its own, also after a change was made; it must not be taken for an
// empty list.
func (c Call) answered(members map[string]json.RawMessage) bool {
	_, has := members[c.Has]
	return len(members) > 0 && (has || c.Has == "")
}

// newAPIError parses Stream's error. An error in another form comes from a proxy and says nothing
// about the call, except for rate limits and outages.
func newAPIError(call Call, resp *http.Response, text []byte) error {
	e := &apiError{call: call.Name, status: resp.StatusCode}
	var body struct {
		Code    int
		Message string
	}
	if json.Unmarshal(text, &body) == nil {
		e.code, e.said = body.Code, body.Message
	}
	limited := resp.StatusCode == http.StatusTooManyRequests
	if e.code == 0 && !limited && !e.down() {
		return &lostError{call.Name, fmt.Errorf("the status is %d, without an error of Stream's", resp.StatusCode)}
	}
	if limited || e.down() {
		e.retryAfter = retryAfter(resp.Header.Get("Retry-After"))
	}
	return e
}

// retryAfter reads the header's seconds, or its date.
func retryAfter(text string) time.Duration {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds > 0 && seconds < math.MaxInt32 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

func (c *Client) lane(call Call) *lane {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lanes[call.Name]
	if l == nil {
		pace := call.PerMinute
		if c.unlimited {
			pace = quota.NoLimit
		}
		l = &lane{quota.New(pace), breaker.New(call.Name, c.pause, c.timeout/4, c.logger, c.metrics)}
		c.lanes[call.Name] = l
	}
	return l
}

func (c *Client) query(more url.Values) url.Values {
	all := url.Values{"api_key": {c.key}}
	for name, values := range more {
		all[name] = values
	}
	return all
}

// fill fills the placeholders of a path. Stream reads a plus sign as a space.
func fill(path string, parts []string) string {
	for _, part := range parts {
		part = strings.ReplaceAll(url.QueryEscape(part), "+", "%20")
		path = strings.Replace(path, "{}", part, 1)
	}
	return path
}

// withoutURL removes the URL, which contains the key, from an error for the log.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
