package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/graph/generated"
	"backchannel/internal/graph/model"
	"context"
)

func (r *overviewResolver) Server(ctx context.Context, obj *chat.Overview) (*model.ServerOverview, error) {
	return r.server.overview(), nil
}

func (r *queryResolver) Overview(ctx context.Context) (*chat.Overview, error) {
	o, err := r.desk.Overview(ctx, request(ctx))
	return &o, err
}

func (r *Resolver) Overview() generated.OverviewResolver { return &overviewResolver{r} }

type overviewResolver struct{ *Resolver }
