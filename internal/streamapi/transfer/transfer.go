package transfer

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup" // as in internal/stream
)

// Options say what to copy from where to where.
type Options struct {
	From, To *Server
	// VerifyOnly only compares and writes nothing.
	VerifyOnly bool
	// Progress receives the progress of the transfer, from several goroutines; may be nil.
	Progress func(Progress)
}

// Progress is the progress of a transfer.
type Progress struct {
	Stage       string // "users", "channels" or "verifying"
	Done, Total int
}

// Report is the result of a transfer.
type Report struct {
	Users, Channels, Members, Messages, Reactions Tally

	LeftOut LeftOut // on the source
	// Differences has a line for each difference between the two servers.
	Differences []string
}

// LeftOut counts messages that are never transferred, since the other server would show them to
// more people.
type LeftOut struct {
	Restricted int // messages that only some users may see, and the replies to them
	Pending    int // messages that aren't sent yet
	Unposted   int // errors, and answers of commands that only one user sees
}

// Tally counts entities of one kind.
type Tally struct {
	From, To int // how many there are
	Written  int // how many were created or changed
}

// channelsAtOnce is how many channels are copied at the same time.
const channelsAtOnce = 4

// maxDifferences keeps the report readable if the two servers have little in common.
const maxDifferences = 1_000

// transfer is a transfer in progress.
type transfer struct {
	Options
	times bool // creation times are copied too

	mu      sync.Mutex
	report  Report
	omitted int // the number of differences beyond maxDifferences
}

// Run copies users, channels, members, messages and reactions that are missing on the other server
// or differ there, and then compares the two. It never removes anything. To continue an interrupted
// transfer, run it again. A complete transfer changes nothing.
//
// A write that the other server refuses is a difference in the report, not an error.
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
	if run.omitted > 0 {
		run.report.Differences = append(run.report.Differences, fmt.Sprintf("and %d more differences", run.omitted))
	}
	return run.report, err
}

// each calls do for every channel, several at once.
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

// wrote counts what was written, or adds a difference if the other server refused the write. It
// returns other failures, which end the transfer.
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

// differ adds a difference. The caller must hold the lock.
func (t *transfer) differ(format string, args ...any) {
	if len(t.report.Differences) >= maxDifferences {
		t.omitted++
		return
	}
	t.report.Differences = append(t.report.Differences, fmt.Sprintf(format, args...))
}

// carries reports whether an entity can be written unchanged, and adds a difference if not.
func (t *transfer) carries(want object, what string) bool {
	field, bad := want[illFormed]
	if bad {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.differ("%s isn't copied: text in %v isn't well-formed Unicode", what, field)
	}
	return !bad
}
