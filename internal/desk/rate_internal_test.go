package desk

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"backchannel/internal/chat"
)

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{Rates: Rates{Messages: Rate{PerSecond: 10, Burst: 60}, Changes: Rate{PerSecond: 30, Burst: 120}}})
		passed := func(who chat.Actor, message bool) (n int) {
			for range 1_000 {
				if d.pace(who, message) == nil {
					n++
				}
			}
			return n
		}
		anna, ben := chat.Actor{ID: "anna"}, chat.Actor{ID: "ben"}
		for _, row := range []struct {
			says    string
			who     chat.Actor
			message bool
			after   time.Duration
			want    int
		}{
			{"a burst of messages", anna, true, 0, 60},
			{"other changes have a bucket of their own", anna, false, 0, 120},
			{"so has everybody else", ben, true, 0, 60},
			{"a second gives ten messages", anna, true, time.Second, 10},
			{"and thirty others", anna, false, 0, 30},
			{"half a second gives five", anna, true, time.Second / 2, 5},
			{"an hour gives a burst", anna, true, time.Hour, 60},
			{"the back office has no limit", chat.Actor{ID: "anna", BackOffice: true}, true, 0, 1_000},
		} {
			time.Sleep(row.after)
			if got := passed(row.who, row.message); got != row.want {
				t.Errorf("%s: %d passed, want %d", row.says, got, row.want)
			}
		}
		refused, _ := errors.AsType[*chat.Error](d.pace(anna, true))
		if refused == nil || refused.Code != chat.RateLimited || refused.Wait != time.Second/10 ||
			refused.Message != "You send a message too often. Wait 1 s." {
			t.Errorf("the refusal is %v", refused)
		}
	})
}

func TestBucketsAreBounded(t *testing.T) {
	l := newLimiter(Rates{Changes: Rate{PerSecond: 1, Burst: 1}}, nil)
	for i := range ratedUsers + 1_000 {
		if err := l.take(fmt.Sprint(i), false); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.users.Len(); n != ratedUsers {
		t.Errorf("the buckets of %d users are kept", n)
	}
	if err := newLimiter(Rates{}, nil).take("anna", true); err != nil {
		t.Errorf("without a limit: %v", err)
	}
}
