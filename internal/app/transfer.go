package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"text/tabwriter"

	"github.com/schollz/progressbar/v3" // a progress bar on terminals, nothing elsewhere; MIT

	"backchannel/internal/engine"
	"backchannel/internal/streamapi"
	"backchannel/internal/streamapi/transfer"
)

type transferCommand struct {
	storageFlags `embed:""`

	From          string `placeholder:"WHERE" enum:"stream,engine" required:"" help:"Where the chat is: stream or engine."`
	To            string `placeholder:"WHERE" enum:"stream,engine" required:"" help:"Where it is to be: stream or engine."`
	Verify        bool   `help:"Compare the two and write nothing."`
	APIKey        string `placeholder:"KEY" name:"stream-api-key" env:"STREAM_API_KEY" help:"Key of the Stream app."`
	APISecret     string `placeholder:"SECRET" name:"stream-api-secret" env:"STREAM_API_SECRET" help:"Secret of the Stream app. Give it in the environment, where other users of the machine can't read it."`
	BaseURL       string `placeholder:"URL" name:"stream-base-url" default:"https://chat.stream-io-api.com" env:"STREAM_BASE_URL" help:"Where Stream answers (${default})."`
	MediaBaseURL  string `placeholder:"URL" name:"media-base-url" default:"http://127.0.0.1:8080/media" env:"BACKCHANNEL_MEDIA_BASE_URL" help:"Public address of the engine's uploaded files, as serve has it (${default})."`
	AvatarBaseURL string `placeholder:"URL" name:"avatar-base-url" env:"BACKCHANNEL_AVATAR_BASE_URL" help:"Public address of the engine's avatars, as serve has it (--media-base-url)."`
}

// errNotTheSame is returned if the two chats differ after a transfer.
var errNotTheSame = errors.New("the two sides are not the same; the lines above say where")

// Run copies and verifies.
func (c transferCommand) Run(ctx context.Context, s streams) error {
	switch {
	case c.From == c.To:
		return errors.New("--from and --to must be two different places")
	case c.APIKey == "" || c.APISecret == "":
		return errors.New("the Stream app's key and secret are needed: set STREAM_API_KEY and STREAM_API_SECRET")
	}
	logger := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	hosted, err := transfer.NewServer(transfer.ServerOptions{Key: c.APIKey, Secret: c.APISecret, BaseURL: c.BaseURL, Logger: logger})
	if err != nil {
		return err
	}
	defer hosted.Close()
	own, closeOwn, err := c.engineServer(ctx, logger)
	if err != nil {
		return err
	}
	o := transfer.Options{From: hosted, To: own, VerifyOnly: c.Verify, Progress: bars(s.err)}
	if c.From == "engine" {
		o.From, o.To = own, hosted
	}
	report, err := transfer.Run(ctx, o)
	if err = errors.Join(err, closeOwn()); err != nil {
		return fmt.Errorf("%w\nRun the command again to go on where it stopped", err)
	}
	printReport(s.out, report)
	if len(report.Differences) > 0 {
		return errNotTheSame
	}
	return nil
}

// engineServer returns our own engine, called through Stream's API without a network.
func (c transferCommand) engineServer(ctx context.Context, logger *slog.Logger) (*transfer.Server, func() error, error) {
	store, err := c.open(ctx, telemetry{})
	if err != nil {
		return nil, nil, err
	}
	e := engine.New(engine.Options{Store: store, AvatarBaseURL: cmp.Or(c.AvatarBaseURL, c.MediaBaseURL), Logger: logger, Idle: true})
	end := func() error {
		e.Close()
		return store.Close()
	}
	key, secret := "transfer", rand.Text()
	api, err := streamapi.New(streamapi.Options{Engine: e, Key: key, Secret: secret, Logger: logger, Transfer: true})
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	server, err := transfer.NewServer(transfer.ServerOptions{
		Key: key, Secret: secret, BaseURL: "http://engine", Transport: api, Ours: true, Logger: logger})
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return server, end, nil
}

// bars shows the progress of a transfer, with a bar for each stage.
func bars(w io.Writer) func(transfer.Progress) {
	var mu sync.Mutex
	var bar *progressbar.ProgressBar
	stage := ""
	return func(p transfer.Progress) {
		mu.Lock()
		defer mu.Unlock()
		if p.Stage != stage {
			stage = p.Stage
			bar = progressbar.NewOptions(p.Total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(p.Stage),
				progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(),
				progressbar.OptionOnCompletion(func() { _, _ = fmt.Fprintln(w) }))
		}
		if int64(p.Done) > bar.State().CurrentNum {
			_ = bar.Set(p.Done) // it is only for display
		}
	}
}

func printReport(w io.Writer, r transfer.Report) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "\tfrom\tto\twritten\t")
	for _, row := range []struct {
		what  string
		tally transfer.Tally
	}{
		{"users", r.Users}, {"channels", r.Channels}, {"members", r.Members}, {"messages", r.Messages}, {"reactions", r.Reactions},
	} {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\t\n", row.what, row.tally.From, row.tally.To, row.tally.Written)
	}
	_ = table.Flush()
	if out := r.LeftOut; out != (transfer.LeftOut{}) {
		_, _ = fmt.Fprintf(w, "Left out: %d messages for some users only, %d pending messages, %d that weren't posted.\n", out.Restricted, out.Pending, out.Unposted)
	}
	for _, line := range r.Differences {
		_, _ = fmt.Fprintln(w, line)
	}
	if len(r.Differences) == 0 {
		_, _ = fmt.Fprintln(w, "Both sides are the same.")
	}
}
