package sqlstore

import (
	"context"
	"strconv"
	"time"

	"backchannel/internal/chat"
)

// ReactionColumns are the columns of reactions r that ScanReaction reads.
const ReactionColumns = `r.message, r.type, r.user_id, r.score, r.custom, r.created_at, r.updated_at`

// AddReaction adds a new reaction of a user.
func (tx *Tx) AddReaction(message, user, word string, at time.Time) error {
	return tx.put(`INSERT INTO reactions (channel, message, user_id, type, created_at, updated_at)
		SELECT channel, id, $2, $3, $4, $4 FROM messages WHERE id = $1
		ON CONFLICT (channel, message, user_id, type) DO NOTHING`, message, user, word, Micros(at))
}

// SetReaction stores the score and data of an existing reaction.
func (tx *Tx) SetReaction(r chat.Reaction) error {
	custom, err := ToObject(r.Custom)
	if err != nil {
		return err
	}
	_, err = tx.Change(`UPDATE reactions SET score = $4, custom = $5, updated_at = $6 WHERE message = $1 AND user_id = $2 AND type = $3
		AND channel = (SELECT channel FROM messages WHERE id = $1)`,
		r.MessageID, r.User.ID, r.Type, r.Score, custom, Micros(r.UpdatedAt))
	return err
}

// RemoveReaction removes an existing reaction of a user.
func (tx *Tx) RemoveReaction(message, user, word string) error {
	return tx.put(`DELETE FROM reactions WHERE message = $1 AND user_id = $2 AND type = $3
		AND channel = (SELECT channel FROM messages WHERE id = $1)`, message, user, word)
}

const (
	reactionsText = `SELECT ` + ReactionColumns + ` FROM reactions r WHERE r.message = $1 AND r.user_id = $2
		AND r.channel = (SELECT channel FROM messages WHERE id = $1) ORDER BY r.type`
	// If a reaction of the type exists, it is found quickly; otherwise all reactions are read.
	otherTypesText = `SELECT type FROM reactions WHERE message = $1 AND channel = (SELECT channel FROM messages WHERE id = $1)
		AND NOT EXISTS (SELECT 1 FROM reactions WHERE message = $1 AND type = $2
		AND channel = (SELECT channel FROM messages WHERE id = $1)) GROUP BY type`
)

// ReactionsOf returns a user's reactions to a message, without data of the user.
func (tx *Tx) ReactionsOf(message, user string) ([]chat.Reaction, error) {
	return foreseenAll(tx, readKey{"reactions", message, user}, ScanReaction, reactionsText, message, user)
}

// OtherReactionTypes returns the types of reactions to a message if none has the given type,
// otherwise nothing.
func (tx *Tx) OtherReactionTypes(message, word string) ([]string, error) {
	return foreseenAll(tx, readKey{"types", message, word}, ScanValue[string], otherTypesText, message, word)
}

// fillReactions adds the counts of reactions and, to whole messages, the newest ones and the
// viewer's own.
func (s *Store) fillReactions(ctx context.Context, f *messageFiller, ids []string, parts MessageParts) error {
	marks, args := In(ids, Same)
	rows, err := s.Query(ctx, `SELECT r.message, r.type, COUNT(*), SUM(r.score), MIN(r.created_at), MAX(r.created_at)
		FROM reactions r WHERE r.message IN `+marks+` GROUP BY r.message, r.type`, args...)
	groups, err := Collect(rows, err, scanReactionGroup)
	if err != nil || len(groups) == 0 {
		return err
	}
	for _, g := range groups {
		for _, m := range f.byID[g.message] {
			m.Reactions[g.word] = g.ReactionGroup
		}
	}
	if !parts.Whole {
		return nil
	}
	rows, err = s.Query(ctx, `SELECT `+ReactionColumns+` FROM (SELECT r.*,
		ROW_NUMBER() OVER (PARTITION BY message ORDER BY created_at DESC, user_id, type) AS place FROM reactions r
		WHERE r.message IN `+marks+`) r WHERE r.place <= `+strconv.Itoa(chat.LatestReactionsShown)+` ORDER BY r.message, r.place`, args...)
	latest, err := Collect(rows, err, ScanReaction)
	if err != nil {
		return err
	}
	for _, r := range latest {
		for _, m := range f.byID[r.MessageID] {
			m.Latest = append(m.Latest, r)
		}
	}
	if parts.Viewer == "" {
		return nil
	}
	return s.fillOwnReactions(ctx, f, ids, parts.Viewer)
}

func (s *Store) fillOwnReactions(ctx context.Context, f *messageFiller, ids []string, viewer string) error {
	marks, args := In(ids, Same)
	args = append(args, viewer)
	rows, err := s.Query(ctx, `SELECT `+ReactionColumns+` FROM reactions r WHERE r.message IN `+marks+
		` AND r.user_id = $`+strconv.Itoa(len(args))+` ORDER BY r.created_at DESC, r.type`, args...)
	own, err := Collect(rows, err, ScanReaction)
	if err != nil {
		return err
	}
	for _, r := range own {
		for _, m := range f.byID[r.MessageID] {
			m.Own = append(m.Own, r)
		}
	}
	return nil
}

type reactionGroup struct {
	message, word string
	chat.ReactionGroup
}

func scanReactionGroup(rows Row) (g reactionGroup, err error) {
	var firstAt, lastAt int64
	err = rows.Scan(&g.message, &g.word, &g.Count, &g.Score, &firstAt, &lastAt)
	g.FirstAt, g.LastAt = Moment(firstAt), Moment(lastAt)
	return g, err
}

// ScanReaction scans ReactionColumns.
func ScanReaction(rows Row) (r chat.Reaction, err error) {
	var custom string
	var created, updated int64
	err = rows.Scan(&r.MessageID, &r.Type, &r.User.ID, &r.Score, &custom, &created, &updated)
	if err != nil {
		return r, err
	}
	r.CreatedAt, r.UpdatedAt = Moment(created), Moment(max(created, updated))
	return r, FromObject(custom, &r.Custom)
}
