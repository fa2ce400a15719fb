package streamapi_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backchannel/internal/pgtest"
	"backchannel/internal/sqlstore"
)

const usagePath = "/api/v2/chat/stats/team_usage"

// teamsIn are the teams of an answer.
func teamsIn(t *testing.T, answer object) string {
	t.Helper()
	var names []string
	for _, u := range answer["teams"].([]any) {
		names = append(names, "["+at(t, u, "team").(string)+"]")
	}
	return strings.Join(names, "")
}

func TestUsageByTeam(t *testing.T) {
	today := time.Date(2026, 3, 5, 23, 59, 59, 0, time.UTC)
	clock := func() time.Time { return today }
	t.Run("SQLite", func(t *testing.T) {
		usageByTeam(t, newClientAt(t, sqlstore.Options{Path: filepath.Join(t.TempDir(), "chat.db")}, clock), today)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		usageByTeam(t, newClientAt(t, sqlstore.Options{URL: pgtest.Open(t)}, clock), today)
	})
}

func usageByTeam(t *testing.T, c *client, today time.Time) {
	if got := teamsIn(t, c.ok("POST", usagePath, object{})); got != "" {
		t.Errorf("in an empty chat there are %s", got)
	}
	c.ok("POST", "/api/v2/users", object{"users": object{
		"ann": object{"id": "ann", "teams": []string{"red", "blue"}}, "bob": object{"id": "bob", "teams": []string{"red"}}, "cid": object{"id": "cid"}}})
	for id, team := range map[string]any{"one": "red", "two": nil} {
		path := "/api/v2/chat/channels/messaging/" + id
		c.ok("POST", path+"/query", object{"data": object{"created_by_id": "ann", "team": team}})
		for i, text := range []string{"1", "2", "3"} {
			c.send(path, object{"text": text, "user_id": []string{"ann", "ann", "cid"}[i]})
		}
	}
	date := today.Format(time.DateOnly)
	for name, body := range map[string]object{
		"this month": {}, "the month": {"month": today.Format("2006-01")}, "the day": {"start_date": date, "end_date": date},
		"some days": {"start_date": today.AddDate(0, 0, -3).Format(time.DateOnly), "end_date": "2026-12-31"},
	} {
		answer := c.ok("POST", usagePath, body)
		if got := teamsIn(t, answer); got != "[][blue][red]" {
			t.Fatalf("%s has %s", name, got)
		}
		for field, want := range map[string][3]float64{ // of none, of blue, of red
			"users_daily": {1, 1, 1}, "users_total": {1, 1, 2}, "users_last_24_hours": {1, 1, 1}, "users_last_30_days": {1, 1, 1},
			"users_month_to_date": {1, 1, 1}, "users_engaged_last_30_days": {1, 1, 1}, "users_engaged_month_to_date": {1, 1, 1},
			"messages_daily": {3, 0, 3}, "messages_total": {3, 0, 3}, "messages_last_24_hours": {3, 0, 3},
			"messages_last_30_days": {3, 0, 3}, "messages_month_to_date": {3, 0, 3},
			"translations_daily": {}, "image_moderations_daily": {}, "concurrent_users": {}, "concurrent_connections": {},
		} {
			for i, n := range want {
				f := at(t, answer, "teams", i, field).(object)
				daily, _ := f["daily"].([]any)
				days := map[string]int{"the day": 1, "some days": 4}[name]
				if f["total"] != n || len(daily) != days {
					t.Errorf("%s of %s: team %d has %v, want %v by %d days", field, name, i, f, n, days)
				}
				if days > 0 && (at(t, daily, days-1, "date") != date || at(t, daily, days-1, "value") != n) {
					t.Errorf("%s of %s: team %d ends with %v, want %v", field, name, i, daily[days-1], n)
				}
			}
		}
	}
	page := c.ok("POST", usagePath, object{"limit": 1})
	seen := []string{teamsIn(t, page)}
	for page["next"] != nil {
		page = c.ok("POST", usagePath, object{"limit": 1, "next": page["next"]})
		seen = append(seen, teamsIn(t, page))
	}
	if strings.Join(seen, " ") != "[] [blue] [red]" {
		t.Errorf("by pages there are %s", seen)
	}
	for _, body := range []object{{"month": "2020-01"}, {"month": "2100-01"}, {"start_date": "2020-01-01", "end_date": "2020-02-01"}} {
		if got := teamsIn(t, c.ok("POST", usagePath, body)); got != "" {
			t.Errorf("%v has %s", body, got)
		}
	}
	for _, body := range []object{
		{"month": "2026"}, {"month": "2026-13"}, {"month": "soon"}, {"start_date": "bad"}, {"start_date": "2026-02-20", "end_date": "2026-02-10"},
		{"start_date": "2026-02-20"}, {"end_date": "2026-02-20"}, {"start_date": "2024-01-01", "end_date": "2026-02-10"},
		{"month": "2026-01", "start_date": "2026-01-01", "end_date": "2026-01-02"}, {"limit": 31}, {"limit": 0}, {"limit": -1},
		{"next": "?"}, {"next": "YQ"},
	} {
		c.refused("POST", usagePath, body, 400, codeInput)
	}
}
