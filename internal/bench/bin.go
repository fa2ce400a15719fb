package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"backchannel/internal/sqlstore"
)

const (
	binChannels   = 10_000
	binMessages   = 100 // of each channel
	binFullness   = 1.1 // CPU of a deletion, with messages / with none
	binListing    = 15  // CPU of a deletion / of the list of the same channels
	binLists      = 5   // lists for each measured deletion
	listBinned    = `{ allChannels { id cid type name avatar } }`
	deleteBinned  = `mutation($cids: [String!]!) { deleteChannels(input: {cids: $cids}) }`
	restoreBinned = `mutation($change: String!) { undo(input: {change: $change}) { change { id } } }`
)

// serveFilled runs the real server on channels that each have messages.
func serveFilled(ctx context.Context, dir string, channels int) (*subject, error) {
	store, err := openSeeded(ctx, dir, channels)
	if err != nil {
		return nil, err
	}
	err = store.Write(ctx, func(tx *sqlstore.Tx) error { return tx.InsertUser(sampleSender()) })
	if err = errors.Join(err, store.Close()); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "backchannel.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	for _, text := range []string{
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			INSERT INTO messages (id, channel, seq, sender, text, attachments, mentions, created_at, deleted_at)
			SELECT printf('01930000-0000-7000-%04x-%012x', n.i, c.no), c.no, n.i, 'clerk', 'Good morning', '', '', $2, 0 FROM channels c, n`,
		`UPDATE channels SET seq = $1, message_count = $1, last_message_at = $2`,
	} {
		if _, err := db.ExecContext(ctx, text, binMessages, grownAt.UnixMicro()); err != nil {
			return nil, errors.Join(fmt.Errorf("adding messages: %w", err), db.Close())
		}
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return serveDir(ctx, dir)
}

// measureBin measures deleting many channels at once, which moves them to the bin, and listing the same
// channels. After each round it undoes the deletion.
func measureBin(ctx context.Context, b *bench) error {
	progress("filling %d channels with %d messages each", binChannels, binMessages)
	all, stop, err := b.launchAll(ctx, binChannels, "filled", "ours")
	if err != nil {
		return err
	}
	defer stop()
	var cids []string
	for _, c := range sampleChannels(binChannels) {
		cids = append(cids, c.CID.String())
	}
	var deleted [2]cell
	listed := cell{Name: "the list", Clients: 1}
	for i, name := range []string{"with messages", "with none"} {
		deleted[i] = cell{Name: name, Clients: 1}
	}
	for round := range b.Rounds {
		progress("bin: round %d of %d", round+1, b.Rounds)
		for j := range all {
			i := (j + round) % len(all)
			one, err := all[i].cost(ctx, "", binLists, listBinned, nil)
			if err != nil {
				return err
			}
			if i == 0 {
				listed.Rounds = append(listed.Rounds, one.sample)
			}
			one, err = all[i].cost(ctx, b.profile("delete"), 1, deleteBinned, map[string]any{"cids": cids})
			if err != nil {
				return err
			}
			deleted[i].Rounds = append(deleted[i].Rounds, one.sample)
			if _, err := all[i].cost(ctx, "", 1, restoreBinned, map[string]any{"change": one.change}); err != nil {
				return err
			}
		}
	}
	b.report.add(section{Title: fmt.Sprintf("deleteChannels of %d channels, with %d messages each and with none, and the list of those with messages", binChannels, binMessages),
		Cells: []*cell{&deleted[0], &deleted[1], &listed}},
		goal{What: "CPU of deleteChannels, with messages / with none", Most: binFullness, Got: ratio(&deleted[0], &deleted[1], cpu)},
		goal{What: "CPU of deleteChannels / of allChannels", Most: binListing, Got: ratio(&deleted[0], &listed, cpu)})
	return nil
}

// costed is the cost of an operation and the record that it left.
type costed struct {
	sample sample
	change string
}

// cost measures an operation that is executed several times, one after the other.
func (t *target) cost(ctx context.Context, profile string, times int, document string, variables map[string]any) (c costed, err error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return c, err
	}
	before, err := t.ask(order{Profile: profile})
	if err != nil {
		return c, err
	}
	begun := time.Now()
	var took []time.Duration
	for range times {
		at := time.Now()
		text, err := once(ctx, t.endpoint, body)
		if err != nil {
			return c, err
		}
		var answer struct {
			Errors     []struct{ Message string }
			Extensions struct{ Changes []struct{ ID string } }
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return c, fmt.Errorf("reading the answer: %w", err)
		}
		if len(answer.Errors) > 0 {
			return c, errors.New(answer.Errors[0].Message)
		}
		for _, made := range answer.Extensions.Changes {
			c.change = made.ID
		}
		took = append(took, time.Since(at))
	}
	slices.Sort(took)
	seen := tally{Count: times, Elapsed: time.Since(begun), P50: percentile(took, 50), P99: percentile(took, 99), Most: percentile(took, 100)}
	after, err := t.ask(order{})
	c.sample = newSample(seen, before.Usage, after.Usage)
	return c, err
}
