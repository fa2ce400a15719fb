package chat

import (
	"slices"
	"strings"
	"time"
)

// MaxUsageDays is how many days usage is asked for at once.
const MaxUsageDays = 366

// Day is a day in UTC, counted from 1 January 1970.
type Day int64

// DayOf is the day of a moment.
func DayOf(t time.Time) Day { return Day(t.Unix() / int64((24 * time.Hour).Seconds())) }

// Start is the day's first moment.
func (d Day) Start() time.Time { return time.Unix(int64(d)*int64((24*time.Hour).Seconds()), 0).UTC() }

// monthStart is the first day of the day's month.
func (d Day) monthStart() Day { return d - Day(d.Start().Day()-1) }

// TeamUsageQuery asks for the usage of teams over days, both included.
type TeamUsageQuery struct {
	From, To Day
}

// Since is the first day that counts for the query: its figures look back.
func (q TeamUsageQuery) Since() Day { return min(q.From-29, q.From.monthStart()) }

// TeamUsage is how much a team used the chat, by the query's days. Users count for each
// of their teams, messages for their channel's; the team "" is those without.
type TeamUsage struct {
	Team string

	ActiveUsers     []int64 // who sent a message that day
	ActiveIn30Days  []int64 // in the 30 days that end with it
	ActiveThisMonth []int64 // in its month, up to it
	Users           []int64 // all, at its end

	Messages          []int64 // sent that day
	MessagesIn30Days  []int64
	MessagesThisMonth []int64
	MessagesEver      []int64
}

// UsageRecord is what a user sent to a team's channels on a day.
type UsageRecord struct {
	Team  string
	User  string
	Day   Day
	Count int64
}

// UsageUser is a user whose teams count.
type UsageUser struct {
	ID    string
	Teams []string // none for the team ""
	Since Day
}

// UsageOf sums up what users sent since q.Since(). Before is how much each team's
// channels had by then. Teams come by name, those with nothing at the end left out.
func (q TeamUsageQuery) UsageOf(users []UsageUser, sent []UsageRecord, before map[string]int64) []TeamUsage {
	t := tally{TeamUsageQuery: q, teams: map[string]*TeamUsage{}}
	teams := make(map[string][]string, len(users))
	for _, u := range users {
		if len(u.Teams) == 0 {
			u.Teams = []string{""}
		}
		teams[u.ID] = u.Teams
		for _, name := range u.Teams {
			t.add(t.team(name).Users, u.Since, q.To, 1)
		}
	}
	active := map[string][]Day{}
	for _, s := range sent {
		team := t.team(s.Team)
		t.add(team.Messages, s.Day, s.Day, s.Count)
		t.add(team.MessagesIn30Days, s.Day, s.Day+29, s.Count)
		t.add(team.MessagesThisMonth, s.Day, s.Day.monthEnd(), s.Count)
		t.add(team.MessagesEver, s.Day, q.To, s.Count)
		active[s.User] = append(active[s.User], s.Day)
	}
	for name, count := range before {
		t.add(t.team(name).MessagesEver, q.From, q.To, count)
	}
	for user, days := range active {
		slices.Sort(days)
		days = slices.Compact(days)
		for _, name := range teams[user] {
			t.active(t.team(name), days)
		}
	}
	return t.list()
}

// tally counts by day.
type tally struct {
	TeamUsageQuery
	teams map[string]*TeamUsage
}

func (t *tally) team(name string) *TeamUsage {
	u := t.teams[name]
	if u == nil {
		u = &TeamUsage{Team: name}
		for _, list := range u.figures() {
			*list = make([]int64, t.To-t.From+1)
		}
		t.teams[name] = u
	}
	return u
}

func (u *TeamUsage) figures() []*[]int64 {
	return []*[]int64{&u.ActiveUsers, &u.ActiveIn30Days, &u.ActiveThisMonth, &u.Users,
		&u.Messages, &u.MessagesIn30Days, &u.MessagesThisMonth, &u.MessagesEver}
}

// add adds to each of the days that are asked for.
func (t *tally) add(days []int64, from, to Day, n int64) {
	for d := max(from, t.From); d <= min(to, t.To); d++ {
		days[d-t.From] += n
	}
}

// active counts a user who sent something on those days, once for each day.
func (t *tally) active(u *TeamUsage, days []Day) {
	for i, day := range days {
		until, monthEnd := day+29, day.monthEnd()
		if i+1 < len(days) { // it counts from there for the next
			until, monthEnd = min(until, days[i+1]-1), min(monthEnd, days[i+1]-1)
		}
		t.add(u.ActiveUsers, day, day, 1)
		t.add(u.ActiveIn30Days, day, until, 1)
		t.add(u.ActiveThisMonth, day, monthEnd, 1)
	}
}

func (d Day) monthEnd() Day { return DayOf(d.monthStart().Start().AddDate(0, 1, 0)) - 1 }

func (t *tally) list() []TeamUsage {
	var list []TeamUsage
	for _, u := range t.teams {
		if last := len(u.Users) - 1; u.Users[last]+u.MessagesEver[last] > 0 {
			list = append(list, *u)
		}
	}
	slices.SortFunc(list, func(a, b TeamUsage) int { return strings.Compare(a.Team, b.Team) })
	return list
}
