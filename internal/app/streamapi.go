package app

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"backchannel/internal/engine"
	"backchannel/internal/media"
	"backchannel/internal/streamapi"
)

// streamAPI returns Stream's API over the engine, and makes the engine call its webhooks; nil if no
// key is configured.
func (c serveCommand) streamAPI(e *engine.Engine, files *media.Store, logger *slog.Logger) (http.Handler, error) {
	key, secret := c.StreamAPIKey, c.StreamAPISecret
	if c.Dev && key == "" && secret == "" {
		key, secret = "dev", c.JWTSecret
	}
	switch {
	case key == "" && secret == "":
		return nil, nil //nolint:nilnil // it is disabled
	case key == "" || secret == "":
		return nil, errors.New("the API under /api/v2 needs both --api-key (BACKCHANNEL_API_KEY) and --api-secret (BACKCHANNEL_API_SECRET)")
	}
	api, err := streamapi.New(streamapi.Options{
		Engine: e, Key: key, Secret: secret, PublicURL: strings.TrimRight(c.PublicURL, "/"), Media: files, Timeout: c.RequestTimeout, Logger: logger})
	if err != nil {
		return nil, err
	}
	api.TellHooks()
	return api, nil
}
