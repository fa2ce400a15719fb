package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// refreshEvery ensures that a removed key stops working within a minute, even if one refresh
	// fails.
	refreshEvery  = 20 * time.Second
	missingEvery  = 2 * time.Second // while there are no keys
	unknownKeyGap = 5 * time.Second // minimum time between a refresh and one for an unknown key
	fetchTimeout  = 5 * time.Second // for the whole answer
	maxKeySet     = 1 << 20         // bytes
)

// keySource holds the newest keys of a JWKS. A nil keySource has none.
type keySource struct {
	fetch  func() ([]byte, error)
	gap    time.Duration // minimum time between a refresh and one for an unknown key
	logger *slog.Logger  // logs when the JWKS can't be read, and when it can again
	latest atomic.Pointer[keySet]

	mu    sync.Mutex // held during a refresh; guards what follows
	raw   []byte     // what latest was parsed from
	tried time.Time  // when the last refresh ended
	err   error      // how it ended
}

// openKeys reads a JWKS. A URL is read again in the background until ctx ends.
func openKeys(ctx context.Context, where string, logger *slog.Logger) (*keySource, error) {
	remote := isURL(where)
	s := &keySource{gap: math.MaxInt64, logger: logger} // a file is read once
	s.fetch = func() ([]byte, error) { return os.ReadFile(where) }
	if remote {
		client := newClient()
		s.gap = unknownKeyGap
		s.fetch = func() ([]byte, error) { return download(ctx, client, where) }
	}
	s.latest.Store(&keySet{})
	err := s.refresh(0)
	if remote { // its server may start later than ours
		go s.refreshUntil(ctx)
		return s, nil
	}
	if err == nil {
		err = s.ready()
	}
	return s, err
}

// ready returns an error if there are no keys.
func (s *keySource) ready() error {
	if s == nil || len(s.current().keys) > 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return fmt.Errorf("reading the JWKS: %w", s.err)
	}
	return errors.New("the JWKS holds no key for RS256, ES256 or EdDSA")
}

func isURL(where string) bool {
	u, err := url.Parse(where)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

// redacted returns a JWKS setting without the password that its URL may contain.
func redacted(where string) string {
	if u, err := url.Parse(where); err == nil && u.User != nil {
		return u.Redacted()
	}
	return where
}

// current returns the newest keys. The pointer changes only if the JWKS changes.
func (s *keySource) current() *keySet {
	if s == nil {
		return nil
	}
	return s.latest.Load()
}

// find returns the keys that may verify a token. If the key is unknown, it reads the JWKS again,
// unless that was done within the gap.
func (s *keySource) find(alg, kid string) (jwt.VerificationKeySet, error) {
	found := s.current().find(alg, kid)
	if len(found) > 0 {
		return jwt.VerificationKeySet{Keys: found}, nil
	}
	err := s.refresh(s.gap)
	if found = s.current().find(alg, kid); len(found) > 0 {
		return jwt.VerificationKeySet{Keys: found}, nil
	}
	if err != nil {
		return jwt.VerificationKeySet{}, fmt.Errorf("the JWKS has no key %.64q for %s, and reading it again failed: %w", kid, alg, err)
	}
	return jwt.VerificationKeySet{}, fmt.Errorf("the JWKS has no key %.64q for %s", kid, alg)
}

// refresh reads the JWKS again, unless the last refresh ended less than gap ago. It returns the
// error of the last refresh. Concurrent callers wait for a running refresh and share its result.
func (s *keySource) refresh(gap time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.tried.IsZero() && time.Since(s.tried) < gap {
		return s.err
	}
	err := s.replace()
	switch {
	case err != nil && s.err == nil && s.raw != nil: // otherwise see Verifier.Ready
		s.logger.Warn("the issuer's keys can't be read any more; tokens are checked with those read before", "cause", err)
	case err == nil && s.err != nil:
		s.logger.Info("the issuer's keys are read")
	}
	s.err, s.tried = err, time.Now()
	return err
}

// replace replaces the keys by newly read ones if they differ. After an error it keeps the old
// ones.
func (s *keySource) replace() error {
	raw, err := s.fetch()
	if err != nil || (s.raw != nil && bytes.Equal(raw, s.raw)) {
		return err
	}
	set, err := parseKeySet(raw)
	if err != nil {
		return err
	}
	s.raw = raw
	s.latest.Store(set)
	return nil
}

func (s *keySource) refreshUntil(ctx context.Context) {
	for {
		every := refreshEvery
		if len(s.current().keys) == 0 {
			every = missingEvery
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
			_ = s.refresh(0) // the error is stored in s.err for the next unknown key
		}
	}
}

// newClient returns a client that closes its connections after each answer, since they aren't
// needed until the next refresh.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() // with its proxy settings
	transport.DisableKeepAlives = true
	return &http.Client{Timeout: fetchTimeout, Transport: transport}
}

func download(ctx context.Context, client *http.Client, from string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet+1))
	if err == nil && len(raw) > maxKeySet {
		err = fmt.Errorf("it has more than %d bytes", maxKeySet)
	}
	return raw, err
}
