package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/transport"
)

// checkAddresses refuses invalid addresses.
func (c serveCommand) checkAddresses() error {
	if err := c.checkPublic(); err != nil {
		return err
	}
	_, _, err := c.callers(nil)
	return err
}

// callers returns which web pages may call, and which proxies are trusted.
func (c serveCommand) callers(logger *slog.Logger) (*transport.Origins, proxies, error) {
	trusted, err := parseProxies(c.TrustedProxies)
	if err != nil {
		return nil, nil, err
	}
	origins, err := transport.NewOrigins(c.PublicURL, c.AllowedOrigins, logger)
	if err != nil {
		return nil, nil, fmt.Errorf("--allowed-origins (BACKCHANNEL_ALLOWED_ORIGINS): %w", err)
	}
	return origins, trusted, nil
}

func (c serveCommand) checkPublic() error {
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || !absolute(c.PublicURL) || u.User != nil || strings.ContainsAny(c.PublicURL, "?#"):
		return errors.New("--public-url (BACKCHANNEL_PUBLIC_URL) must be an http or https URL such as https://chat.example.com")
	case strings.Trim(u.Path, "/") != "":
		return errors.New("--public-url (BACKCHANNEL_PUBLIC_URL) must have no path: give the server a host name of its own")
	}
	return nil
}

// public returns the server's public address: the configured one, or one that this machine's
// browser can open.
func (c serveCommand) public(addr net.Addr) string {
	if c.PublicURL != "" {
		return strings.TrimRight(c.PublicURL, "/")
	}
	return baseURL(addr)
}

// noUploads returns an error if uploads are refused, since their address, which messages store,
// would only work on this machine.
func (c serveCommand) noUploads(addr net.Addr) *chat.Error {
	if c.PublicURL != "" || c.MediaBaseURL != "" {
		return nil
	}
	if isLoopback(addr) {
		return nil
	}
	return &chat.Error{Code: chat.Unsupported, Message: "Uploads need an address that everybody can open. " +
		"Start the server with --public-url (BACKCHANNEL_PUBLIC_URL) or --media-base-url (BACKCHANNEL_MEDIA_BASE_URL)."}
}

// isLoopback reports whether only this machine can reach an address.
func isLoopback(addr net.Addr) bool {
	host, _, err := net.SplitHostPort(addr.String())
	ip, bad := netip.ParseAddr(host)
	return err == nil && bad == nil && ip.IsLoopback()
}

// parseProxies parses --trusted-proxies: addresses and networks.
func parseProxies(list []string) (proxies, error) {
	var all proxies
	for _, text := range list {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			var ip netip.Addr
			ip, err = netip.ParseAddr(text)
			network = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies (BACKCHANNEL_TRUSTED_PROXIES): %q is no IP address or network such as 10.0.0.0/8", text)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}
