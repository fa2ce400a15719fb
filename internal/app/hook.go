package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"backchannel/internal/stream"
)

// hookPath is the path that receives Stream's webhooks.
const hookPath = "/hooks/stream"

type hookCommand struct {
	URL       string `name:"url" placeholder:"URL" required:"" help:"Where Stream reaches the server, e.g. https://chat.example.com/hooks/stream."`
	APIKey    string `placeholder:"KEY" name:"stream-api-key" env:"STREAM_API_KEY" help:"Key of the Stream app."`
	APISecret string `placeholder:"SECRET" name:"stream-api-secret" env:"STREAM_API_SECRET" help:"Secret of the Stream app. Give it in the environment, where other users of the machine can't read it."`
	BaseURL   string `placeholder:"URL" name:"stream-base-url" default:"https://chat.stream-io-api.com" env:"STREAM_BASE_URL" help:"Where Stream answers (${default})."`
}

// Run adds the hook.
func (c hookCommand) Run(ctx context.Context, s streams) error {
	switch {
	case c.APIKey == "" || c.APISecret == "":
		return errors.New("the Stream app's key and secret are needed: set STREAM_API_KEY and STREAM_API_SECRET")
	case !absolute(c.URL) || !strings.HasSuffix(c.URL, hookPath):
		return fmt.Errorf("--url must be an absolute address that ends with %s, where the server takes webhooks", hookPath)
	}
	client, err := stream.NewClient(stream.ClientOptions{Key: c.APIKey, Secret: c.APISecret, BaseURL: c.BaseURL,
		TryTimeout: 10 * time.Second, BreakerPause: 10 * time.Second, Logger: slog.New(slog.NewTextHandler(s.err, nil))})
	if err != nil {
		return err
	}
	defer client.Close()
	already, err := stream.SetHook(ctx, client, c.URL)
	if err != nil {
		return fmt.Errorf("setting the app's hook: %w", err)
	}
	said := "Stream calls %s from now on.\n"
	if already {
		said = "Stream calls %s already.\n"
	}
	_, _ = fmt.Fprintf(s.out, said, c.URL)
	return nil
}
