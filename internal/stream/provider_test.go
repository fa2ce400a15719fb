package stream_test

import (
	"net/http"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/chattest"
	"backchannel/internal/stream"
	"backchannel/internal/streamapi/extra"
)

// The tests of a chat, over a network and Stream's API, on our own engine.
func TestProvider(t *testing.T) {
	chattest.Run(t, func(t *testing.T) chat.Provider {
		h := open(t, stream.Options{})
		h.ownType(chattest.OwnType)
		return h.Provider
	},
		chattest.Signals, chattest.Figures, chattest.Mutes, chattest.ShortBans, chattest.DenseSeq, chattest.ExactReads)
}

// ownType gives the app a channel type of its own.
func (h *hosted) ownType(t chat.ChannelType) {
	h.Helper()
	if _, err := extra.New(h.far).CreateChannelType(h.Context(), t, func(*chat.TypeSettings) error { return nil }); err != nil {
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

// A ban of ours shows at once in a list of users that isn't read again yet.
func TestOwnBansShowAtOnce(t *testing.T) {
	h := open(t, stream.Options{ListStaleness: time.Hour})
	_, err := h.UpsertUsers(t.Context(), chat.UpsertUsers{Operation: by(clerk), Users: []chat.UserChange{{ID: "anna", Name: "Anna"}}})
	if err != nil {
		t.Fatal(err)
	}
	banned := func() *chat.Restriction {
		page, err := h.Users(t.Context(), chat.UserQuery{Limit: 10})
		if err != nil || len(page.Items) != 1 || page.Items[0].Name != "Anna" {
			t.Fatalf("users: %+v, %v", page.Items, err)
		}
		return page.Items[0].Ban
	}
	restrict := func(r chat.Restrict) {
		r.Operation, r.Kind, r.UserID = by(clerk), chat.Ban, "anna"
		if err := h.Restrict(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if banned() != nil {
		t.Error("banned by nobody")
	}
	read := h.net.count(http.MethodGet, "/users")
	until := time.Now().Add(90 * time.Second)
	restrict(chat.Restrict{Until: until})
	if r := banned(); r == nil || r.Until.Before(until) || r.Until.After(until.Add(time.Minute)) {
		t.Errorf("banned until %s: %+v", until, r)
	}
	restrict(chat.Restrict{Lift: true})
	if r := banned(); r != nil {
		t.Errorf("lifted, and still %+v", r)
	}
	if n := h.net.count(http.MethodGet, "/users"); n != read+2 { // each change looks whether there is such a user
		t.Errorf("Stream was asked for users %d times more, want 2", n-read)
	}
}
