package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// state is Stream's state of a thing that the staff can change, by field; nil if the thing doesn't
// exist. Records contain parts of it.
type state map[string]json.RawMessage

// untilDrift is the tolerance for the end of a ban: Stream counts it in minutes from the arrival of
// the call.
const untilDrift = 2 * time.Minute

func stateOf(fields object) state { return state{}.with(fields) }

// with returns a copy with other values of some fields.
func (s state) with(fields object) state {
	if s == nil && fields == nil {
		return nil
	}
	s = maps.Clone(s)
	if s == nil {
		s = state{}
	}
	for name, v := range fields {
		s[name], _ = json.Marshal(v) // texts, booleans, and values from Stream
	}
	return s
}

// without returns the values that differ from another state's. Nil stays nil.
func (s state) without(other state) state {
	if s == nil || other == nil {
		return s
	}
	rest := state{}
	for name, v := range s {
		if !bytes.Equal(v, other[name]) {
			rest[name] = v
		}
	}
	return rest
}

func (s state) encode() string {
	if s == nil {
		return ""
	}
	text, _ := json.Marshal(s) // the values are JSON
	return string(text)
}

// decodeState decodes the result of encode; nil if the record's state was erased.
func decodeState(text string) (s state) {
	_ = json.Unmarshal([]byte(text), &s)
	return s
}

// text returns a field that is a text.
func (s state) text(field string) (text string) {
	_ = json.Unmarshal(s[field], &text)
	return text
}

// texts returns a field that is a list of texts.
func (s state) texts(field string) (list []string) {
	_ = json.Unmarshal(s[field], &list)
	return list
}

func (s state) flag(field string) bool { return string(s[field]) == "true" }

// matches reports whether a thing has the recorded state.
func (s state) matches(t chat.ChangeTarget, recorded string) bool {
	if (s == nil) != (recorded == "") {
		return false
	}
	said := decodeState(recorded)
	if _, named := said[deletedField]; t.Kind == chat.MessageTarget && s.flag(deletedField) && !named {
		return false
	}
	return len(s.differs(said)) == 0
}

