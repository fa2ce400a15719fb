package stream_test

import (
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/chattest"
	"backchannel/internal/stream"
)

// Stream shows the app's server messages that are for few users only; it is up to us
// to show them to nobody else.
func TestAudiences(t *testing.T) {
	chattest.RunAudiences(t, func(t *testing.T) (chat.Provider, func(chat.MessageDetail) error) {
		h := open(t, stream.Options{})
		return h.Provider, func(m chat.MessageDetail) error {
			_, err := h.far.PostMessage(t.Context(), m, false)
			return err
		}
	})
}
