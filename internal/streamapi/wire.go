package streamapi

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/streamapi/store"
)

// nanos is a time in answers: nanoseconds since 1970.
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

// unique drops "" and repeated ids.
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

func sorts(params []sortParam) ([]store.Sort, error) {
	if len(params) > maxSorts {
		return nil, invalid("sort has at most %d fields", maxSorts)
	}
	var list []store.Sort
	for _, p := range params {
		if p.Field == "" || p.Direction < -1 || p.Direction > 1 {
			return nil, invalid("sort takes fields with the direction 1 or -1")
		}
		list = append(list, store.Sort{Field: p.Field, Down: p.Direction == -1})
	}
	return list, nil
}

// page checks a limit, 0 for the default, and an offset.
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

// pageRequest asks for a page of a list by a cursor that an answer had.
type pageRequest struct {
	Limit int    `json:"limit"`
	Next  string `json:"next"`
	Prev  string `json:"prev"`
}

const (
	defaultPage = 25
	largestPage = 100
	// farthestPage bounds how far cursors lead: the database walks over all rows
	// before.
	farthestPage = 100_000
)

// search reads what is asked for, and one more, so that [turn] sees whether there
// are more.
func (p pageRequest) search(filter json.RawMessage, by []sortParam) (q store.Search, err error) {
	if p.Next != "" && p.Prev != "" {
		return q, invalid("next and prev can't be combined")
	}
	asked := queryRequest{Filter: filter, Sort: by, Limit: p.Limit}
	if asked.Offset, err = offsetOf(p.Next + p.Prev); err != nil {
		return q, err
	}
	q, err = asked.search(defaultPage, largestPage, farthestPage)
	q.Limit++
	return q, err
}

// pageOf reads a request for a page of what matches a filter.
func pageOf(c *call) (store.Search, error) {
	var req struct {
		pageRequest
		Filter json.RawMessage `json:"filter"`
		Sort   []sortParam     `json:"sort"`
	}
	if err := c.into(&req); err != nil {
		return store.Search{}, err
	}
	return req.search(req.Filter, req.Sort)
}

// queryRequest asks for a part of what matches a filter.
type queryRequest struct {
	Filter json.RawMessage `json:"filter_conditions"`
	Sort   []sortParam     `json:"sort"`
	Limit  int             `json:"limit"`
	Offset int             `json:"offset"`
}

// search is what a request asks for, checked. A limit of 0 means the default.
func (r queryRequest) search(usual, most, farthest int) (q store.Search, err error) {
	if q.Limit, err = page(r.Limit, usual, most, r.Offset, farthest); err != nil {
		return q, err
	}
	if q.Sort, err = sorts(r.Sort); err != nil {
		return q, err
	}
	filter, refused := store.ParseFilter(r.Filter)
	if refused != nil {
		return q, refused
	}
	q.Filter, q.Offset = filter, r.Offset
	return q, nil
}

// turn cuts a list that has one item more than was asked for, and adds the cursors of the
// pages before and after to the answer.
func turn[T any](answer map[string]any, q store.Search, list []T) []T {
	size := q.Limit - 1
	if len(list) > size {
		list = list[:size]
		answer["next"] = cursorOf(q.Offset + size)
	}
	if q.Offset > 0 {
		answer["prev"] = cursorOf(max(0, q.Offset-size))
	}
	return list
}

// A cursor is a place in a list, in base64 so that nobody relies on its form.

const cursorMark = "o:"

func cursorOf(offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorMark + strconv.Itoa(offset)))
}

func offsetOf(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if digits, ours := strings.CutPrefix(string(text), cursorMark); err == nil && ours {
		if offset, err := strconv.Atoi(digits); err == nil && offset >= 0 {
			return offset, nil
		}
	}
	return 0, invalid("next and prev must be cursors that an answer had")
}
