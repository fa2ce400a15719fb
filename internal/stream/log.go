package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Stream has no log that a server could read, so the logs of channels and of the back office are
// kept here. Their sources are this server's writes, Stream's webhooks, and the poller (poll.go).
// These report the same changes, possibly late, repeatedly or in another order. So the last state
// of each thing is stored with the log, and only newer states are events.

const (
	// openEdge is the maximum delay until a message appears in Stream's answers.
	openEdge = 5 * time.Second
	// maxIdle is the time without use after which a log starts anew.
	maxIdle = time.Hour
)

// sighting is something that was observed at Stream.
type sighting struct {
	kind    chat.EventType // for a message "" to find out by comparison
	cid     chat.CID       // for the back office: the channel that it is about, if any
	user    chat.User      // the user who did it, or to whom it was done; without id the message's sender
	message *wireMessage
	detail  string         // a reaction's type, or how far a member has read
	at      time.Time      // Stream's time; zero for a change made here, of the user as last updated before it, and for a message as read
	subject string         // identifies the thing with state; "" if every sighting is an event; for a message it is the message
	state   string         // the current state of the subject
	silent  bool           // don't record an event if the subject was unknown
	first   chat.EventType // the event if the subject was unknown; "" for kind
}

// told are the sightings for one log.
type told struct {
	cid  chat.CID // zero for the back office
	seen []sighting
	// asked is where the log ended before Stream was asked for what was seen; 0 if Stream said it of
	// itself, or in answer to a change.
	asked int64
	own   bool // the changes were made here
}

// tell appends to the logs what is new for them. Logs that nobody has asked for don't exist.
func (p *Provider) tell(ctx context.Context, logs ...told) error {
	logs = slices.DeleteFunc(logs, func(t told) bool {
		_, found, err := p.store.HostedLog(ctx, t.cid)
		return err == nil && !found || len(t.seen) == 0
	})
	if len(logs) == 0 {
		return nil
	}
	return p.store.Write(ctx, func(tx *sqlstore.Tx) error { return p.tellIn(tx, logs...) })
}

// tellOwn records this server's own changes. A failure is only logged, since the poller and the
// webhooks report the changes again.
func (p *Provider) tellOwn(ctx context.Context, logs ...told) {
	for i := range logs {
		logs[i].own = true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxRecord)
	defer cancel()
	if err := p.tell(ctx, logs...); err != nil {
		p.logger.Error("a record failed", "record", "telling who listens", "error", err)
	}
}

