package streamapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// unlimited is the limit, in requests a minute, that answers tell of: nobody is
// held to any.
const unlimited = 1_000_000

func (s *Server) routeRateLimits() {
	s.mux.HandleFunc("GET /api/v2/rate_limits", s.handle("GetRateLimits", s.getRateLimits))
}

// platforms are what SDKs run on, and the fields of the answer.
var platforms = []string{"android", "ios", "server_side", "unity", "web"}

func (s *Server) getRateLimits(c *call) (any, error) {
	q := c.URL.Query()
	wanted := slices.DeleteFunc(slices.Clone(platforms), func(p string) bool { return q.Get(p) != "true" })
	if len(wanted) == 0 {
		wanted = platforms
	}
	names := s.endpoints
	if only := q.Get("endpoints"); only != "" {
		names = slices.DeleteFunc(unique(strings.Split(only, ",")), func(name string) bool { return !slices.Contains(s.endpoints, name) })
	}
	limits := make(map[string]map[string]int64, len(names))
	for _, name := range names {
		limits[name] = map[string]int64{"limit": unlimited, "remaining": unlimited, "reset": reset(s.engine.Now())}
	}
	answer := map[string]any{}
	for _, p := range wanted {
		answer[p] = limits
	}
	return answer, nil
}

// reset is when the next minute begins, in seconds since 1970.
func reset(now time.Time) int64 { return now.Truncate(time.Minute).Add(time.Minute).Unix() }

// tellLimits writes the headers that SDKs read limits from.
func tellLimits(h http.Header, now time.Time) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(unlimited))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(unlimited))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset(now), 10))
}
