package graph

import (
	"errors"
	"net/http"
	"strings"

	"backchannel/internal/chat"
)

// origins says which web pages may call the API.
type origins struct {
	protection *http.CrossOriginProtection
	allowed    map[string]bool // besides our own
}

func newOrigins(allowed []string) origins {
	o := origins{protection: http.NewCrossOriginProtection(), allowed: map[string]bool{}}
	for _, origin := range allowed {
		o.allowed[origin] = true
	}
	return o
}

var errCrossSite = errors.New("a web page of another origin")

// AllowOrigins lets web pages of our own and of the given origins call next from a
// browser, and no others.
func AllowOrigins(allowed []string, next http.Handler) http.Handler {
	o := newOrigins(allowed)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.allow(w.Header(), r)
		switch {
		case o.isPreflight(r):
			answerPreflight(w)
		case o.check(r) != nil:
			newAnswer(w, r).refuse(foreignOrigin())
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func foreignOrigin() *httpError {
	return &httpError{
		status: http.StatusForbidden, code: string(chat.Unauthorized), field: "Origin",
		message: "Web pages of other origins may not call this endpoint.",
	}
}

// check refuses requests that a page of a foreign origin made the browser send.
// The standard library lets GET pass as harmless; here it may carry a query, so
// it is held to the rule for POST.
func (o origins) check(r *http.Request) error {
	if o.allowed[r.Header.Get("Origin")] {
		return nil
	}
	asPost := http.Request{Method: http.MethodPost, Header: r.Header, Host: r.Host}
	if o.protection.Check(&asPost) != nil {
		return errCrossSite
	}
	return nil
}

// allow tells the browser whether the calling page may read the response.
func (o origins) allow(h http.Header, r *http.Request) {
	if len(o.allowed) == 0 {
		return
	}
	h.Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); o.allowed[origin] {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", requestIDHeader)
	}
}

// isPreflight recognises a browser's question before a cross-origin request.
func (o origins) isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && o.allowed[r.Header.Get("Origin")] &&
		r.Header.Get("Access-Control-Request-Method") != ""
}

// answerPreflight says what a page of an allowed origin may send.
func answerPreflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", allowedMethods)
	h.Set("Access-Control-Allow-Headers",
		strings.Join([]string{"Authorization", "Content-Type", keyHeader, requestIDHeader, "Accept"}, ", "))
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}
