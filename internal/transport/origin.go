package transport

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna" // host names in the form that browsers use; BSD, by the Go project

	"backchannel/internal/chat"
)

// Origins are the origins whose web pages may call the API: the server's own and the allowed ones.
// Use [NewOrigins].
type Origins struct {
	protection *http.CrossOriginProtection
	public     string          // the server's own public origin; may be empty
	allowed    map[string]bool // origins other than our own
	logger     *slog.Logger
}

// NewOrigins allows the given origins, such as https://crm.example, and our own, which is public
// or, if that is empty, derived from the request's Host. Origins are normalized. An origin that no
// browser sends is an error.
func NewOrigins(public string, allowed []string, logger *slog.Logger) (*Origins, error) {
	o := &Origins{protection: http.NewCrossOriginProtection(), allowed: map[string]bool{}, logger: logger}
	if public != "" {
		origin, err := normalOrigin(public)
		if err != nil {
			return nil, err
		}
		o.public = origin
	}
	for _, one := range allowed {
		if strings.TrimSpace(one) == "" { // after a trailing comma
			continue
		}
		origin, err := normalOrigin(one)
		if err != nil {
			return nil, err
		}
		o.allowed[origin] = true
	}
	return o, nil
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// normalOrigin returns an origin in the form that browsers use.
func normalOrigin(text string) (string, error) {
	text = strings.TrimSpace(text)
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	problem := ""
	switch {
	case text == "*" || text == "null":
		problem = "each origin must be named"
	case err != nil || u.Scheme == "" || u.Hostname() == "":
		problem = "it must be a scheme and a host, such as https://crm.example.com"
	case u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(text, "?#"):
		problem = "nothing may stand behind the host and port"
	case strings.Contains(u.Host, "*"):
		problem = "each origin must be named, without *"
	case strings.EqualFold(u.Scheme, "file"):
		problem = "browsers tell no origin of files"
	}
	if problem != "" {
		return "", fmt.Errorf("%q isn't an origin that a browser sends: %s", text, problem)
	}
	host, err := normalHost(u.Hostname())
	port, bad := normalPort(u.Port())
	if err != nil || bad != nil {
		return "", fmt.Errorf("%q isn't an origin that a browser sends: %w", text, cmp.Or(err, bad))
	}
	if port != "" && port != defaultPorts[u.Scheme] {
		host += ":" + port
	}
	return u.Scheme + "://" + host, nil
}

// hosts normalizes host names as browsers do: to lower case and Punycode, without transitional
// processing.
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

func normalHost(host string) (string, error) {
	if ip, err := netip.ParseAddr(host); err == nil && ip.Zone() == "" {
		if ip.Is6() {
			return "[" + ip.String() + "]", nil
		}
		return ip.String(), nil
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if _, err := strconv.Atoi(last); err == nil || strings.Contains(host, ":") {
		return "", errors.New("its address is malformed")
	}
	name, err := hosts.ToASCII(host)
	if err != nil {
		return "", errors.New("its host is malformed")
	}
	return name, nil
}

func normalPort(port string) (string, error) {
	if port == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", errors.New("its port doesn't exist")
	}
	return strconv.FormatUint(n, 10), nil
}

var errCrossSite = errors.New("a web page of another origin")

// Handler lets only web pages of our own and of the allowed origins call next from a browser.
func (o *Origins) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.allow(w.Header(), r)
		switch {
		case o.isPreflight(r):
			answerPreflight(w, r)
		case o.check(r) != nil:
			newAnswer(w, r).refuse(o.refuse(r))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// refuse logs that a page was refused and returns the answer.
func (o *Origins) refuse(r *http.Request) *httpError {
	origin := clip(r.Header.Get("Origin"), maxNameShown)
	o.logger.Warn("web page refused", "request_id", requestID(r.Context()),
		"origin", origin, "host", clip(r.Host, maxNameShown), "public_url", o.public,
		"hint", "--allowed-origins names the origins whose pages may call; --public-url is the server's own")
	page := "of " + origin
	if origin == "" || origin == "null" {
		page = "of an unnamed origin"
	}
	return &httpError{
		status: http.StatusForbidden, code: string(chat.Unauthorized), field: "Origin",
		message: "Web pages " + page + " may not call this endpoint. Name the origin in the server's --allowed-origins " +
			"(BACKCHANNEL_ALLOWED_ORIGINS), or in --public-url if it is the server's own.",
	}
}

// check refuses requests that a page of another origin caused the browser to send. The standard
// library allows GET as harmless. Here GET may contain a query, so the rule for POST is applied.
func (o *Origins) check(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if o.allowed[origin] || origin != "" && (origin == o.public || sameHost(origin, r.Host)) {
		return nil
	}
	asPost := http.Request{Method: http.MethodPost, Header: r.Header, Host: r.Host}
	if o.protection.Check(&asPost) != nil {
		return errCrossSite
	}
	return nil
}

// sameHost reports whether a page's origin is the host that it calls. A proxy may add the scheme's
// default port to the host.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, strings.TrimSuffix(host, ":"+defaultPorts[u.Scheme]))
}

// allow tells the browser whether the calling page may read the response.
func (o *Origins) allow(h http.Header, r *http.Request) {
	if len(o.allowed) == 0 {
		return
	}
	h.Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); o.allowed[origin] {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", requestIDHeader+", Retry-After")
	}
}

// isPreflight reports whether a request is a browser's preflight from an allowed origin.
func (o *Origins) isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && o.allowed[r.Header.Get("Origin")] &&
		r.Header.Get("Access-Control-Request-Method") != ""
}

// answerPreflight allows all request headers that the page asks for, since tracing and resuming use
// their own. The value * wouldn't include Authorization.
func answerPreflight(w http.ResponseWriter, r *http.Request) {
	const asked = "Access-Control-Request-Headers"
	h := w.Header()
	h.Add("Vary", asked)
	h.Set("Access-Control-Allow-Methods", allowedMethods)
	if names := r.Header.Values(asked); len(names) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(names, ", "))
	}
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}
