package streamapi

import (
	"encoding/base64"
	"slices"
	"time"

	"backchannel/internal/chat"
)

const teamsPerPage = 30

func (s *Server) routeTeamUsage() {
	s.mux.HandleFunc("POST /api/v2/chat/stats/team_usage", s.handle("QueryTeamUsageStats", s.queryTeamUsage))
}

// teamUsage is a team's figures as answers have them. What we don't count is always 0.
type teamUsage struct {
	Team                    string `json:"team"`
	UsersDaily              figure `json:"users_daily"`
	MessagesDaily           figure `json:"messages_daily"`
	TranslationsDaily       figure `json:"translations_daily"`
	ImageModerationsDaily   figure `json:"image_moderations_daily"`
	ConcurrentUsers         figure `json:"concurrent_users"`
	ConcurrentConnections   figure `json:"concurrent_connections"`
	UsersTotal              figure `json:"users_total"`
	UsersLast24Hours        figure `json:"users_last_24_hours"`
	UsersLast30Days         figure `json:"users_last_30_days"`
	UsersMonthToDate        figure `json:"users_month_to_date"`
	UsersEngagedLast30Days  figure `json:"users_engaged_last_30_days"`
	UsersEngagedMonthToDate figure `json:"users_engaged_month_to_date"`
	MessagesTotal           figure `json:"messages_total"`
	MessagesLast24Hours     figure `json:"messages_last_24_hours"`
	MessagesLast30Days      figure `json:"messages_last_30_days"`
	MessagesMonthToDate     figure `json:"messages_month_to_date"`
}

// figure is a number, and in answers by day that of each day.
type figure struct {
	Total int64        `json:"total"`
	Daily []dailyValue `json:"daily,omitempty"`
}

type dailyValue struct {
	Date  string `json:"date"`
	Value int64  `json:"value"`
}

func (s *Server) queryTeamUsage(c *call) (any, error) {
	var req struct {
		Month     string `json:"month"`
		StartDate string `json:"start_date"`
		EndDate   string `json:"end_date"`
		Limit     *int   `json:"limit"`
		Next      string `json:"next"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	limit := teamsPerPage
	if req.Limit != nil {
		limit = *req.Limit
	}
	if limit < 1 || limit > teamsPerPage {
		return nil, invalid("limit must be between 1 and %d", teamsPerPage)
	}
	after, err := base64.RawURLEncoding.DecodeString(req.Next)
	if err != nil || req.Next != "" && after[0] != '.' {
		return nil, invalid("next is not from an answer")
	}
	daily := req.StartDate != "" || req.EndDate != ""
	q, err := s.usageDays(req.Month, req.StartDate, req.EndDate)
	if err != nil {
		return nil, err
	}
	q, list, err := s.engine.TeamUsage(c.Context(), q)
	if err != nil {
		return nil, err
	}
	if req.Next != "" {
		list = slices.DeleteFunc(list, func(u chat.TeamUsage) bool { return u.Team <= string(after[1:]) })
	}
	answer := map[string]any{}
	if len(list) > limit {
		list = list[:limit]
		answer["next"] = base64.RawURLEncoding.EncodeToString([]byte("." + list[limit-1].Team)) // never empty
	}
	teams := make([]teamUsage, len(list))
	for i, u := range list {
		teams[i] = teamUsageAnswer(u, q, daily)
	}
	answer["teams"] = teams
	return answer, nil
}

// usageDays reads which days are asked for: a month's, the present one's where nothing
// is said, or those between two dates.
func (s *Server) usageDays(month, start, end string) (q chat.TeamUsageQuery, err error) {
	if start == "" && end == "" {
		first := s.engine.Now()
		if month != "" {
			if first, err = time.Parse("2006-01", month); err != nil {
				return q, invalid("month must be of the form YYYY-MM")
			}
		}
		first = time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
		return chat.TeamUsageQuery{From: chat.DayOf(first), To: chat.DayOf(first.AddDate(0, 1, -1))}, nil
	}
	if month != "" {
		return q, invalid("month can't be combined with start_date and end_date")
	}
	from, err := time.Parse(time.DateOnly, start)
	if err != nil {
		return q, invalid("start_date must be of the form YYYY-MM-DD")
	}
	to, err := time.Parse(time.DateOnly, end)
	if err != nil {
		return q, invalid("end_date must be of the form YYYY-MM-DD")
	}
	q = chat.TeamUsageQuery{From: chat.DayOf(from), To: chat.DayOf(to)}
	if q.To < q.From || q.To-q.From >= chat.MaxUsageDays {
		return q, invalid("end_date must be start_date or up to %d days after it", chat.MaxUsageDays-1)
	}
	return q, nil
}

func teamUsageAnswer(u chat.TeamUsage, q chat.TeamUsageQuery, daily bool) teamUsage {
	show := func(days []int64, total int64) figure {
		f := figure{Total: total}
		for i, n := range days {
			if daily {
				f.Daily = append(f.Daily, dailyValue{Date: (q.From + chat.Day(i)).Start().Format(time.DateOnly), Value: n})
			}
		}
		return f
	}
	sum := func(days []int64) figure {
		var total int64
		for _, n := range days {
			total += n
		}
		return show(days, total)
	}
	last := func(days []int64) figure { return show(days, days[len(days)-1]) }
	none := show(make([]int64, len(u.Users)), 0)
	return teamUsage{
		Team: u.Team, UsersDaily: sum(u.ActiveUsers), MessagesDaily: sum(u.Messages), TranslationsDaily: none,
		ImageModerationsDaily: none, ConcurrentUsers: none, ConcurrentConnections: none, UsersTotal: last(u.Users),
		UsersLast24Hours: last(u.ActiveUsers), UsersLast30Days: last(u.ActiveIn30Days), UsersMonthToDate: last(u.ActiveThisMonth),
		UsersEngagedLast30Days: last(u.ActiveIn30Days), UsersEngagedMonthToDate: last(u.ActiveThisMonth),
		MessagesTotal: last(u.MessagesEver), MessagesLast24Hours: last(u.Messages), MessagesLast30Days: last(u.MessagesIn30Days),
		MessagesMonthToDate: last(u.MessagesThisMonth),
	}
}
