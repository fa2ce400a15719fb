package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"backchannel/internal/chat"
)

// pollNoun is what may be asked of polls, which are p.
func pollNoun(d dialect) noun {
	flag := func(name string) field {
		return perhaps(ofFlag, "(CAST("+d.jsonText("p.body", name)+" AS TEXT) IN ('1', 'true'))")
	}
	return noun{
		custom: "p.custom",
		tie:    "p.created_at DESC, p.id",
		fields: map[string]field{
			"id":                           is(ofText, "p.id"),
			"name":                         is(ofText, "p.name"),
			"created_by_id":                is(ofText, "p.created_by"),
			"created_at":                   is(ofMoment, "p.created_at"),
			"updated_at":                   is(ofMoment, "p.updated_at"),
			"voting_visibility":            perhaps(ofText, d.jsonText("p.body", "voting_visibility")),
			"is_closed":                    flag("is_closed"),
			"enforce_unique_vote":          flag("enforce_unique_vote"),
			"allow_answers":                flag("allow_answers"),
			"allow_user_suggested_options": flag("allow_user_suggested_options"),
		},
	}
}

const pollColumns = `p.id, p.name, p.body, p.custom, p.created_by, p.created_at, p.updated_at`

// SearchPolls returns the polls that match, in order, the newest first where nothing
// else is asked, with the votes of a viewer where one is given. InvalidArguments: the
// filter or sort asks what can't be asked.
func (s *Store) SearchPolls(ctx context.Context, viewer string, q chat.Listing, at time.Time) ([]chat.Poll, error) {
	l := &listing{dialect: s.dialect, noun: pollNoun(s.dialect)}
	rest, refused := l.rest("", q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+pollColumns+` FROM polls p`+rest, l.args...)
	list, err := collect(rows, err, scanPoll)
	if err != nil {
		return nil, err
	}
	return list, s.fillPolls(ctx, list, viewer, at)
}

