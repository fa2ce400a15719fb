package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of the operators' listener, which has few callers with small requests.
const (
	opsConnections = 64
	opsTime        = 10 * time.Second
)

// serveOps serves operators at --ops-addr, if it is set, until stop is called.
func (c serveCommand) serveOps(ctx context.Context, ready *readiness, t telemetry) (stop func(), err error) {
	if c.OpsAddr == "" {
		return func() {}, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.OpsAddr)
	if err != nil {
		return nil, fmt.Errorf("listening (--ops-addr, BACKCHANNEL_OPS_ADDR): %w", err)
	}
	mux := http.NewServeMux()
	healthRoutes(mux, ready)
	mux.Handle("GET /metrics", t.metrics.Handler())
	server := &http.Server{
		Handler:        mux,
		ReadTimeout:    opsTime,
		WriteTimeout:   opsTime,
		IdleTimeout:    idleTime,
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       slog.NewLogLogger(t.logger.Handler(), slog.LevelWarn),
	}
	l = limited(l.(*net.TCPListener), opsConnections, server)
	t.logger.Info("serving operators", "ops_addr", l.Addr().String())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // returns after stop
	}()
	return func() {
		_ = server.Close()
		<-done
	}, nil
}
