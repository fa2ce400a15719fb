package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"

	"backchannel/internal/chat"
	"backchannel/internal/media"
	"backchannel/internal/metrics"
	"backchannel/internal/metricstest"
)

// cloud is a bucket in memory. While it is silent, each call waits until its caller gives up.
type cloud struct {
	driver.Bucket

	silent atomic.Bool
	mu     sync.Mutex
	files  map[string][]byte
}

// OpenBucketURL implements blob.BucketURLOpener.
func (c *cloud) OpenBucketURL(context.Context, *url.URL) (*blob.Bucket, error) {
	return blob.NewBucket(c), nil
}

func (c *cloud) Close() error { return nil }

func (c *cloud) ErrorCode(err error) gcerrors.ErrorCode {
	if errors.Is(err, fs.ErrNotExist) {
		return gcerrors.NotFound
	}
	return gcerrors.Unknown
}

func (c *cloud) file(ctx context.Context, name string) ([]byte, error) {
	if c.silent.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	content, found := c.files[name]
	if !found {
		return nil, fs.ErrNotExist
	}
	return content, nil
}

// ListPaged is how the library asks whether a bucket exists.
func (c *cloud) ListPaged(context.Context, *driver.ListOptions) (*driver.ListPage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil {
		return nil, fs.ErrNotExist
	}
	return &driver.ListPage{}, nil
}

func (c *cloud) Delete(ctx context.Context, name string, _ *driver.DeleteOptions) error {
	_, err := c.file(ctx, name)
	return err
}

func (c *cloud) Attributes(ctx context.Context, name string) (*driver.Attributes, error) {
	content, err := c.file(ctx, name)
	return &driver.Attributes{Size: int64(len(content))}, err
}

func (c *cloud) NewRangeReader(ctx context.Context, name string, offset, _ int64, _ *driver.ReaderOptions) (driver.Reader, error) {
	content, err := c.file(ctx, name)
	if err != nil {
		return nil, err
	}
	return reader{io.NopCloser(bytes.NewReader(content[offset:])), int64(len(content))}, nil
}

func (c *cloud) NewTypedWriter(ctx context.Context, name, _ string, _ *driver.WriterOptions) (driver.Writer, error) {
	return &writer{cloud: c, ctx: ctx, name: name}, nil
}

type reader struct {
	io.ReadCloser
	size int64
}

func (r reader) Attributes() *driver.ReaderAttributes { return &driver.ReaderAttributes{Size: r.size} }
func (r reader) As(any) bool                          { return false }

type writer struct {
	bytes.Buffer

	cloud *cloud
	ctx   context.Context
	name  string
}

func (w *writer) Close() error {
	if _, err := w.cloud.file(w.ctx, w.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w.cloud.mu.Lock()
	defer w.cloud.mu.Unlock()
	w.cloud.files[w.name] = w.Bytes()
	return nil
}

// A bucket that doesn't answer is given up: everybody who waits for it is answered, the server says
// what is wrong, and uploads go on when the bucket does.
func TestBucketThatDoesNotAnswer(t *testing.T) {
	c := &cloud{files: map[string][]byte{}}
	blob.DefaultURLMux().RegisterBucket("silent", c)
	t.Parallel() // only now: registering isn't safe beside others
	figures := metrics.New("test")
	h := open(t, func(o *media.Options) {
		o.Location, o.Limits.Stall, o.Limits.PerUser, o.Metrics = "silent://bucket", 100*time.Millisecond, 9, figures
	})
	before := h.mustUpload("a.png", pngOf(scene(300, 300)))
	c.silent.Store(true)
	begun := time.Now()
	var all sync.WaitGroup
	for i := range 6 { // more than are decoded at a time
		all.Go(func() {
			if a := h.upload("a.png", pngOf(scene(20+i, 9))); a.status != http.StatusServiceUnavailable {
				t.Errorf("an upload is %d", a.status)
			}
		})
		all.Go(func() {
			if a := h.get(before.URL + []string{"", "?size=96"}[i%2]); a.status != http.StatusServiceUnavailable {
				t.Errorf("a file is %d", a.status)
			}
		})
	}
	all.Wait()
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("answering took %v", took)
	}
	err := h.Ready(t.Context())
	if e, ok := errors.AsType[*chat.Error](err); !ok || !strings.Contains(e.Message, "doesn't answer") {
		t.Errorf("ready: %v", err)
	}
	if writable := metricstest.Read(t, figures, "media_writable"); writable != 0 {
		t.Errorf("the figure is %v", writable)
	}
	c.silent.Store(false)
	h.eventually("an upload succeeds", func() bool { return h.upload("b.png", pngOf(scene(9, 9))).status == http.StatusCreated })
	if a := h.get(before.URL); a.status != http.StatusOK {
		t.Errorf("afterwards a file is %d", a.status)
	}
	if writable := metricstest.Read(t, figures, "media_writable"); writable != 1 {
		t.Errorf("afterwards the figure is %v", writable)
	}
}

// A bucket that is gone isn't taken for one that lacks a file.
func TestBucketThatIsGone(t *testing.T) {
	c := &cloud{files: map[string][]byte{}}
	blob.DefaultURLMux().RegisterBucket("gone", c)
	t.Parallel() // only now: registering isn't safe beside others
	h := open(t, func(o *media.Options) { o.Location = "gone://bucket" })
	a := h.mustUpload("a.png", pngOf(scene(9, 9)))
	c.mu.Lock()
	clear(c.files)
	c.mu.Unlock()
	if got := h.get(a.URL); got.status != http.StatusNotFound {
		t.Errorf("a file that isn't in the bucket is %d", got.status)
	}
	if err := h.Ready(t.Context()); err != nil {
		t.Errorf("with one file less: %v", err)
	}
	c.mu.Lock()
	c.files = nil
	c.mu.Unlock()
	if got := h.get(a.URL); got.status != http.StatusServiceUnavailable {
		t.Errorf("without a bucket a file is %d", got.status)
	}
}
