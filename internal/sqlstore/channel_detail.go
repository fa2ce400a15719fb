package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

// channelNoun is what may be asked of channels, which are c; o are the viewer's
// settings for one.
func channelNoun(d dialect, at time.Time) noun {
	own := func(kind fieldKind, null bool, before, after string) field {
		return field{kind: kind, null: null, expr: func(l *listing) string { return before + l.bind(l.viewer) + after }}
	}
	const mine = " FROM members f WHERE f.channel = c.no AND f.user_id = "
	unread := " JOIN messages m ON m.channel = f.channel AND m.seq > f.read_seq AND m.sender <> f.user_id AND m.deleted_at = 0 AND " + shownTo("m", "f.user_id") +
		" WHERE f.channel = c.no AND f.user_id = "
	members := is(ofSet, "SELECT f.user_id AS e FROM members f WHERE f.channel = c.no")
	members.holds = func(ids string) string {
		return "c.no IN (SELECT f.channel FROM members f WHERE f.user_id IN " + ids + ")"
	}
	return noun{
		custom: "c.custom",
		tie:    "c.cid",
		fields: map[string]field{
			"cid":             is(ofText, "c.cid"),
			"id":              is(ofText, "c.id"),
			"type":            is(ofText, "c.type"),
			"name":            is(ofText, "c.name").folded("c.name_key"),
			"image":           is(ofText, "c.avatar"),
			"team":            perhaps(ofText, d.jsonText("c.extra", "team")),
			"created_by_id":   is(ofText, "c.created_by"),
			"frozen":          is(ofFlag, "c.frozen"),
			"disabled":        perhaps(ofFlag, "(CAST("+d.jsonText("c.extra", "disabled")+" AS TEXT) IN ('1', 'true'))"),
			"member_count":    is(ofNumber, "c.member_count"),
			"message_count":   is(ofNumber, "c.message_count"),
			"created_at":      is(ofMoment, "c.created_at"),
			"updated_at":      is(ofMoment, "c.updated_at"),
			"last_message_at": is(ofMoment, "c.last_message_at"),
			"last_updated":    is(ofMoment, "(CASE WHEN c.last_message_at > c.created_at THEN c.last_message_at ELSE c.created_at END)"),
			"members":         members,
			"member.user.name": is(ofSet, "SELECT u.name AS e, u.name_key AS e_key FROM members f JOIN users u ON u.id = f.user_id"+
				" WHERE f.channel = c.no").folded("e_key"),
			"filter_tags": is(ofSet, d.jsonTexts("c.extra", "filter_tags")),
			"app_banned": {kind: ofText, expr: func(l *listing) string {
				return "(CASE WHEN c.member_count = 2 AND EXISTS (SELECT 1 FROM members f JOIN restrictions r ON r.user_id = f.user_id" +
					" AND r.channel = 0 AND r.kind = 'ban' AND (r.until = 0 OR r.until > " + l.bind(micros(at)) +
					") WHERE f.channel = c.no) THEN 'only' ELSE 'excluded' END)"
			}},
			"hidden": perhaps(ofFlag, "o.hidden"),
			"muted": {kind: ofFlag, null: true, expr: func(l *listing) string {
				return "(o.muted AND (o.muted_until = 0 OR o.muted_until > " + l.bind(micros(at)) + "))"
			}},
			"joined":       own(ofFlag, false, "EXISTS (SELECT 1"+mine, " AND "+joined(d)+")"),
			"pinned":       own(ofFlag, false, "EXISTS (SELECT 1"+mine, " AND f.pinned_at <> 0)"),
			"archived":     own(ofFlag, false, "EXISTS (SELECT 1"+mine, " AND f.archived_at <> 0)"),
			"pinned_at":    own(ofMoment, true, "(SELECT f.pinned_at"+mine, ")"),
			"archived_at":  own(ofMoment, true, "(SELECT f.archived_at"+mine, ")"),
			"has_unread":   own(ofFlag, false, "EXISTS (SELECT 1 FROM members f"+unread, ")"),
			"unread_count": own(ofNumber, false, "(SELECT COUNT(*) FROM members f"+unread, ")"),
			"invite":       own(ofText, true, "(SELECT "+invite(d)+mine, ")"),
		},
	}
}

// invite is what became of the invitation of the member f, ” for who needed none.
func invite(d dialect) string {
	return "(CASE WHEN " + d.jsonText("f.extra", "accepted_at") + " IS NOT NULL THEN 'accepted' WHEN " +
		d.jsonText("f.extra", "rejected_at") + " IS NOT NULL THEN 'rejected' WHEN " +
		d.jsonText("f.extra", "invited") + " IS NOT NULL THEN 'pending' ELSE '' END)"
}

