package transport_test

import (
	"context"
	"slices"

	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/graph"
	"backchannel/internal/graph/generated"
	"backchannel/internal/graph/model"
)

// canned answers the queries that are written in one go, with the data of a test.
type canned struct {
	generated.QueryResolver
	channels []chat.Channel
	messages []chat.Message
	users    []chat.User
	members  []chat.Member
	more     bool

	restrictions []chat.ChannelRestriction
	changes      []chat.Change
	binned       []chat.BinnedChannel

	jobs          []chat.Job
	jobRows       []chat.JobRow
	announcements []desk.Announcement
	plans         []desk.AnnouncementPlan
	bulk          desk.Plan

	webhooks   []chat.Webhook
	deliveries []chat.Delivery
}

// cannedRoot has canned queries.
type cannedRoot struct {
	*graph.Resolver
	canned *canned
}

func (l cannedRoot) Query() generated.QueryResolver { return l.canned }

func (s *canned) LastMessages(context.Context, []string) ([]chat.Message, error) {
	return append([]chat.Message{}, s.messages...), nil
}
func (s *canned) Restrictions(context.Context, string) ([]chat.ChannelRestriction, error) {
	return append([]chat.ChannelRestriction{}, s.restrictions...), nil
}
func (s *canned) Change(context.Context, string) (*chat.Change, error) {
	if len(s.changes) == 0 {
		return nil, nil
	}
	return &s.changes[0], nil
}
func (s *canned) Changes(context.Context, *model.ChangeFilter, *int, *string) (*model.ChangeConnection, error) {
	return &model.Connection[chat.Change]{Page: chat.Page[chat.Change]{Items: s.changes, HasNext: s.more}}, nil
}
func (s *canned) Bin(context.Context, *int, *string, *string) (*model.BinConnection, error) {
	return &model.Connection[chat.BinnedChannel]{Page: chat.Page[chat.BinnedChannel]{Items: s.binned, HasNext: s.more}}, nil
}
func (s *canned) Jobs(context.Context, *chat.JobState, *int, *string) (*model.JobConnection, error) {
	return &model.Connection[chat.Job]{Page: chat.Page[chat.Job]{Items: s.jobs, HasNext: s.more}}, nil
}
func (s *canned) JobRows(context.Context, string, *chat.RowState, *int, *string) (*model.JobRowConnection, error) {
	return &model.Connection[chat.JobRow]{Page: chat.Page[chat.JobRow]{Items: s.jobRows, HasNext: s.more}}, nil
}
func (s *canned) Announcements(context.Context, *chat.JobState, *int, *string) (*model.AnnouncementConnection, error) {
	return &model.Connection[desk.Announcement]{Page: chat.Page[desk.Announcement]{Items: s.announcements, HasNext: s.more}}, nil
}
func (s *canned) Announcement(context.Context, string) (*desk.Announcement, error) {
	if len(s.announcements) == 0 {
		return nil, nil
	}
	return &s.announcements[0], nil
}
func (s *canned) AnnouncementPlan(context.Context, string) (*desk.AnnouncementPlan, error) {
	return &s.plans[0], nil
}
func (s *canned) Plan(context.Context, model.PlanInput) (*desk.Plan, error) { return &s.bulk, nil }
func (s *canned) Webhooks(context.Context) ([]chat.Webhook, error) {
	return append([]chat.Webhook{}, s.webhooks...), nil
}
func (s *canned) WebhookDeliveries(context.Context, string, *chat.DeliveryState, *int, *string) (*model.WebhookDeliveryConnection, error) {
	return &model.Connection[chat.Delivery]{Page: chat.Page[chat.Delivery]{Items: s.deliveries, HasNext: s.more}}, nil
}
func (s *canned) AllChannels(context.Context) ([]chat.Channel, error) {
	return append([]chat.Channel{}, s.channels...), nil
}
func (s *canned) Members(context.Context, string, *int, *string) (*model.MemberConnection, error) {
	return &model.Connection[chat.Member]{Page: chat.Page[chat.Member]{Items: s.members, HasNext: s.more}}, nil
}
func (s *canned) Channel(context.Context, string) (*chat.Channel, error) {
	if len(s.channels) == 0 {
		return nil, nil
	}
	return &s.channels[0], nil
}
func (s *canned) Channels(context.Context, *int, *string, *string, *chat.ChannelType, *string) (*model.ChannelConnection, error) {
	return &model.Connection[chat.Channel]{Page: chat.Page[chat.Channel]{Items: s.channels, HasNext: s.more}}, nil
}
func (s *canned) MyChannels(context.Context, *int, *string) (*model.ChannelConnection, error) {
	return &model.Connection[chat.Channel]{Page: chat.Page[chat.Channel]{Items: s.channels, HasPrevious: s.more}}, nil
}
func (s *canned) Messages(context.Context, string, *int, *string, *int, *string) (*model.MessageConnection, error) {
	return &model.Connection[chat.Message]{Page: chat.Page[chat.Message]{Items: slices.Clone(s.messages), HasNext: s.more}}, nil
}
func (s *canned) ChatUsers(context.Context, *string, []string, *int, *string) (*model.ChatUserConnection, error) {
	return &model.Connection[chat.User]{Page: chat.Page[chat.User]{Items: s.users}}, nil
}
