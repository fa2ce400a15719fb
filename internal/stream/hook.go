package stream

import (
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// maxHook is the maximum size of a webhook's call, in bytes, uncompressed. Stream's calls have a
// few kilobytes.
const maxHook = 1 << 20

// maxAhead is how far Stream's clock may be ahead of ours.
const maxAhead = 5 * time.Minute

var (
	errUnsigned = errors.New("the signature is not that of the app's secret")
	errOld      = errors.New("the event is older than a day, or not dated")
)

// ServeHook handles a call of Stream's webhooks. It refuses calls that aren't signed with
// the app's secret, or are older than a day. A repeated call has no further effect.
func (p *Provider) ServeHook(w http.ResponseWriter, r *http.Request) {
	status := http.StatusOK
	if err := p.takeHook(w, r); err != nil {
		status = hookStatus(err)
		p.logger.Warn("a webhook's call was refused", "status", status, "cause", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "{}\n")
}

// hookStatus returns the status of the answer to Stream, which repeats the call after any error.
func hookStatus(err error) int {
	tooLarge, _ := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge != nil:
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errUnsigned):
		return http.StatusUnauthorized
	case errors.Is(err, errOld) || chat.CodeOf(err) == chat.InvalidArguments:
		return http.StatusBadRequest
	}
	return http.StatusServiceUnavailable
}

func (p *Provider) takeHook(w http.ResponseWriter, r *http.Request) error {
	body, err := hookBody(w, r)
	if err != nil {
		return err
	}
	given, err := hex.DecodeString(r.Header.Get("X-Signature"))
	if err != nil || !hmac.Equal(given, signature(p.secret, body)) {
		return errUnsigned
	}
	var e hookEvent
	if json.Unmarshal(body, &e) != nil || !e.storable() {
		return chat.Invalid("", "The event is not the JSON of an event.")
	}
	if at := e.CreatedAt.Time; time.Since(at) > hookLifetime || time.Until(at) > maxAhead {
		return errOld
	}
	id := r.Header.Get("X-Webhook-Id")
	if id == "" || len(id) > chat.MaxKeyLength || !chat.WellFormed([]byte(id)) {
		sum := sha256.Sum256(body)
		id = hex.EncodeToString(sum[:])
	}
	return p.hooked(r.Context(), id, e)
}

func signature(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}

// hookBody reads and uncompresses a call. The signature is that of the uncompressed body.
func hookBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	reader := io.Reader(http.MaxBytesReader(w, r.Body, maxHook))
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(reader)
		if err != nil {
			return nil, errors.Join(chat.Invalid("", "The event is not gzip."), err)
		}
		reader = io.LimitReader(unpacked, maxHook+1)
	}
	body, err := io.ReadAll(reader)
	if err == nil && len(body) > maxHook {
		err = &http.MaxBytesError{Limit: maxHook}
	}
	return body, err
}

// hooked writes an event to the logs, once, and stores which channel or user must be read again for
// lists.
func (p *Provider) hooked(ctx context.Context, id string, e hookEvent) error {
	logs := p.sightings(e)
	err := p.store.Write(ctx, func(tx *sqlstore.Tx) error {
		first, err := tx.TakeHookCall(id, time.Now())
		if err != nil || !first {
			return err
		}
		if e.Type == string(chat.ChannelDeleted) {
			if err := p.endIn(tx, e.cid(), p.user(e.User), e.CreatedAt.Time); err != nil {
				return err
			}
		}
		for _, subject := range e.changes() {
			if err := tx.NoteHostedChange(subject); err != nil {
				return err
			}
		}
		if p.Sends() {
			if err := beginLogs(tx, logs); err != nil {
				return err
			}
		}
		return p.tellIn(tx, logs...)
	})
	p.openings.forget()
	return err
}

// beginLogs creates the logs that the sightings belong to, starting now, since webhooks receive
// only what is in logs.
func beginLogs(tx *sqlstore.Tx, logs []told) error {
	for _, t := range logs {
		log, found, err := tx.HoldHostedLog(t.cid)
		switch {
		case err != nil:
			return err
		case len(t.seen) == 0 || found && !log.Begun.IsZero():
			continue
		}
		at := t.seen[0].at
		if m := t.seen[0].message; m != nil {
			at = m.changedAt()
		}
		if _, err := tx.BeginHostedLog(t.cid, at, at); err != nil {
			return err
		}
	}
	return nil
}
