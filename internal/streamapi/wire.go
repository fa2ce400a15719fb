package streamapi

import (
	"time"

	"backchannel/internal/chat"
)

// nanos is a time as answers have it: nanoseconds since 1970.
type nanos int64

func at(t time.Time) nanos { return nanos(t.UnixNano()) }

// maybe is nil for the zero time.
func maybe(t time.Time) *nanos {
	if t.IsZero() {
		return nil
	}
	n := at(t)
	return &n
}

// maybeText is nil for "".
func maybeText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// listed is never null in JSON.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// object is never null in JSON.
func object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// texts are the ids that channels, members and the like carry.
func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	var list []string
	for _, id := range ids {
		if id != "" && !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	return list
}

// sortParam is one field to sort by.
type sortParam struct {
	Field     string `json:"field"`
	Direction int    `json:"direction"`
}

const maxSorts = 8

func sorts(params []sortParam) ([]chat.Sort, error) {
	if len(params) > maxSorts {
		return nil, invalid("sort has at most %d fields", maxSorts)
	}
	var list []chat.Sort
	for _, p := range params {
		if p.Field == "" || p.Direction < -1 || p.Direction > 1 {
			return nil, invalid("sort takes fields with the direction 1 or -1")
		}
		list = append(list, chat.Sort{Field: p.Field, Down: p.Direction == -1})
	}
	return list, nil
}

// page checks a limit, of which 0 means the usual one, and an offset.
func page(limit, usual, most, offset, farthest int) (int, error) {
	if limit == 0 {
		limit = usual
	}
	if limit < 1 || limit > most {
		return 0, invalid("limit must be between 1 and %d", most)
	}
	if offset < 0 || offset > farthest {
		return 0, invalid("offset must be between 0 and %d", farthest)
	}
	return limit, nil
}
