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
	// maxListTry is how long one try of reading a whole list may take.
	maxListTry = 2 * time.Minute
	// maxReading is how long all tries may take. After that it starts over.
	maxReading = 30 * time.Minute
	// longReading is how long a reading must take so that its list is kept as long as it
	// took.
	longReading = 10 * time.Second
)

// cachedList is a whole list, kept for a short time and read once for all callers. This
// server's own writes are added to it at once, and stay until a reading that began later
// has seen them.
type cachedList[T any] struct {
	read      func(ctx context.Context, p *progress[T]) ([]T, error) // goes on from the progress
	id        func(T) string
	compare   func(a, b T) int
	updated   func(T) time.Time
	staleness time.Duration
	refresh   func(ctx context.Context) // puts what changed elsewhere; nil for nothing

	flights singleflight.Group
	closed  context.Context // ends with the provider

	mu     sync.Mutex
	known  bool
	asOf   time.Time     // when the reading began; when it ended, if it took long
	took   time.Duration // how long it took, if that was long
	rows   []T           // as read, in order
	shown  []T           // with our own writes; nil if it must be made again
	own    map[string]ownWrite[T]
	writes int64       // own writes so far
	under  int         // readings under way
	unread *reading[T] // a try that failed, to go on with
}

// reading is one reading of the list, in one or more tries.
type reading[T any] struct {
	progress progress[T]
	begun    time.Time
	seen     int64 // own writes before it
}

// ownWrite is what a row is after a write of ours.
type ownWrite[T any] struct {
	row    T
	gone   bool
	number int64
}

// get returns the list. It is shared: callers must not change it.
func (l *cachedList[T]) get(ctx context.Context) ([]T, error) { return l.within(ctx, l.staleness) }

// within returns the list as it was no longer ago than that.
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
		// If it were read again all the time, it would never be ready.
		l.asOf, l.took = time.Now(), took
	}
	return nil
}

// begin begins a reading, or goes on with one that failed.
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

// put notes the state of a row after a write of ours.
func (l *cachedList[T]) put(row T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := l.id(row)
	// Of two writes at once the answers may come in the other order.
	if before, ok := l.own[id]; ok && !before.gone && l.updated(before.row).After(l.updated(row)) {
		return
	}
	l.note(id, ownWrite[T]{row: row})
}

// remove notes that a write of ours removed the row.
func (l *cachedList[T]) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(id, ownWrite[T]{gone: true})
}

// written is how many writes of ours there have been. What Stream is asked afterwards shows them.
func (l *cachedList[T]) written() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes
}

// learn notes what Stream said of a row that was asked for after so many writes of ours, nil if
// there is none. A later write of ours to the row is newer.
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

// atHand reports whether a cached list may lack a change.
func (l *cachedList[T]) atHand() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.under > 0 || l.unread != nil || l.known && time.Since(l.asOf) <= max(l.staleness, l.took)
}

func (l *cachedList[T]) note(id string, w ownWrite[T]) {
	if l.under == 0 && l.unread == nil && (!l.known || time.Since(l.asOf) > max(l.staleness, l.took)) {
		l.known, l.rows, l.shown, l.own = false, nil, nil, nil // the next reading sees it
		return
	}
	if l.own == nil {
		l.own = map[string]ownWrite[T]{}
	}
	l.writes++
	w.number = l.writes
	l.own[id], l.shown = w, nil
}

// show is the list with our own writes.
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

// pageOf is the page of a list in order that a query asks for.
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