// Polls returns those of the polls that there are, by id.
func (s *Store) Polls(ctx context.Context, ids []string, viewer string, at time.Time) (map[string]chat.Poll, error) {
	var all []chat.Poll
	for chunk := range chunks(ids) {
		marks, args := in(chunk, same)
		rows, err := s.query(ctx, `SELECT `+pollColumns+` FROM polls p WHERE p.id IN `+marks, args...)
		list, err := collect(rows, err, scanPoll)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	if err := s.fillPolls(ctx, all, viewer, at); err != nil {
		return nil, err
	}
	found := make(map[string]chat.Poll, len(all))
	for _, p := range all {
		found[p.ID] = p
	}
	return found, nil
}

// fillPolls adds the votes, and the users.
func (s *Store) fillPolls(ctx context.Context, list []chat.Poll, viewer string, at time.Time) error {
	byID := make(map[string]*chat.Poll, len(list))
	ids := make([]string, len(list))
	for i := range list {
		p := &list[i]
		p.Counts, p.Latest = map[string]int{}, map[string][]chat.PollVote{}
		byID[p.ID], ids[i] = p, p.ID
	}
	for chunk := range chunks(ids) {
		if err := s.fillVotes(ctx, byID, chunk, viewer); err != nil {
			return err
		}
	}
	var people []string
	for i := range list {
		eachPollUser(&list[i], func(u *chat.UserDetail) { people = append(people, u.ID) })
	}
	slices.Sort(people)
	users, err := s.UserDetails(ctx, slices.Compact(people), at)
	for i := range list {
		eachPollUser(&list[i], func(u *chat.UserDetail) {
			if known, ok := users[u.ID]; ok {
				*u = known
			}
		})
	}
	return err
}

func eachPollUser(p *chat.Poll, fn func(u *chat.UserDetail)) {
	fn(&p.CreatedBy)
	for _, votes := range p.Latest {
		for i := range votes {
			fn(&votes[i].User)
		}
	}
	for i := range p.Own {
		fn(&p.Own[i].User)
	}
}

// fillVotes counts votes, and adds the newest and the viewer's own.
func (s *Store) fillVotes(ctx context.Context, polls map[string]*chat.Poll, ids []string, viewer string) error {
	marks, args := in(ids, same)
	rows, err := s.query(ctx, `SELECT v.poll, v.choice, COUNT(*) FROM poll_votes v WHERE v.poll IN `+marks+` GROUP BY v.poll, v.choice`, args...)
	type group struct {
		poll, choice string
		count        int
	}
	groups, err := collect(rows, err, func(rows *sql.Rows) (g group, err error) {
		err = rows.Scan(&g.poll, &g.choice, &g.count)
		return g, err
	})
	if err != nil || len(groups) == 0 {
		return err
	}
	for _, g := range groups {
		polls[g.poll].Counts[g.choice] = g.count
	}
	mark, latest := "$"+strconv.Itoa(len(args)+1), append(slices.Clip(args), chat.LatestVotesShown)
	rows, err = s.query(ctx, `SELECT `+voteColumns+` FROM (SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.poll, v.choice
		ORDER BY v.created_at DESC, v.id) AS place FROM poll_votes v WHERE v.poll IN `+marks+`) v WHERE v.place <= `+mark+`
		ORDER BY v.poll, v.choice, v.place`, latest...)
	newest, err := collect(rows, err, scanVote)
	if err != nil {
		return err
	}
	for _, v := range newest {
		polls[v.PollID].Latest[v.OptionID] = append(polls[v.PollID].Latest[v.OptionID], v)
	}
	if viewer == "" {
		return nil
	}
	rows, err = s.query(ctx, `SELECT `+voteColumns+` FROM poll_votes v WHERE v.poll IN `+marks+` AND v.user_id = `+mark+`
		ORDER BY v.poll, v.created_at DESC, v.id`, append(slices.Clip(args), viewer)...)
	own, err := collect(rows, err, scanVote)
	for _, v := range own {
		polls[v.PollID].Own = append(polls[v.PollID].Own, v)
	}
	return err
}

// Poll returns a poll without its votes, and whether there is one.
func (tx *Tx) Poll(id string) (chat.Poll, bool, error) {
	return txFirst(tx, scanPoll, `SELECT `+pollColumns+` FROM polls p WHERE p.id = $1`, id)
}

// PutPoll stores a poll.
func (tx *Tx) PutPoll(p chat.Poll) error {
	body, err := toObject(p.PollSettings)
	if err != nil {
		return err
	}
	custom, err := toObject(p.Custom)
	if err != nil {
		return err
	}
	_, err = tx.change(`INSERT INTO polls (id, name, body, custom, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET name = excluded.name, body = excluded.body,
		custom = excluded.custom, updated_at = excluded.updated_at`,
		p.ID, p.Name, body, custom, p.CreatedBy.ID, micros(p.CreatedAt), micros(p.UpdatedAt))
	return err
}

// DropVotesFor removes the votes for an option, "" for the answers.
func (tx *Tx) DropVotesFor(poll, option string) error {
	_, err := tx.change(`DELETE FROM poll_votes WHERE poll = $1 AND choice = $2`, poll, option)
	return err
}

// DropPoll removes a poll with its votes, and reports whether there was one.
func (tx *Tx) DropPoll(id string) (bool, error) {
	n, err := tx.change(`DELETE FROM polls WHERE id = $1`, id)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.change(`DELETE FROM poll_votes WHERE poll = $1`, id)
	return true, err
}

func scanPoll(rows *sql.Rows) (p chat.Poll, err error) {
	var body, custom string
	var created, updated int64
	if err = rows.Scan(&p.ID, &p.Name, &body, &custom, &p.CreatedBy.ID, &created, &updated); err != nil {
		return p, err
	}
	p.CreatedAt, p.UpdatedAt = moment(created), moment(updated)
	if err = fromObject(body, &p.PollSettings); err != nil {
		return p, err
	}
	return p, fromObject(custom, &p.Custom)
}
