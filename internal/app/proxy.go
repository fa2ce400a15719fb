package app

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the networks whose forwarding headers are trusted.
type proxies []netip.Prefix

func (p proxies) trust(ip netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(ip) })
}

// The headers in which a proxy describes the request that it received.
const (
	forwardedFor   = "X-Forwarded-For"
	forwardedHost  = "X-Forwarded-Host"
	forwardedProto = "X-Forwarded-Proto"
)

// wrap passes requests to next as a trusted proxy received them: with the client's address and
// host. From other clients it removes these headers.
func (p proxies) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ip, ok := addressOf(r.RemoteAddr); ok && p.trust(ip) {
			p.forward(r)
		} else {
			for _, name := range []string{forwardedFor, forwardedHost, forwardedProto} {
				r.Header.Del(name)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// forward applies the headers of the last proxy. Of several values only the last is its own.
// Earlier ones may be invented, except for addresses added by trusted proxies.
func (p proxies) forward(r *http.Request) {
	if host := lastValue(r.Header.Values(forwardedHost)); host != "" {
		r.Host = host
	}
	hops := strings.Split(strings.Join(r.Header.Values(forwardedFor), ","), ",")
	for _, hop := range slices.Backward(hops) {
		ip, ok := addressOf(strings.TrimSpace(hop))
		if !ok {
			return
		}
		r.RemoteAddr = net.JoinHostPort(ip.String(), "0")
		if !p.trust(ip) {
			return
		}
	}
}

func lastValue(headers []string) string {
	if len(headers) == 0 {
		return ""
	}
	all := headers[len(headers)-1]
	return strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
}

// addressOf parses an address with or without a port.
func addressOf(text string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap(), true
	}
	ip, err := netip.ParseAddr(text)
	return ip.Unmap(), err == nil
}
