package streamapi

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore/jobstore"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

// channelsPerBatch is the maximum number of channels that one batch changes.
const channelsPerBatch = 1_000

type batchRequest struct {
	Operation string                     `json:"operation"`
	Filter    map[string]json.RawMessage `json:"filter"`
	Members   []wire.MemberRequest       `json:"members"`
	Data      *batchData                 `json:"data"`
}

// batchData is the data that a batch sets. Omitted fields don't change.
type batchData struct {
	Frozen    *bool           `json:"frozen"`
	Disabled  *bool           `json:"disabled"`
	Team      *string         `json:"team"`
	Overrides map[string]any  `json:"config_overrides"`
	Custom    map[string]any  `json:"custom"`
	Translate json.RawMessage `json:"auto_translation_enabled"`
}

// batch is a batch that has begun.
type batch struct {
	Request json.RawMessage
	CIDs    []chat.CID
}

const updatingChannels = "updateChannels"

// updateChannelsBatch changes all channels that match. If a channel can't be changed, the task
// lists it and the others are changed. The work is done when this returns. A batch that was cut
// short by a crash is finished later.
func (s *Server) updateChannelsBatch(c *call) (any, error) {
	var req batchRequest
	if err := c.into(&req); err != nil {
		return nil, err
	}
	change, err := s.batchOperation(c.Context(), req)
	if err != nil {
		return nil, err
	}
	channels, err := s.batchChannels(c, req.Filter)
	if err != nil {
		return nil, err
	}
	cids := make([]chat.CID, len(channels))
	for i, one := range channels {
		cids[i] = one.CID
	}
	begun, err := s.engine.Begin(c.Context(), updatingChannels, batch{c.body, cids})
	if err != nil {
		return nil, err
	}
	result, err := change.each(c.Context(), cids)
	if err != nil {
		return nil, err
	}
	task, err := s.engine.FinishedTask(c.Context(), begun, result)
	return map[string]any{"task_id": task}, err
}

// finishBatch changes the channels of a batch that its record doesn't name yet.
func (s *Server) finishBatch(ctx context.Context, u jobstore.Unfinished) error {
	var b batch
	if err := json.Unmarshal([]byte(u.Input), &b); err != nil {
		return fmt.Errorf("reading a batch: %w", err)
	}
	var req batchRequest
	if err := decode(b.Request, &req); err != nil {
		return err
	}
	change, err := s.batchOperation(ctx, req)
	if err != nil {
		return err
	}
	done, err := s.engine.ChannelsIn(ctx, u.Change)
	if err != nil {
		return err
	}
	_, err = change.each(ctx, slices.DeleteFunc(b.CIDs, func(cid chat.CID) bool { return done[cid] }))
	return err
}

// each changes channels and returns a line for each.
func (change batchChange) each(ctx context.Context, cids []chat.CID) (map[string]any, error) {
	result := make(map[string]any, len(cids))
	for _, cid := range cids {
		line := map[string]any{"status": "ok"}
		if err := change(ctx, cid); err != nil {
			refused := wire.AsError(err)
			if refused.Kind.Status >= wire.InternalError.Status { // not the channel's fault: the other channels would fail too
				return nil, err
			}
			line = map[string]any{"status": "error", "error": refused.Message}
		}
		result[cid.String()] = line
	}
	return result, nil
}

// batchChannels returns the channels that a batch changes.
func (s *Server) batchChannels(c *call, filter map[string]json.RawMessage) ([]chat.Channel, error) {
	if len(filter) == 0 {
		return nil, wire.Invalid("filter must say which channels to change")
	}
	filter = maps.Clone(filter)
	for many, field := range map[string]string{"cids": "cid", "types": "type"} {
		if asked, ok := filter[many]; ok {
			delete(filter, many)
			filter[field] = asked
		}
	}
	text, err := json.Marshal(filter)
	if err != nil {
		return nil, err
	}
	compiled, refused := store.ParseFilter(text)
	if refused != nil {
		return nil, refused
	}
	list, err := s.engine.SearchChannels(c.Context(), store.ChannelSearch{Search: store.Search{Filter: compiled, Limit: channelsPerBatch + 1}})
	if err == nil && len(list) > channelsPerBatch {
		err = wire.Invalid("the filter finds more than %d channels; ask for fewer at a time", channelsPerBatch)
	}
	return list, err
}

// batchChange changes one channel in one transaction, since a batch that was cut short goes on with
// the channels that its record doesn't name.
type batchChange func(ctx context.Context, cid chat.CID) error

// batchOperation returns the change that a batch makes to each channel.
func (s *Server) batchOperation(ctx context.Context, req batchRequest) (batchChange, error) {
	if req.Operation == "updateData" {
		return s.batchUpdate(req.Data)
	}
	members, err := s.members(ctx, req.Members)
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, wire.Invalid("members must have 1 to %d users", membersAtOnce)
	}
	var change chat.ChannelChange
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.User.ID
	}
	ids = wire.Unique(ids)
	roles := func(role string) map[string]string {
		all := make(map[string]string, len(members))
		for _, m := range members {
			if all[m.User.ID] = role; role == "" {
				all[m.User.ID] = m.Role
			}
		}
		return all
	}
	switch req.Operation {
	case "addMembers":
		change.Add = members
	case "inviteMembers":
		change.Invite = members
	case "removeMembers":
		change.Remove = ids
	case "assignRoles":
		change.Roles = roles("")
	case "addModerators":
		change.Add, change.Roles = members, roles(chat.ChannelModerator)
	case "demoteModerators":
		change.Roles = roles(chat.ChannelMember)
	case "hide", "show":
		return func(ctx context.Context, cid chat.CID) error {
			return s.engine.HideChannel(ctx, cid, ids, req.Operation == "hide", false)
		}, nil
	case "archive", "unarchive":
		return func(ctx context.Context, cid chat.CID) error {
			return s.engine.PatchMembers(ctx, cid, ids, func(m *chat.Member) error {
				switch {
				case req.Operation == "unarchive":
					m.ArchivedAt = time.Time{}
				case m.ArchivedAt.IsZero():
					m.ArchivedAt = s.engine.Now()
				}
				return nil
			})
		}, nil
	default:
		return nil, wire.Invalid("there is no operation %q", req.Operation)
	}
	return func(ctx context.Context, cid chat.CID) error {
		change.Operation.By, change.CID = server(""), cid
		return s.engine.ChangeChannel(ctx, change)
	}, nil
}

func (s *Server) batchUpdate(data *batchData) (batchChange, error) {
	if data == nil {
		return nil, wire.Invalid("data must say what to set")
	}
	if len(data.Translate) > 0 && !empty(data.Translate) {
		return nil, wire.Invalid("nothing is translated here; leave auto_translation_enabled out")
	}
	set := map[string]any{}
	if data.Frozen != nil {
		set["frozen"] = *data.Frozen
	}
	if data.Disabled != nil {
		set["disabled"] = *data.Disabled
	}
	if data.Team != nil {
		set["team"] = *data.Team
	}
	if data.Overrides != nil {
		set["config_overrides"] = data.Overrides
	}
	if data.Custom != nil {
		set["custom"] = data.Custom
	}
	return func(ctx context.Context, cid chat.CID) error {
		return s.engine.ChangeChannel(ctx, changeOf("", cid, func(d *chat.Channel) error { return wire.PatchChannel(d, wire.Patch{Set: set}) }))
	}, nil
}
