package app

import (
	"fmt"
	"net/http"
	"strings"

	"backchannel/web"
)

// console makes the handler of the back office's pages.
func (c serveCommand) console() (http.Handler, error) {
	o := web.ConsoleOptions{Dev: c.Dev}
	if oidc := c.ConsoleOIDC; oidc.Issuer != "" {
		o.OIDC = &web.OIDC{Issuer: oidc.Issuer, ClientID: oidc.ClientID, Scope: oidc.Scope}
		if c.PublicURL != "" {
			o.OIDC.Origin = strings.TrimRight(c.PublicURL, "/")
		}
	}
	handler, err := web.Console(o)
	if err != nil {
		return nil, fmt.Errorf("--console-oidc-issuer (BACKCHANNEL_CONSOLE_OIDC_ISSUER): %w", err)
	}
	return handler, nil
}
