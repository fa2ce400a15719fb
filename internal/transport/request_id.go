package transport

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
)

const (
	requestIDHeader    = "X-Request-Id"
	maxRequestIDLength = 64
)

// WithRequestID adds an id to the context of every request and to the response's X-Request-Id
// header. If the request's X-Request-Id has 1 to 64 visible ASCII characters, it is used, otherwise
// a random one. A request that already has an id in its context keeps it.
func WithRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requestID(r.Context()) == "" {
			id := chooseRequestID(r.Header.Get(requestIDHeader))
			w.Header().Set(requestIDHeader, id)
			r = r.WithContext(context.WithValue(r.Context(), requestIDKey, source{id: id, remote: hostOf(r.RemoteAddr)}))
		}
		next.ServeHTTP(w, r)
	})
}

// source identifies a request in the log.
type source struct {
	id     string
	remote string // the client's address, without its port
}

func hostOf(addr string) string {
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return addr
}

func chooseRequestID(wanted string) string {
	if wanted != "" && len(wanted) <= maxRequestIDLength && visibleASCII(wanted) {
		return wanted
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

func visibleASCII(s string) bool {
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' {
			return false
		}
	}
	return true
}