// differs returns the fields that differ from a record.
func (s state) differs(said state) (fields []string) {
	for name, v := range said {
		if name == untilField && near(s.text(name), said.text(name)) {
			continue
		}
		if !bytes.Equal(s[name], v) {
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return fields
}

func near(a, b string) bool {
	one, bad := time.Parse(time.RFC3339, a)
	other, worse := time.Parse(time.RFC3339, b)
	return bad == nil && worse == nil && one.Sub(other).Abs() <= untilDrift
}

// The fields of states, in addition to the name of a channel or user.
const (
	avatarField      = "avatar"
	frozenField      = "frozen"
	roleField        = "role" // Stream's name of the role
	textField        = "text"
	attachmentsField = "attachments"
	mentionsField    = "mentions"
	pinnedField      = "pinned"
	deletedField     = "deleted"
	untilField       = "until" // "" if permanent
	reasonField      = "reason"
	madeByField      = "made_by"
)

func (w wireChannel) state() state {
	return stateOf(object{nameField: w.text(nameField), avatarField: w.text(imageField), frozenField: w.Frozen})
}

func (w wireUser) state() state {
	return stateOf(object{userNameField: w.Name, roleField: w.Role})
}

func (w wireMember) state() state { return stateOf(object{roleField: w.ChannelRole}) }

func (w wireMessage) state() state {
	return stateOf(object{textField: w.Text, attachmentsField: append([]json.RawMessage{}, w.Attachments...), mentionsField: w.mentioned(),
		pinnedField: w.Pinned, deletedField: !w.deletedAt().IsZero()})
}

func (w wireBan) state() state {
	by := ""
	if w.BannedBy != nil {
		by = w.BannedBy.ID
	}
	return banState(orZero(w.Expires), w.Reason, by)
}

func banState(until time.Time, reason, by string) state {
	end := ""
	if !until.IsZero() {
		end = until.UTC().Format(time.RFC3339)
	}
	return stateOf(object{untilField: end, reasonField: reason, madeByField: by})
}

// put returns a channel's state after a partial update.
func (s state) put(set object, unset []string) state {
	fields := object{}
	for name, v := range set {
		fields[recordedField(name)] = v
	}
	for _, name := range unset {
		fields[recordedField(name)] = ""
	}
	return s.with(fields)
}

// recordedField returns the name in records of one of Stream's fields of a channel.
func recordedField(name string) string {
	if name == imageField {
		return avatarField
	}
	return name
}

// statesOf reads the current states from Stream.
func (p *Provider) statesOf(ctx context.Context, targets []chat.ChangeTarget) ([]state, error) {
	list := make([]state, len(targets))
	of := map[chat.TargetKind][]int{}
	for i, t := range targets {
		of[t.Kind] = append(of[t.Kind], i)
	}
	for kind, places := range of {
		var err error
		switch kind {
		case chat.ChannelTarget:
			err = p.channelStates(ctx, targets, places, list)
		case chat.UserTarget:
			err = p.userStates(ctx, targets, places, list)
		case chat.MemberTarget:
			err = p.memberStates(ctx, targets, places, list)
		case chat.MessageTarget:
			err = each(places, func(i int) (err error) {
				list[i], err = p.messageState(ctx, targets[i])
				return err
			})
		case chat.RestrictionTarget:
			err = each(places, func(i int) (err error) {
				list[i], err = p.banStateOf(ctx, targets[i])
				return err
			})
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func each(places []int, do func(i int) error) error {
	for _, i := range places {
		if err := do(i); err != nil {
			return err
		}
	}
	return nil
}

func (p *Provider) channelStates(ctx context.Context, targets []chat.ChangeTarget, places []int, into []state) error {
	var cids []chat.CID
	for _, i := range places {
		cids = append(cids, targets[i].CID)
	}
	found, err := p.existing(ctx, uniqueCIDs(cids))
	for _, i := range places {
		if w, exists := found[targets[i].CID]; exists {
			into[i] = w.state()
		}
	}
	return err
}

func (p *Provider) userStates(ctx context.Context, targets []chat.ChangeTarget, places []int, into []state) error {
	var ids []string
	for _, i := range places {
		ids = append(ids, targets[i].UserID)
	}
	found, err := p.usersByID(ctx, ids)
	for _, i := range places {
		if w, exists := found[targets[i].UserID]; exists {
			into[i] = w.state()
		}
	}
	return err
}

func (p *Provider) memberStates(ctx context.Context, targets []chat.ChangeTarget, places []int, into []state) error {
	in := map[chat.CID][]string{}
	for _, i := range places {
		in[targets[i].CID] = append(in[targets[i].CID], targets[i].UserID)
	}
	found := map[chat.CID]map[string]state{}
	for cid, ids := range in {
		found[cid] = map[string]state{}
		ids = slices.DeleteFunc(unique(ids), func(id string) bool { return !possible(id) })
		for some := range slices.Chunk(ids, membersAtOnce) {
			page, err := p.memberPage(ctx, cid, object{"id": object{"$in": streamIDs(some)}}, NewestFirst, 0)
			if err := missingIsNone(err); err != nil {
				return err
			}
			for _, w := range page {
				found[cid][w.id()] = w.state()
			}
		}
	}
	for _, i := range places {
		into[i] = found[targets[i].CID][targets[i].UserID]
	}
	return nil
}

func (p *Provider) messageState(ctx context.Context, t chat.ChangeTarget) (state, error) {
	w, err := p.wireMessage(ctx, t.Item)
	if said(err, codeDoesNotExist) || err == nil && w.CID != t.CID.String() {
		return nil, nil
	}
	return w.state(), err
}

func (p *Provider) banStateOf(ctx context.Context, t chat.ChangeTarget) (state, error) {
	w, found, err := p.banOf(ctx, t.CID, t.UserID)
	if err != nil || !found {
		return nil, err
	}
	return w.state(), nil
}
