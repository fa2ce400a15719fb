package stream_test

import (
	"net/http"
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/chattest"
	"backchannel/internal/stream"
)

// What a chat is, over a network and Stream's API, on our own engine.
func TestProvider(t *testing.T) {
	chattest.Run(t, func(t *testing.T) chat.Provider {
		h := open(t, stream.Options{})
		h.ownType(chattest.OwnType)
		return h.Provider
	},
		chattest.Events, chattest.Figures, chattest.Mutes, chattest.ShortBans, chattest.DenseSeq, chattest.ExactReads)
}

// ownType gives the app a channel type of its own.
func (h *house) ownType(t chat.ChannelType) {
	h.Helper()
	if _, err := h.far.CreateChannelType(h.Context(), t, func(*chat.TypeSettings) error { return nil }); err != nil {
		h.Fatal(err)
	}
}

func TestChannelTypesAreAskedForSparingly(t *testing.T) {
	h := open(t, stream.Options{})
	h.ownType("podcast")
	h.net.breakNext(1, http.MethodGet, "/channeltypes", refuses(http.StatusUnauthorized, `{"code":40,"message":"token expired"}`))
	if _, err := h.KnowsType(t.Context(), "podcast"); asError(t, err).Code != chat.Unavailable {
		t.Errorf("unanswered, the type is unknown: %v", err)
	}
	knows := func(kind chat.ChannelType) bool {
		known, err := h.KnowsType(t.Context(), kind)
		if err != nil {
			t.Error(err)
		}
		return known
	}
	if !knows(chat.Team) || h.net.count(http.MethodGet, "/channeltypes") != 1 {
		t.Error("Stream is asked whether it has the built-in types")
	}
	for range 100 {
		if !knows("podcast") || knows("nothing") {
			t.Fatal("the types are others")
		}
	}
	if n := h.net.count(http.MethodGet, "/channeltypes"); n != 2 {
		t.Errorf("Stream was asked for its channel types %d times, want once, and once in vain", n)
	}
}
