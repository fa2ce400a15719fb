package graph

import (
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph/generated"
	"backchannel/internal/graph/model"
	"backchannel/internal/transport"
	"context"
	"time"
)

func (r *announcementResolver) Text(ctx context.Context, obj *desk.Announcement) (string, error) {
	return obj.Body.Text, nil
}

func (r *announcementResolver) Attachments(ctx context.Context, obj *desk.Announcement) ([]chat.Attachment, error) {
	return some(announcedAttachments(obj)), nil
}

func (r *announcementResolver) MentionedUsers(ctx context.Context, obj *desk.Announcement) ([]chat.User, error) {
	return some(obj.Mentioned), nil
}

func (r *announcementResolver) Sender(ctx context.Context, obj *desk.Announcement) (string, error) {
	return obj.Body.Sender.ID, nil
}

func (r *announcementResolver) RecallUndoneBy(ctx context.Context, obj *desk.Announcement) (*string, error) {
	return optional(obj.RecallUndoneBy), nil
}

func (r *announcementPlanResolver) Refusals(ctx context.Context, obj *desk.AnnouncementPlan) ([]desk.Refusal, error) {
	return some(obj.Listed), nil
}

func (r *channelSelectionResolver) Cids(ctx context.Context, obj *chat.ChannelSelection) ([]string, error) {
	return cidTexts(obj.CIDs), nil
}

func (r *channelSelectionResolver) TypeName(ctx context.Context, obj *chat.ChannelSelection) (*string, error) {
	return optional(string(obj.Type)), nil
}

func (r *channelSelectionResolver) Search(ctx context.Context, obj *chat.ChannelSelection) (*string, error) {
	return optional(obj.Search), nil
}

func (r *channelSelectionResolver) InactiveSince(ctx context.Context, obj *chat.ChannelSelection) (*time.Time, error) {
	return optionalTime(obj.InactiveSince), nil
}

func (r *mutationResolver) CreateAnnouncement(ctx context.Context, input model.CreateAnnouncementInput) (*model.AnnouncementPayload, error) {
	return announced(r.Desk.PutAnnouncement(ctx, desk.PutAnnouncement{Request: because(ctx, input.Reason), Text: input.Text,
		Attachments: attachments(input.Attachments), Mentions: input.MentionedUsersIds, Channels: channelSelection(*input.Channels)}))
}

func (r *mutationResolver) UpdateAnnouncement(ctx context.Context, input model.UpdateAnnouncementInput) (*model.AnnouncementPayload, error) {
	return announced(r.Desk.PutAnnouncement(ctx, desk.PutAnnouncement{Request: provided(ctx, input.Reason, input.IfVersion), ID: input.ID, Text: input.Text,
		Attachments: attachments(input.Attachments), Mentions: input.MentionedUsersIds, Channels: channelSelection(*input.Channels)}))
}

func (r *mutationResolver) DeleteAnnouncement(ctx context.Context, input model.AnnouncementInput) (*model.DeleteAnnouncementPayload, error) {
	if err := r.Desk.DropAnnouncement(ctx, desk.AboutAnnouncement{Request: because(ctx, input.Reason), ID: input.ID}); err != nil {
		return nil, err
	}
	return &model.DeleteAnnouncementPayload{ID: input.ID}, nil
}

func (r *mutationResolver) SendAnnouncement(ctx context.Context, input model.SendAnnouncementInput) (*model.AnnouncementPayload, error) {
	return announced(r.Desk.SendAnnouncement(ctx, desk.SendAnnouncement{Request: provided(ctx, input.Reason, input.IfVersion), ID: input.ID,
		LocalTime: input.LocalTime, Zone: input.Zone}))
}

func (r *mutationResolver) CancelAnnouncement(ctx context.Context, input model.AnnouncementInput) (*model.AnnouncementPayload, error) {
	return announced(r.Desk.SendAnnouncement(ctx, desk.SendAnnouncement{Request: because(ctx, input.Reason), ID: input.ID, Cancel: true}))
}

func (r *mutationResolver) EditAnnouncement(ctx context.Context, input model.EditAnnouncementInput) (*model.JobPayload, error) {
	return jobPayload(r.Desk.EditAnnouncement(ctx, desk.EditAnnouncement{Request: provided(ctx, input.Reason, input.IfVersion), ID: input.ID, Text: input.Text,
		Attachments: attachments(input.Attachments), Mentions: input.MentionedUsersIds}))
}

func (r *mutationResolver) RecallAnnouncement(ctx context.Context, input model.AnnouncementInput) (*model.JobPayload, error) {
	return jobPayload(r.Desk.RecallAnnouncement(ctx, desk.AboutAnnouncement{Request: because(ctx, input.Reason), ID: input.ID}))
}

func (r *planRefusalResolver) Code(ctx context.Context, obj *desk.Refusal) (string, error) {
	return codeOf(obj.Why), nil
}

func (r *planRefusalResolver) Message(ctx context.Context, obj *desk.Refusal) (string, error) {
	return messageOf(obj.Why), nil
}

func (r *queryResolver) Announcements(ctx context.Context, state *chat.JobState, first *int, after *string) (*model.Connection[desk.Announcement], error) {
	return pageOf(r.Desk.ListAnnouncements(ctx, desk.ListJobs{Request: transport.Request(ctx), State: value(state), First: first, After: after}))
}

func (r *queryResolver) Announcement(ctx context.Context, id string) (*desk.Announcement, error) {
	return r.Desk.Announcement(ctx, transport.Request(ctx), id)
}

func (r *queryResolver) AnnouncementPlan(ctx context.Context, id string) (*desk.AnnouncementPlan, error) {
	return r.Desk.PlanAnnouncement(ctx, transport.Request(ctx), id)
}

func (r *queryResolver) AnnouncementReaders(ctx context.Context, id string) (*chat.Readers, error) {
	return r.Desk.AnnouncementReaders(ctx, transport.Request(ctx), id)
}

func (r *Resolver) Announcement() generated.AnnouncementResolver { return &announcementResolver{r} }

func (r *Resolver) AnnouncementPlan() generated.AnnouncementPlanResolver {
	return &announcementPlanResolver{r}
}

func (r *Resolver) ChannelSelection() generated.ChannelSelectionResolver {
	return &channelSelectionResolver{r}
}

func (r *Resolver) PlanRefusal() generated.PlanRefusalResolver { return &planRefusalResolver{r} }

type (
	announcementResolver     struct{ *Resolver }
	announcementPlanResolver struct{ *Resolver }
	channelSelectionResolver struct{ *Resolver }
	planRefusalResolver      struct{ *Resolver }
)