func (p *Provider) tellIn(tx *sqlstore.Tx, logs ...told) error {
	for _, t := range logs {
		log, found, err := tx.HoldHostedLog(t.cid)
		if err != nil {
			return err
		}
		if !found || log.Begun.IsZero() {
			continue
		}
		for _, s := range t.seen {
			if err := p.tellOne(tx, log, s, t.asked); err != nil {
				return err
			}
			if !t.own || s.key() == "" {
				continue
			}
			if err := unmark(tx, log, s.key()); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellOne appends a sighting if it is news, given the end of the log when Stream was asked.
func (p *Provider) tellOne(tx *sqlstore.Tx, log sqlstore.HostedLog, s sighting, asked int64) error {
	if s.key() == "" {
		return p.append(tx, log, s)
	}
	old, found, err := tx.HostedState(log, s.key())
	if err != nil {
		return err
	}
	news, unsure, err := s.news(log, old, found)
	if err != nil || !news {
		return err
	}
	if asked > 0 {
		if own, err := isOwn(tx, log, s.key()); err != nil || own {
			return err
		}
	}
	if unsure && asked > 0 { // what the log has recorded since is newer; otherwise it will be seen again
		told, err := log.ToldSince(tx, asked, s.message.ID)
		if err != nil || told {
			return err
		}
	}
	if s.message != nil {
		return p.tellMessage(tx, log, s, old, found)
	}
	if !found && s.first != "" {
		s.kind = s.first
	}
	// A change made here doesn't have the time of this server's clock, which may be ahead. It is newer than
	// what the user was before, which the poller may be about to tell.
	at := s.at
	if at.IsZero() {
		at = old.At
		if s.user.UpdatedAt.After(at) {
			at = s.user.UpdatedAt
		}
		at = at.Add(time.Microsecond)
	}
	if err := tx.PutHostedState(log, s.subject, sqlstore.HostedState{State: s.state, At: at}); err != nil || s.silent && !found {
		return err
	}
	return p.append(tx, log, s)
}

// key returns the key of the subject's state; "" for none.
func (s sighting) key() string {
	if s.message != nil && s.subject == "" {
		return messageSubject(s.message.ID)
	}
	return s.subject
}

// news reports whether a sighting is newer than the stored state. It is unsure about a message with
// the same time but other content, since reactions don't change a message's time.
func (s sighting) news(log sqlstore.HostedLog, old sqlstore.HostedState, found bool) (news, unsure bool, err error) {
	switch {
	case s.subject != "":
		return !found || old.State != s.state && (s.at.IsZero() || !s.at.Before(old.At)), false, nil
	case !found:
		return !s.message.changedAt().Before(log.Begun), false, nil // otherwise it was so before
	}
	var w wireMessage
	if err := json.Unmarshal([]byte(old.State), &w); err != nil {
		return false, false, fmt.Errorf("reading a message's state: %w", err)
	}
	switch now, before := s.message.changedAt(), w.changedAt(); {
	case now.Before(before) || s.message.same(w):
		return false, false, nil
	case now.Equal(before):
		return s.at.IsZero() || !s.at.Before(old.At), true, nil
	}
	return true, false, nil
}

// newsOf returns the sightings that are news to a log. It doesn't lock the log, so others may
// record them in the meantime.
func (p *Provider) newsOf(ctx context.Context, log sqlstore.HostedLog, list []sighting) (fresh []sighting, err error) {
	keys := make([]string, len(list))
	for i, s := range list {
		keys[i] = s.key()
	}
	states, err := p.store.HostedStates(ctx, log, keys)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		old, found := states[s.key()]
		news, _, err := s.news(log, old, found)
		if err != nil {
			return nil, err
		}
		if news {
			fresh = append(fresh, s)
		}
	}
	return fresh, nil
}

// append adds an entry to a log and wakes its subscribers when it is durable.
func (p *Provider) append(tx *sqlstore.Tx, log sqlstore.HostedLog, s sighting) error {
	at := s.at
	if at.IsZero() {
		at = time.Now()
	}
	s.user.Name, s.detail = withoutNUL(s.user.Name), withoutNUL(s.detail)
	e := sqlstore.Entry{Type: s.kind, CID: log.CID, User: s.user.ID, Detail: s.detail, At: at}
	if log.CID == (chat.CID{}) {
		e.CID = s.cid
	}
	if s.message != nil {
		e.Message = s.message.ID
	}
	if s.user.ID != "" && (s.user.Name != "" || s.user.Role != "") {
		if err := tx.PutHostedUser(s.user, at); err != nil {
			return err
		}
	}
	seq, err := tx.LogHosted(log, e)
	if err != nil {
		return err
	}
	tx.AfterCommit(func() {
		p.hub.Advance(log.CID, seq)
		if access := log.CID == (chat.CID{}) && s.cid == (chat.CID{}); access {
			p.hub.AccessChanged(s.user.ID, time.Now())
		}
	})
	return nil
}

// withoutNUL returns a text that PostgreSQL can store.
func withoutNUL(s string) string { return strings.ReplaceAll(s, "\x00", string(utf8.RuneError)) }

// messageSubject returns the key of a message's state.
func messageSubject(id string) string { return "message " + id }

func channelSubject(cid chat.CID) string { return "channel " + cid.String() }

// tellMessage appends what is new about a message.
func (p *Provider) tellMessage(tx *sqlstore.Tx, log sqlstore.HostedLog, s sighting, old sqlstore.HostedState, known bool) error {
	if err := putMessage(tx, log, *s.message, s.at, old.At); err != nil {
		return err
	}
	s.at = s.message.changedAt()
	switch {
	case !s.message.deletedAt().IsZero():
		s.kind = chat.MessageDeleted
	case !known && !s.message.CreatedAt.Before(log.Begun):
		s.kind, s.user, s.at = chat.MessageNew, chat.User{}, s.message.CreatedAt.Time
	case s.kind == "":
		s.kind = chat.MessageUpdated
	}
	if s.user.ID == "" {
		s.user = p.user(s.message.User)
	}
	return p.append(tx, log, s)
}

// putMessage stores the state of a message, without the content of a deleted one. Its time is the
// message's last change, or the latest of the given times if that is later.
func putMessage(tx *sqlstore.Tx, log sqlstore.HostedLog, w wireMessage, times ...time.Time) error {
	at := w.changedAt()
	for _, other := range times {
		if other.After(at) {
			at = other
		}
	}
	if !w.deletedAt().IsZero() {
		w.Text, w.Attachments, w.Mentioned, w.Reactions = "", nil, nil, nil
	}
	text, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("encoding a message's state: %w", err)
	}
	// Attachments are unchanged, except that PostgreSQL accepts only UTF-8.
	state := strings.ToValidUTF8(string(text), string(utf8.RuneError))
	return tx.PutHostedState(log, messageSubject(w.ID), sqlstore.HostedState{State: state, At: at})
}

// changedAt returns when a message was last changed.
func (w wireMessage) changedAt() time.Time {
	at := w.CreatedAt.Time
	for _, m := range []*moment{w.UpdatedAt, w.EditedAt, w.DeletedAt} {
		if later := orZero(m); later.After(at) {
			at = later
		}
	}
	return at
}

// same reports whether a message is shown the same as before.
func (w wireMessage) same(old wireMessage) bool {
	deleted := !w.deletedAt().IsZero()
	if deleted || !old.deletedAt().IsZero() {
		return deleted == !old.deletedAt().IsZero()
	}
	return w.Text == old.Text && w.Pinned == old.Pinned && w.Shadowed == old.Shadowed &&
		orZero(w.EditedAt).Equal(orZero(old.EditedAt)) &&
		slices.Equal(w.mentioned(), old.mentioned()) && len(w.Visibility) == len(old.Visibility) &&
		slices.EqualFunc(w.Attachments, old.Attachments, sameJSON) &&
		sameReactions(w.Reactions, old.Reactions) && sameReactions(old.Reactions, w.Reactions)
}

// sameJSON reports whether two texts have the same JSON value: a stored text has other spaces and
// escapes than Stream's answer.
func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return bytes.Equal(a, b) || json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func sameReactions(a, b map[string]int) bool {
	for word, n := range a {
		if n != b[word] {
			return false
		}
	}
	return true
}

// The other things in logs. Each function returns the state, and the event if it is new.

func sawRead(user chat.User, seq int64, at time.Time, silent bool) sighting {
	text := strconv.FormatInt(seq, 10)
	return sighting{kind: chat.MessageRead, user: user, detail: text, at: at, subject: "read " + user.ID, state: text, silent: silent}
}

func sawMember(user chat.User, member bool, at time.Time) sighting {
	kind := chat.MemberRemoved
	if member {
		kind = chat.MemberAdded
	}
	return sighting{kind: kind, user: user, at: at, subject: "member " + user.ID, state: strconv.FormatBool(member)}
}

func sawBan(cid chat.CID, user chat.User, banned bool, at time.Time) sighting {
	kind := chat.UserUnbanned
	if banned {
		kind = chat.UserBanned
	}
	return sighting{kind: kind, cid: cid, user: user, at: at, subject: "ban " + hostedCID(cid) + " " + user.ID, state: strconv.FormatBool(banned)}
}

// sawChannel returns a sighting of a channel itself.
func sawChannel(c chat.Channel, by chat.User, at time.Time, silent bool) sighting {
	state := strconv.Quote(c.Name) + " " + strconv.Quote(c.Avatar) + " " + strconv.FormatBool(c.Frozen)
	return sighting{kind: chat.ChannelUpdated, cid: c.CID, user: by, at: at, subject: channelSubject(c.CID), state: state, silent: silent}
}

func sawRole(user chat.User, at time.Time, silent bool) sighting {
	return sighting{kind: chat.UserUpdated, user: user, at: at, subject: "role " + user.ID, state: string(user.Role), silent: silent}
}

func hostedCID(cid chat.CID) string {
	if cid == (chat.CID{}) {
		return ""
	}
	return cid.String()
}

// beginLog creates a channel's log, or starts one anew that wasn't used for long, with the
// channel's state when it was opened.
func (p *Provider) beginLog(tx *sqlstore.Tx, cid chat.CID, o opened) (sqlstore.HostedLog, error) {
	newest := o.newest()
	if newest.Before(o.channel.CreatedAt.Time) {
		newest = o.channel.CreatedAt.Time
	}
	begun := newest.Add(-openEdge)
	if begun.Before(o.channel.CreatedAt.Time) {
		begun = o.channel.CreatedAt.Time
	}
	log, err := tx.BeginHostedLog(cid, begun, newest)
	if err != nil {
		return log, err
	}
	for _, m := range o.all() {
		if m.changedAt().Before(begun) {
			continue
		}
		if err := putMessage(tx, log, m); err != nil {
			return log, err
		}
	}
	for _, s := range p.others(log, o, true) {
		if err := p.tellOne(tx, log, s, 0); err != nil {
			return log, err
		}
	}
	return log, nil
}

// others returns what came with a channel besides its messages. Things that were unknown are stored
// without an event; at first, all are.
func (p *Provider) others(log sqlstore.HostedLog, o opened, first bool) []sighting {
	list := []sighting{sawChannel(o.channel.channel(), chat.User{ID: creatorOf(o.channel)}, o.channel.UpdatedAt.Time, true)}
	for _, r := range o.read {
		seq := r.LastRead.UnixMicro()
		for _, m := range o.messages {
			if m.ID == r.MessageID {
				seq = m.CreatedAt.UnixMicro()
			}
		}
		old := first || !r.LastRead.After(log.Begun)
		list = append(list, sawRead(p.user(r.User), seq, r.LastRead.Time, old))
	}
	return list
}

func creatorOf(w wireChannel) string {
	if w.CreatedBy == nil {
		return serverUser
	}
	return w.CreatedBy.ID
}

// logOf returns a channel's log after adding what was opened of the channel. So a client that has
// read the channel and resumes from the log's end misses nothing and gets nothing twice.
func (p *Provider) logOf(ctx context.Context, cid chat.CID, o opened) (sqlstore.HostedLog, error) {
	log, found, err := p.store.HostedLog(ctx, cid)
	if err != nil || found && !o.ahead(log) && !stale(log) {
		return log, err
	}
	err = p.store.Write(ctx, func(tx *sqlstore.Tx) (err error) {
		log, err = p.goOn(tx, cid, o)
		return err
	})
	if err != nil {
		return log, err
	}
	log, _, err = p.store.HostedLog(ctx, cid)
	return log, err
}

// goOn continues a log with what was opened of its channel.
func (p *Provider) goOn(tx *sqlstore.Tx, cid chat.CID, o opened) (sqlstore.HostedLog, error) {
	log, found, err := tx.HoldHostedLog(cid)
	switch {
	case err != nil:
		return log, err
	case !found || stale(log) || o.gap(log):
		return p.beginLog(tx, cid, o)
	}
	for _, s := range p.seen(log, o) {
		if err := p.tellOne(tx, log, s, o.asked); err != nil {
			return log, err
		}
	}
	return log, tx.FollowedHosted(log, o.newest(), time.Time{})
}

// seen returns all sightings in what was opened of a channel.
func (p *Provider) seen(log sqlstore.HostedLog, o opened) []sighting {
	others := p.others(log, o, false)
	messages := o.all()
	list := make([]sighting, 0, len(messages)+len(others))
	for i := range messages {
		list = append(list, sighting{message: &messages[i]})
	}
	return append(list, others...)
}

func stale(log sqlstore.HostedLog) bool { return log.Begun.IsZero() || log.Idle > maxIdle }

// all returns the opened messages, ordered by time.
func (o opened) all() []wireMessage {
	list := slices.Concat(o.messages, o.replies)
	slices.SortStableFunc(list, func(a, b wireMessage) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	return list
}

// newest returns the time of the newest change in what was opened.
func (o opened) newest() (at time.Time) {
	for _, m := range slices.Concat(o.messages, o.replies) {
		if changed := m.changedAt(); changed.After(at) {
			at = changed
		}
	}
	return at
}

// ahead reports whether a channel may have changes that its log lacks.
func (o opened) ahead(log sqlstore.HostedLog) bool { return o.newest().After(log.Newest) }

// gap reports whether messages may be missing between a log without subscribers and what was
// opened. If a log has subscribers, a search finds them.
func (o opened) gap(log sqlstore.HostedLog) bool {
	return log.Idle > wantedFor && len(o.messages) >= o.limit && o.messages[0].CreatedAt.After(log.Newest)
}
