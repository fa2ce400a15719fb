package sqlstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"backchannel/internal/chat"
)

// stateRow describes where the state of a kind of target is stored: the table, the columns of its
// key, and the columns whose values are recorded.
type stateRow struct {
	table   string
	key     []string
	columns []stateColumn
	dated   bool // it has updated_at, the time of the last change
}

type stateColumn struct {
	name string
	kind columnKind
}

type columnKind int

const (
	plain    columnKind = iota // a text or number
	flag                       // a boolean
	object                     // JSON; each of its members is recorded separately
	drifting                   // changed by others than the staff: recorded but never compared
)

// stateRows are the kinds of targets whose state is recorded. Other columns are derived, or are the
// row's version.
var stateRows = map[chat.TargetKind]stateRow{
	chat.ChannelTarget: {"channels", []string{"no"}, []stateColumn{{"name", plain}, {"name_key", plain}, {"name_text", plain}, {"avatar", plain},
		{"frozen", flag}, {"disabled", flag}, {"cooldown", plain}, {"custom", object}, {"extra", object}, {"created_by", plain}}, true},
	chat.UserTarget: {"users", []string{"id"}, []stateColumn{{"name", plain}, {"name_key", plain}, {"name_text", plain}, {"role", plain},
		{"custom", object}, {"extra", object}, {"deactivated_at", plain}, {"deleted_at", plain}, {"tokens_after", plain}}, true},
	chat.MemberTarget: {"members", []string{"channel", "user_id"}, []stateColumn{{"role", plain}, {"custom", object}, {"extra", object},
		{"added_at", plain}, {"updated_at", drifting}, {"read_at", drifting}, {"read_seq", drifting}, {"pinned_at", drifting}, {"archived_at", drifting}}, false},
	chat.MessageTarget: {"messages", []string{"id"}, []stateColumn{{"text", plain}, {"text_key", plain}, {"attachments", plain}, {"mentions", plain},
		{"parent", plain}, {"custom", object}, {"extra", object}, {"edited_at", plain}, {"pinned_at", plain}, {"pin_expires", plain},
		{"deleted_at", plain}, {"aside", flag}, {"type", plain}, {"erased", flag}}, true},
	chat.RestrictionTarget: {"restrictions", []string{"user_id", "channel", "kind"}, []stateColumn{{"until", plain}, {"made_by", plain}, {"reason", plain},
		{"created_at", plain}}, false},
	// Its secrets are never recorded.
	chat.WebhookTarget: {"webhook_endpoints", []string{"id"}, []stateColumn{{"url", plain}, {"description", plain}, {"events", plain}, {"enabled", flag}}, true},
	chat.SettingTarget: {"settings", []string{"kind", "name"}, []stateColumn{{"body", object}, {"created_at", plain}, {"updated_at", drifting}}, false},
}

// keptSecret are members of JSON objects that may contain secrets: they are never recorded, and
// undo doesn't change them.
var keptSecret = map[string]bool{"settings.body.event_hooks": true}

// keyOf returns the key of a target's row.
func (t target) keyOf() []any {
	switch t.Kind {
	case chat.ChannelTarget:
		return []any{t.channel}
	case chat.UserTarget:
		return []any{t.UserID}
	case chat.MemberTarget:
		return []any{t.channel, t.UserID}
	case chat.MessageTarget, chat.WebhookTarget:
		return []any{t.Item}
	case chat.RestrictionTarget:
		return []any{t.UserID, t.channel, t.Item}
	case chat.SettingTarget:
		kind, name, _ := strings.Cut(t.Item, " ")
		return []any{kind, name}
	}
	return nil
}

// state has the values of a row by column; members of a JSON object are under column.member. It is
// nil if the row doesn't exist.
type state map[string]any

// tracked runs write and records the target with its state before and after.
func (tx *Tx) tracked(t target, write func() error) error {
	r := tx.recording
	if r == nil {
		return write()
	}
	if r.users != nil && t.Kind == chat.UserTarget {
		r.users[t.UserID] = true
		return write()
	}
	before, err := tx.locate(&t)
	if err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	after, err := tx.locate(&t)
	if err != nil {
		return err
	}
	r.add(t, before, after)
	return nil
}

