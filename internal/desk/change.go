package desk

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru" // as in rate.go

	"backchannel/internal/chat"
)

// ListChanges asks for a page of the records of changes.
type ListChanges struct {
	Request
	First     *int    // nil means DefaultPage
	After     *string // cursor
	By        string
	Operation string
	CID       *string
	UserID    string
	Outcome   chat.ChangeOutcome
	Since     *time.Time
	Until     *time.Time
}

// ListChanges returns a page of the records of changes, newest first.
func (d *Desk) ListChanges(ctx context.Context, in ListChanges) (page chat.Page[chat.Change], err error) {
	if err := d.authorise(ctx, in.Request); err != nil {
		return page, err
	}
	q := chat.ChangeQuery{By: in.By, Operation: in.Operation, UserID: in.UserID, Outcome: in.Outcome}
	if q.Limit, err = pageSize("first", in.First, MaxPage); err != nil {
		return page, err
	}
	if q.After, err = position(in.After, chat.ParseChangeCursor); err != nil {
		return page, err
	}
	if in.CID != nil {
		if q.CID, err = cidOnce(*in.CID); err != nil {
			return page, err
		}
	}
	if in.Since != nil {
		q.Since = *in.Since
	}
	if in.Until != nil {
		q.Until = *in.Until
	}
	return d.provider.Changes(ctx, q)
}

// cidOnce parses the cid of a channel that, like its type, may no longer exist.
func cidOnce(s string) (chat.CID, error) {
	cid, bad := chat.ParseAnyCID(s)
	return cid, inField("filter.cid", bad)
}

// Change returns a record, nil if none has that id.
func (d *Desk) Change(ctx context.Context, r Request, id string) (*chat.Change, error) {
	if err := d.authorise(ctx, r); err != nil {
		return nil, err
	}
	c, err := d.provider.Change(ctx, id)
	if chat.CodeOf(err) == chat.NotFound {
		return nil, nil
	}
	return &c, err
}

// SubscribeChanges opens a feed of the records of changes.
func (d *Desk) SubscribeChanges(ctx context.Context, r Request, after *int64) (chat.Feed, error) {
	if err := d.authorise(ctx, r); err != nil {
		return chat.Feed{}, err
	}
	return d.provider.SubscribeChanges(ctx, after)
}

// unprivileged are the operations of customers. Refusals of these aren't recorded.
var unprivileged = map[string]bool{
	"sendMessage": true, "addReaction": true, "removeReaction": true, "markRead": true, "sendTyping": true,
}

// Refused records that a privileged operation of a caller with a valid token was refused, at most
// once in [refusalEvery] for each caller and operation. err is the reason. Queries count only if
// they are for the back office alone.
func (d *Desk) Refused(ctx context.Context, r Request, name string, query bool, err error) error {
	known := d.authenticate(ctx, r) == nil
	if unprivileged[name] || query && !errors.Is(err, errNoRole) || !known || !d.refusals.first(r.Caller.ID, name, time.Now()) {
		return nil
	}
	r.Reason = ""
	return d.provider.RecordChange(ctx, chat.Operation{By: d.actor(r), Name: name, Source: r.Source}, chat.ChangeRefused)
}

const (
	refusalEvery = time.Minute
	refusalsKept = 50_000
)

// refusals remembers when refusals were last recorded.
type refusals struct {
	mu   sync.Mutex
	last *simplelru.LRU[[2]string, time.Time] // by caller and operation
}

func (l *refusals) first(caller, operation string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last, _ = simplelru.NewLRU[[2]string, time.Time](refusalsKept, nil) // this can't fail
	}
	key := [2]string{caller, operation}
	if last, known := l.last.Get(key); known && now.Sub(last) < refusalEvery {
		return false
	}
	l.last.Add(key, now)
	return true
}
