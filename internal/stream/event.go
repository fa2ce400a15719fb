package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/feed"
	"backchannel/internal/sqlstore"
)

// Subscribe implements chat.Provider.
func (p *Provider) Subscribe(ctx context.Context, req chat.Subscribe) (chat.Feed, error) {
	if err := p.MayRead(ctx, req.By, req.CID); err != nil {
		return chat.Feed{}, err
	}
	if err := p.ensureBackOfficeLog(ctx); err != nil {
		return chat.Feed{}, err
	}
	if err := p.ensureLog(ctx, req.CID); err != nil {
		return chat.Feed{}, err
	}
	return p.listen(ctx, req.CID, req.After)
}

// SubscribeBackOffice implements chat.Provider.
func (p *Provider) SubscribeBackOffice(ctx context.Context, after *int64) (chat.Feed, error) {
	if err := p.ensureBackOfficeLog(ctx); err != nil {
		return chat.Feed{}, err
	}
	return p.listen(ctx, chat.CID{}, after)
}

func (p *Provider) listen(ctx context.Context, cid chat.CID, after *int64) (chat.Feed, error) {
	f, err := p.hub.Open(ctx, cid, p.log(cid), after)
	if err != nil {
		return f, err
	}
	if err := p.want(ctx, cid); err != nil {
		f.Close()
		return chat.Feed{}, err
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return f, nil
}

// want records that a log has subscribers here, and also the back office's log, which has changes
// of rights.
func (p *Provider) want(ctx context.Context, cids ...chat.CID) error {
	return p.store.Write(ctx, func(tx *sqlstore.Tx) error { return tx.WantHosted(cids, wantedFor) })
}

// ensureLog creates a channel's log unless there is one that continues.
func (p *Provider) ensureLog(ctx context.Context, cid chat.CID) error {
	log, found, err := p.store.HostedLog(ctx, cid)
	if err != nil || found && !stale(log) {
		return err
	}
	_, err = p.Channel(ctx, cid)
	return err
}

// ensureBackOfficeLog creates the back office's log unless there is one that continues.
func (p *Provider) ensureBackOfficeLog(ctx context.Context) error {
	log, found, err := p.store.HostedLog(ctx, chat.CID{})
	if err != nil || found && !stale(log) {
		return err
	}
	channels, err := p.channelPage(ctx, object{}, lastChangedFirst, 0, ChannelPageSize)
	if err != nil {
		return err
	}
	users, err := p.userPage(ctx, object{}, lastChangedFirst, 0, UserPageSize)
	if err != nil {
		return err
	}
	return p.store.Write(ctx, func(tx *sqlstore.Tx) error {
		log, found, err := tx.HoldHostedLog(chat.CID{})
		if err != nil || found && !stale(log) {
			return err
		}
		return p.beginBackOfficeLog(tx, channels, users)
	})
}

// beginBackOfficeLog creates the back office's log. It starts after the last changes of channels
// and users.
func (p *Provider) beginBackOfficeLog(tx *sqlstore.Tx, channels []wireChannel, users []wireUser) error {
	newest := time.Unix(1, 0)
	var seen []sighting
	see := func(s sighting) {
		s.silent = true
		seen = append(seen, s)
		if s.at.After(newest) {
			newest = s.at
		}
	}
	for _, w := range channels {
		see(sawChannel(w.channel(), chat.User{}, w.UpdatedAt.Time, true))
	}
	for _, w := range users {
		see(sawRole(p.user(w), w.UpdatedAt.Time, true))
		see(sawBan(chat.CID{}, p.user(w), w.Banned, w.UpdatedAt.Time))
	}
	log, err := tx.BeginHostedLog(chat.CID{}, newest, newest)
	for _, s := range seen {
		if err == nil {
			err = p.tellOne(tx, log, s, 0)
		}
	}
	return err
}

// log returns the log of a channel, or of the back office.
func (p *Provider) log(cid chat.CID) feed.Log {
	find := func(ctx context.Context) (sqlstore.HostedLog, error) {
		log, found, err := p.store.HostedLog(ctx, cid)
		if err == nil && (!found || log.Begun.IsZero()) {
			err = chat.NoChannel("cid")
		}
		return log, err
	}
	return feed.Log{
		End: func(ctx context.Context) (sqlstore.LogEnd, error) {
			log, err := find(ctx)
			return log.LogEnd, err
		},
		Read: func(ctx context.Context, part sqlstore.Span) ([]chat.Event, error) {
			log, err := find(ctx)
			if err != nil {
				return nil, err
			}
			return p.store.HostedEvents(ctx, log, part, messageSubject, func(state string) (*chat.Message, error) { return p.keptMessage(cid, state) })
		},
	}
}

// keptMessage decodes the stored state of a channel's message.
func (p *Provider) keptMessage(cid chat.CID, state string) (*chat.Message, error) {
	var w wireMessage
	if err := json.Unmarshal([]byte(state), &w); err != nil {
		return nil, fmt.Errorf("reading a message's state: %w", err)
	}
	m := p.message(cid, w)
	m.Seq = m.CreatedAt.UnixMicro()
	return &m, nil
}

func noSignals() error {
	return chat.Lacking("Typing, presence and the app's own events come from Stream itself here: connect the app with Stream's SDK and a Stream user token.")
}

// SubscribeUser implements chat.Provider. Stream has no such feature for servers.
func (p *Provider) SubscribeUser(context.Context, chat.Actor) (chat.Feed, error) {
	return chat.Feed{}, noSignals()
}

// Signal implements chat.Provider. Stream has no such feature for servers.
func (p *Provider) Signal(context.Context, chat.Actor, chat.CID, chat.EventType) error {
	return noSignals()
}

// Attend implements chat.Provider. It has no effect: Stream shows its own apps who is present.
func (p *Provider) Attend(context.Context, chat.Actor, chat.CID) (func(), error) {
	return func() {}, nil
}
