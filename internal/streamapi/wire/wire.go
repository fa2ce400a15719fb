package wire

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"backchannel/internal/streamapi/store"
)

// Nanos is a time in answers: nanoseconds since 1970.
type Nanos int64

// At returns a time in the form of answers.
func At(t time.Time) Nanos { return Nanos(t.UnixNano()) }

// Maybe is nil for the zero time.
func Maybe(t time.Time) *Nanos {
	if t.IsZero() {
		return nil
	}
	n := At(t)
	return &n
}

// MaybeText is nil for "".
func MaybeText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Listed is never null in JSON.
func Listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Object is never null in JSON.
func Object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// Unique drops "" and repeated ids.
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

// Sorts reads the fields to sort by.
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

// Page checks a limit, 0 for the default, and an offset.
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

// PageRequest asks for a page of a list by a cursor that an answer had.
type PageRequest struct {
	Limit int    `json:"limit"`
	Next  string `json:"next"`
	Prev  string `json:"prev"`
}

const (
	defaultPage = 25
	// LargestPage is how many rows a page has at most.
	LargestPage = 100
	// FarthestPage bounds how far cursors lead: the database walks over all rows
	// before.
	FarthestPage = 100_000
)

// Search reads what is asked for, and one more, so that [Turn] sees whether there
// are more.
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

// QueryRequest asks for a part of what matches a filter.
type QueryRequest struct {
	Filter json.RawMessage `json:"filter_conditions"`
	Sort   []SortParam     `json:"sort"`
	Limit  int             `json:"limit"`
	Offset int             `json:"offset"`
}

// Search returns what a request asks for, checked. A limit of 0 means the default.
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

// Turn cuts a list that has one item more than was asked for, and adds the cursors of the
// pages before and after to the answer.
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

// A cursor is a place in a list, in base64 so that nobody relies on its form.
const cursorMark = "o:"

func cursorOf(offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorMark + strconv.Itoa(offset)))
}

// OffsetOf returns the offset that a cursor stands for, 0 for none.
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

// GivenTime is a time of creation in a request. Other forms are ignored: callers send back
// what they got, in the form of answers.
type GivenTime struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (g *GivenTime) UnmarshalJSON(text []byte) error {
	if g.Time.UnmarshalJSON(text) != nil {
		g.Time = time.Time{}
	}
	return nil
}
