package transfer

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup" // as in internal/stream
)

// Options say what is copied from where to where.
type Options struct {
	From, To *Side
	// VerifyOnly compares and writes nothing.
	VerifyOnly bool
	// Progress is told how far the transfer has come, by several goroutines; nil for
	// nobody.
	Progress func(Progress)
}

// Progress is how far a transfer has come.
type Progress struct {
	Stage       string // "users", "channels" or "verifying"
	Done, Total int
}

// Report is what a transfer did and found.
type Report struct {
	Users, Channels, Members, Messages, Reactions Tally

	LeftOut LeftOut // on the side that is copied
	// Differences says, a line each, what is not the same on both sides.
	Differences []string
}

// LeftOut counts messages that no transfer carries, since the other side would show
// them to more people.
type LeftOut struct {
	Restricted int // for some users only, and replies to such
	Pending    int // not sent yet
	Unposted   int // errors, and answers of commands for one user
}

// Tally counts one noun.
type Tally struct {
	From, To int // how many there are
	Written  int // how many were created or changed
}

// channelsAtOnce is how many channels are copied at the same time.
const channelsAtOnce = 4

// maxDifferences keeps a report that compares two strangers readable.
const maxDifferences = 1_000

// transfer is one under way.
type transfer struct {
	Options
	times bool // the times at which things were made are carried too

	mu     sync.Mutex
	report Report
	untold int // differences beyond maxDifferences
}

// Run copies users, channels, members, messages and reactions that are missing on
// the other side or differ there, and then compares the two. Nothing is ever
// removed. A transfer that was interrupted is taken up by running it again; one
// that is complete changes nothing.
//
// What the other side refuses is a difference in the report, not an error.
func Run(ctx context.Context, o Options) (Report, error) {
	run := &transfer{Options: o, times: o.To.ours}
	users, err := o.From.users(ctx)
	if err != nil {
		return run.report, fmt.Errorf("reading users: %w", err)
	}
	channels, err := o.From.channels(ctx)
	if err != nil {
		return run.report, fmt.Errorf("reading channels: %w", err)
	}
	if !o.VerifyOnly {
		if err := run.copyRoles(ctx); err != nil {
			return run.report, fmt.Errorf("copying roles: %w", err)
		}
		if err := run.copyUsers(ctx, users); err != nil {
			return run.report, fmt.Errorf("copying users: %w", err)
		}
		if err := run.each(ctx, "channels", channels, run.copyChannel); err != nil {
			return run.report, err
		}
		if err := run.deactivate(ctx, users); err != nil {
			return run.report, fmt.Errorf("deactivating users: %w", err)
		}
	}
	run.report.Users.From, run.report.Channels.From = len(users), len(channels)
	if err := run.compareUsers(ctx, users); err != nil {
		return run.report, fmt.Errorf("comparing users: %w", err)
	}
	err = run.each(ctx, "verifying", channels, run.compareChannel)
	slices.Sort(run.report.Differences)
	if run.untold > 0 {
		run.report.Differences = append(run.report.Differences, fmt.Sprintf("and %d more differences", run.untold))
	}
	return run.report, err
}

// each does something for every channel, a few at once.
func (t *transfer) each(ctx context.Context, stage string, channels []raw, do func(ctx context.Context, c raw) error) error {
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(channelsAtOnce)
	for _, c := range channels {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := do(ctx, c); err != nil {
				return fmt.Errorf("%s %s: %w", stage, c.id("cid"), err)
			}
			t.progress(stage, int(done.Add(1)), len(channels))
			return nil
		})
	}
	return g.Wait()
}

func (t *transfer) progress(stage string, done, total int) {
	if t.Progress != nil {
		t.Progress(Progress{stage, done, total})
	}
}

// wrote counts what was written, or notes what the other side refused. Other
// failures end the transfer.
func (t *transfer) wrote(tally *Tally, n int, what string, err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		tally.Written += n
		return nil
	}
	if said, refused := refused(err); refused {
		t.differ("%s was refused: %s", what, said)
		return nil
	}
	return err
}

// differ notes a difference. The lock is held.
func (t *transfer) differ(format string, args ...any) {
	if len(t.report.Differences) >= maxDifferences {
		t.untold++
		return
	}
	t.report.Differences = append(t.report.Differences, fmt.Sprintf(format, args...))
}

// carries reports whether a noun can be written as it is, and notes a difference if not.
func (t *transfer) carries(want object, what string) bool {
	field, bad := want[illFormed]
	if bad {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.differ("%s isn't copied: text in %v isn't well-formed Unicode", what, field)
	}
	return !bad
}
