package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"backchannel/internal/chat"
)

// row is something with times, of one of two parts.
type row struct {
	id               string
	part             string
	created, updated time.Time
}

// table answers pages as Stream does: at most a page, at an offset of at most
// maxOffset, sorted by one time, newest first. Between two pages rows may come and
// go.
type table struct {
	mu      sync.Mutex
	rows    []row
	between func(*table) // called before each page, with the lock held
	pages   int
	order   map[Sorting][]row // the rows as sorted by a time, until they change
}

func (b *table) page(_ context.Context, filter object, by Sorting, offset int) ([]row, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages++
	if b.between != nil {
		b.between(b)
	}
	if offset > MaxOffset {
		return nil, fmt.Errorf("the offset %d is too far", offset)
	}
	var page []row
	rows, fits := b.sorted(by), fitting(filter)
	for i := range rows {
		if len(page) == 30 {
			break
		}
		if !fits(&rows[i]) {
			continue
		}
		if offset--; offset < 0 {
			page = append(page, rows[i])
		}
	}
	return page, nil
}

func (b *table) sorted(by Sorting) []row {
	if b.order[by] == nil {
		rows := slices.Clone(b.rows)
		slices.SortFunc(rows, func(a, b row) int {
			return cmp.Or(by.Direction*a.timeOf(by.Field).Compare(b.timeOf(by.Field)), cmp.Compare(a.id, b.id))
		})
		if b.order == nil {
			b.order = map[Sorting][]row{}
		}
		b.order[by] = rows
	}
	return b.order[by]
}

func (r *row) timeOf(field string) time.Time {
	if field == "created_at" {
		return r.created
	}
	return r.updated
}

// fitting reads a filter once, since it is asked of every row.
func fitting(filter object) func(r *row) bool {
	var all []func(r *row) bool
	for field, condition := range filter {
		if field == "$and" {
			for _, c := range condition.([]object) {
				all = append(all, fitting(c))
			}
			continue
		}
		for operator, value := range condition.(object) {
			if operator == "$eq" {
				all = append(all, func(r *row) bool { return r.part == value })
				continue
			}
			at, err := time.Parse(time.RFC3339Nano, value.(string))
			if err != nil {
				panic(err)
			}
			within := map[string]func(c int) bool{
				"$lt": func(c int) bool { return c < 0 }, "$gt": func(c int) bool { return c > 0 },
				"$lte": func(c int) bool { return c <= 0 }, "$gte": func(c int) bool { return c >= 0 },
			}[operator]
			all = append(all, func(r *row) bool { return within(r.timeOf(field).Compare(at)) })
		}
	}
	return func(r *row) bool {
		for _, fits := range all {
			if !fits(r) {
				return false
			}
		}
		return true
	}
}

func (b *table) scan() Scan[row] {
	return Scan[row]{
		Page: b.page, PageSize: 30, ID: func(r row) string { return r.id },
		Times: []TimeField[row]{
			{NewestFirst, func(r row) time.Time { return r.created }},
			{LeastChangedFirst, func(r row) time.Time { return r.updated }},
		},
		Parts: func(context.Context) ([]object, error) {
			return []object{{"part": object{"$eq": "a"}}, {"part": object{"$eq": "b"}}}, nil
		},
	}
}

