package stream_test

import (
	"testing"

	"backchannel/internal/chat"
	"backchannel/internal/chattest"
	"backchannel/internal/stream"
)

// What a chat is, over a network and Stream's API, on our own engine.
func TestProvider(t *testing.T) {
	chattest.Run(t, func(t *testing.T) chat.Provider { return open(t, stream.Options{}).Provider },
		chattest.Events, chattest.Figures, chattest.Mutes, chattest.ShortBans, chattest.DenseSeq, chattest.ExactReads)
}
