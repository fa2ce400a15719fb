package wire

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/streamapi/store"
)

// Nanos is a time in answers, in nanoseconds since 1970.
type Nanos int64

// At returns a time in the form of answers.
func At(t time.Time) Nanos { return Nanos(t.UnixNano()) }

// Maybe returns a time in the form of answers, nil for the zero time.
func Maybe(t time.Time) *Nanos {
	if t.IsZero() {
		return nil
	}
	n := At(t)
	return &n
}

// MaybeText returns a pointer to s, nil if s is "".
func MaybeText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Listed returns list, or an empty list for nil, so that JSON doesn't show null.
func Listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Object returns m, or an empty map for nil, so that JSON doesn't show null.
func Object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// Unique removes "" and repeated ids.
func Unique(ids []string) []string {
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

// SortParam is one field to sort by.
type SortParam struct {
	Field     string `json:"field"`
	Direction int    `json:"direction"`
}

const maxSorts = 8

// Sorts parses the fields to sort by.
func Sorts(params []SortParam) ([]store.Sort, error) {
	if len(params) > maxSorts {
		return nil, Invalid("sort has at most %d fields", maxSorts)
	}
	var list []store.Sort
	for _, p := range params {
		if p.Field == "" || p.Direction < -1 || p.Direction > 1 {
			return nil, Invalid("sort takes fields with the direction 1 or -1")
		}
		list = append(list, store.Sort{Field: p.Field, Down: p.Direction == -1})
	}
	return list, nil
}

// Page checks a limit, 0 for the default, and an offset. It returns the limit.
func Page(limit, usual, most, offset, farthest int) (int, error) {
	if limit == 0 {
		limit = usual
	}
	if limit < 1 || limit > most {
		return 0, Invalid("limit must be between 1 and %d", most)
	}
	if offset < 0 || offset > farthest {
		return 0, Invalid("offset must be between 0 and %d", farthest)
	}
	return limit, nil
}

// PageRequest asks for a page of a list, by a cursor from an answer.
type PageRequest struct {
	Limit int    `json:"limit"`
	Next  string `json:"next"`
	Prev  string `json:"prev"`
}

const (
	defaultPage = 25
	// LargestPage is the maximum number of rows of a page.
	LargestPage = 100
	// FarthestPage is the maximum offset of a cursor: the database reads all rows before it.
	FarthestPage = 100_000
)

// Search returns the search for a request. It asks for one row more, so that [Turn] knows whether
// there are more.
func (p PageRequest) Search(filter json.RawMessage, by []SortParam) (q store.Search, err error) {
	if p.Next != "" && p.Prev != "" {
		return q, Invalid("next and prev can't be combined")
	}
	asked := QueryRequest{Filter: filter, Sort: by, Limit: p.Limit}
	if asked.Offset, err = OffsetOf(p.Next + p.Prev); err != nil {
		return q, err
	}
	q, err = asked.Search(defaultPage, LargestPage, FarthestPage)
	q.Limit++
	return q, err
}

// QueryRequest asks for a part of the results of a filter.
type QueryRequest struct {
	Filter json.RawMessage `json:"filter_conditions"`
	Sort   []SortParam     `json:"sort"`
	Limit  int             `json:"limit"`
	Offset int             `json:"offset"`
}

// Search checks a request and returns its search. A limit of 0 means the default.
func (r QueryRequest) Search(usual, most, farthest int) (q store.Search, err error) {
	if q.Limit, err = Page(r.Limit, usual, most, r.Offset, farthest); err != nil {
		return q, err
	}
	if q.Sort, err = Sorts(r.Sort); err != nil {
		return q, err
	}
	filter, refused := store.ParseFilter(r.Filter)
	if refused != nil {
		return q, refused
	}
	q.Filter, q.Offset = filter, r.Offset
	return q, nil
}

// Turn removes the one extra item from a list, and adds the cursors of the previous and next pages
// to the answer.
func Turn[T any](answer map[string]any, q store.Search, list []T) []T {
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

// A cursor is an offset in a list, in base64 so that nobody relies on its form.
const cursorMark = "o:"

func cursorOf(offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorMark + strconv.Itoa(offset)))
}

// OffsetOf returns the offset of a cursor, 0 for "".
func OffsetOf(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if digits, ours := strings.CutPrefix(string(text), cursorMark); err == nil && ours {
		if offset, err := strconv.Atoi(digits); err == nil && offset >= 0 {
			return offset, nil
		}
	}
	return 0, Invalid("next and prev must be cursors that an answer had")
}

// GivenTime is a creation time in a request. Other forms are ignored, since callers send back what
// they received, which has the form of answers.
type GivenTime struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (g *GivenTime) UnmarshalJSON(text []byte) error {
	if g.Time.UnmarshalJSON(text) != nil {
		g.Time = time.Time{}
	}
	return nil
}
