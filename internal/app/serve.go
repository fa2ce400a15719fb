package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/transport"
)

// Limits on what strangers can use of the server.
const (
	maxConnections = 60_000 // or the system's limit on open files if that is lower
	maxHeaderBytes = 32 << 10
	headerTime     = 5 * time.Second
	idleTime       = 2 * time.Minute
	stopTime       = 10 * time.Second // for requests in progress when the server stops
	maxAnswerMiB   = 1024
)

// connectionLimit returns how many connections fit into the system's limit on open files, together
// with the database's files.
func connectionLimit(logger *slog.Logger) int {
	files := openFiles()
	fit := files - min(files/2, 64+8*runtime.GOMAXPROCS(0))
	if fit >= maxConnections {
		return maxConnections
	}
	logger.Warn("the limit on open files (ulimit -n) allows fewer connections than the server does",
		"connections", fit, "live", liveLimit(fit), "open_files", files, "wanted", maxConnections)
	return fit
}

// liveLimit returns how many of the connections may be WebSockets and streams, so that there is
// always room for plain requests.
func liveLimit(connections int) int { return connections * 5 / 6 }

// Run serves until ctx ends.
func (c serveCommand) Run(ctx context.Context, s streams, unknown variables) error {
	if err := c.check(); err != nil {
		return err
	}
	t, end, err := c.telemetry(ctx, s)
	defer end()
	if err != nil {
		return err
	}
	logger := t.logger
	if len(unknown) > 0 {
		logger.Warn("these environment variables are unknown", "names", strings.Join(unknown, " "))
	}
	if err := c.chooseSecret(logger); err != nil {
		return err
	}
	verifier, err := auth.New(ctx, auth.Config{
		Secret: c.JWTSecret, JWKS: c.JWKS, UserClaim: c.UserClaim, RoleClaim: c.RoleClaim, Issuer: c.JWTIssuer, Audience: c.JWTAudience,
		Leeway: c.Lifetimes.Leeway, MaxLifetime: c.Lifetimes.MaxLifetime, Logger: logger,
	})
	if err != nil {
		return fmt.Errorf("setting up tokens: %w", err)
	}
	if err := verifier.Ready(); err != nil {
		logger.Error("the issuer's keys can't be read yet; until then its tokens are refused", "cause", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listening (--addr, BACKCHANNEL_ADDR): %w", err)
	}
	defer func() { _ = listener.Close() }()
	c.listenURL = c.ListenURL
	store, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	files := c.openMedia(store, listener.Addr(), t)
	served, err := c.openChat(ctx, store, files, listener.Addr(), t)
	if err == nil {
		err = c.serve(ctx, s, listener, served, verifier, t)
		served.close()
	}
	if files != nil {
		err = errors.Join(err, files.Close())
	}
	return errors.Join(err, store.Close())
}

func (c serveCommand) serve(ctx context.Context, s streams, l net.Listener, served servedChat, v *auth.Verifier, t telemetry) error {
	logger := t.logger
	d := desk.New(desk.Options{
		Provider: served.provider, BackOfficeRole: c.BORole, ServiceUser: c.ServiceUser, MaxText: c.MaxText, Rates: c.Rates.rates(),
		Media: served.media, Mint: c.mint(), MaxTokenLife: c.Lifetimes.MaxLifetime, Metrics: t.metrics})
	connections := connectionLimit(logger)
	origins, trusted, err := c.callers(logger)
	if err != nil {
		return err
	}
	api := graph.New(transport.Options{
		Desk:                d,
		Verifier:            v,
		Dev:                 c.Dev,
		Timeout:             c.RequestTimeout,
		MaxAnswer:           c.MaxAnswer << 20,
		MaxBackOfficeAnswer: c.MaxBOAnswer << 20,
		Logger:              logger,
		Origins:             origins,
		LiveConnections:     liveLimit(connections),
		Metrics:             t.metrics,
		Access:              t.access.noter(),
		Tracer:              t.tracer,
	})
	ready := &readiness{checks: []check{d.Ready}, logger: logger}
	if served.media != nil {
		ready.checks = append(ready.checks, served.media.Ready)
	}
	ready.checks = append(ready.checks, func(context.Context) error { return issuerReady(v) })
	console, err := c.console(ctx, l.Addr(), logger)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           trusted.wrap(t.traced(c.routes(api, origins, served, console, d, v, ready, t))),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       c.RequestTimeout,
		WriteTimeout:      2 * c.RequestTimeout,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	if c.Dev {
		if err := c.welcome(ctx, s, l.Addr(), served, logger); err != nil {
			return err
		}
	}
	stopOps, err := c.serveOps(ctx, ready, t)
	if err != nil {
		return err
	}
	defer stopOps()
	if refused := c.noUploads(l.Addr()); refused != nil && served.media != nil {
		logger.Warn("uploads are refused", "reason", refused.Message)
	}
	if c.Dev && !isLoopback(l.Addr()) {
		logger.Warn("DEVELOPMENT MODE ON AN ADDRESS THAT OTHERS CAN REACH: whoever sees what was printed may do everything; never do this with real data",
			"addr", l.Addr().String())
	}
	logger.Info("serving", "addr", l.Addr().String(), "version", version(), "dev", c.Dev)
	if tcp, ok := l.(*net.TCPListener); ok {
		l = limited(tcp, connections, server)
	}
	return serveUntil(ctx, server, api, l, logger)
}

// serveUntil serves until ctx ends. Then it disconnects live clients and lets the requests in
// progress finish.
func serveUntil(ctx context.Context, server *http.Server, api *transport.Server, l net.Listener, logger *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	logger.Info("stopping")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	live := make(chan error, 1)
	go func() { live <- api.Shutdown(ctx) }()
	if err := errors.Join(server.Shutdown(ctx), <-live); err != nil {
		return errors.Join(fmt.Errorf("stopping: %w", err), server.Close())
	}
	return nil
}

// check refuses invalid settings.
func (c serveCommand) check() error {
	if err := errors.Join(c.checkMedia(), c.checkAddresses(), c.checkNATS(), c.ConsoleOIDC.check()); err != nil {
		return err
	}
	if strings.TrimSpace(c.BORole) == "" {
		return errors.New("--bo-role (BACKCHANNEL_BO_ROLE) must name a role: without one nobody could use the back office")
	}
	if c.BinDays < 1 || c.BinDays > 3650 {
		return errors.New("--bin-days (BACKCHANNEL_BIN_DAYS) must be 1 to 3650")
	}
	if c.MaxText < 1 {
		return errors.New("--max-text (BACKCHANNEL_MAX_TEXT) must be at least 1")
	}
	if c.MaxAnswer < 1 || c.MaxBOAnswer < 1 || c.MaxAnswer > maxAnswerMiB || c.MaxBOAnswer > maxAnswerMiB {
		return fmt.Errorf("--max-answer and --max-bo-answer (BACKCHANNEL_MAX_ANSWER, BACKCHANNEL_MAX_BO_ANSWER) must be 1 to %d", maxAnswerMiB)
	}
	if err := errors.Join(c.Rates.check(), c.Lifetimes.check()); err != nil {
		return err
	}
	if c.RequestTimeout <= 0 {
		return errors.New("--request-timeout (BACKCHANNEL_REQUEST_TIMEOUT) must be longer than 0s")
	}
	if c.Provider == providerStream {
		if err := c.Stream.check(); err != nil {
			return err
		}
		if c.StreamAPIKey != "" {
			return errors.New("--api-key (BACKCHANNEL_API_KEY) serves Stream's API over Backchannel's own chat; it can't be used with --provider stream")
		}
	}
	if c.ServiceUser != "" {
		if err := chat.CheckUserID(c.ServiceUser); err != nil {
			return fmt.Errorf("--service-user (BACKCHANNEL_SERVICE_USER): %s", err.Message)
		}
	}
	return nil
}

// chooseSecret uses the configured secret or JWKS. Only in development it generates a secret.
func (c *serveCommand) chooseSecret(logger *slog.Logger) (err error) {
	if err := c.checkSecrets(logger); err != nil {
		return err
	}
	switch {
	case c.JWTSecret != "":
		return nil
	case c.Dev:
		c.JWTSecret, err = c.keepSecret()
		return err
	case c.JWKS != "":
		return nil
	}
	return errors.New("there is nothing to check tokens with: set BACKCHANNEL_JWT_SECRET (--jwt-secret) or BACKCHANNEL_JWKS (--jwks), or try it with --dev")
}

// minSecret is the minimum length of a secret in bytes, so that it can't be guessed (RFC 7518,
// 3.2).
const minSecret = 32

// checkSecrets refuses secrets that can be guessed. In development it only warns.
func (c serveCommand) checkSecrets(logger *slog.Logger) error {
	for flag, secret := range map[string]string{
		"--jwt-secret (BACKCHANNEL_JWT_SECRET)": c.JWTSecret,
		"--api-secret (BACKCHANNEL_API_SECRET)": c.StreamAPISecret,
	} {
		switch short := secret != "" && len(secret) < minSecret; {
		case short && c.Dev:
			logger.Warn("a secret is short enough to be guessed; outside development it is refused", "secret", flag, "bytes", len(secret))
		case short:
			return fmt.Errorf("%s has %d bytes and can be guessed: use %d random bytes or more, e.g. of `openssl rand -hex 32`", flag, len(secret), minSecret)
		}
	}
	return nil
}

// mint returns a function that signs tokens for customers' apps, nil without a secret.
func (c serveCommand) mint() func(userID string, ttl time.Duration) (string, error) {
	if c.JWTSecret == "" {
		return nil
	}
	return func(userID string, ttl time.Duration) (string, error) {
		return auth.Mint(c.JWTSecret, auth.Grant{Subject: userID, UserClaim: c.UserClaim, Issuer: c.JWTIssuer, Audience: c.JWTAudience, TTL: ttl})
	}
}

// baseURL returns an address of the server that this machine's browser can open.
func baseURL(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
