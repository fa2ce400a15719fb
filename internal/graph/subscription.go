package graph

import (
	"context"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph/scalar"
	"backchannel/internal/transport"
)

// subscriptions are the fields of Subscription.
func subscriptions(d *desk.Desk) map[string]transport.Subscription {
	return map[string]transport.Subscription{
		"channelEvents": {Events: channelEventObject, Source: func(args map[string]any) transport.Source {
			cid, _ := args["cid"].(string)
			return channelEvents{d, cid, args["after"]}
		}},
		"userEvents": {Events: userEventObject, Own: true, Source: func(map[string]any) transport.Source {
			return userEvents{d}
		}},
		"backofficeEvents": {Events: backofficeEventObject, Source: func(args map[string]any) transport.Source {
			return backofficeEvents{d.SubscribeBackOffice, args["after"]}
		}},
		"jobEvents": {Events: jobEventObject, Source: func(args map[string]any) transport.Source {
			return backofficeEvents{d.SubscribeJobs, args["after"]}
		}},
		"changeEvents": {Events: changeEventObject, Source: func(args map[string]any) transport.Source {
			return backofficeEvents{d.SubscribeChanges, args["after"]}
		}},
	}
}

// channelEvents are the events of a channel.
type channelEvents struct {
	desk  *desk.Desk
	cid   string
	after any // an argument
}

func (s channelEvents) Open(ctx context.Context, by desk.Request, after *int64) (chat.Feed, error) {
	after, err := resumeAt(after, s.after)
	if err != nil {
		return chat.Feed{}, err
	}
	return s.desk.SubscribeChannel(ctx, desk.SubscribeChannel{Request: by, CID: s.cid, After: after})
}

func (s channelEvents) MayRead(ctx context.Context, by desk.Request) error {
	return s.desk.MayRead(ctx, by, s.cid)
}

// Attend tells the channel's members that the user is online.
func (s channelEvents) Attend(ctx context.Context, by desk.Request) (leave func(), err error) {
	return s.desk.Attend(ctx, by, s.cid)
}

// userEvents are the events that are sent to the caller.
type userEvents struct{ desk *desk.Desk }

func (s userEvents) Open(ctx context.Context, by desk.Request, _ *int64) (chat.Feed, error) {
	return s.desk.SubscribeUser(ctx, by)
}

func (s userEvents) MayRead(ctx context.Context, by desk.Request) error {
	return s.desk.MayEnter(ctx, by)
}

func (userEvents) Attend(context.Context, desk.Request) (leave func(), err error) {
	return func() {}, nil
}

// backofficeEvents are the events for the back office: of channels and users, of changes, or of jobs.
type backofficeEvents struct {
	subscribe func(ctx context.Context, by desk.Request, after *int64) (chat.Feed, error)
	after     any // an argument
}

func (s backofficeEvents) Open(ctx context.Context, by desk.Request, after *int64) (chat.Feed, error) {
	after, err := resumeAt(after, s.after)
	if err != nil {
		return chat.Feed{}, err
	}
	return s.subscribe(ctx, by, after)
}

// MayRead always allows it, since only the token decides.
func (backofficeEvents) MayRead(context.Context, desk.Request) error { return nil }

func (backofficeEvents) Attend(context.Context, desk.Request) (leave func(), err error) {
	return func() {}, nil
}

// resumeAt returns the seq after which to continue: the one that the client's protocol gives, otherwise
// the argument. nil means from now on.
func resumeAt(after *int64, argument any) (*int64, error) {
	if after != nil || argument == nil {
		return after, nil
	}
	seq, err := scalar.UnmarshalSeq(argument)
	if err != nil {
		return nil, chat.Invalid("after", "after %s.", err)
	}
	return &seq, nil
}
