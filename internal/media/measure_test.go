package media_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/media"
)

// headOfJPEG is a JPEG's header without a picture. A frame of kind 0xc2 is progressive;
// each component is its id and its sampling.
func headOfJPEG(kind byte, width, height uint16, components ...byte) []byte {
	frame := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, height), width)
	frame = append(frame, byte(len(components)/2))
	for i := 0; i < len(components); i += 2 {
		frame = append(frame, components[i], components[i+1], 0)
	}
	return inJPEG([]byte("\xff\xd8"), segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")), segment(kind, frame))
}

// Each row is a picture that is judged by its header, before memory is taken for it.
func TestPicturesThatAreTooBig(t *testing.T) {
	const (
		baseline, progressive = 0xc0, 0xc2
		cutOff                = chat.CutOff // the header is accepted; the rest is missing
		tooBig                = chat.TooManyPixels
	)
	telephone := []byte{1, 0x22, 2, 0x11, 3, 0x11}
	full := []byte{1, 0x11, 2, 0x11, 3, 0x11}
	print4 := []byte{1, 0x11, 2, 0x11, 3, 0x11, 4, 0x11}
	h := open(t)
	small := open(t, func(o *media.Options) { o.Limits.Pixels = 1_000_000 })
	for _, row := range []struct {
		name    string
		server  *testServer
		file    string
		content []byte
		reason  chat.Reason
		limit   int64
	}{
		{"a JPEG of 48 megapixels", h, "a.jpg", headOfJPEG(baseline, 8064, 6048, telephone...), cutOff, 0},
		{"a JPEG of 64 megapixels", h, "a.jpg", headOfJPEG(baseline, 9248, 6936, telephone...), cutOff, 0},
		{"a progressive JPEG of 64 megapixels", h, "a.jpg", headOfJPEG(progressive, 9248, 6936, telephone...), cutOff, 0},
		{"a JPEG of 100 megapixels in full colours", h, "a.jpg", headOfJPEG(baseline, 10000, 10000, full...), cutOff, 0},
		{"a JPEG of more", h, "a.jpg", headOfJPEG(baseline, 10001, 10000, telephone...), tooBig, 100_000_000},
		{"a progressive JPEG of 64 megapixels in full colours", h, "a.jpg", headOfJPEG(progressive, 9248, 6936, full...), tooBig, 35_265_024},
		{"a JPEG of 100 megapixels to be printed", h, "a.jpg", headOfJPEG(baseline, 10000, 10000, print4...), tooBig, 62_200_000},
		{"a JPEG that is too long", h, "a.jpg", headOfJPEG(baseline, 16385, 1, telephone...), tooBig, 100_000_000},
		{"a PNG of 30 megapixels", h, "a.png", headOfPNG(6000, 5000), cutOff, 0},
		{"a PNG of more", h, "a.png", headOfPNG(6001, 5000), tooBig, 30_000_000},
		{"a PNG of one very long row", h, "a.png", headOfPNG(30_000_000, 1), tooBig, 30_000_000},
		{"a PNG of one very long column", h, "a.png", headOfPNG(1, 16_385), tooBig, 30_000_000},
		{"a PNG, where fewer pixels are taken", small, "a.png", headOfPNG(1001, 1000), tooBig, 1_000_000},
		{"a JPEG, where fewer pixels are taken", small, "a.jpg", headOfJPEG(baseline, 1001, 1000, telephone...), tooBig, 1_000_000},
		{"a progressive JPEG of just as many", small, "a.jpg", headOfJPEG(progressive, 1000, 1000, full...), cutOff, 0},
	} {
		a := row.server.upload(row.file, row.content)
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Reason != row.reason || a.Errors[0].Extensions.Limit != row.limit {
			t.Errorf("%s: %d %s, want %s %d", row.name, a.status, a.body, row.reason, row.limit)
		}
	}
}

// headOfPNG is a PNG's header without a picture.
func headOfPNG(width, height uint32) []byte {
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(size, 8, 6, 0, 0, 0))...)
}

// A picture that ends too early is cut off; one that is complete and malformed is damaged.
func TestCutOffOrDamaged(t *testing.T) {
	h := open(t)
	reason := func(name string, content []byte) chat.Reason {
		t.Helper()
		a := h.upload(name, content)
		if len(a.Errors) != 1 {
			t.Fatalf("%s of %d bytes: %d %s", name, len(content), a.status, a.body)
		}
		return a.Errors[0].Extensions.Reason
	}
	wholes := map[string][]byte{"a.png": pngOf(noise(64)), "b.png": pngOf(scene(50, 40)), "a.jpg": jpegOf(noise(64)), "b.jpg": jpegOf(scene(50, 40))}
	for name, whole := range wholes {
		for n := 8; n < len(whole); n += max(1, len(whole)/40) {
			if got := reason(name, whole[:n]); got != chat.CutOff {
				t.Errorf("the first %d of %d bytes of %s are %s", n, len(whole), name, got)
			}
		}
		for _, n := range []int{1, 2, 3, 12, 13, 16} {
			if got := reason(name, whole[:len(whole)-n]); got != chat.CutOff {
				t.Errorf("%s without its last %d bytes is %s", name, n, got)
			}
		}
	}
	wrong := bytes.Clone(wholes["a.png"])
	wrong[len(wrong)/2] ^= 0x55
	if got := reason("a.png", wrong); got != chat.Damaged {
		t.Errorf("a PNG with a wrong byte is %s", got)
	}
	empty := append(headOfPNG(5, 5), append(chunk("IDAT", nil), chunk("IEND", nil)...)...)
	if got := reason("a.png", empty); got != chat.Damaged {
		t.Errorf("a PNG without pixels is %s", got)
	}
	short := append(bytes.Clone(wholes["a.jpg"][:900]), 0xff, 0xd9)
	if got := reason("a.jpg", short); got != chat.Damaged {
		t.Errorf("a JPEG that ends too early is %s", got)
	}
}

