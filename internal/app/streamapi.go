package app

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/media"
	"backchannel/internal/streamapi"
	"backchannel/internal/webhook"
)

// streamAPI is Stream's API over the engine, with its webhooks; nil if no key is
// configured. It runs until stop is called.
func (c serveCommand) streamAPI(e *engine.Engine, files *media.Store, sender *webhook.Sender, logger *slog.Logger) (_ http.Handler, stop func(), _ error) {
	key, secret := c.StreamAPIKey, c.StreamAPISecret
	if c.Dev && key == "" && secret == "" {
		key, secret = "dev", c.JWTSecret
	}
	switch {
	case key == "" && secret == "":
		return nil, func() {}, nil
	case key == "" || secret == "":
		return nil, nil, errors.New("the API under /api/v2 needs both --api-key (BACKCHANNEL_API_KEY) and --api-secret (BACKCHANNEL_API_SECRET)")
	}
	api, err := streamapi.New(streamapi.Options{
		Engine: e, Key: key, Secret: secret, PublicURL: strings.TrimRight(c.PublicURL, "/"), Media: files, Timeout: c.RequestTimeout, Logger: logger})
	if err != nil {
		return nil, nil, err
	}
	hooks := api.StartHooks(func(_ chat.EventType, call webhook.Call) { sender.Send(call) })
	return api, hooks.Close, nil
}