// joined is whether the member f was not only invited.
func joined(d dialect) string { return "(" + invite(d) + " IN ('', 'accepted'))" }

const channelDetailColumns = `c.cid, c.name, c.avatar, c.frozen, c.message_count, c.seq, c.created_by, c.created_at, c.updated_at,
	c.last_message_at, c.custom, c.extra, c.member_count,
	COALESCE(o.hidden, FALSE), COALESCE(o.hidden_before, 0), COALESCE(o.muted, FALSE), COALESCE(o.muted_until, 0),
	COALESCE(o.changed_at, 0)`

// SearchChannels returns the channels that match, in order. Avatar holds the file's
// name. InvalidArguments: the filter or sort asks what can't be asked.
func (s *Store) SearchChannels(ctx context.Context, q chat.ChannelSearch, at time.Time) ([]chat.ChannelDetail, error) {
	text, args, refused := channelSearch(s.dialect, q, at)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, text, args...)
	return collect(rows, err, scanChannelDetail)
}

func channelSearch(d dialect, q chat.ChannelSearch, at time.Time) (text string, args []any, refused *chat.Error) {
	l := &listing{dialect: d, noun: channelNoun(d, at), viewer: q.Viewer}
	viewer := l.bind(q.Viewer)
	where, refused := l.where(q.Filter)
	if refused != nil {
		return "", nil, refused
	}
	if q.Viewer != "" && !q.Filter.Asks("hidden") {
		where = "(NOT COALESCE(o.hidden, FALSE)) AND " + where
	}
	by := q.Sort
	if len(by) == 0 {
		by = []chat.Sort{{Field: "last_updated", Down: true}}
	}
	order, refused := l.order(by)
	if refused != nil {
		return "", nil, refused
	}
	return `SELECT ` + channelDetailColumns + ` FROM channels c
		LEFT JOIN channel_settings o ON o.channel = c.no AND o.user_id = ` + viewer + `
		WHERE ` + where + ` ORDER BY ` + order + ` LIMIT ` + l.bind(q.Limit) + ` OFFSET ` + l.bind(q.Offset), l.args, nil
}

const oneChannelDetail = `SELECT ` + channelDetailColumns + ` FROM channels c
	LEFT JOIN channel_settings o ON o.channel = c.no AND o.user_id = $2 WHERE c.cid = $1`

// ChannelDetail returns one channel with a user's settings, and whether there is
// one.
func (s *Store) ChannelDetail(ctx context.Context, cid chat.CID, viewer string) (chat.ChannelDetail, bool, error) {
	rows, err := s.query(ctx, oneChannelDetail, cid.String(), viewer)
	return first(rows, err, scanChannelDetail)
}

// ChannelDetail returns one channel, and whether there is one.
func (tx *Tx) ChannelDetail(cid chat.CID) (chat.ChannelDetail, bool, error) {
	return txFirst(tx, scanChannelDetail, oneChannelDetail, cid.String(), "")
}

// ChannelExtra returns what else is known of a channel, and whether there is one.
func (tx *Tx) ChannelExtra(cid chat.CID) (chat.ChannelExtra, bool, error) {
	return txFirst(tx, scanChannelExtra, `SELECT extra FROM channels WHERE cid = $1`, cid.String())
}

func scanChannelExtra(rows *sql.Rows) (extra chat.ChannelExtra, err error) {
	text, err := scanValue[string](rows)
	if err != nil {
		return extra, err
	}
	err = fromObject(text, &extra)
	return extra, err
}

// ChannelSettings returns what a user has set for a channel.
func (tx *Tx) ChannelSettings(cid chat.CID, user string) (chat.ChannelSettings, error) {
	c, _, err := txFirst(tx, scanChannelDetail, oneChannelDetail, cid.String(), user)
	return c.Own, err
}

// SetChannelDetail stores a channel's own data, but neither its log nor what goes
// with members and messages.
func (tx *Tx) SetChannelDetail(c chat.ChannelDetail) error {
	custom, err := toObject(c.Custom)
	if err != nil {
		return err
	}
	extra, err := toObject(c.ChannelExtra)
	if err != nil {
		return err
	}
	n, err := tx.change(`UPDATE channels SET name = $2, name_key = $3, avatar = $4, frozen = $5, custom = $6, extra = $7,
		updated_at = $8 WHERE cid = $1`,
		c.CID.String(), c.Name, chat.Fold(c.Name), c.Avatar, c.Frozen, custom, extra, micros(c.UpdatedAt))
	_, err = tx.noted(n, err)
	return err
}

