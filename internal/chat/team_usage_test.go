package chat_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"backchannel/internal/chat"
)

func day(date string) chat.Day {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return chat.DayOf(t)
}

func TestTeamUsage(t *testing.T) {
	q := chat.TeamUsageQuery{From: day("2026-02-28"), To: day("2026-03-03")}
	if got, want := q.Since(), day("2026-01-30"); got != want {
		t.Errorf("it looks back to %s", got.Start())
	}
	if got := (chat.TeamUsageQuery{From: day("2026-03-31")}).Since(); got != day("2026-03-01") {
		t.Errorf("from the 31st it looks back to %s", got.Start())
	}
	got := q.UsageOf([]chat.UsageUser{
		{ID: "ann", Teams: []string{"red", "blue"}, Since: day("2025-01-01")},
		{ID: "bob", Teams: []string{"red"}, Since: day("2026-03-02")},
		{ID: "cid", Since: day("2026-01-01")},
	}, []chat.UsageRecord{
		{Team: "red", User: "ann", Day: day("2026-01-30"), Count: 5}, // out of 30 days and of its month on 1 March
		{Team: "red", User: "ann", Day: day("2026-02-27"), Count: 1},
		{Team: "blue", User: "ann", Day: day("2026-02-27"), Count: 7}, // one user of two teams, active once in each
		{Team: "red", User: "ann", Day: day("2026-03-02"), Count: 2},
		{Team: "red", User: "bob", Day: day("2026-03-02"), Count: 3},
		{Team: "red", User: "gone", Day: day("2026-03-03"), Count: 1}, // of no team: only the message counts
		{Team: "", User: "cid", Day: day("2026-01-31"), Count: 4},
	}, map[string]int64{"red": 100})
	want := []chat.TeamUsage{{
		Team: "", ActiveUsers: []int64{0, 0, 0, 0}, ActiveIn30Days: []int64{1, 1, 0, 0}, ActiveThisMonth: []int64{0, 0, 0, 0},
		Users: []int64{1, 1, 1, 1}, Messages: []int64{0, 0, 0, 0}, MessagesIn30Days: []int64{4, 4, 0, 0},
		MessagesThisMonth: []int64{0, 0, 0, 0}, MessagesEver: []int64{4, 4, 4, 4},
	}, {
		Team: "blue", ActiveUsers: []int64{0, 0, 1, 0}, ActiveIn30Days: []int64{1, 1, 1, 1}, ActiveThisMonth: []int64{1, 0, 1, 1},
		Users: []int64{1, 1, 1, 1}, Messages: []int64{0, 0, 0, 0}, MessagesIn30Days: []int64{7, 7, 7, 7},
		MessagesThisMonth: []int64{7, 0, 0, 0}, MessagesEver: []int64{7, 7, 7, 7},
	}, {
		Team: "red", ActiveUsers: []int64{0, 0, 2, 0}, ActiveIn30Days: []int64{1, 1, 2, 2}, ActiveThisMonth: []int64{1, 0, 2, 2},
		Users: []int64{1, 1, 2, 2}, Messages: []int64{0, 0, 5, 1}, MessagesIn30Days: []int64{6, 1, 6, 7},
		MessagesThisMonth: []int64{1, 0, 5, 6}, MessagesEver: []int64{106, 106, 111, 112},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if early := (chat.TeamUsageQuery{From: 0, To: 0}).UsageOf(nil, nil, nil); len(early) != 0 {
		t.Errorf("before there was anything there was %v", early)
	}
}
