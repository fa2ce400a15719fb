package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/graph/generated"
	"backchannel/internal/transport"
	"context"
)

func (r *overviewResolver) Server(ctx context.Context, obj *chat.Overview) (*transport.Figures, error) {
	return r.server.Figures(), nil
}

func (r *queryResolver) Overview(ctx context.Context) (*chat.Overview, error) {
	o, err := r.Desk.Overview(ctx, transport.Request(ctx))
	return &o, err
}

func (r *queryResolver) Highlights(ctx context.Context) (*chat.Highlights, error) {
	h, err := r.Desk.Highlights(ctx, transport.Request(ctx))
	h.Silent, h.Newest = some(h.Silent), some(h.Newest)
	return &h, err
}

func (r *endingBanResolver) Cid(ctx context.Context, obj *chat.ChannelRestriction) (*string, error) {
	if obj.CID == (chat.CID{}) {
		return nil, nil
	}
	return optional(obj.CID.String()), nil
}

func (r *Resolver) EndingBan() generated.EndingBanResolver { return &endingBanResolver{r} }

type endingBanResolver struct{ *Resolver }

func (r *Resolver) Overview() generated.OverviewResolver { return &overviewResolver{r} }

type overviewResolver struct{ *Resolver }
