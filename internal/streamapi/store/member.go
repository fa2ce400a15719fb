package store

import (
	"context"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// MembersOf returns the first members of each channel, at most each of them, in the order in which
// they were added.
func (s *Store) MembersOf(ctx context.Context, cids []chat.CID, each int, at time.Time) (map[chat.CID][]chat.Member, error) {
	var all []chat.Member
	for _, cid := range cids {
		rows, err := s.Query(ctx, `SELECT `+sqlstore.MemberColumns+` FROM `+sqlstore.MemberTables+`
			WHERE c.cid = $1 ORDER BY f.added_at, f.user_id LIMIT $2`, cid.String(), each)
		list, err := sqlstore.Collect(rows, err, sqlstore.MemberScan(at))
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	if err := s.fillMembers(ctx, all, at); err != nil {
		return nil, err
	}
	found := make(map[chat.CID][]chat.Member, len(cids))
	for _, m := range all {
		found[m.CID] = append(found[m.CID], m)
	}
	return found, nil
}

// Membership returns a member and whether the user is one.
func (s *Store) Membership(ctx context.Context, cid chat.CID, user string, at time.Time) (chat.Member, bool, error) {
	rows, err := s.Query(ctx, sqlstore.OneMember, cid.String(), user)
	list, err := sqlstore.Collect(rows, err, sqlstore.MemberScan(at))
	if err != nil || len(list) == 0 {
		return chat.Member{}, false, err
	}
	return list[0], true, s.fillMembers(ctx, list, at)
}

func (s *Store) fillMembers(ctx context.Context, list []chat.Member, at time.Time) error {
	users, err := s.UsersByID(ctx, sqlstore.UserIDs(list), at)
	if err != nil {
		return err
	}
	for i, m := range list {
		list[i].User = users[m.User.ID]
	}
	return nil
}
