package sqlstore

import (
	"context"
	"database/sql"
	"strconv"

	"backchannel/internal/chat"
)

const reactionColumns = `r.message, r.type, r.user_id, r.score, r.custom, r.created_at, r.updated_at`

// fillReactions sums up reactions, and adds the newest and the viewer's own.
func (s *Store) fillReactions(ctx context.Context, f *messageFiller, ids []string, viewer string) error {
	marks, args := in(ids, same)
	rows, err := s.query(ctx, `SELECT r.message, r.type, COUNT(*), SUM(r.score), MIN(r.created_at), MAX(r.created_at)
		FROM reactions r WHERE r.message IN `+marks+` GROUP BY r.message, r.type`, args...)
	groups, err := collect(rows, err, scanReactionGroup)
	if err != nil || len(groups) == 0 {
		return err
	}
	for _, g := range groups {
		for _, m := range f.byID[g.message] {
			if m.Reactions == nil {
				m.Reactions = map[string]chat.ReactionGroup{}
			}
			m.Reactions[g.word] = g.ReactionGroup
		}
	}
	rows, err = s.query(ctx, `SELECT `+reactionColumns+` FROM (SELECT r.*,
		ROW_NUMBER() OVER (PARTITION BY message ORDER BY created_at DESC, user_id, type) AS place FROM reactions r
		WHERE r.message IN `+marks+`) r WHERE r.place <= `+strconv.Itoa(chat.LatestReactionsShown)+` ORDER BY r.message, r.place`, args...)
	latest, err := collect(rows, err, scanReaction)
	if err != nil {
		return err
	}
	for _, r := range latest {
		for _, m := range f.byID[r.MessageID] {
			m.Latest = append(m.Latest, r)
		}
	}
	if viewer == "" {
		return nil
	}
	return s.fillOwnReactions(ctx, f, ids, viewer)
}

func (s *Store) fillOwnReactions(ctx context.Context, f *messageFiller, ids []string, viewer string) error {
	marks, args := in(ids, same)
	args = append(args, viewer)
	rows, err := s.query(ctx, `SELECT `+reactionColumns+` FROM reactions r WHERE r.message IN `+marks+
		` AND r.user_id = $`+strconv.Itoa(len(args))+` ORDER BY r.created_at DESC, r.type`, args...)
	own, err := collect(rows, err, scanReaction)
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

func scanReactionGroup(rows *sql.Rows) (g reactionGroup, err error) {
	var firstAt, lastAt int64
	err = rows.Scan(&g.message, &g.word, &g.Count, &g.Score, &firstAt, &lastAt)
	g.FirstAt, g.LastAt = moment(firstAt), moment(lastAt)
	return g, err
}

func scanReaction(rows *sql.Rows) (r chat.ReactionDetail, err error) {
	var custom string
	var created, updated int64
	err = rows.Scan(&r.MessageID, &r.Type, &r.User.ID, &r.Score, &custom, &created, &updated)
	if err != nil {
		return r, err
	}
	r.CreatedAt, r.UpdatedAt = moment(created), moment(updated)
	return r, fromObject(custom, &r.Custom)
}
