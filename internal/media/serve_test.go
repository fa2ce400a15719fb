package media_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob"
	_ "gocloud.dev/blob/memblob"
	_ "gocloud.dev/blob/s3blob"

	"backchannel/internal/media"
)

func TestHeaders(t *testing.T) {
	h := open(t)
	for file, content := range map[string][]byte{
		"a.png": pngOf(scene(400, 400)), "a.jpg": jpegOf(scene(40, 40)), "a.mp4": mp4Of("isom", 9),
		"a.mov": mp4Of("qt  ", 9), "a.avi": aviOf(), "a.flv": flvOf(2),
	} {
		a := h.mustUpload(file, content)
		disposition := "inline"
		if file == "a.avi" || file == "a.flv" {
			disposition = "attachment"
		}
		for name, want := range map[string]string{
			"Content-Type": a.ContentType, "X-Content-Type-Options": "nosniff", "Etag": `"` + a.Filename + `"`,
			"Content-Security-Policy":      "default-src 'none'; sandbox",
			"Cross-Origin-Resource-Policy": "cross-origin", "Accept-Ranges": "bytes",
			"Content-Disposition": disposition + `; filename="` + a.Filename + `"`,
			"Cache-Control":       "public, max-age=31536000, immutable",
		} {
			if got := h.get(a.URL).header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", file, name, got, want)
			}
		}
	}
}