func (r *record) add(t target, before, after state) {
	if erased, _ := after["erased"].(bool); !erased { // content that was erased isn't recorded
		t.Before, t.After = before.without(after).encode(), after.without(before).encode()
	}
	r.targets = append(r.targets, t)
}

// TrackUsers runs write, which changes users, and records those that it stores. Their states are
// read together, since reading each takes as long as storing it.
func TrackUsers(tx *Tx, ids []string, write func() error) error {
	r := tx.recording
	if r == nil || len(ids) == 1 {
		return write()
	}
	before, err := tx.userStates(ids)
	if err != nil {
		return err
	}
	r.users = make(map[string]bool, len(ids))
	stored := r.users
	err = write()
	if r.users = nil; err != nil {
		return err
	}
	after, err := tx.userStates(ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if stored[id] {
			delete(stored, id) // it may be in the list again
			r.add(target{ChangeTarget: chat.ChangeTarget{Kind: chat.UserTarget, UserID: id}}, before[id], after[id])
		}
	}
	return nil
}

// userStates returns the states of the users that exist, by id.
func (tx *Tx) userStates(ids []string) (map[string]state, error) {
	r := stateRows[chat.UserTarget]
	type user struct {
		id string
		state
	}
	found := make(map[string]state, len(ids))
	for chunk := range Chunks(ids) {
		marks, args := In(chunk, Same)
		list, err := TxCollect(tx, func(rows Row) (u user, err error) {
			u.state, err = r.scan(following{rows, &u.id})
			return u, err
		}, `SELECT id, `+r.names()+` FROM users WHERE id IN `+marks, args...)
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			found[u.id] = u.state
		}
	}
	return found, nil
}

// following is a row without its first column, which is scanned elsewhere.
type following struct {
	row   Row
	first any
}

// Scan implements Row.
func (f following) Scan(dest ...any) error {
	return f.row.Scan(slices.Insert(dest, 0, f.first)...)
}

// Track is for writes of other packages: it records a target that isn't in a channel, with its
// state before and after.
func Track(tx *Tx, t chat.ChangeTarget, write func() error) error {
	return tx.tracked(target{ChangeTarget: t}, write)
}

// ForgetStates removes the states of a user, or of a message, from the current record.
func ForgetStates(tx *Tx, user, message string) {
	if tx.recording == nil {
		return
	}
	for i := range tx.recording.targets {
		if t := &tx.recording.targets[i]; user != "" && t.UserID == user || message != "" && t.Item == message {
			t.Before, t.After = "", ""
		}
	}
}

// locate returns the state of a target and sets its channel.
func (tx *Tx) locate(t *target) (state, error) {
	if t.channel == 0 && t.CID != (chat.CID{}) {
		no, _, err := TxFirst(tx, ScanValue[int64], `SELECT no FROM channels WHERE cid = $1`, t.CID.String())
		if err != nil || no == 0 {
			return nil, err
		}
		t.channel = no
	}
	return tx.stateOf(*t)
}

func (tx *Tx) stateOf(t target) (state, error) {
	r := stateRows[t.Kind]
	found, exists, err := TxFirst(tx, r.scan, `SELECT `+r.names()+` FROM `+r.table+` WHERE `+r.where(0), t.keyOf()...)
	if err != nil || !exists {
		return nil, err
	}
	return found, nil
}

