package chat_test

import (
	"testing"
	"time"

	"backchannel/internal/chat"
)

func TestMessagesToday(t *testing.T) {
	if n := (chat.Overview{}).MessagesToday(); n != nil {
		t.Errorf("an empty overview has %d messages today", *n)
	}
	for _, test := range []struct {
		hour int // the current one
		want int64
	}{{0, 1}, {1, 2}, {23, 24}} {
		now := time.Date(2026, 11, 23, test.hour, 0, 0, 0, time.UTC)
		var o chat.Overview
		for i := range chat.OverviewHours {
			o.Hours = append(o.Hours, chat.HourCount{Start: now.Add(time.Duration(i-chat.OverviewHours+1) * time.Hour), Messages: 1})
		}
		if n := o.MessagesToday(); n == nil || *n != test.want {
			t.Errorf("with one message an hour there are %v in the hour of %d:00, want %d", n, test.hour, test.want)
		}
	}
}
