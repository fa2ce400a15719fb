package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"backchannel/internal/chat"
)

// fillMessages adds to messages what other tables have of them: users, reactions,
// replies, what they quote, and what the viewer did to them. It asks each table
// once for all of them.
func (s *Store) fillMessages(ctx context.Context, list []chat.MessageDetail, viewer string, at time.Time) error {
	if len(list) == 0 {
		return nil
	}
	quoted, err := s.quoted(ctx, list)
	if err != nil {
		return err
	}
	f := &messageFiller{byID: map[string][]*chat.MessageDetail{}}
	for i := range list {
		f.add(&list[i])
	}
	for i := range quoted {
		f.add(&quoted[i])
	}
	for chunk := range chunks(f.ids) {
		if err := s.fillReactions(ctx, f, chunk, viewer); err != nil {
			return err
		}
		if err := s.fillReplies(ctx, f, chunk); err != nil {
			return err
		}
		if viewer == "" {
			continue
		}
		if err := s.fillHidden(ctx, f, chunk, viewer); err != nil {
			return err
		}
	}
	users, err := s.UsersByID(ctx, f.users(), at)
	if err != nil {
		return err
	}
	f.setUsers(users)
	byID := make(map[string]*chat.MessageDetail, len(quoted))
	for i := range quoted {
		byID[quoted[i].ID] = &quoted[i]
	}
	for i := range list {
		list[i].Quoted = byID[list[i].QuotedID]
	}
	return nil
}

// quoted reads the messages that others quote, without what those quote.
func (s *Store) quoted(ctx context.Context, list []chat.MessageDetail) ([]chat.MessageDetail, error) {
	var ids []string
	seen := map[string]bool{}
	for _, m := range list {
		if m.QuotedID != "" && !seen[m.QuotedID] {
			seen[m.QuotedID] = true
			ids = append(ids, m.QuotedID)
		}
	}
	return s.messageRows(ctx, ids)
}

// messageFiller finds messages by id; one may be there more than once.
type messageFiller struct {
	ids  []string
	byID map[string][]*chat.MessageDetail
}

func (f *messageFiller) add(m *chat.MessageDetail) {
	if f.byID[m.ID] == nil {
		f.ids = append(f.ids, m.ID)
	}
	f.byID[m.ID] = append(f.byID[m.ID], m)
}

// eachUser calls fn for every place in the messages where a user belongs, of whom
// only the id is known so far.
func (f *messageFiller) eachUser(fn func(*chat.User)) {
	for _, copies := range f.byID {
		for _, m := range copies {
			fn(&m.Sender)
			for i := range m.Mentions {
				fn(&m.Mentions[i])
			}
			for i := range m.Replies.Participants {
				fn(&m.Replies.Participants[i])
			}
			for i := range m.Latest {
				fn(&m.Latest[i].User)
			}
			for i := range m.Own {
				fn(&m.Own[i].User)
			}
			if m.PinnedBy != "" {
				m.PinnedByUser = &chat.User{ID: m.PinnedBy}
				fn(m.PinnedByUser)
			}
		}
	}
}

func (f *messageFiller) users() []string {
	var ids []string
	seen := map[string]bool{}
	f.eachUser(func(u *chat.User) {
		if !seen[u.ID] {
			seen[u.ID] = true
			ids = append(ids, u.ID)
		}
	})
	return ids
}

func (f *messageFiller) setUsers(users map[string]chat.User) {
	f.eachUser(func(u *chat.User) {
		if known, ok := users[u.ID]; ok {
			*u = known
		}
	})
}

// fillReplies sums up threads. A thread's cost is that of its replies, which an
// index holds together.
func (s *Store) fillReplies(ctx context.Context, f *messageFiller, ids []string) error {
	marks, args := in(ids, same)
	rows, err := s.query(ctx, `SELECT parent, sender, SUM(CASE WHEN deleted_at = 0 THEN 1 ELSE 0 END), COUNT(*), MAX(created_at)
		FROM messages WHERE parent <> '' AND parent IN `+marks+` GROUP BY parent, sender ORDER BY parent, MIN(seq)`, args...)
	type part struct {
		parent, sender string
		standing, all  int
		last           int64
	}
	parts, err := collect(rows, err, func(rows *sql.Rows) (p part, err error) {
		err = rows.Scan(&p.parent, &p.sender, &p.standing, &p.all, &p.last)
		return p, err
	})
	if err != nil {
		return err
	}
	for _, p := range parts {
		for _, m := range f.byID[p.parent] {
			r := &m.Replies
			r.Count += p.standing
			r.Deleted += p.all - p.standing
			if p.standing > 0 {
				r.Participants = append(r.Participants, chat.User{ID: p.sender})
			}
			if last := moment(p.last); last.After(r.LastAt) {
				r.LastAt = last
			}
		}
	}
	return nil
}

// fillHidden marks what the viewer deleted for itself.
func (s *Store) fillHidden(ctx context.Context, f *messageFiller, ids []string, viewer string) error {
	marks, args := in(ids, same)
	rows, err := s.query(ctx, `SELECT h.user_id, h.message FROM hidden_messages h JOIN messages m ON m.id = h.message
		AND m.channel = h.channel WHERE m.id IN `+marks, args...)
	pairs, err := collect(rows, err, func(rows *sql.Rows) (pair [2]string, err error) {
		err = rows.Scan(&pair[0], &pair[1])
		return pair, err
	})
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		for _, m := range f.byID[pair[1]] {
			m.DeletedForMe = m.DeletedForMe || pair[0] == viewer
		}
	}
	return nil
}
