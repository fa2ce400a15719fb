package stream

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

var errTest = errors.New("no room in the rate limit")

// A list of 10,000 rows is eventually read with any number of pages for each try, and
// hardly any page is read more than once.
func TestScanGoesOn(t *testing.T) {
	for _, perTry := range []int{2, 10, 60} {
		b := &table{}
		for i := range 10_000 {
			at := epoch.Add(time.Duration(i) * time.Second)
			b.rows = append(b.rows, row{id: fmt.Sprint("r", i), part: "a", created: at, updated: at})
		}
		left := 0
		s := b.scan()
		read := s.Page
		s.Page = func(ctx context.Context, filter object, by Sorting, offset int) ([]row, error) {
			b.mu.Lock()
			left--
			out := left < 0
			b.mu.Unlock()
			if out {
				return nil, errTest
			}
			return read(ctx, filter, by, offset)
		}
		p := &progress[row]{}
		tries := 0
		for {
			left, tries = perTry, tries+1
			rows, err := s.goOn(t.Context(), object{}, p)
			if err == nil {
				if len(rows) != 10_000 {
					t.Errorf("with %d pages a try, %d rows were read", perTry, len(rows))
				}
				break
			}
			if tries > 10_000 {
				t.Fatalf("with %d pages a try the list isn't read after %d tries", perTry, tries)
			}
		}
		if most := 2 * 10_000 / 29; b.pages > most {
			t.Errorf("with %d pages a try, %d pages were read, want at most %d", perTry, b.pages, most)
		}
	}
}

// A listing whose reading fails goes on with the next who asks, and keeps what takes
// long to read as long as it took.
func TestListingGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var began []int
		l := &cachedList[int]{
			id: func(n int) string { return fmt.Sprint(n) }, compare: func(a, b int) int { return a - b },
			updated: func(int) time.Time { return time.Time{} }, staleness: 5 * time.Second, closed: t.Context(),
			read: func(_ context.Context, p *progress[int]) ([]int, error) {
				began = append(began, len(p.found))
				if p.found == nil {
					p.found = map[string]int{}
				}
				time.Sleep(time.Minute)
				p.found[fmt.Sprint(len(p.found))] = len(p.found)
				if len(p.found) < 3 {
					return nil, errTest
				}
				return []int{0, 1, 2}, nil
			},
		}
		for range 2 {
			if _, err := l.get(t.Context()); !errors.Is(err, errTest) {
				t.Fatalf("got %v, want the failure", err)
			}
			l.put(7) // our own write is seen all the same
		}
		rows, err := l.get(t.Context())
		if err != nil || fmt.Sprint(rows) != "[0 1 2 7]" || fmt.Sprint(began) != "[0 1 2]" {
			t.Errorf("got %v, %v; the tries began with %v rows", rows, err, began)
		}
		time.Sleep(2 * time.Minute)
		if _, err := l.get(t.Context()); err != nil || len(began) != 3 {
			t.Errorf("what took three minutes was read anew after two: %v", err)
		}
	})
}
