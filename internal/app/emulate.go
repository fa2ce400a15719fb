package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"backchannel/internal/streamapi/emulator"
)

type emulateCommand struct {
	Addr   string `placeholder:"HOST:PORT" default:"127.0.0.1:8090" env:"BACKCHANNEL_EMULATE_ADDR" help:"Where to listen (${default})."`
	Key    string `placeholder:"KEY" name:"api-key" default:"emulator" env:"BACKCHANNEL_API_KEY" help:"The app's API key (${default})."`
	Secret string `placeholder:"SECRET" name:"api-secret" default:"emulator-secret" env:"BACKCHANNEL_API_SECRET" help:"The app's API secret (${default})."`
	Seed   string `placeholder:"FILE" help:"JSON file of users, channels and messages to begin with."`
}

// Run serves until ctx ends.
func (c emulateCommand) Run(ctx context.Context, s streams) error {
	var seed []byte
	if c.Seed != "" {
		var err error
		if seed, err = os.ReadFile(c.Seed); err != nil {
			return fmt.Errorf("reading the seed (--seed): %w", err)
		}
	}
	e, err := emulator.New(ctx, emulator.Options{Key: c.Key, Secret: c.Secret, Seed: seed})
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return errors.Join(fmt.Errorf("listening (--addr, BACKCHANNEL_EMULATE_ADDR): %w", err), e.Close())
	}
	_, _ = fmt.Fprintf(s.out, `
The emulator keeps everything in memory.

  base URL    %[1]s
  API key     %[2]s
  API secret  %[3]s
  controls    %[1]s/emulator/  clock, faults, requests, seed, reset

`, baseURL(listener.Addr()), c.Key, c.Secret)
	server := &http.Server{Handler: e, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeaderBytes}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = server.Close()
	}
	return errors.Join(err, e.Close())
}
