package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

// voteNoun is what may be asked of votes, which are v.
func voteNoun() noun {
	return noun{
		tie: "v.created_at DESC, v.id",
		fields: map[string]field{
			"id":         is(ofText, "v.id"),
			"poll_id":    is(ofText, "v.poll"),
			"user_id":    is(ofText, "v.user_id"),
			"option_id":  is(ofText, "v.choice"),
			"is_answer":  is(ofFlag, "(v.choice = '')"),
			"created_at": is(ofMoment, "v.created_at"),
			"updated_at": is(ofMoment, "v.updated_at"),
		},
	}
}

const voteColumns = `v.id, v.poll, v.user_id, v.choice, v.answer, v.created_at, v.updated_at`

// SearchVotes returns those votes of a poll that match, in order, the newest first
// where nothing else is asked. InvalidArguments: the filter or sort asks what can't be
// asked.
func (s *Store) SearchVotes(ctx context.Context, poll string, q chat.Listing, at time.Time) ([]chat.PollVote, error) {
	l := &listing{dialect: s.dialect, noun: voteNoun()}
	rest, refused := l.rest("v.poll = "+l.bind(poll), q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+voteColumns+` FROM poll_votes v`+rest, l.args...)
	list, err := collect(rows, err, scanVote)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, v := range list {
		ids[i] = v.User.ID
	}
	users, err := s.UserDetails(ctx, ids, at)
	for i, v := range list {
		if u, ok := users[v.User.ID]; ok {
			list[i].User = u
		}
	}
	return list, err
}

// VotesBy returns a user's votes and answer in a poll, the oldest first.
func (tx *Tx) VotesBy(poll, user string) ([]chat.PollVote, error) {
	return txCollect(tx, scanVote, `SELECT `+voteColumns+` FROM poll_votes v WHERE v.poll = $1 AND v.user_id = $2 ORDER BY v.created_at, v.id`, poll, user)
}

// PutVote stores a vote, or the new words of an answer.
func (tx *Tx) PutVote(v chat.PollVote) error {
	_, err := tx.change(`INSERT INTO poll_votes (id, poll, user_id, choice, answer, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET answer = excluded.answer, updated_at = excluded.updated_at`,
		v.ID, v.PollID, v.User.ID, v.OptionID, v.Answer, micros(v.CreatedAt), micros(v.UpdatedAt))
	return err
}

// DropVote removes a vote.
func (tx *Tx) DropVote(id string) error {
	_, err := tx.change(`DELETE FROM poll_votes WHERE id = $1`, id)
	return err
}

func scanVote(rows *sql.Rows) (v chat.PollVote, err error) {
	var created, updated int64
	err = rows.Scan(&v.ID, &v.PollID, &v.User.ID, &v.OptionID, &v.Answer, &created, &updated)
	v.CreatedAt, v.UpdatedAt = moment(created), moment(updated)
	return v, err
}
