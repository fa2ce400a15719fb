package streamapi_test

import (
	"fmt"
	"testing"
	"time"
)

func TestMessagesBeforeAndAfterAMoment(t *testing.T) {
	onBoth(t, func(t *testing.T, c *client) {
		room := c.room("news", "alice")
		c.ok("POST", c.room("other", "alice")+"/message", object{"message": object{"text": "elsewhere", "user_id": "alice"}})
		var times []time.Time
		for i := range 7 {
			nanos, _ := c.send(room, object{"id": fmt.Sprint("m", i), "text": "hello", "user_id": "alice"})["created_at"].(float64)
			times = append(times, time.Unix(0, int64(nanos)).Round(time.Microsecond)) // a JSON number is rounded
			time.Sleep(2 * time.Millisecond)                                          // each has a moment of its own
			c.ok("POST", "/api/v2/chat/messages/"+fmt.Sprint("m", i)+"/reaction", object{"reaction": object{"type": "like", "user_id": "alice"}})
		}
		between := times[3].Add(time.Millisecond)
		for _, row := range []struct {
			name string
			part object
			want string
		}{
			{"after a message", object{"created_at_after": times[3]}, "m4 m5 m6"},
			{"after a message, the first two", object{"created_at_after": times[3], "limit": 2}, "m4 m5"},
			{"from a message on", object{"created_at_after_or_equal": times[3], "limit": 2}, "m3 m4"},
			{"before a message", object{"created_at_before": times[3]}, "m0 m1 m2"},
			{"before a message, the last two", object{"created_at_before": times[3], "limit": 2}, "m1 m2"},
			{"up to a message", object{"created_at_before_or_equal": times[3], "limit": 2}, "m2 m3"},
			{"around a message", object{"created_at_around": times[3], "limit": 4}, "m1 m2 m3 m4"},
			{"after no message", object{"created_at_after": between, "limit": 1}, "m4"},
			{"before no message", object{"created_at_before": between, "limit": 1}, "m3"},
			{"between two moments", object{"created_at_after": times[1], "created_at_before": times[4]}, "m2 m3"},
			{"from the beginning of time", object{"created_at_after_or_equal": "1970-01-01T00:00:00Z", "limit": 3}, "m0 m1 m2"},
			{"after the end", object{"created_at_after": times[6]}, ""},
			{"before the beginning", object{"created_at_before": times[0]}, ""},
			{"after a moment, then by id", object{"created_at_after": times[1], "id_gt": "m4"}, "m5 m6"},
		} {
			if got := listOf(t, c.ok("POST", room+"/query", object{"messages": row.part})["messages"], "id"); got != row.want {
				t.Errorf("%s: got %q, want %q", row.name, got, row.want)
			}
		}
		c.refused("POST", room+"/query", object{"messages": object{"created_at_after": "yesterday"}}, 400, 4)
	})
}
