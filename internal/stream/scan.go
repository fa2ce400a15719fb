package stream

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup" // by the Go project; BSD-3

	"backchannel/internal/chat"
	"backchannel/internal/fold"
	"backchannel/internal/stream/breaker"
)

// Scan reads beyond the limits of Stream's lists, which return a limited number of rows at an
// offset of at most MaxOffset, and have no cursor. It reads any number of rows, each once.
//
// It sorts by a time, newest first, and reads as far as offsets allow: a window. The next window
// has the rows that are as old as the last row or older. If rows with the same time fill more than
// a window, the scan reads them separately, once for each part that they can be divided into, in
// the order of another time, and then continues with older rows. A time that can change is read
// oldest first, so that a row that changes in the meantime moves to where the scan hasn't read yet.
//
// The pages of a window are read several at once. Adjacent pages share one row, so that a deletion
// in the meantime, which shifts the following rows, is detected as a gap; the window ends there and
// the next one starts. A creation in the meantime shifts rows so that some appear twice; they count
// once. A row that changes in the meantime moves from an unread page to the end; an end that was
// read at the same time may lack it, and is read again.
//
// If one part has more rows than a window and all of their times are equal, they can't be read.
// That is an error, never a short list.
type Scan[T any] struct {
	Page     func(ctx context.Context, filter object, by Sorting, offset int) ([]T, error)
	PageSize int
	ID       func(T) string
	Times    []TimeField[T] // by which rows are sorted, the best first
	// Parts returns filters that together match each row once; nil if rows have no parts.
	Parts func(ctx context.Context) ([]object, error)
}

// TimeField is a time by which rows can be sorted.
type TimeField[T any] struct {
	Sorting
	Of func(T) time.Time
}

// Sorting is a sort order of Stream's API.
type Sorting struct {
	Field     string `json:"field"`
	Direction int    `json:"direction"` // 1 or -1
}

// The orders in which rows are read.
var (
	NewestFirst       = Sorting{"created_at", -1}
	lastChangedFirst  = Sorting{"updated_at", -1}
	LeastChangedFirst = Sorting{"updated_at", 1}
)

// beyond returns the filter for rows after a time in the order, including that time if with is
// true.
func (s Sorting) beyond(t time.Time, with bool) object {
	operator := map[int]string{-1: "$lt", 1: "$gt"}[s.Direction]
	if with {
		operator += "e"
	}
	return object{s.Field: object{operator: Stamp(t)}}
}

// changes reports whether a row's place in the order can change.
func (s Sorting) changes() bool { return s.Field == "updated_at" }

// advances reports whether a time comes after another in the order.
func (s Sorting) advances(t, before time.Time) bool { return t.Compare(before) == s.Direction }

// MaxOffset is the largest offset that Stream accepts.
const MaxOffset = 1_000

const (
	maxAtOnce   = 8 // pages
	maxTornEnds = 20
)

var errRestless = errors.New("the list changes faster than it can be read")

// progress is the state of a scan: the rows found, and the start of the next window. A scan that
// failed, for instance because of the rate limit, continues there.
type progress[T any] struct {
	found   map[string]T
	bound   []object
	reached time.Time // the last row's before; zero for none
}

// All returns all rows that match the filter, in no particular order.
func (s Scan[T]) All(ctx context.Context, filter object) ([]T, error) {
	return s.goOn(ctx, filter, &progress[T]{})
}

// goOn is like All, continuing an earlier attempt with the same filter.
func (s Scan[T]) goOn(ctx context.Context, filter object, p *progress[T]) ([]T, error) {
	ctx, _, end := breaker.Begin(ctx)
	defer end()
	if p.found == nil {
		p.found = map[string]T{}
	}
	if err := s.read(ctx, []object{filter}, s.Times, p); err != nil {
		return nil, err
	}
	found := p.found
	rows := make([]T, 0, len(found))
	for _, row := range found {
		rows = append(rows, row)
	}
	return rows, nil
}

