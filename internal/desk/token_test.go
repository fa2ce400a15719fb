package desk_test

import (
	"testing"
	"time"

	"backchannel/internal/desk"
)

// No token is made that this server would refuse.
func TestTokensLiveNoLongerThanTheServerTakesThem(t *testing.T) {
	for _, row := range []struct {
		says    string
		longest time.Duration
		seconds *int
		want    time.Duration
	}{
		{"a day unless something is asked for", 0, nil, 24 * time.Hour},
		{"as long as was asked for", 0, new(60), time.Minute},
		{"no longer than the server takes", time.Hour, new(7200), time.Hour},
		{"nor if nothing was asked for", time.Hour, nil, time.Hour},
		{"less than the server takes", time.Hour, new(60), time.Minute},
	} {
		var made time.Duration
		d := open(t, desk.Options{MaxTokenLife: row.longest, Mint: func(_ string, ttl time.Duration) (string, error) {
			made = ttl
			return "token", nil
		}})
		start := time.Now().Truncate(time.Second)
		_, expires, err := d.CreateUserToken(t.Context(), desk.CreateUserToken{Request: bo, UserID: "anna", Seconds: row.seconds})
		if err != nil || made != row.want || expires.Before(start.Add(row.want)) || expires.After(time.Now().Add(row.want)) {
			t.Errorf("%s: a token for %s until %s (%v), want %s", row.says, made, expires, err, row.want)
		}
	}
}
