package sqlstore

import (
	"encoding/json"
	"slices"
	"time"

	"backchannel/internal/chat"
)

// Job is a write that says beforehand what it reads and locks. On PostgreSQL a batch of any
// number of them takes four round trips: the beginning, one read for all, one write, and
// COMMIT. On SQLite, which answers at once, they run like others.
type Job struct {
	// Channel is the channel to whose log Run appends, zero for none or several. Servers
	// lock the channels of a batch in one order, so that they don't deadlock.
	Channel chat.CID
	// Reads names everything that Run will read, if that is known; otherwise it is nil.
	Reads func(*Reads)
	Run   func(*Tx) error
}

// Reads gathers what the jobs of a batch will ask the database.
type Reads struct {
	list   []reading
	wanted map[readKey]bool
	taken  map[readKey]bool // what only one job may read, since it changes it
	late   bool             // the present job wants what another one has taken
}

// readKey tells readings apart.
type readKey struct{ what, of, id string }

// reading is a query that runs before the jobs do.
type reading struct {
	key  readKey
	text string
	args []any
	scan func(cursor) (any, error)
}

func read[T any](r *Reads, key readKey, scan func(Row) (T, error), text string, args ...any) {
	if r.wanted[key] {
		return
	}
	r.wanted[key] = true
	r.list = append(r.list, newReading(key, scan, text, args...))
}

func newReading[T any](key readKey, scan func(Row) (T, error), text string, args ...any) reading {
	return reading{key, text, args, func(c cursor) (any, error) {
		list, err := scanUntil(c, scan, func(T) bool { return false })
		return list, err
	}}
}

// alone says that the job changes what it reads. A second job of a batch that reads the
// same must see the change.
func (r *Reads) alone(key readKey) {
	r.late = r.late || r.taken[key]
	r.taken[key] = true
}

// Outcome reads for [Tx.Outcome] beforehand.
func (r *Reads) Outcome(op chat.Operation, since time.Time) {
	key := readKey{"outcome", op.By.ID, op.Key}
	r.alone(key)
	read(r, key, scanOutcome, outcomeText, op.By.ID, op.Key, Micros(since))
}

// Standing reads for [Tx.Standing] beforehand.
func (r *Reads) Standing(cid chat.CID, user string, at time.Time) {
	c := cid.String()
	read(r, readKey{"standing", c, user}, scanStanding, standingText, c, user, Micros(at))
}

// Reading reads for [Tx.MarkRead] how far a member has read.
func (r *Reads) Reading(cid chat.CID, user string) {
	c := cid.String()
	key := readKey{"reading", c, user}
	r.alone(key)
	read(r, key, ScanValue[int64], readingText, c, user)
}

// Message reads for [Tx.Message] beforehand.
func (r *Reads) Message(id string) {
	read(r, readKey{what: "message", id: id}, MessageScanner(), oneMessage, id)
}

// Reacting reads for [Tx.ReactionsOf] and [Tx.OtherReactionTypes] beforehand.
func (r *Reads) Reacting(message, user, word string) {
	r.alone(readKey{what: "reactions", of: message})
	read(r, readKey{"reactions", message, user}, ScanReaction, reactionsText, message, user)
	read(r, readKey{"types", message, word}, ScanValue[string], otherTypesText, message, word)
}

// User reads for [Tx.EnsureUser] beforehand.
func (r *Reads) User(id string) { read(r, readKey{what: "user", id: id}, ScanUser, oneUser, id) }

// TokenLimits reads for [Tx.TokenLimits] beforehand.
func (r *Reads) TokenLimits(id string) {
	read(r, limitsOf(id), scanTokenLimits, tokenLimitsText, id)
}

// foresee orders the jobs of a batch: first those that say what they read. It reads that,
// and the channels of all jobs, which are locked from then on.
func (tx *Tx) foresee(jobs []*job) ([]*job, error) {
	slices.SortStableFunc(jobs, func(a, b *job) int { return compareBool(a.Reads == nil, b.Reads == nil) })
	last := 0
	for last < len(jobs) && jobs[last].Reads != nil {
		last++
	}
	lock := tx.writer.dialect.hold != ""
	cids := channelsOf(jobs, lock)
	if !lock {
		return jobs, tx.readHeads(cids)
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
	return append(append(first, late...), jobs[last:]...), tx.readAhead(r.list, cids)
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

// channelsOf returns the channels of jobs, in order; of all of them, or only of those
// that read nothing else that must be asked for one by one.
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

// readHeads reads several channels in one query.
func (tx *Tx) readHeads(cids []string) error {
	if len(cids) < 2 {
		return nil // it is read when it is needed
	}
	list, err := json.Marshal(cids)
	if err != nil {
		return err
	}
	found, err := asideAll(tx, scanHead, `SELECT `+headColumns+` FROM channels WHERE cid IN (SELECT value FROM json_each($1))`, string(list))
	if err == nil {
		tx.keepHeads(cids, found)
	}
	return err
}

// readAhead locks channels, in order, and then reads the rest, in one round trip.
func (tx *Tx) readAhead(list []reading, cids []string) error {
	heads := readKey{what: "heads"}
	if len(cids) > 0 {
		list = slices.Insert(list, 0, newReading(heads, scanHead,
			`SELECT `+headColumns+` FROM channels WHERE cid = ANY($1) ORDER BY cid FOR UPDATE`, cids))
	}
	if len(list) == 0 {
		return nil
	}
	found, err := tx.writer.session.ask(tx.ctx, list)
	if err != nil {
		return err
	}
	tx.ahead = found
	if locked, ok := found[heads].([]*head); ok {
		tx.keepHeads(cids, locked)
	}
	return nil
}
