package sqlstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/chat"
)

// Made is a target of a change, with the channel's current cid.
type Made struct {
	chat.ChangeTarget
	channel int64
}

// MadeBy returns the targets of a change that it affected; only the one with the number part,
// unless that is 0.
func (tx *Tx) MadeBy(change, part int64) ([]Made, error) {
	list, err := TxCollect(tx, scanTarget, `SELECT kind, cid, channel_no, user_id, item, state_before, state_after FROM change_targets
		WHERE change = $1 AND (no = $2 OR $2 = 0) ORDER BY no`, change, part)
	made := make([]Made, 0, len(list))
	for _, t := range list {
		if t.Before != t.After {
			made = append(made, Made(t))
		}
	}
	return made, err
}

// Differs returns what has changed since a change: columns or, if the thing itself or its channel
// was created or removed, "*". It updates the cid.
func (tx *Tx) Differs(m *Made) ([]string, error) {
	if m.channel != 0 {
		cid, found, err := TxFirst(tx, ScanValue[string], `SELECT cid FROM channels WHERE no = $1`, m.channel)
		if err != nil || !found {
			return []string{"*"}, err
		}
		m.CID = SplitCID(cid)
	}
	now, err := tx.stateOf(target(*m))
	if err != nil {
		return nil, err
	}
	left, err := decodeState(m.After)
	switch {
	case err != nil:
		return nil, err
	case (now == nil) != (left == nil):
		return []string{"*"}, nil
	}
	var list []string
	for column, v := range left {
		if !stateRows[m.Kind].drifts(column) && !sameValue(now[column], v) {
			list = append(list, column)
		}
	}
	slices.Sort(list)
	return list, nil
}

func (r stateRow) drifts(column string) bool {
	return slices.ContainsFunc(r.columns, func(c stateColumn) bool { return c.name == column && c.kind == drifting })
}

// LastChange returns the newest record after a change, 0 for all, that changed a thing or removed
// its channel, and whether there is one. Failed changes are ignored.
func (tx *Tx) LastChange(t chat.ChangeTarget, after int64) (chat.Change, bool, error) {
	return TxFirst(tx, scanChange, `SELECT `+changeColumns+` FROM changes h WHERE h.no = (SELECT MAX(t.change) FROM change_targets t JOIN changes c ON c.no = t.change
		WHERE c.outcome <> 'failed' AND t.kind = $1 AND t.cid = $2 AND t.user_id = $3 AND t.item = $4 AND t.change > $5
			AND (t.state_before <> t.state_after OR t.kind = 'channel'))`,
		string(t.Kind), cidOrNone(t.CID), t.UserID, t.Item, after)
}

// PutBack restores the state of a thing before a change. Nothing may differ.
func (tx *Tx) PutBack(m Made, at time.Time) error {
	before, err := decodeState(m.Before)
	if err != nil {
		return err
	}
	return tx.tracked(target(m), func() error {
		r := stateRows[m.Kind]
		switch {
		case before == nil:
			_, err = tx.Change(`DELETE FROM `+r.table+` WHERE `+r.where(0), target(m).keyOf()...)
		case m.After == "":
			err = tx.insertState(r, target(m), before)
		default:
			err = tx.updateState(r, target(m), before, at)
		}
		return errors.Join(err, tx.followed(m, before))
	})
}

// followed updates what is derived from a row that was created, removed or changed.
func (tx *Tx) followed(m Made, before state) error {
	switch m.Kind {
	case chat.UserTarget:
		tx.UserChanged(m.UserID)
		_, named := before["name"]
		if tx.onSQLite() && (named || m.After == "") {
			return tx.renamed(m.UserID)
		}
	case chat.ChannelTarget:
		_, err := tx.channelsChanged()
		return err
	case chat.SettingTarget:
		_, err := tx.Change(`UPDATE counters SET value = value + 1 WHERE name = 'settings'`)
		return err
	case chat.WebhookTarget:
		_, err := tx.Change(`UPDATE webhook_endpoints SET version = version + 1 WHERE id = $1`, m.Item)
		return err
	case chat.MemberTarget:
		step := int64(1)
		if before == nil {
			step = -1
		}
		if before == nil || m.After == "" {
			_, err := tx.counted(m.CID, step, 1, nil)
			return err
		}
	case chat.MessageTarget:
		if !slices.ContainsFunc([]string{"text", "attachments", "mentions"}, func(c string) bool { _, has := before[c]; return has }) &&
			!before.hasMember("custom") {
			return nil
		}
		_, err := tx.Change(`DELETE FROM message_versions WHERE message = $1 AND no = (SELECT MAX(no) FROM message_versions WHERE message = $1)`, m.Item)
		return err
	}
	return nil
}

func (s state) hasMember(column string) bool {
	for name := range s {
		if strings.HasPrefix(name, column+".") {
			return true
		}
	}
	return false
}

func (tx *Tx) insertState(r stateRow, t target, s state) error {
	names, args := slices.Clone(r.key), t.keyOf()
	for _, c := range r.columns {
		value, err := s.column(c, nil)
		if err != nil {
			return err
		}
		names, args = append(names, c.name), append(args, value)
	}
	marks := make([]string, len(names))
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	_, err := tx.Change(`INSERT INTO `+r.table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, args...)
	return err
}

// updateState sets the columns that a state contains.
func (tx *Tx) updateState(r stateRow, t target, s state, at time.Time) error {
	now, err := tx.stateOf(t)
	if err != nil {
		return err
	}
	var sets []string
	args := t.keyOf()
	set := func(column string, value any) {
		args = append(args, value)
		sets = append(sets, column+" = $"+strconv.Itoa(len(args)))
	}
	for _, c := range r.columns {
		_, has := s[c.name]
		if !has && (c.kind != object || !s.hasMember(c.name)) {
			continue
		}
		value, err := s.column(c, now)
		if err != nil {
			return err
		}
		set(c.name, value)
	}
	if r.dated {
		set("updated_at", Micros(at))
	}
	_, err = tx.Change(`UPDATE `+r.table+` SET `+strings.Join(sets, ", ")+` WHERE `+r.where(0), args...)
	return err
}

// column returns a column's value in a state. Members of a JSON object that the state doesn't
// contain are those of the state beneath.
func (s state) column(c stateColumn, beneath state) (any, error) {
	if c.kind != object {
		return s[c.name], nil
	}
	members := map[string]any{}
	for _, from := range []state{beneath, s} {
		for name, v := range from {
			member, ours := strings.CutPrefix(name, c.name+".")
			switch {
			case !ours:
			case v == nil:
				delete(members, member)
			default:
				members[member] = v
			}
		}
	}
	return ToObject(members)
}

// decodeState decodes the result of encode. Integers are int64, as in columns.
func decodeState(text string) (state, error) {
	if text == "" {
		return nil, nil
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("reading a record's state: %w", err)
	}
	s := make(state, len(raw))
	for name, v := range raw {
		switch {
		case bytes.Equal(v, []byte("null")):
			s[name] = nil
		case strings.Contains(name, "."): // member of an object: unchanged
			s[name] = v
		default:
			var value any
			if err := json.Unmarshal(v, &value); err != nil {
				return nil, fmt.Errorf("reading a record's state: %w", err)
			}
			if _, number := value.(float64); number {
				n, err := strconv.ParseInt(string(v), 10, 64)
				if err != nil {
					return nil, fmt.Errorf("reading a record's state: %w", err)
				}
				value = n
			}
			s[name] = value
		}
	}
	return s, nil
}
