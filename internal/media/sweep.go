package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"

	"backchannel/internal/sqlstore"
)

const (
	sweepEvery = 24 * time.Hour
	sweepFirst = 10 * time.Minute // the minimum delay after the start; the maximum is twice that
	orphanAge  = time.Hour        // far longer than it takes from storing a file to storing its row
	sweepBatch = 100_000          // the number of files that one pass over the texts decides about
)

func (s *Store) sweepNowAndThen(ctx context.Context) {
	wait := time.NewTimer(sweepFirst + rand.N(sweepFirst)) //nolint:gosec // it only spreads the servers, so it may be predictable
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Warn("sweeping the uploads", "error", err)
		}
		wait.Reset(sweepEvery)
	}
}

// Sweep removes files that nothing refers to and that weren't touched within the grace period, and
// the remains of interrupted uploads.
//
// Callers touch a file before they refer to it. So Sweep doesn't remove a file to which a reference
// is added while it runs.
func (s *Store) Sweep(ctx context.Context) error {
	now, err := s.Database.RetentionTime(ctx)
	if err != nil {
		return err
	}
	since := now.Add(-s.Limits.Grace)
	s.removeSpools(since)
	for after := ""; !s.KeepAll; {
		batch, err := s.Database.UntouchedUploads(ctx, since, after, sweepBatch)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			break
		}
		after = batch[len(batch)-1].ID
		if err := s.sweepBatch(ctx, batch, since); err != nil {
			return err
		}
	}
	return s.sweepOrphans(ctx, now.Add(-orphanAge))
}

func (s *Store) sweepBatch(ctx context.Context, batch []sqlstore.Upload, since time.Time) error {
	unused := make(map[string]sqlstore.Upload, len(batch))
	for _, u := range batch {
		if !isSample(u.ID) { // samples are kept: a sample's id in a text can't be distinguished from a word
			unused[u.ID] = u
		}
	}
	err := s.Database.References(ctx, idLength, func(text string) {
		for _, id := range idsIn(text) {
			delete(unused, id)
		}
	})
	if err != nil {
		return err
	}
	for id, u := range unused {
		gone := false
		err := s.Database.Write(ctx, func(tx *sqlstore.Tx) (err error) {
			gone, err = tx.ForgetUpload(id, since)
			return err
		})
		if err != nil {
			return err
		}
		if gone {
			s.removeFiles(ctx, u)
			s.Logger.Info("removed an upload that nothing refers to", "name", u.ID+u.Extension, "bytes", u.Size)
		}
	}
	return nil
}

// sweepOrphans removes files that aren't in the database, since a server was killed between storing
// or deleting the two. It ignores files whose names don't have our form, and those modified since a
// time.
func (s *Store) sweepOrphans(ctx context.Context, since time.Time) error {
	bucket, err := s.files.open(ctx)
	if err != nil {
		return err
	}
	for list := bucket.List(nil); ; {
		var object *blob.ListObject
		err := s.files.once(ctx, func(ctx context.Context) error {
			var err error
			object, err = list.Next(ctx)
			return err
		})
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listing the files: %w", err)
		}
		stem, _, _ := strings.Cut(path.Base(object.Key), ".")
		stem = strings.TrimSuffix(strings.TrimSuffix(stem, small), iconMark)
		if len(stem) != idLength || len(idsIn(stem)) != 1 || !object.ModTime.Before(since) {
			continue
		}
		u, found, err := s.Database.Upload(ctx, stem)
		if err != nil {
			return err
		}
		if found && slices.Contains(keys(u), object.Key) {
			continue
		}
		if err := s.files.remove(ctx, object.Key); err != nil {
			return err
		}
	}
}
