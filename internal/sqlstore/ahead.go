package sqlstore

import (
	"encoding/json"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// Job is a write that declares in advance what it reads and locks. On PostgreSQL a batch of any
// number of jobs takes two round trips: one begins the transaction and reads for all, the other
// writes and commits. On SQLite, which answers immediately, jobs run like other writes.
type Job struct {
	// Channel is the only channel to whose log Run appends, zero for none or several. Servers lock
	// the channels of a batch in the same order, so that they don't deadlock.
	Channel chat.CID
	// Reads declares everything that Run will read, if it is known; otherwise it is nil.
	Reads func(*Reads)
	Run   func(*Tx) error
}

// Reads collects the queries of the jobs of a batch.
type Reads struct {
	list   []reading
	wanted map[readKey]bool
	taken  map[readKey]bool // what only one job may read, since it changes it
	late   bool             // the current job reads what another one has taken
}

// readKey identifies a query.
type readKey struct{ what, of, id string }

// reading is a query that runs before the jobs.
type reading struct {
	key  readKey
	text string
	args []any
	scan func(Row) (any, error)
}

func read[T any](r *Reads, key readKey, scan func(Row) (T, error), text string, args ...any) {
	if r.wanted[key] {
		return
	}
	r.wanted[key] = true
	r.list = append(r.list, newReading(key, scan, text, args...))
}

func newReading[T any](key readKey, scan func(Row) (T, error), text string, args ...any) reading {
	return reading{key, text, args, func(row Row) (any, error) { return scan(row) }}
}

// alone declares that the job changes what it reads. If a second job of the batch reads the same,
// it must see the change.
func (r *Reads) alone(key readKey) {
	r.late = r.late || r.taken[key]
	r.taken[key] = true
}

// Outcome declares a call of [Tx.Outcome].
func (r *Reads) Outcome(op chat.Operation, since time.Time) {
	key := readKey{"outcome", op.By.ID, op.Key}
	r.alone(key)
	read(r, key, scanOutcome, outcomeText, op.By.ID, op.Key, Micros(since))
}

// Standing declares a call of [Tx.Standing].
func (r *Reads) Standing(cid chat.CID, user string, at time.Time) {
	c := cid.String()
	read(r, readKey{"standing", c, user}, scanStanding, standingText, c, user, Micros(at))
}

// Reading declares that [Tx.MarkRead] will read how far a member has read.
func (r *Reads) Reading(cid chat.CID, user string) {
	c := cid.String()
	key := readKey{"reading", c, user}
	r.alone(key)
	read(r, key, ScanValue[int64], readingText, c, user)
}

// Message declares a call of [Tx.Message].
func (r *Reads) Message(id string) {
	read(r, readKey{what: "message", id: id}, MessageScanner(), oneMessage, id)
}

// Reacting declares calls of [Tx.ReactionsOf] and [Tx.OtherReactionTypes].
func (r *Reads) Reacting(message, user, word string) {
	r.alone(readKey{what: "reactions", of: message})
	read(r, readKey{"reactions", message, user}, ScanReaction, reactionsText, message, user)
	read(r, readKey{"types", message, word}, ScanValue[string], otherTypesText, message, word)
}

// User declares a call of [Tx.EnsureUser].
func (r *Reads) User(id string) { read(r, readKey{what: "user", id: id}, ScanUser, oneUser, id) }

// TokenLimits declares a call of [Tx.TokenLimits].
func (r *Reads) TokenLimits(id string) {
	read(r, limitsOf(id), scanTokenLimits, tokenLimitsText, id)
}

// heads is the key of the channels of a batch.
var heads = readKey{what: "heads"}

// foresee orders the jobs of a batch: first those that declare their reads. It returns the declared
// reads and the channels of all jobs, which are locked when they are read.
func (tx *Tx) foresee(jobs []*job) (ordered []*job, list []reading, cids []string) {
	slices.SortStableFunc(jobs, func(a, b *job) int { return compareBool(a.Reads == nil, b.Reads == nil) })
	last := 0
	for last < len(jobs) && jobs[last].Reads != nil {
		last++
	}
	lock := tx.writer.dialect.hold != ""
	cids = channelsOf(jobs, lock)
	if !lock {
		return jobs, someHeads(cids), cids
	}
	r := Reads{wanted: map[readKey]bool{}, taken: map[readKey]bool{}}
	var late []*job
	first := make([]*job, 0, len(jobs))
	for _, j := range jobs[:last] {
		r.late = false
		j.Reads(&r)
		if r.late {
			late = append(late, j)
		} else {
			first = append(first, j)
		}
	}
	tx.sure = len(first)
	if len(cids) > 0 {
		r.list = slices.Insert(r.list, 0, newReading(heads, scanHead,
			`SELECT `+headColumns+` FROM channels WHERE cid = ANY($1) ORDER BY cid FOR UPDATE`, cids))
	}
	return append(append(first, late...), jobs[last:]...), r.list, cids
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// channelsOf returns the channels of jobs, in order: of all jobs, or only of those whose reads are
// all declared.
func channelsOf(jobs []*job, all bool) []string {
	list := make([]string, 0, len(jobs))
	for _, j := range jobs {
		if j.Channel != (chat.CID{}) && (all || j.Reads != nil) {
			list = append(list, j.Channel.String())
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// someHeads returns a query for several channels. A single one is read when it is needed.
func someHeads(cids []string) []reading {
	if len(cids) < 2 {
		return nil
	}
	list, _ := json.Marshal(cids) // encoding strings can't fail
	return []reading{newReading(heads, scanHead, `SELECT `+headColumns+` FROM channels WHERE cid IN (SELECT value FROM json_each($1))`, string(list))}
}

// keepAhead stores what was read before the jobs run.
func (tx *Tx) keepAhead(found map[readKey][]any, cids []string) {
	if list, read := found[heads]; read {
		tx.keepHeads(cids, itemsOf[*head](list))
	}
	tx.ahead = found
}

func itemsOf[T any](list []any) []T {
	if len(list) == 0 {
		return nil
	}
	items := make([]T, len(list))
	for i, item := range list {
		items[i] = item.(T)
	}
	return items
}
