package transport

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gobwas/ws"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/transport/fanout"
	"backchannel/internal/transport/plan"
	"backchannel/internal/transport/wire"
)

// owner is the connection on which an operation runs.
type owner interface {
	request() desk.Request    // the caller, according to the newest token
	release(o *liveOperation) // called once, before the operation's last item is sent
	failed(list gqlerror.List, o *liveOperation) []wire.Item
	completed(o *liveOperation) []wire.Item
}

// liveOperation is one query, mutation or subscription on a live connection.
type liveOperation struct {
	server *Server
	owner  owner
	conn   *wire.Conn
	id     string // chosen by the client
	prefix string // the beginning of its messages
	alone  bool   // the connection ends together with the operation
	after  *int64 // the seq after which to start; nil to use the argument

	mu     sync.Mutex
	ended  bool
	errors gqlerror.List      // why it failed
	cancel context.CancelFunc // nil after it has joined a group
	leave  func()             // ends the attendance; nil if there is none
	sub    *subscription
	member *fanout.Member[groupKey] // set after it has joined
}

// run executes the operation in a goroutine of its own.
func (o *liveOperation) run(ctx context.Context, params *graphql.RawParams) {
	defer func() {
		if value := recover(); value != nil {
			o.fail(gqlerror.List{o.server.presenter.present(ctx, recoverPanic(ctx, value))})
		}
	}()
	ctx = withRequest(ctx, o.owner.request())
	oc, errs := o.server.runner.CreateOperationContext(ctx, params)
	began := time.Now()
	defer func() { o.server.account(ctx, oc, o.failures(), began) }()
	switch {
	case len(errs) > 0:
		o.fail(errs)
	case oc.Operation.Operation == ast.Subscription:
		o.subscribe(ctx, oc)
	default:
		o.answer(ctx, oc)
	}
}

// answer runs a query or mutation.
func (o *liveOperation) answer(ctx context.Context, oc *graphql.OperationContext) {
	ctx, cancel := context.WithTimeout(ctx, o.server.timeout)
	defer cancel()
	o.server.live.answering.Add(1)
	defer o.server.live.answering.Add(-1)
	res := o.server.execute(ctx, oc)
	o.note(res.errors)
	parts := res.parts()
	if plan.Size(parts) <= smallAnswer {
		res.release()
		o.send(&fanout.Event{JSON: slices.Concat(parts...)})
	} else {
		o.sendLarge(wire.Item{Prefix: o.prefix, Body: parts[0], Rest: parts[1:], Done: res.release, Op: ws.OpText})
	}
	o.complete()
}

// smallAnswer is the maximum size of an answer that is copied. The memory of larger ones stays
// leased until the peer has received them.
const smallAnswer = 16 << 10

// sendLarge sends an answer whose memory is leased until the peer has received it.
func (o *liveOperation) sendLarge(item wire.Item) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		item.Done()
		return
	}
	o.conn.Send(item)
}

// subscribe joins a group, which delivers the events.
func (o *liveOperation) subscribe(ctx context.Context, oc *graphql.OperationContext) {
	sub, bad := o.server.schema.subscription(oc)
	if bad != nil {
		o.fail(gqlerror.List{bad})
		return
	}
	o.sub = sub
	by := o.owner.request()
	feed, err := sub.source.Open(ctx, by, o.after)
	if err != nil {
		o.End(err)
		return
	}
	reader := chat.Actor{ID: by.Caller.ID, BackOffice: o.server.desk.IsBackOffice(by)}
	m := &fanout.Member[groupKey]{Sink: o, By: reader, MayRead: o.mayRead}
	err = o.server.groups.Join(ctx, fanout.Start[groupKey]{
		Key: sub.key(reader), Feed: feed,
		Render: func() fanout.Render { return o.server.rendering(oc) },
	}, m)
	if err != nil {
		o.End(err)
		return
	}
	if o.joined(m) {
		o.attend(ctx, by)
	}
}

// joined stores the member of the group. It returns false if the operation has ended in the
// meantime.
func (o *liveOperation) joined(m *fanout.Member[groupKey]) bool {
	o.mu.Lock()
	ended := o.ended
	if !ended {
		o.member, o.cancel, o.sub.oc = m, nil, nil // the group has everything that is needed to run it
	}
	o.mu.Unlock()
	if ended {
		o.server.groups.Leave(m)
	}
	return !ended
}

// attend marks the user as present. It checks again whether the user may read, since that may have
// changed before the group would notice.
func (o *liveOperation) attend(ctx context.Context, by desk.Request) {
	leave, err := o.sub.source.Attend(ctx, by)
	if err != nil {
		o.End(err)
		return
	}
	o.mu.Lock()
	ended := o.ended
	if !ended {
		o.leave = leave
	}
	o.mu.Unlock()
	if ended {
		leave()
	}
}

func (o *liveOperation) mayRead(ctx context.Context) error {
	return o.sub.source.MayRead(ctx, o.owner.request())
}

// Deliver implements fanout.Sink.
func (o *liveOperation) Deliver(list []*fanout.Event) { o.send(list...) }

// perSend is the number of responses that are passed to the connection at once.
const perSend = 64

// send sends responses, unless the operation has ended.
func (o *liveOperation) send(list ...*fanout.Event) {
	o.server.metrics.Deliveries(len(list))
	var few [16]wire.Item
	o.mu.Lock()
	defer o.mu.Unlock()
	for part := range slices.Chunk(list, perSend) {
		if o.ended {
			return
		}
		items := few[:0]
		for _, e := range part {
			items = append(items, wire.Item{Prefix: o.prefix, Body: e.JSON, Seq: e.Seq, Op: ws.OpText})
		}
		o.conn.Send(items...)
	}
}

// Settle implements fanout.Sink.
func (o *liveOperation) Settle(ctx context.Context) error { return o.conn.Settle(ctx) }

// End implements fanout.Sink.
func (o *liveOperation) End(err error) {
	o.mu.Lock()
	ended := o.ended
	o.mu.Unlock()
	if !ended {
		ctx := withRequest(context.Background(), o.owner.request())
		o.fail(o.sub.present(ctx, o.server.presenter, err))
	}
}

func (o *liveOperation) fail(errs gqlerror.List) {
	o.note(errs)
	o.end(o.owner.failed(errs, o))
}

func (o *liveOperation) complete() { o.end(o.owner.completed(o)) }

// note stores why the operation failed, for the metrics and the access log.
func (o *liveOperation) note(errs gqlerror.List) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errors = errs
}

func (o *liveOperation) failures() gqlerror.List {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.errors
}

// end ends the operation, once, and sends its last items.
func (o *liveOperation) end(last []wire.Item) {
	o.mu.Lock()
	if o.ended {
		o.mu.Unlock()
		return
	}
	o.ended = true
	o.owner.release(o)
	if len(last) > 0 {
		o.conn.Send(last...)
	}
	if o.alone {
		o.conn.Close(ws.StatusNormalClosure, "")
	}
	member, leave, cancel := o.member, o.leave, o.cancel
	o.member, o.leave, o.cancel = nil, nil, nil
	o.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	if member != nil {
		o.server.groups.Leave(member)
	}
	if leave != nil {
		leave()
	}
}