// names returns the list of the columns.
func (r stateRow) names() string {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// where returns the condition for a target's row, with placeholders numbered after the given
// number.
func (r stateRow) where(after int) string {
	parts := make([]string, len(r.key))
	for i, column := range r.key {
		parts[i] = column + " = $" + strconv.Itoa(after+i+1)
	}
	return strings.Join(parts, " AND ")
}

func (r stateRow) scan(rows Row) (state, error) {
	values, into := make([]any, len(r.columns)), make([]any, len(r.columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	s := state{}
	for i, c := range r.columns {
		switch v := values[i].(type) {
		case int64:
			if c.kind == flag {
				s[c.name] = v != 0
				continue
			}
			s[c.name] = v
		case string:
			if c.kind != object {
				s[c.name] = v
				continue
			}
			var members map[string]json.RawMessage
			if err := json.Unmarshal([]byte(v), &members); err != nil {
				return nil, fmt.Errorf("reading %s.%s: %w", r.table, c.name, err)
			}
			for name, raw := range members {
				if !keptSecret[r.table+"."+c.name+"."+name] {
					s[c.name+"."+name] = raw
				}
			}
		default:
			s[c.name] = v
		}
	}
	return s, nil
}

// without returns the values that differ from another state's; null for values that only the other
// has. Nil stays nil.
func (s state) without(other state) state {
	if s == nil || other == nil {
		return s
	}
	rest := state{}
	for name, v := range s {
		if w, has := other[name]; !has || !sameValue(v, w) {
			rest[name] = v
		}
	}
	for name := range other {
		if _, has := s[name]; !has {
			rest[name] = nil
		}
	}
	return rest
}

func sameValue(a, b any) bool {
	one, _ := json.Marshal(a) // the values come from JSON or a column
	other, _ := json.Marshal(b)
	return bytes.Equal(one, other)
}

func (s state) encode() string {
	if s == nil {
		return ""
	}
	text, _ := json.Marshal(s) // the values come from JSON or a column
	return string(text)
}

// PutUser stores all of a user except its data in other tables.
func (tx *Tx) PutUser(u chat.User) error {
	return tx.tracked(target{ChangeTarget: chat.ChangeTarget{Kind: chat.UserTarget, UserID: u.ID}}, func() error { return tx.putUser(u) })
}

// InsertChannel adds a channel, whose cid must be free. Its log continues where that of a deleted
// channel with the same cid ended.
func (tx *Tx) InsertChannel(c chat.Channel) error {
	return tx.tracked(inChannel(chat.ChannelTarget, c.CID, "", ""), func() error { return tx.insertChannel(c) })
}

// PutChannel stores a channel's own data, but neither its log nor what depends on members and
// messages.
func (tx *Tx) PutChannel(c chat.Channel) error {
	return tx.tracked(inChannel(chat.ChannelTarget, c.CID, "", ""), func() error { return tx.putChannel(c) })
}

// AddMember adds a member and reports whether it is new.
func (tx *Tx) AddMember(m chat.Member) (added bool, err error) {
	err = tx.tracked(inChannel(chat.MemberTarget, m.CID, m.User.ID, ""), func() error {
		added, err = tx.addMember(m)
		return err
	})
	return added, err
}

// RemoveMember removes a member and reports whether it existed.
func (tx *Tx) RemoveMember(cid chat.CID, user string) (removed bool, err error) {
	err = tx.tracked(inChannel(chat.MemberTarget, cid, user, ""), func() error {
		removed, err = tx.removeMember(cid, user)
		return err
	})
	return removed, err
}

// SetMember stores the new state of a member, except for its read state.
func (tx *Tx) SetMember(m chat.Member) error {
	return tx.tracked(inChannel(chat.MemberTarget, m.CID, m.User.ID, ""), func() error { return tx.setMember(m) })
}

// Restrict stores a restriction, or a new end of it.
func (tx *Tx) Restrict(r chat.Restriction) error {
	return tx.tracked(inChannel(chat.RestrictionTarget, r.CID, r.UserID, string(r.Kind)), func() error { return tx.restrict(r) })
}

// LiftRestriction removes a restriction and reports whether it existed.
func (tx *Tx) LiftRestriction(kind chat.RestrictionKind, user string, cid chat.CID) (lifted bool, err error) {
	err = tx.tracked(inChannel(chat.RestrictionTarget, cid, user, string(kind)), func() error {
		lifted, err = tx.liftRestriction(kind, user, cid)
		return err
	})
	return lifted, err
}

// SetMessage stores the new state of a message. Its place in the log and its sender don't change.
func (tx *Tx) SetMessage(m chat.Message) error {
	return tx.tracked(inChannel(chat.MessageTarget, m.CID, m.Sender.ID, m.ID), func() error { return tx.setMessage(m) })
}

func inChannel(kind chat.TargetKind, cid chat.CID, user, item string) target {
	return target{ChangeTarget: chat.ChangeTarget{Kind: kind, CID: cid, UserID: user, Item: item}}
}