// Truncate takes a channel's messages up to a time away: only their numbers stay.
// Where they are kept, what they said is among the versions of messages. It reports
// whether there were any.
func (tx *Tx) Truncate(cid chat.CID, before time.Time, keep bool, at time.Time) (bool, error) {
	const which = ` FROM messages m WHERE m.channel = (SELECT no FROM channels WHERE cid = $1) AND m.created_at <= $2 AND ` + notErased
	if keep {
		if _, err := tx.change(`INSERT INTO message_versions (message, no, channel, text, attachments, mentions, custom, written_by, written_at)
			SELECT m.id, (SELECT COALESCE(MAX(v.no), 0) + 1 FROM message_versions v WHERE v.message = m.id), m.channel, m.text, m.attachments,
			m.mentions, m.custom, m.sender, m.created_at`+which+` AND m.deleted_at = 0`, cid.String(), micros(before)); err != nil {
			return false, err
		}
	} else if _, err := tx.change(`DELETE FROM message_versions WHERE message IN (SELECT m.id FROM messages m
		WHERE m.channel = (SELECT no FROM channels WHERE cid = $1) AND m.created_at <= $2)`, cid.String(), micros(before)); err != nil {
		return false, err
	}
	for _, gone := range []string{"reactions WHERE message", "hidden_messages WHERE message", "threads WHERE parent",
		"flags WHERE message"} {
		if _, err := tx.change(`DELETE FROM `+gone+` IN (SELECT m.id`+which+`)`, cid.String(), micros(before)); err != nil {
			return false, err
		}
	}
	n, err := tx.change(`UPDATE messages SET text = '', attachments = '', mentions = '', text_key = '', custom = '{}', extra = '{"erased":true}',
		pinned_at = 0, aside = TRUE, deleted_at = $3 WHERE id IN (SELECT m.id`+which+`)`, cid.String(), micros(before), micros(at))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.change(`UPDATE channels SET message_count = message_count - $2, last_message_at = COALESCE((SELECT MAX(m.created_at)
		FROM messages m WHERE m.channel = channels.no AND `+notErased+`), 0) WHERE cid = $1`, cid.String(), n)
	return true, err
}

// notErased holds for a message m of which more than its number is left.
const notErased = `m.extra NOT LIKE '%"erased":true%'`

// SeqBefore is the number of a channel's last message from before a time, 0 for none.
func (tx *Tx) SeqBefore(cid chat.CID, at time.Time) (int64, error) {
	seq, _, err := txFirst(tx, scanValue[int64], `SELECT COALESCE(MAX(m.seq), 0) FROM messages m JOIN channels c ON c.no = m.channel
		WHERE c.cid = $1 AND m.created_at < $2`, cid.String(), micros(at))
	return seq, err
}

// SetChannelSettings stores a user's settings for a channel and reports whether
// there is such a channel.
func (tx *Tx) SetChannelSettings(cid chat.CID, user string, o chat.ChannelSettings) (bool, error) {
	n, err := tx.change(`INSERT INTO channel_settings (channel, user_id, hidden, hidden_before, muted, muted_until, changed_at)
		SELECT no, $2, $3, $4, $5, $6, $7 FROM channels WHERE cid = $1
		ON CONFLICT (channel, user_id) DO UPDATE SET hidden = excluded.hidden, hidden_before = excluded.hidden_before,
		muted = excluded.muted, muted_until = excluded.muted_until, changed_at = excluded.changed_at`,
		cid.String(), user, o.Hidden, micros(o.HiddenBefore), o.Muted, micros(o.MutedUntil), micros(o.ChangedAt))
	return n > 0, err
}

func scanChannelDetail(rows *sql.Rows) (c chat.ChannelDetail, err error) {
	var cid, custom, extra string
	var created, updated, last, hiddenBefore, mutedUntil, changed int64
	err = rows.Scan(&cid, &c.Name, &c.Avatar, &c.Frozen, &c.MessageCount, &c.Seq, &c.CreatedBy, &created, &updated, &last,
		&custom, &extra, &c.MemberCount, &c.Own.Hidden, &hiddenBefore, &c.Own.Muted, &mutedUntil, &changed)
	if err != nil {
		return c, err
	}
	c.CID = splitCID(cid)
	c.CreatedAt, c.UpdatedAt, c.LastMessageAt = moment(created), moment(updated), moment(last)
	c.Own.HiddenBefore, c.Own.MutedUntil, c.Own.ChangedAt = moment(hiddenBefore), moment(mutedUntil), moment(changed)
	if err := fromObject(extra, &c.ChannelExtra); err != nil {
		return c, err
	}
	return c, fromObject(custom, &c.Custom)
}
