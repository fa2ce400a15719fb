package graph

import (
	"backchannel/internal/desk"
	"backchannel/internal/graph/generated"
	"backchannel/internal/graph/model"
	"backchannel/internal/transport"
	"context"
	"time"
)

func (r *mutationResolver) ApplyPlan(ctx context.Context, input model.ApplyPlanInput) (*model.JobPayload, error) {
	return jobPayload(r.Desk.ApplyPlan(ctx, desk.ApplyPlan{PlanBulk: bulk(because(ctx, input.Reason), *input.Plan), Digest: input.Digest}))
}

func (r *planResolver) Sample(ctx context.Context, obj *desk.Plan) ([]desk.PlanTarget, error) {
	return some(obj.Sample), nil
}

func (r *planResolver) Refusals(ctx context.Context, obj *desk.Plan) ([]desk.Refusal, error) {
	return some(obj.Listed), nil
}

func (r *planResolver) UndoableUntil(ctx context.Context, obj *desk.Plan) (*time.Time, error) {
	return optionalTime(obj.UndoableUntil), nil
}

func (r *planTargetResolver) Name(ctx context.Context, obj *desk.PlanTarget) (*string, error) {
	return optional(obj.Name), nil
}

func (r *queryResolver) Plan(ctx context.Context, input model.PlanInput) (*desk.Plan, error) {
	return r.Desk.Plan(ctx, bulk(transport.Request(ctx), input))
}

func (r *Resolver) Plan() generated.PlanResolver { return &planResolver{r} }

func (r *Resolver) PlanTarget() generated.PlanTargetResolver { return &planTargetResolver{r} }

type (
	planResolver       struct{ *Resolver }
	planTargetResolver struct{ *Resolver }
)
