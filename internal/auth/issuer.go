package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const (
	metadataEvery = 10 * time.Minute // between two readings of an issuer's metadata
	metadataRetry = 5 * time.Second  // after a reading that failed
)

// Issuer is an OpenID Connect issuer, whose metadata has the addresses that a browser needs.
type Issuer struct {
	own     string // its own origin
	origins atomic.Pointer[[]string]
}

// OpenIssuer reads the metadata of an issuer, an absolute http or https URL, in the background,
// every ten minutes until ctx ends. It fails only if the URL isn't valid. If the issuer can't be
// reached, it logs that and tries again.
func OpenIssuer(ctx context.Context, issuer string, logger *slog.Logger) (*Issuer, error) {
	own := originOf(issuer)
	if own == "" {
		return nil, fmt.Errorf("the OIDC issuer %q isn't an absolute http or https URL", issuer)
	}
	i := &Issuer{own: own}
	i.origins.Store(&[]string{own})
	go i.keep(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", logger)
	return i, nil
}

// Origins returns the origins to which a browser that signs in sends requests, such as
// https://id.example.com: the issuer's own and those of its endpoints. Until the metadata is read,
// it is only the issuer's own.
func (i *Issuer) Origins() []string { return *i.origins.Load() }

func (i *Issuer) keep(ctx context.Context, where string, logger *slog.Logger) {
	client := newClient()
	failed := false
	for {
		every := metadataEvery
		raw, err := download(ctx, client, where)
		if err == nil {
			err = i.learn(raw)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			every = metadataRetry
			if !failed {
				logger.Warn("the OpenID issuer's metadata can't be read; signing in may fail until it can be", "url", redacted(where), "cause", err)
			}
		case failed:
			logger.Info("the OpenID issuer's metadata is read")
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// learn extracts the origins that a browser sends requests to from the metadata (OpenID Connect
// Discovery 1.0, 3). Pages that the browser opens, such as those for signing in, aren't needed.
func (i *Issuer) learn(raw []byte) error {
	var metadata struct {
		Token      string `json:"token_endpoint"`
		Revocation string `json:"revocation_endpoint"`
	}
	if err := json.Unmarshal(raw, &metadata); err != nil {
		return fmt.Errorf("it is not the metadata of an OpenID issuer: %w", err)
	}
	token := originOf(metadata.Token)
	if token == "" {
		return errors.New("it is not the metadata of an OpenID issuer: no token_endpoint that is an absolute URL")
	}
	origins := []string{i.own}
	for _, origin := range []string{token, originOf(metadata.Revocation)} {
		if origin != "" && !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	i.origins.Store(&origins)
	return nil
}

// plainHost matches hosts that can be put into a content security policy without changing the rest
// of it.
var plainHost = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

// originOf returns the origin of an absolute http or https URL, "" if the address isn't one.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || !plainHost.MatchString(strings.ToLower(u.Host)) {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}
