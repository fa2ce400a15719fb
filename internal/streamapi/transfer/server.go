package transfer

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"backchannel/internal/stream"
)

// ServerOptions configure a [Server]. Key, Secret and Logger are required.
type ServerOptions struct {
	Key, Secret string
	BaseURL     string            // "" for that of hosted Stream
	Transport   http.RoundTripper // nil for the network
	// Ours says that the server is our own engine: it accepts creation times and has no rate
	// limits.
	Ours   bool
	Logger *slog.Logger
}

// Server is the source or target of a transfer: hosted Stream, or another server of its API.
type Server struct {
	client *stream.Client
	ours   bool
}

// NewServer returns a server without connecting to it. The caller must close it.
func NewServer(o ServerOptions) (*Server, error) {
	c, err := stream.NewClient(stream.ClientOptions{
		Key: o.Key, Secret: o.Secret, BaseURL: o.BaseURL, Transport: o.Transport, Unlimited: o.Ours, Logger: o.Logger,
		TryTimeout: transferTimeout, BreakerPause: transferTimeout,
	})
	if err != nil {
		return nil, err
	}
	return &Server{client: c, ours: o.Ours}, nil
}

// Close closes the connections to the server.
func (s *Server) Close() { s.client.Close() }

// transferTimeout is how long one attempt of a call may take. It is long since nobody waits for the
// answer.
const transferTimeout = time.Minute

// The calls that only transfers make. The comments say why each write may be repeated.
var (
	updateWhole     = call("update channel whole", http.MethodPost, "/api/v2/chat/channels/{}/{}", 300, false)  // sets the same values again
	updateMember    = call("update member", http.MethodPatch, "/api/v2/chat/channels/{}/{}/member", 300, false) // sets the same values again
	listRoles       = call("list roles", http.MethodGet, "/api/v2/roles", 300, true)
	createRole      = call("create role", http.MethodPost, "/api/v2/roles", 60, false)                    // an existing name is refused
	replaceUsers    = call("replace users", http.MethodPost, "/api/v2/users", 300, false)                 // nobody else should write during a transfer
	deactivateUser  = call("deactivate user", http.MethodPost, "/api/v2/users/{}/deactivate", 300, false) // the user stays deactivated
	getManyMessages = call("get many messages", http.MethodGet, "/api/v2/chat/channels/{}/{}/messages", 1_000, true)
	getReplies      = call("get replies", http.MethodGet, "/api/v2/chat/messages/{}/replies", 1_000, true)
	getReactions    = call("get reactions", http.MethodGet, "/api/v2/chat/messages/{}/reactions", 1_000, true)
	editMessage     = call("edit message", http.MethodPost, "/api/v2/chat/messages/{}", 1_000, false)            // sets the same values again
	postMessage     = call("post message", http.MethodPost, "/api/v2/chat/channels/{}/{}/message", 1_000, false) // an existing id is refused
	postReaction    = call("post reaction", http.MethodPost, "/api/v2/chat/messages/{}/reaction", 1_000, false)  // a user has one reaction of each type
)

func call(name, method, path string, perMinute int, read bool) stream.Call {
	return stream.Call{Name: name, Method: method, Path: path, PerMinute: perMinute, Read: read, Repeat: true}
}

const (
	membersPerPage   = 100
	messagesPerPage  = 300
	messagesPerIDs   = 100
	repliesPerPage   = 100
	reactionsPerPage = 100
)

// timeOf converts a number of nanoseconds to a time, zero if v isn't one.
func timeOf(v any) time.Time {
	n, ok := v.(json.Number)
	if !ok {
		return time.Time{}
	}
	nanos, err := n.Int64()
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

func rawScan(pageSize int, id func(raw) string, page func(ctx context.Context, filter object, by stream.Sorting, offset int) ([]raw, error)) stream.Scan[raw] {
	return stream.Scan[raw]{
		PageSize: pageSize, ID: id, Page: page,
		Times: []stream.TimeField[raw]{
			{Sorting: stream.NewestFirst, Of: func(r raw) time.Time { return r.createdAt }},
			{Sorting: stream.LeastChangedFirst, Of: func(r raw) time.Time { return r.updatedAt }},
		},
	}
}

// users returns all users by id, including deactivated ones.
func (s *Server) users(ctx context.Context) ([]raw, error) {
	id := func(r raw) string { return r.id("id") }
	list, err := rawScan(stream.UserPageSize, id, func(ctx context.Context, filter object, by stream.Sorting, offset int) ([]raw, error) {
		return s.userPage(ctx, filter, by, offset)
	}).All(ctx, object{})
	return sorted(list, id), err
}

func (s *Server) userPage(ctx context.Context, filter object, by stream.Sorting, offset int) ([]raw, error) {
	query, err := stream.Payload(object{
		"filter_conditions": filter, "sort": []stream.Sorting{by}, "limit": stream.UserPageSize, "offset": offset, "include_deactivated_users": true,
	})
	if err != nil {
		return nil, err
	}
	a, err := s.do(ctx, stream.QueryUsers, stream.Request{Query: query})
	return a.Users, err
}

// roles returns the names of the app's custom roles.
func (s *Server) roles(ctx context.Context) ([]string, error) {
	a, err := s.do(ctx, listRoles, stream.Request{})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range a.Roles {
		if r.Custom {
			names = append(names, r.Name)
		}
	}
	return names, nil
}

// channels returns all channels by cid.
func (s *Server) channels(ctx context.Context) ([]raw, error) {
	id := func(r raw) string { return r.id("cid") }
	list, err := rawScan(stream.ChannelPageSize, id, s.channelPage).All(ctx, object{})
	return sorted(list, id), err
}

func (s *Server) channelPage(ctx context.Context, filter object, by stream.Sorting, offset int) ([]raw, error) {
	a, err := s.do(ctx, stream.QueryChannels, stream.Request{Body: object{
		"filter_conditions": filter, "sort": []stream.Sorting{by}, "limit": stream.ChannelPageSize, "offset": offset,
		"state": false, "message_limit": 0, "member_limit": 0,
	}})
	rows := make([]raw, len(a.Channels))
	for i, one := range a.Channels {
		rows[i] = one.Channel
	}
	return rows, err
}

// channel returns a channel and whether it exists.
func (s *Server) channel(ctx context.Context, cid string) (raw, bool, error) {
	page, err := s.channelPage(ctx, object{"cid": object{"$eq": cid}}, stream.NewestFirst, 0)
	if err != nil || len(page) == 0 {
		return raw{}, false, err
	}
	return page[0], true, nil
}

// members returns all members of a channel by user id.
func (s *Server) members(ctx context.Context, kind, id string) ([]raw, error) {
	user := func(r raw) string { return r.id("user_id") }
	list, err := rawScan(membersPerPage, user, func(ctx context.Context, filter object, by stream.Sorting, offset int) ([]raw, error) {
		query, err := stream.Payload(object{
			"type": kind, "id": id, "filter_conditions": filter, "sort": []stream.Sorting{by}, "limit": membersPerPage, "offset": offset,
		})
		if err != nil {
			return nil, err
		}
		a, err := s.do(ctx, stream.QueryMembers, stream.Request{Query: query})
		return a.Members, err
	}).All(ctx, object{})
	return sorted(list, user), err
}

func sorted(list []raw, id func(raw) string) []raw {
	slices.SortFunc(list, func(a, b raw) int { return strings.Compare(id(a), id(b)) })
	return list
}

func sortedByTime(list []raw) []raw {
	slices.SortStableFunc(list, func(a, b raw) int { return a.createdAt.Compare(b.createdAt) })
	return list
}
