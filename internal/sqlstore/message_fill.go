package sqlstore

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// MessageParts selects the data to load in addition to the rows of messages. The zero value selects
// what GraphQL shows: users, and the number of reactions of each type.
type MessageParts struct {
	Whole  bool // everything that Stream's API shows
	Viewer string
	At     time.Time // for the restrictions of users
}

// FillMessages adds data from other tables to messages. It queries each table once for all of them.
func (s *Store) FillMessages(ctx context.Context, list []chat.Message, parts MessageParts) error {
	if len(list) == 0 {
		return nil
	}
	f := &messageFiller{byID: make(map[string][]*chat.Message, len(list))}
	for i := range list {
		f.add(&list[i])
	}
	if parts.Whole {
		if err := s.fillWhole(ctx, f, list, parts.Viewer); err != nil {
			return err
		}
	}
	for chunk := range Chunks(f.reacted()) {
		if err := s.fillReactions(ctx, f, chunk, parts); err != nil {
			return err
		}
	}
	users, err := s.usersOf(ctx, f.users(), parts)
	if err != nil {
		return err
	}
	f.setUsers(users)
	if !parts.Whole {
		for i := range list {
			list[i].Mentions = oneGhost(list[i].Mentions)
		}
	}
	return nil
}

func (s *Store) usersOf(ctx context.Context, ids []string, parts MessageParts) (map[string]chat.User, error) {
	if parts.Whole {
		return s.UsersByID(ctx, ids, parts.At)
	}
	return s.mentionedUsers(ctx, ids)
}

// fillWhole adds what only Stream's API shows, except reactions and users.
func (s *Store) fillWhole(ctx context.Context, f *messageFiller, list []chat.Message, viewer string) error {
	quoted, err := s.quoted(ctx, list)
	if err != nil {
		return err
	}
	byID := make(map[string]*chat.Message, len(quoted))
	for i := range quoted {
		f.add(&quoted[i])
		byID[quoted[i].ID] = &quoted[i]
	}
	for i := range list {
		list[i].Quoted = byID[list[i].QuotedID]
	}
	for chunk := range Chunks(f.ids) {
		if err := s.fillReplies(ctx, f, chunk); err != nil {
			return err
		}
		if err := s.fillMemberRoles(ctx, f, chunk); err != nil {
			return err
		}
		if viewer == "" {
			continue
		}
		if err := s.fillHidden(ctx, f, chunk, viewer); err != nil {
			return err
		}
	}
	return nil
}

// fillMemberRoles adds the senders' roles in the channel.
func (s *Store) fillMemberRoles(ctx context.Context, f *messageFiller, ids []string) error {
	marks, args := In(ids, Same)
	rows, err := s.Query(ctx, `SELECT m.id, f.role FROM messages m JOIN members f ON f.channel = m.channel AND f.user_id = m.sender
		WHERE m.id IN `+marks, args...)
	pairs, err := Collect(rows, err, scanTexts)
	for _, pair := range pairs {
		for _, m := range f.byID[pair[0]] {
			m.MemberRole = pair[1]
		}
	}
	return err
}

func scanTexts(rows Row) (pair [2]string, err error) {
	err = rows.Scan(&pair[0], &pair[1])
	return pair, err
}

// quoted returns the messages that others quote, without the messages quoted by those.
func (s *Store) quoted(ctx context.Context, list []chat.Message) ([]chat.Message, error) {
	var ids []string
	seen := map[string]bool{}
	for _, m := range list {
		if m.QuotedID != "" && !seen[m.QuotedID] {
			seen[m.QuotedID] = true
			ids = append(ids, m.QuotedID)
		}
	}
	found, err := s.MessageRows(ctx, ids)
	return slices.DeleteFunc(found, func(m chat.Message) bool { return m.Erased }), err
}

// messageFiller finds messages by id; a message may occur more than once.
type messageFiller struct {
	ids  []string
	byID map[string][]*chat.Message
}

func (f *messageFiller) add(m *chat.Message) {
	if f.byID[m.ID] == nil {
		f.ids = append(f.ids, m.ID)
	}
	f.byID[m.ID] = append(f.byID[m.ID], m)
}

// reacted returns the messages that have reactions.
func (f *messageFiller) reacted() (ids []string) {
	for _, id := range f.ids {
		if f.byID[id][0].Reactions != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// eachUser calls fn for every user in the messages. Only their ids are known so far.
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

// fillReplies summarizes threads. The cost of a thread is that of its replies, which are adjacent
// in an index.
func (s *Store) fillReplies(ctx context.Context, f *messageFiller, ids []string) error {
	marks, args := In(ids, Same)
	rows, err := s.Query(ctx, `SELECT parent, sender, SUM(CASE WHEN deleted_at = 0 THEN 1 ELSE 0 END), COUNT(*), MAX(created_at)
		FROM messages WHERE parent <> '' AND parent IN `+marks+` GROUP BY parent, sender ORDER BY parent, MIN(seq)`, args...)
	type part struct {
		parent, sender string
		standing, all  int
		last           int64
	}
	parts, err := Collect(rows, err, func(rows Row) (p part, err error) {
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
			if last := Moment(p.last); last.After(r.LastAt) {
				r.LastAt = last
			}
		}
	}
	return nil
}

// fillHidden marks messages that the viewer deleted for itself.
func (s *Store) fillHidden(ctx context.Context, f *messageFiller, ids []string, viewer string) error {
	marks, args := In(ids, Same)
	rows, err := s.Query(ctx, `SELECT h.user_id, h.message FROM hidden_messages h JOIN messages m ON m.id = h.message
		AND m.channel = h.channel WHERE m.id IN `+marks, args...)
	pairs, err := Collect(rows, err, scanTexts)
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

// mentionedUsers returns users by id, with [chat.GhostID] in place of erased ones, as for senders.
func (s *Store) mentionedUsers(ctx context.Context, ids []string) (map[string]chat.User, error) {
	users, err := s.usersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	var ghost *chat.User
	for _, id := range ids {
		if _, found := users[id]; found {
			continue
		}
		if ghost == nil {
			stored, err := s.usersByID(ctx, []string{chat.GhostID})
			if err != nil {
				return nil, err
			}
			ghost = new(stored[chat.GhostID])
			ghost.ID, ghost.Role = chat.GhostID, chat.RoleUser
		}
		users[id] = *ghost
	}
	return users, nil
}

// oneGhost keeps only the first of several erased users.
func oneGhost(list []chat.User) []chat.User {
	seen := false
	return slices.DeleteFunc(list, func(u chat.User) bool {
		again := seen && u.ID == chat.GhostID
		seen = seen || u.ID == chat.GhostID
		return again
	})
}