// Each row is a request for a video of the letters 0 to 9 in its last box.
func TestRanges(t *testing.T) {
	h := open(t)
	content := append(mp4Of("isom", 0), box("mdat", []byte("0123456789"))...)
	a := h.mustUpload("a.mp4", content)
	n := len(content)
	whole, tag := string(content), `"`+a.Filename+`"`
	for _, row := range []struct {
		name   string
		header map[string]string
		status int
		want   string
	}{
		{"all of it", nil, 200, whole},
		{"a part", map[string]string{"Range": "bytes=0-9"}, 206, whole[:10]},
		{"its end", map[string]string{"Range": "bytes=-3"}, 206, "789"},
		{"from some place on", map[string]string{"Range": "bytes=" + itoa(n-4) + "-"}, 206, "6789"},
		{"beyond its end", map[string]string{"Range": "bytes=" + itoa(n) + "-"}, 416, ""},
		{"a part of what is there", map[string]string{"Range": "bytes=0-1", "If-Range": tag}, 206, whole[:2]},
		{"a part of what was there", map[string]string{"Range": "bytes=0-1", "If-Range": `"other"`}, 200, whole},
		{"what one has", map[string]string{"If-None-Match": tag}, 304, ""},
		{"what one hasn't", map[string]string{"If-None-Match": `"other"`}, 200, whole},
	} {
		req := h.request(http.MethodGet, a.URL, nil)
		for name, value := range row.header {
			req.Header.Set(name, value)
		}
		if got := h.do(req); got.status != row.status || row.status < 400 && string(got.body) != row.want {
			t.Errorf("%s: %d %q, want %d %q", row.name, got.status, got.body, row.status, row.want)
		}
	}
	req := h.request(http.MethodGet, a.URL, nil)
	req.Header.Set("Range", "bytes="+itoa(n-10)+"-"+itoa(n-9)+","+itoa(n-2)+"-")
	if got := h.do(req); got.status != 206 || !bytes.Contains(got.body, []byte("\r\n\r\n01\r\n")) || !bytes.Contains(got.body, []byte("\r\n\r\n89\r\n")) {
		t.Errorf("two parts: %d %q", got.status, got.body)
	}
	if got := h.do(h.request(http.MethodHead, a.URL, nil)); got.status != 200 || got.header.Get("Content-Length") != itoa(n) || len(got.body) > 0 {
		t.Errorf("HEAD: %d %v", got.status, got.header)
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	h := open(t)
	a := h.mustUpload("a.png", pngOf(scene(400, 400)))
	stem := strings.TrimSuffix(a.Filename, ".png")
	for _, name := range []string{
		"a.png", "..%2fchat.db", "%2e%2e", stem, stem + ".jpg", stem + ".png.png", stem + "-small.png", stem + "-small",
		strings.Repeat("a", 42) + ".png", strings.ToUpper(stem) + ".png", a.Filename + "%00", a.Filename + ".attrs", stem + "-small-small.jpg",
	} {
		got := h.get(h.url + "/" + name)
		if got.status != http.StatusNotFound || got.code() != "NOT_FOUND" || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

// A server that keeps uploads in a folder of its own doesn't have those of others on the
// same database. It says so in its log, and no answer makes a browser keep that for a year.
func TestFolderThatIsNotShared(t *testing.T) {
	there := open(t)
	var log bytes.Buffer
	here := open(t, func(o *media.Options) {
		o.Database, o.Logger = there.database, slog.New(slog.NewTextHandler(&log, nil))
	})
	a := there.mustUpload("a.png", pngOf(scene(400, 400)))
	small := path.Base(a.ThumbnailURL)
	for _, row := range []struct {
		what, method, name string
		header             map[string]string
		status             int // where the file is
	}{
		{"a file", http.MethodGet, a.Filename, nil, 200},
		{"its thumbnail", http.MethodGet, small, nil, 200},
		{"its small picture", http.MethodGet, a.Filename + "?size=96", nil, 200},
		{"whether it is there", http.MethodHead, a.Filename, nil, 200},
		{"a part", http.MethodGet, a.Filename, map[string]string{"Range": "bytes=0-9"}, 206},
		{"two parts", http.MethodGet, a.Filename, map[string]string{"Range": "bytes=0-9,20-29"}, 206},
		{"a newer one", http.MethodGet, a.Filename, map[string]string{"If-Modified-Since": "Mon, 02 Jan 2006 15:04:05 GMT"}, 200},
		{"another than one that it isn't", http.MethodGet, a.Filename, map[string]string{"If-None-Match": `"x"`}, 200},
	} {
		ask := func(h *testServer) answer {
			req := h.request(row.method, h.url+"/"+row.name, nil)
			for name, value := range row.header {
				req.Header.Set(name, value)
			}
			return h.do(req)
		}
		if got := ask(there); got.status != row.status {
			t.Errorf("%s where it is: %d", row.what, got.status)
		}
		log.Reset()
		got := ask(here)
		if got.status != http.StatusNotFound || got.header.Get("Cache-Control") != "no-store" || got.header.Get("ETag") != "" {
			t.Errorf("%s where it isn't: %d %v", row.what, got.status, got.header)
		}
		if !strings.Contains(log.String(), "--media") {
			t.Errorf("%s: the log says %q", row.what, log.String())
		}
	}
	req := here.request(http.MethodGet, here.url+"/"+a.Filename, nil)
	req.Header.Set("If-None-Match", `"`+a.Filename+`"`)
	if got := here.do(req); got.status != http.StatusNotModified {
		t.Errorf("to one who has it: %d", got.status)
	}
}

// A reader may take longer than the server gives other requests, while it reads.
func TestSlowReader(t *testing.T) {
	h := open(t)
	a := h.mustUpload("a.mp4", mp4Of("isom", 12<<20))
	resp, err := http.Get(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got int64
	for piece := make([]byte, 2<<20); ; time.Sleep(300 * time.Millisecond) {
		n, err := resp.Body.Read(piece)
		for n < len(piece) && err == nil {
			var more int
			more, err = resp.Body.Read(piece[n:])
			n += more
		}
		got += int64(n)
		if err != nil {
			break
		}
	}
	if got != a.Size {
		t.Errorf("%d bytes came of %d", got, a.Size)
	}
}

// The buckets of BACKCHANNEL_TEST_BUCKETS, URLs with spaces between them, are tested as
// well as the one in memory.
func TestBucketByURL(t *testing.T) {
	for _, location := range append([]string{"mem://"}, strings.Fields(os.Getenv("BACKCHANNEL_TEST_BUCKETS"))...) {
		t.Run(location, func(t *testing.T) { testBucket(t, location) })
	}

	away := open(t, func(o *media.Options) { o.Location = "s3://?region=nowhere" })
	if a := away.upload("a.png", pngOf(scene(5, 5))); a.status != http.StatusServiceUnavailable || a.code() != "UNAVAILABLE" {
		t.Errorf("without a bucket: %d %s", a.status, a.body)
	}
	if left := away.stored(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func testBucket(t *testing.T, location string) {
	h := open(t, func(o *media.Options) { o.Location = location })
	a := h.mustUpload("a.png", pngOf(scene(500, 500)))
	if got := h.get(a.ThumbnailURL); got.status != http.StatusOK || len(got.body) == 0 {
		t.Errorf("the thumbnail: %d", got.status)
	}
	req := h.request(http.MethodGet, a.URL, nil)
	req.Header.Set("Range", "bytes=1-3")
	if got := h.do(req); string(got.body) != "PNG" {
		t.Errorf("a part: %q", got.body)
	}
	if left := h.stored(); len(left) > 0 {
		t.Errorf("on the disk: %v", left)
	}
	h.age(25 * time.Hour)
	h.sweep()
	bucket, err := blob.OpenBucket(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bucket.Close() }()
	for _, url := range []string{a.URL, a.ThumbnailURL} {
		if got := h.get(url); got.status != http.StatusNotFound {
			t.Errorf("swept: %d", got.status)
		}
		if there, err := bucket.Exists(t.Context(), path.Base(url)); there || err != nil {
			t.Errorf("%s is still in the bucket (%v)", url, err)
		}
	}
}
