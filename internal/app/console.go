package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"backchannel/internal/auth"
	"backchannel/internal/media"
	"backchannel/web"
)

// console returns the handler of the back office's pages.
func (c serveCommand) console(ctx context.Context, addr net.Addr, logger *slog.Logger) (http.Handler, error) {
	hosts, err := c.picturesFrom(addr)
	if err != nil {
		return nil, err
	}
	o := web.ConsoleOptions{Dev: c.Dev, PicturesFrom: hosts, Pictures: web.PictureBounds{
		Bytes: c.MaxPicture << 20, JPEGPixels: c.MaxPixels, PNGPixels: min(c.MaxPixels, media.MostPNGPixels)}}
	if oidc := c.ConsoleOIDC; oidc.Issuer != "" {
		issuer, err := auth.OpenIssuer(ctx, oidc.Issuer, logger)
		if err != nil {
			return nil, fmt.Errorf("--console-oidc-issuer (BACKCHANNEL_CONSOLE_OIDC_ISSUER): %w", err)
		}
		o.OIDC = &web.OIDC{Issuer: oidc.Issuer, ClientID: oidc.ClientID, Scope: oidc.Scope, Audience: oidc.Audience,
			Resource: oidc.Resource, Token: oidc.Token, Origin: strings.TrimRight(c.PublicURL, "/"), Origins: issuer.Origins}
	}
	handler, err := web.Console(o)
	if err != nil {
		return nil, fmt.Errorf("--allow-images-from (BACKCHANNEL_ALLOW_IMAGES_FROM): %w", err)
	}
	return handler, nil
}

// streamFiles are the hosts of hosted Stream's uploads.
const streamFiles = "*.stream-io-cdn.com"

// picturesFrom returns the hosts whose pictures the console shows: those of our media and avatars,
// of the provider, and those that the operator configures.
func (c serveCommand) picturesFrom(addr net.Addr) ([]string, error) {
	bases := []string{c.mediaBase(addr), c.avatarBase(addr)}
	hosts := slices.Clone(c.AllowImagesFrom)
	if c.Provider == providerStream {
		bases, hosts = append(bases, c.Stream.BaseURL), append(hosts, streamFiles)
	}
	for _, base := range bases {
		u, err := url.Parse(base)
		if err != nil {
			return nil, fmt.Errorf("reading the address of pictures: %w", err)
		}
		if !strings.HasPrefix(u.Host, "[") { // a policy can't name an IPv6 address; our own is 'self'
			hosts = append(hosts, u.Scheme+"://"+u.Host)
		}
	}
	return hosts, nil
}