// read adds the rows that match a filter to those found.
func (s Scan[T]) read(ctx context.Context, filter []object, times []TimeField[T], p *progress[T]) error {
	if len(times) == 0 {
		return chat.Lacking("Stream can't list more than %d channels or users that were created at one and the same moment.", MaxOffset)
	}
	field := times[0]
	torn := 0
	for {
		rows, end, err := s.window(ctx, and(slices.Concat(filter, p.bound)), field.Sorting)
		for _, row := range rows {
			p.found[s.ID(row)] = row
		}
		if err == nil && end == complete {
			return nil
		}
		var last time.Time
		if len(rows) > 0 {
			last = field.Of(rows[len(rows)-1])
		}
		advanced := len(rows) > 0 && (p.reached.IsZero() || field.advances(last, p.reached))
		if advanced {
			torn, p.reached = 0, last
			p.bound = []object{field.beyond(last, true)}
		}
		switch {
		case err != nil:
			return err
		case advanced:
		case end == gap:
			if torn++; torn > maxTornEnds {
				return &chat.Error{Code: chat.Unavailable, Message: away.message, Cause: errRestless}
			}
		default: // the whole window has the same time
			alike := slices.Concat(filter, []object{{field.Field: object{"$gte": Stamp(last)}}, {field.Field: object{"$lte": Stamp(last)}}})
			if err := s.readParts(ctx, alike, times[1:], p.found); err != nil {
				return err
			}
			p.reached = time.Time{}
			p.bound = []object{field.beyond(last, false)}
		}
	}
}

func (s Scan[T]) readParts(ctx context.Context, filter []object, times []TimeField[T], found map[string]T) error {
	if s.Parts == nil {
		return s.read(ctx, filter, times, &progress[T]{found: found})
	}
	parts, err := s.Parts(ctx)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := s.read(ctx, slices.Concat(filter, []object{part}), times, &progress[T]{found: found}); err != nil {
			return err
		}
	}
	return nil
}

// windowEnd says why a window ends.
type windowEnd int

const (
	complete windowEnd = iota // there are no more rows
	full                      // the maximum offset was reached
	gap                       // rows moved in the meantime
)

// window reads page after page. Each round reads twice as many pages as the one before, so that
// short lists need few calls and long ones little time. With an error it returns the rows before
// the failed page.
func (s Scan[T]) window(ctx context.Context, filter object, by Sorting) (rows []T, end windowEnd, err error) {
	step := s.PageSize - 1
	for offset, atOnce := 0, 1; offset <= MaxOffset; atOnce = min(2*atOnce, maxAtOnce) {
		pages := make([][]T, min(atOnce, (MaxOffset-offset)/step+1))
		failures := make([]error, len(pages))
		var g errgroup.Group
		for i := range pages {
			g.Go(func() error {
				pages[i], failures[i] = s.Page(ctx, filter, by, offset+i*step)
				return nil
			})
		}
		_ = g.Wait()
		for i, page := range pages {
			if i > 0 && failures[i] == nil && len(page) < s.PageSize && by.changes() {
				page, failures[i] = s.Page(ctx, filter, by, offset+i*step)
			}
			switch {
			case failures[i] != nil:
				return rows, complete, failures[i]
			case len(rows) > 0 && !s.meet(rows, page): // also if it is empty
				return rows, gap, nil
			case len(page) == 0:
				return rows, complete, nil
			}
			rows = append(rows, page...)
			if len(page) < s.PageSize {
				return rows, complete, nil
			}
		}
		offset += len(pages) * step
	}
	return rows, full, nil
}

// meet reports whether a page starts with a row among the last ones before it.
func (s Scan[T]) meet(before, page []T) bool {
	if len(page) == 0 {
		return false
	}
	id := s.ID(page[0])
	return slices.ContainsFunc(before[max(0, len(before)-s.PageSize):], func(row T) bool { return s.ID(row) == id })
}

// and returns the conjunction of the conditions.
func and(conditions []object) object {
	conditions = slices.DeleteFunc(conditions, func(c object) bool { return len(c) == 0 })
	switch len(conditions) {
	case 0:
		return object{}
	case 1:
		return conditions[0]
	}
	return object{"$and": conditions}
}

// byName compares in the order of lists: by folded name, then by id.
func byName(nameA, idA, nameB, idB string) int {
	return cmp.Or(cmp.Compare(fold.Key(nameA), fold.Key(nameB)), cmp.Compare(idA, idB))
}
