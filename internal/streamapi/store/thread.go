package store

import (
	"context"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Thread is the replies to a message.
type Thread struct {
	ParentID  string // id of the message
	CID       chat.CID
	Title     string
	Custom    map[string]any // custom data
	CreatedBy chat.User      // the user who replied first
	CreatedAt time.Time      // of the first reply
	UpdatedAt time.Time      // of title and data
	Parent    chat.Message
	Latest    []chat.Message // the newest replies, oldest first
}

// Check returns an error if the data of a thread isn't valid.
func (t Thread) Check() error {
	if chat.LongerThan(t.Title, chat.MaxNameLength) || chat.HasControl(t.Title) {
		return chat.Invalid("title", "A title is at most %d characters long, without control characters.", chat.MaxNameLength)
	}
	return chat.CheckCustom(t.Custom)
}

// Participants are the users of a thread: the message's sender, and the users who replied,
// in the order of their first reply.
func (t Thread) Participants() []chat.User {
	list := []chat.User{t.Parent.Sender}
	for _, u := range t.Parent.Replies.Participants {
		if u.ID != t.Parent.Sender.ID {
			list = append(list, u)
		}
	}
	return list
}

const threadColumns = `t.parent, c.cid, t.title, t.custom, t.created_by, t.created_at, t.updated_at`

// searchableThreads describes the fields of threads. In SQL, t is the thread, c its channel and p
// its parent message.
func searchableThreads(d dialect) searchable {
	replies := func(what string) string {
		return "(SELECT " + what + " FROM messages r WHERE r.parent = t.parent AND r.parent <> '' AND r.deleted_at = 0)"
	}
	lastReply := replies("COALESCE(MAX(r.created_at), 0)")
	participants := replies("COUNT(DISTINCT r.sender)")
	return searchable{
		custom: "t.custom",
		tie:    lastReply + " DESC, t.parent",
		fields: map[string]field{
			"channel_cid":              is(ofText, "c.cid"),
			"channel.team":             perhaps(ofText, d.jsonText("c.extra", "team")),
			"channel.disabled":         is(ofFlag, "c.disabled"),
			"parent_message_id":        is(ofText, "t.parent"),
			"created_by_user_id":       is(ofText, "t.created_by"),
			"title":                    is(ofText, "t.title"),
			"created_at":               is(ofMoment, "t.created_at"),
			"updated_at":               is(ofMoment, "t.updated_at"),
			"last_message_at":          is(ofMoment, lastReply),
			"reply_count":              is(ofNumber, replies("COUNT(*)")),
			"participant_count":        is(ofNumber, participants),
			"active_participant_count": is(ofNumber, participants),
		},
	}
}

const threadTables = `threads t JOIN messages p ON p.id = t.parent JOIN channels c ON c.no = t.channel`

// SearchThreads returns the threads that match, by default the one with the newest reply first. If
// user isn't "", only threads in which the user takes part are returned. Their messages and users
// aren't filled in. InvalidArguments: the filter or sort isn't supported.
func (s *Store) SearchThreads(ctx context.Context, user string, q Search) ([]Thread, error) {
	l := &statement{dialect: s.dialect, searchable: searchableThreads(s.dialect)}
	mine := ""
	if user != "" {
		id := l.bind(user)
		mine = `(p.sender = ` + id + ` OR EXISTS (SELECT 1 FROM messages r WHERE r.parent = t.parent AND r.parent <> ''
			AND r.deleted_at = 0 AND r.sender = ` + id + `))`
	}
	rest, refused := l.rest(mine, q)
	if refused != nil {
		return nil, refused
	}
	rows, err := s.ask(ctx, `SELECT `+threadColumns+` FROM `+threadTables+rest, l.args...)
	return sqlstore.Collect(rows, err, scanThread)
}

const oneThread = `SELECT ` + threadColumns + ` FROM ` + threadTables + ` WHERE t.parent = $1`

// Thread returns the thread of a message and whether there is one.
func (s *Store) Thread(ctx context.Context, parent string) (Thread, bool, error) {
	rows, err := s.Query(ctx, oneThread, parent)
	return sqlstore.First(rows, err, scanThread)
}

// ThreadIn is [Store.Thread] within a transaction.
func ThreadIn(tx *sqlstore.Tx, parent string) (Thread, bool, error) {
	return sqlstore.TxFirst(tx, scanThread, oneThread, parent)
}

// SetThread stores a thread's title and custom data.
func SetThread(tx *sqlstore.Tx, t Thread) error {
	custom, err := sqlstore.ToObject(t.Custom)
	if err != nil {
		return err
	}
	_, err = tx.Change(`UPDATE threads SET title = $2, custom = $3, updated_at = $4 WHERE parent = $1`,
		t.ParentID, t.Title, custom, sqlstore.Micros(t.UpdatedAt))
	return err
}

// LatestReplies returns the newest replies to each message, oldest first.
func (s *Store) LatestReplies(ctx context.Context, parents []string, each int, at time.Time) (map[string][]chat.Message, error) {
	var all []chat.Message
	ends := make([]int, len(parents))
	for i, parent := range parents {
		list, err := s.messages(ctx, `m.parent = $1 AND m.parent <> '' ORDER BY m.seq DESC LIMIT $2`, parent, each)
		if err != nil {
			return nil, err
		}
		slices.Reverse(list)
		all = append(all, list...)
		ends[i] = len(all)
	}
	found := make(map[string][]chat.Message, len(parents))
	begin := 0
	for i, parent := range parents {
		found[parent] = all[begin:ends[i]:ends[i]]
		begin = ends[i]
	}
	return found, s.FillMessages(ctx, all, sqlstore.MessageParts{Whole: true, At: at})
}

func scanThread(rows sqlstore.Row) (t Thread, err error) {
	var cid, custom string
	var created, updated int64
	err = rows.Scan(&t.ParentID, &cid, &t.Title, &custom, &t.CreatedBy.ID, &created, &updated)
	if err != nil {
		return t, err
	}
	t.CID, t.CreatedAt, t.UpdatedAt = sqlstore.SplitCID(cid), sqlstore.Moment(created), sqlstore.Moment(updated)
	err = sqlstore.FromObject(custom, &t.Custom)
	return t, err
}
