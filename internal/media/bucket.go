package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gocloud.dev/blob" // one interface for folders and the three clouds; Apache-2.0
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

// vault is the folder or bucket with the files. It is opened on first use, so that a server starts
// and serves everything else while the cloud is unavailable.
type vault struct {
	location string        // a folder, or a URL such as s3://bucket?region=eu-central-1
	stall    time.Duration // maximum time of a step of an operation
	failing  atomic.Bool   // the last step was given up

	mu     sync.Mutex
	bucket *blob.Bucket
}

// optional are the schemes of buckets whose drivers are included only if the program was built with
// a tag. The program imports the drivers, not this package.
var optional = map[string]string{"gs": "gcs", "azblob": "azure"}

// CheckLocation returns an error if a location isn't valid. It must be a folder, or a URL of a kind
// that this program was built with.
func CheckLocation(location string) error {
	scheme, _, isURL := strings.Cut(location, "://")
	if !isURL || blob.DefaultURLMux().ValidBucketScheme(scheme) {
		return nil
	}
	if tag, ok := optional[scheme]; ok {
		return fmt.Errorf("this program was built without %s://; build it with -tags %s", scheme, tag)
	}
	return errors.New("give a folder, or a URL that begins with s3://, gs:// or azblob://")
}

// folder returns the local folder, "" for a bucket.
func (v *vault) folder() string {
	if strings.Contains(v.location, "://") {
		return ""
	}
	return v.location
}

func (v *vault) open(ctx context.Context) (*blob.Bucket, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bucket != nil {
		return v.bucket, nil
	}
	var err error
	if dir := v.folder(); dir != "" {
		v.bucket, err = fileblob.OpenBucket(dir, &fileblob.Options{
			CreateDir: true, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	} else {
		v.bucket, err = blob.OpenBucket(context.WithoutCancel(ctx), quiet(v.location))
	}
	if err != nil {
		return nil, fmt.Errorf("opening the folder or bucket of the files (--media): %w", err)
	}
	return v.bucket, nil
}

// quiet returns a bucket's URL with which AWS's client doesn't write a line to standard error for
// each file that comes without a checksum, as from other makers' S3.
func quiet(location string) string {
	const setting = "response_checksum_validation"
	if !strings.HasPrefix(location, "s3://") || strings.Contains(location, setting) {
		return location
	}
	separator := "?"
	if strings.Contains(location, "?") {
		separator = "&"
	}
	return location + separator + setting + "=when_required"
}

var errNoBucket = errors.New("the bucket doesn't exist")

// gone returns an error if the bucket doesn't exist, which looks as if a file didn't.
func (v *vault) gone(ctx context.Context) error {
	if v.folder() != "" {
		return nil
	}
	bucket, err := v.open(ctx)
	if err != nil {
		return err
	}
	return v.once(ctx, func(ctx context.Context) error {
		if there, err := bucket.IsAccessible(ctx); err == nil && !there {
			return errNoBucket
		}
		return nil // also if we may not list it
	})
}

func (v *vault) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bucket == nil {
		return nil
	}
	return v.bucket.Close()
}

// put stores a file, either completely or not at all, and returns its size.
func (v *vault) put(ctx context.Context, name, contentType string, write func(io.Writer) error) (int64, error) {
	bucket, err := v.open(ctx)
	if err != nil {
		return 0, err
	}
	ctx, dog := v.watch(ctx)
	defer dog.end()
	file, err := bucket.NewWriter(ctx, name, &blob.WriterOptions{ContentType: contentType})
	if err != nil {
		return 0, fmt.Errorf("beginning a file: %w", err)
	}
	counted := &counter{to: file, dog: dog}
	if err := write(counted); err != nil {
		dog.end() // otherwise Close would store the partial file
		_ = file.Close()
		return 0, err
	}
	if err := dog.step(file.Close); err != nil {
		return 0, fmt.Errorf("finishing a file: %w", err)
	}
	return counted.n, v.sync(name)
}

// sync makes a local file survive a power failure, which the library doesn't.
func (v *vault) sync(name string) error {
	dir := v.folder()
	if dir == "" {
		return nil
	}
	path := filepath.Join(dir, name)
	err := syncPath(path)
	if err == nil && runtime.GOOS != "windows" { // on systems that can't sync folders
		err = syncPath(filepath.Dir(path))
		if err == nil && filepath.Dir(path) != filepath.Clean(dir) { // it may be new
			err = syncPath(dir)
		}
	}
	if err != nil {
		return fmt.Errorf("syncing a file: %w", err)
	}
	return nil
}

func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// remove deletes a file. It isn't an error if the file doesn't exist.
func (v *vault) remove(ctx context.Context, name string) error {
	bucket, err := v.open(ctx)
	if err != nil {
		return err
	}
	err = v.once(ctx, func(ctx context.Context) error { return bucket.Delete(ctx, name) })
	if err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("deleting a file: %w", err)
	}
	return nil
}

// exists reports whether a file exists.
func (v *vault) exists(ctx context.Context, name string) (exists bool, err error) {
	bucket, err := v.open(ctx)
	if err != nil {
		return false, err
	}
	err = v.once(ctx, func(ctx context.Context) error {
		exists, err = bucket.Exists(ctx, name)
		return err
	})
	return exists, err
}

// counter counts the bytes that pass through it.
type counter struct {
	to  io.Writer
	dog *watchdog
	n   int64
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (n int, err error) {
	err = c.dog.buffered(func() error {
		n, err = c.to.Write(p)
		return err
	})
	c.n += int64(n)
	return n, err
}