// A telephone's photo of 64 megapixels is accepted, and its memory is released.
func TestLargePhoto(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("it takes seconds of CPU time; make test runs it without the race detector")
	}
	photo := func() []byte {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 9248, 6936), image.YCbCrSubsampleRatio420), nil); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	debug.FreeOSMemory()
	before := resident(t)
	h := open(t)
	a := h.mustUpload("IMG_0001.jpg", photo)
	if a.Width != 9248 || a.Height != 6936 || a.ThumbnailURL == a.URL {
		t.Errorf("got %s", a.body)
	}
	if runtime.GOOS == "linux" {
		if after := resident(t); after-before > 64 {
			t.Errorf("%d MB more are in use after it", after-before)
		}
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(h.get(a.ThumbnailURL).body))
	if err != nil || config.Width != 320 {
		t.Errorf("the thumbnail is %+v, %v", config, err)
	}
}

// resident is the memory of this process, in MB.
func resident(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() / 1e6
}

// Lists ask for a picture of at most 96 pixels and 10 kB, of whatever was uploaded.
func TestSmallPictures(t *testing.T) {
	h := open(t)
	see := image.NewNRGBA(image.Rect(0, 0, 500, 300)) // transparent noise
	grey := noise(500)
	for i := range see.Pix {
		see.Pix[i] = grey.Pix[i%len(grey.Pix)] ^ byte(i>>3)
	}
	turned := inJPEG(jpegOf(scene(400, 200)), segment(0xe1, append([]byte("Exif\x00\x00"), exif(6)...)))
	for _, row := range []struct {
		name          string
		file          string
		content       []byte
		width, height int
		contentType   string
	}{
		{"a large PNG", "a.png", pngOf(scene(1000, 500)), 96, 48, "image/jpeg"},
		{"a PNG of noise", "a.png", pngOf(noise(900)), 96, 96, "image/jpeg"},
		{"a PNG of transparent noise", "a.png", pngOf(see), 96, 57, "image/png"},
		{"a large JPEG", "a.jpg", jpegOf(noise(1500)), 96, 96, "image/jpeg"},
		{"a JPEG that is to be turned", "a.jpg", turned, 48, 96, "image/jpeg"},
		{"a picture without a thumbnail", "a.png", pngOf(noise(200)), 96, 96, "image/jpeg"},
		{"a tiny picture", "a.png", pngOf(scene(20, 10)), 20, 10, "image/png"},
		{"a line", "a.png", pngOf(scene(2000, 2)), 96, 1, "image/jpeg"},
	} {
		a := h.mustUpload(row.file, row.content)
		for _, url := range []string{a.URL, a.ThumbnailURL, a.URL} {
			got := h.get(url + "?size=96")
			config, _, err := image.DecodeConfig(bytes.NewReader(got.body))
			if err != nil || got.status != http.StatusOK || len(got.body) > 10_000 || config.Width != row.width || config.Height != row.height ||
				got.header.Get("Content-Type") != row.contentType || got.header.Get("ETag") == h.get(a.URL).header.Get("ETag") ||
				!strings.Contains(got.header.Get("Cache-Control"), "immutable") || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d, %d bytes of %+v %v, %v", row.name, got.status, len(got.body), config, err, got.header)
			}
		}
		if whole := h.get(a.URL + "?size=97").body; int64(len(whole)) != a.Size {
			t.Errorf("%s: another size gives %d bytes", row.name, len(whole))
		}
	}
	video := h.mustUpload("a.mp4", mp4Of("isom", 100))
	if got := h.get(video.URL + "?size=96"); int64(len(got.body)) != video.Size {
		t.Errorf("of a video it gives %d bytes", len(got.body))
	}
	if got := h.get(h.url + "/" + strings.Repeat("b", 42) + ".png?size=96"); got.status != http.StatusNotFound {
		t.Errorf("of nothing it is %d", got.status)
	}
}

// The small rendition is removed with its picture.
func TestSmallPicturesAreSwept(t *testing.T) {
	h := open(t)
	used, unused := h.mustUpload("a.png", pngOf(scene(400, 400))), h.mustUpload("b.png", pngOf(scene(401, 400)))
	h.channel(used.Filename)
	want := h.get(used.URL + "?size=96").body
	_ = h.get(unused.URL + "?size=96")
	if n := len(h.stored()); n != 6 {
		t.Fatalf("%d files are stored: %v", n, h.stored())
	}
	h.age(48 * time.Hour)
	h.sweep()
	if n := len(h.stored()); n != 3 || !bytes.Equal(h.get(used.URL+"?size=96").body, want) {
		t.Errorf("after the sweeper there are %v", h.stored())
	}
	if _, err := png.Decode(bytes.NewReader(h.get(used.URL).body)); err != nil {
		t.Error(err)
	}
}
