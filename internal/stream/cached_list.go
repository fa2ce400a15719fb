package stream

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight" // as errgroup

	"backchannel/internal/chat"
	"backchannel/internal/stream/breaker"
)

const (
	// maxListTry is the time limit for one attempt to read a whole list.
	maxListTry = 2 * time.Minute
	// maxReading is the time limit for all attempts. After that the reading starts over.
	maxReading = 30 * time.Minute
	// longReading is the duration from which on a list is kept as long as reading it took.
	longReading = 10 * time.Second
)

// cachedList is a whole list, kept for a short time and read once for all callers. This server's
// own writes are added immediately, and are kept until a reading that began later has seen them.
type cachedList[T any] struct {
	read      func(ctx context.Context, p *progress[T]) ([]T, error) // continues from the progress
	id        func(T) string
	compare   func(a, b T) int
	updated   func(T) time.Time
	staleness time.Duration
	refresh   func(ctx context.Context) // updates rows that changed elsewhere; nil for none

	flights singleflight.Group
	closed  context.Context // ends with the provider

	mu     sync.Mutex
	known  bool
	asOf   time.Time     // start of the reading; its end if it took long
	took   time.Duration // how long it took, if that was long
	rows   []T           // as read, in order
	shown  []T           // rows with our own writes; nil if it must be computed again
	own    map[string]ownWrite[T]
	writes int64       // own writes so far
	under  int         // readings in progress
	unread *reading[T] // a failed reading to continue
}

// reading is one reading of the list, in one or more tries.
type reading[T any] struct {
	progress progress[T]
	begun    time.Time
	seen     int64 // own writes before it
}

// ownWrite is a row after one of our own writes.
type ownWrite[T any] struct {
	row    T
	gone   bool
	number int64
}

// get returns the list. It is shared: callers must not modify it.
func (l *cachedList[T]) get(ctx context.Context) ([]T, error) { return l.within(ctx, l.staleness) }

// within returns a list that is at most that old.
func (l *cachedList[T]) within(ctx context.Context, age time.Duration) ([]T, error) {
	if err := gone(ctx); err != nil {
		return nil, err
	}
	if l.refresh != nil {
		l.refresh(ctx)
	}
	if rows, ok := l.kept(age); ok {
		return rows, nil
	}
	flight := l.flights.DoChan("", func() (any, error) { return nil, l.readAnew() })
	select {
	case <-ctx.Done():
		return nil, gone(ctx)
	case landed := <-flight:
		if landed.Err != nil {
			return nil, landed.Err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.show(), nil
}

func (l *cachedList[T]) kept(age time.Duration) ([]T, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.known || time.Since(l.asOf) > max(age, l.took) {
		return nil, false
	}
	return l.show(), true
}

func (l *cachedList[T]) readAnew() error {
	ctx, cancel := context.WithTimeout(l.closed, maxListTry)
	defer cancel()
	ctx, _, end := breaker.Begin(ctx)
	defer end()
	r := l.begin()
	rows, err := l.read(ctx, &r.progress)
	slices.SortFunc(rows, l.compare)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under--
	if err != nil {
		l.unread = r
		return err
	}
	for id, w := range l.own {
		if w.number <= r.seen {
			delete(l.own, id)
		}
	}
	l.known, l.asOf, l.rows, l.shown = true, r.begun, rows, nil
	l.took = 0
	if took := time.Since(r.begun); l.staleness > 0 && took > max(l.staleness, longReading) {
		// If it were read again immediately, it would never be ready.
		l.asOf, l.took = time.Now(), took
	}
	return nil
}

// begin starts a reading, or continues one that failed.
func (l *cachedList[T]) begin() *reading[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under++
	r := l.unread
	l.unread = nil
	if r == nil || time.Since(r.begun) > maxReading {
		r = &reading[T]{begun: time.Now(), seen: l.writes}
	}
	return r
}

// put stores the state of a row after our own write.
func (l *cachedList[T]) put(row T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := l.id(row)
	// The answers to two concurrent writes may arrive in the other order.
	if before, ok := l.own[id]; ok && !before.gone && l.updated(before.row).After(l.updated(row)) {
		return
	}
	l.note(id, ownWrite[T]{row: row})
}

// remove records that our own write removed a row.
func (l *cachedList[T]) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(id, ownWrite[T]{gone: true})
}

// written returns the number of our own writes so far. Answers to later questions include them.
func (l *cachedList[T]) written() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes
}

// learn stores Stream's state of a row, nil if the row doesn't exist, asked for after that many own
// writes. A later own write to the row takes precedence.
func (l *cachedList[T]) learn(id string, row *T, writes int64) {
	l.mu.Lock()
	own, ours := l.own[id]
	l.mu.Unlock()
	switch {
	case ours && own.number > writes:
	case row == nil:
		l.remove(id)
	default:
		l.put(*row)
	}
}

// forget makes the next call read the list again.
func (l *cachedList[T]) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known, l.rows, l.shown = false, nil, nil
}

// atHand reports whether there is a cached list that may lack a change.
func (l *cachedList[T]) atHand() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.under > 0 || l.unread != nil || l.known && time.Since(l.asOf) <= max(l.staleness, l.took)
}

func (l *cachedList[T]) note(id string, w ownWrite[T]) {
	if l.under == 0 && l.unread == nil && (!l.known || time.Since(l.asOf) > max(l.staleness, l.took)) {
		l.known, l.rows, l.shown, l.own = false, nil, nil, nil // the next reading has it
		return
	}
	if l.own == nil {
		l.own = map[string]ownWrite[T]{}
	}
	l.writes++
	w.number = l.writes
	l.own[id], l.shown = w, nil
}

// show returns the list with our own writes.
func (l *cachedList[T]) show() []T {
	if l.shown != nil {
		return l.shown
	}
	l.shown = make([]T, 0, len(l.rows)+len(l.own))
	for _, row := range l.rows {
		if _, ours := l.own[l.id(row)]; !ours {
			l.shown = append(l.shown, row)
		}
	}
	for _, w := range l.own {
		if !w.gone {
			l.shown = append(l.shown, w.row)
		}
	}
	if len(l.own) > 0 {
		slices.SortFunc(l.shown, l.compare)
	}
	return l.shown
}

// pageOf returns the page of a sorted list that a query asks for.
func pageOf[T any](rows []T, limit int, after chat.Position, compare func(T, chat.Position) int, matches func(T) bool) (page chat.Page[T]) {
	page.HasPrevious = after != chat.Position{}
	for _, row := range rows {
		if page.HasPrevious && compare(row, after) <= 0 || !matches(row) {
			continue
		}
		if len(page.Items) == limit {
			page.HasNext = true
			break
		}
		page.Items = append(page.Items, row)
	}
	return page
}
