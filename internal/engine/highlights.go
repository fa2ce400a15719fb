package engine

import (
	"context"
	"time"

	"backchannel/internal/chat"
)

// highlightsAge is the maximum age of the highlights. Computing them reads all channels and the
// messages of a day.
const highlightsAge = time.Minute

// Highlights implements chat.Provider.
func (e *Engine) Highlights(ctx context.Context) (chat.Highlights, error) {
	return e.highlights.get(highlightsAge, func() (chat.Highlights, error) { return e.readHighlights(ctx) })
}

func (e *Engine) readHighlights(ctx context.Context) (h chat.Highlights, err error) {
	now, most := e.now(), chat.HighlightsListed
	var busy []chat.BusyChannel
	var bans []chat.ChannelRestriction
	busy, err = e.Store.BusiestChannels(ctx, now.Add(-24*time.Hour), most)
	if err == nil {
		h.Silent, err = e.Store.SilentChannels(ctx, now.Add(-chat.SilentAfter), most)
	}
	if err == nil {
		h.Newest, err = e.Store.NewestChannels(ctx, most)
	}
	if err == nil {
		bans, err = e.Store.EndingBans(ctx, now, now.Add(chat.EndingWithin), most)
	}
	h.Busy = append([]chat.BusyChannel{}, busy...) // nil would mean unknown
	h.EndingBans = append([]chat.ChannelRestriction{}, bans...)
	e.completeAvatars(h.Silent)
	e.completeAvatars(h.Newest)
	for i := range h.Busy {
		h.Busy[i].Channel.Avatar = e.avatarURL(h.Busy[i].Channel.Avatar)
	}
	return h, err
}