// touch makes a row the one changed last, once.
func (b *table) touch(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := &b.rows[i].updated; at.Before(epoch.Add(time.Hour)) {
		*at, b.order = epoch.Add(time.Hour), nil
	}
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func rowsAlike(n int, name string, at func(i int) row) []row {
	list := make([]row, n)
	for i := range list {
		list[i] = at(i)
		list[i].id = fmt.Sprint(name, "-", i)
		list[i].part = cmp.Or(list[i].part, "a")
	}
	return list
}

func TestScanReadsAllRows(t *testing.T) {
	t.Parallel()
	spread := func(i int) row { return row{created: epoch.Add(time.Duration(i) * time.Second)} }
	moment := row{created: epoch, updated: epoch}
	for _, r := range []struct {
		says     string
		rows     []row
		maxPages int
	}{
		{"nothing", nil, 1},
		{"a page that isn't full", rowsAlike(29, "r", spread), 1},
		{"a full page", rowsAlike(30, "r", spread), 3},
		{"two pages", rowsAlike(31, "r", spread), 3},
		{"a window", rowsAlike(1_030, "r", spread), 80},
		{"5,000 rows", rowsAlike(5_000, "r", spread), 5_000/29 + 40},
		{"5,000 rows of which 200 share a time", append(rowsAlike(4_800, "r", spread), rowsAlike(200, "tie", func(int) row { return row{created: epoch.Add(2_000 * time.Second)} })...), 5_000/29 + 40},
		{"3,000 rows of one time, changed at different ones", rowsAlike(3_000, "r", func(i int) row { return row{created: epoch, updated: epoch.Add(time.Duration(i))} }), 300},
		{"2,000 rows alike in both times, of two parts", rowsAlike(2_000, "r", func(i int) row { m := moment; m.part = []string{"a", "b"}[i%2]; return m }), 220},
		{"the same among others", append(rowsAlike(900, "r", spread), rowsAlike(1_500, "tie", func(i int) row {
			return row{created: epoch.Add(300 * time.Second), part: []string{"a", "b"}[i%2]}
		})...), 220},
	} {
		b := &table{rows: r.rows}
		got, err := b.scan().All(t.Context(), object{})
		if err != nil || len(got) != len(r.rows) {
			t.Errorf("%s: got %d rows of %d, %v", r.says, len(got), len(r.rows), err)
		}
		if b.pages > r.maxPages {
			t.Errorf("%s: took %d pages, want at most %d", r.says, b.pages, r.maxPages)
		}
	}
}

// A short list would be worse than none.
func TestScanSaysWhatItCannotRead(t *testing.T) {
	b := &table{rows: rowsAlike(1_200, "r", func(int) row { return row{created: epoch, updated: epoch} })}
	got, err := b.scan().All(t.Context(), object{})
	if e, ok := errors.AsType[*chat.Error](err); !ok || e.Code != chat.Unsupported || !strings.Contains(e.Message, "1000") {
		t.Errorf("1,200 rows alike in all: %d rows, %v", len(got), err)
	}
}

// Pages are asked for a few at once. Here the last ones are answered first, and a row of an
// earlier page is changed in between, which moves it to the end.
func TestScanFindsRowsThatMoveToAnEndReadBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for moved := range 120 {
			b := &table{rows: rowsAlike(120, "r", func(i int) row { return row{created: epoch, updated: epoch.Add(time.Duration(i))} })}
			scan := b.scan()
			scan.Times = scan.Times[1:]
			read := scan.Page
			scan.Page = func(ctx context.Context, filter object, by Sorting, offset int) ([]row, error) {
				time.Sleep(time.Duration(MaxOffset - offset)) // the later the page, the sooner its answer
				rows, err := read(ctx, filter, by, offset)
				if 0 < len(rows) && len(rows) < scan.PageSize { // the end
					b.touch(moved)
				}
				return rows, err
			}
			got, err := scan.All(t.Context(), object{})
			if err != nil || len(got) != 120 {
				t.Errorf("row %d changed: got %d rows of 120, %v", moved, len(got), err)
			}
		}
	})
}

// Rows that exist during a whole scan are found, while others come and go between its
// pages.
func TestScanOutlastsChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spread := rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, time.Hour}).Draw(t, "spread")
		kept := rowsAlike(rapid.IntRange(0, 1_500).Draw(t, "kept"), "kept", func(i int) row {
			at := epoch.Add(time.Duration(i*7919%1_500) * spread / 100)
			return row{created: at, updated: epoch.Add(time.Duration(i)), part: []string{"a", "b"}[i%2]}
		})
		passing := rowsAlike(rapid.IntRange(0, 300).Draw(t, "passing"), "passing", func(i int) row {
			return row{created: epoch.Add(time.Duration(i*31) * spread / 20), updated: epoch.Add(time.Duration(i))}
		})
		b := &table{rows: slices.Concat(kept, passing)}
		every := rapid.IntRange(1, 12).Draw(t, "a change every so many pages")
		b.between = func(b *table) {
			if b.pages%every != 0 {
				return
			}
			b.order = nil
			if len(passing) > 0 {
				gone := passing[0]
				passing = passing[1:]
				b.rows = slices.DeleteFunc(b.rows, func(r row) bool { return r.id == gone.id })
			}
			if len(kept) > 0 { // a row is changed
				i := slices.IndexFunc(b.rows, func(r row) bool { return r.id == kept[b.pages*37%len(kept)].id })
				b.rows[i].updated = epoch.Add(1_000*time.Hour + time.Duration(b.pages))
			}
			b.rows = append(b.rows, row{id: fmt.Sprint("new-", b.pages), part: "a",
				created: epoch.Add(1_000*time.Hour + time.Duration(b.pages)), updated: epoch.Add(time.Hour)})
		}
		got, err := b.scan().All(context.Background(), object{})
		if chat.CodeOf(err) == chat.Unavailable {
			t.Skip("changes faster than it can be read, and says so")
		}
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, r := range got {
			found[r.id] = true
		}
		for _, r := range kept {
			if !found[r.id] {
				t.Fatalf("%s is missing from %d rows", r.id, len(got))
			}
		}
	})
}
