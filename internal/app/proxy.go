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

// The headers in which a proxy says what it received.
const (
	forwardedFor   = "X-Forwarded-For"
	forwardedHost  = "X-Forwarded-Host"
	forwardedProto = "X-Forwarded-Proto"
)

// wrap shows next a request as a trusted proxy received it: with the client's address and
// host. It drops these headers from other clients.
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

// forward applies what the last proxy says. Of several values only the last is its own. The
// earlier ones may be invented, except for addresses that trusted proxies have added.
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

// addressOf reads an address, with a port or without.
func addressOf(text string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap(), true
	}
	ip, err := netip.ParseAddr(text)
	return ip.Unmap(), err == nil
}
