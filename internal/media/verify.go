package media

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	"backchannel/internal/sqlstore"
)

// Files lists the files of all uploads in the database, as paths in the folder or bucket, with
// their sizes in bytes. It omits icons, which are made again on demand.
func Files(ctx context.Context, database *sqlstore.Store, show func(name string, size int64)) error {
	return eachUpload(ctx, database, func(u sqlstore.Upload) {
		show(key(u, u.ID+u.Extension), u.Size)
		if u.Thumbnail != "" {
			show(key(u, u.ID+small+u.Thumbnail), u.ThumbnailSize)
		}
	})
}

var endOfTime = time.UnixMicro(math.MaxInt64 / 2)

// verifyPause is the maximum time between storing an upload's file and its row.
const verifyPause = 2 * time.Second

// Verify compares the files in a folder or bucket with the database and reports each file that is
// missing, has another size, or is unknown. Its error is about reading.
func Verify(ctx context.Context, database *sqlstore.Store, location string, report func(fault string)) error {
	there, err := listFiles(ctx, location)
	if err != nil {
		return err
	}
	err = Files(ctx, database, func(name string, size int64) {
		switch found, ok := there[name]; {
		case !ok:
			report("the file " + name + " is missing")
		case found != size:
			report(fmt.Sprintf("the file %s has %d bytes, and was stored with %d", name, found, size))
		}
	})
	if err != nil {
		return err
	}
	orphans, err := unknownFiles(ctx, database, there)
	if err != nil || len(orphans) == 0 {
		return err
	}
	select { // an upload may have been in progress
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(verifyPause):
	}
	if there, err = listFiles(ctx, location); err != nil {
		return err
	}
	still, err := unknownFiles(ctx, database, there)
	for _, name := range still {
		if slices.Contains(orphans, name) {
			report("the file " + name + " belongs to no upload")
		}
	}
	return err
}

// unknownFiles returns the files that belong to no upload, in order.
func unknownFiles(ctx context.Context, database *sqlstore.Store, there map[string]int64) ([]string, error) {
	unknown := maps.Clone(there)
	err := eachUpload(ctx, database, func(u sqlstore.Upload) {
		for _, name := range keys(u) {
			delete(unknown, name)
		}
	})
	return slices.Sorted(maps.Keys(unknown)), err
}

func eachUpload(ctx context.Context, database *sqlstore.Store, show func(sqlstore.Upload)) error {
	for after := ""; ; {
		batch, err := database.UntouchedUploads(ctx, endOfTime, after, sweepBatch)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, u := range batch {
			show(u)
		}
		after = batch[len(batch)-1].ID
	}
}

// listFiles returns the sizes of all files. A folder that doesn't exist has none.
func listFiles(ctx context.Context, location string) (_ map[string]int64, err error) {
	v := vault{location: location, stall: time.Minute}
	there := map[string]int64{}
	if dir := v.folder(); dir != "" {
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			return there, nil
		}
	}
	bucket, err := v.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = cmp.Or(err, v.close()) }()
	for list := bucket.List(nil); ; {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return there, nil
		}
		if err != nil {
			return nil, fmt.Errorf("listing the files: %w", err)
		}
		there[object.Key] = object.Size
	}
}
