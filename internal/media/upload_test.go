package media_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/media"
)

const (
	unsupported = "FILE_TYPE_NOT_SUPPORTED"
	invalid     = "INVALID_ARGUMENTS"
)

// Each row is a file and the result.
func TestUpload(t *testing.T) {
	h := open(t, func(o *media.Options) {
		o.Limits.PictureBytes, o.Limits.VideoBytes, o.Limits.Pixels = 1<<20, 2<<20, 1_000_000
	})
	good, goodJPEG := pngOf(scene(40, 30)), jpegOf(scene(40, 30))
	mp4, mov := mp4Of("isom", 100), mp4Of("qt  ", 100)
	for _, row := range []struct {
		name    string
		file    string
		content []byte
		want    string // the code, or the extension and the content type
	}{
		{"a PNG", "a.png", good, ".png image/png"},
		{"a PNG with an extension in capitals", "A.PNG", good, ".png image/png"},
		{"a PNG with one pixel", "a.png", pngOf(scene(1, 1)), ".png image/png"},
		{"a grey PNG", "a.png", pngOf(noise(20)), ".png image/png"},
		{"a JPEG as jpg", "a.jpg", goodJPEG, ".jpg image/jpeg"},
		{"a JPEG as jpeg", "a.jpeg", goodJPEG, ".jpg image/jpeg"},
		{"a name with a path", "../../etc/a.png", good, ".png image/png"},
		{"a name to frighten", "<img onerror=alert(1)> خبر.png", good, ".png image/png"},
		{"an mp4", "a.mp4", mp4, ".mp4 video/mp4"},
		{"an mp4 of an iPod", "a.mp4", mp4Of("M4V ", 100), ".mp4 video/mp4"},
		{"an mp4 of a maker that nobody knows", "a.mp4", mp4Of("Xyz1", 100), ".mp4 video/mp4"},
		{"an mp4 of a broadcast", "a.mp4", mp4Of("dmb1", 100), ".mp4 video/mp4"},
		{"a mov", "a.mov", mov, ".mov video/quicktime"},
		{"a mov named mp4", "a.mp4", mov, ".mov video/quicktime"},
		{"a mov without a type, its index first", "a.mov", append(box("moov", track("vide")), box("mdat", make([]byte, 9))...), ".mov video/quicktime"},
		{"an mp4 of 64-bit boxes", "a.mp4", append(mp4[:len(mp4):len(mp4)], "\x00\x00\x00\x01mdat\x00\x00\x00\x00\x00\x00\x00\x14abcd"...), ".mp4 video/mp4"},
		{"an mp4 whose last box is as long as the file", "a.mp4", append(mp4[:len(mp4):len(mp4)], "\x00\x00\x00\x00mdatabcd"...), ".mp4 video/mp4"},
		{"an avi", "a.avi", aviOf(), ".avi video/x-msvideo"},
		{"an avi of two parts", "a.avi", append(aviOf(), riff("AVIX", list("movi", make([]byte, 40)))...), ".avi video/x-msvideo"},
		{"an flv", "a.flv", flvOf(3), ".flv video/x-flv"},

		{"an SVG", "a.svg", []byte(svg), unsupported},
		{"a page named jpg", "a.jpg", []byte("<html><script>alert(1)</script>"), unsupported},
		{"a zip named mp4", "a.mp4", zip(), unsupported},
		{"a program named avi", "a.avi", append([]byte("MZ"), make([]byte, 200)...), unsupported},
		{"a PDF that holds an FLV's first letters", "a.flv", []byte("%PDF-1.4 FLV"), unsupported},
		{"no extension", "png", good, unsupported},
		{"another extension", "a.png.exe", good, unsupported},

		{"a PNG named jpg", "a.jpg", good, invalid},
		{"a HEIC in the box of an mp4", "a.mp4", mp4Of("heic", 100), invalid},
		{"a sound in the box of an mp4", "a.mp4", mp4Of("M4A ", 100, "soun"), invalid},
		{"a GIF that is an archive too", "a.jpg", append([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), zip()...), invalid},
		{"a GIF named png", "a.png", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), invalid},
		{"an SVG named png", "a.png", []byte(svg), invalid},
		{"an mp4 named png", "a.png", mp4, invalid},
		{"an avi named mov", "a.mov", aviOf(), invalid},
		{"nothing", "a.png", nil, invalid},
		{"a PNG that is cut off", "a.png", good[:len(good)-20], invalid},
		{"a PNG without its end", "a.png", good[:len(good)-12], invalid},
		{"the first letters of a PNG", "a.png", good[:8], invalid},
		{"a JPEG that is cut off", "a.jpg", jpegOf(noise(64))[:1500], invalid},
		{"a JPEG without its end", "a.jpg", goodJPEG[:len(goodJPEG)-2], invalid},
		{"a PNG of 60,000 x 60,000", "a.png", hugePNG(60_000), invalid},
		{"a PNG of more pixels than are taken", "a.png", pngOf(image.NewGray(image.Rect(0, 0, 1001, 1000))), invalid},
		{"an mp4 that is cut off", "a.mp4", mp4[:len(mp4)-1], invalid},
		{"an mp4 of a type alone", "a.mp4", box("ftyp", []byte("isom\x00\x00\x02\x00")), invalid},
		{"an mp4 without an index", "a.mp4", append(box("ftyp", []byte("isom\x00\x00\x02\x00")), box("mdat", make([]byte, 9))...), invalid},
		{"an mp4 of a box that goes backwards", "a.mp4", append(box("ftyp", []byte("isom\x00\x00\x02\x00")), "\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xf0"...), invalid},
		{"an avi that is cut off", "a.avi", aviOf()[:250], invalid},
		{"an avi without a video", "a.avi", riff("AVI ", list("hdrl", make([]byte, 64))), invalid},
		{"an flv without a video", "a.flv", flvOf(0), invalid},
		{"a picture that is too large", "a.png", pngOf(noise(1100)), invalid},
		{"a video that is too large", "a.mp4", mp4Of("isom", 3<<20), invalid},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := len(h.stored())
			a := h.upload(row.file, row.content)
			if extension, contentType, good := strings.Cut(row.want, " "); good {
				if a.status != http.StatusCreated || a.ContentType != contentType || !strings.HasSuffix(a.Filename, extension) ||
					a.URL != h.url+"/"+a.Filename || chat.CheckAvatarName(a.Filename) != nil && a.Kind == "image" {
					t.Fatalf("got %d %s", a.status, a.body)
				}
				if got := h.get(a.URL); got.status != http.StatusOK || int64(len(got.body)) != a.Size {
					t.Errorf("the file is served as %d with %d bytes, want %d", got.status, len(got.body), a.Size)
				}
				return
			}
			if a.code() != row.want || a.Errors[0].Extensions.Field != "file" {
				t.Errorf("got %d %s, want %s", a.status, a.body, row.want)
			}
			if row.want == unsupported && a.Errors[0].Message != chat.FileTypeMessage {
				t.Errorf("the message is %q", a.Errors[0].Message)
			}
			if after := h.stored(); len(after) != before {
				t.Errorf("it left something behind: %v", after)
			}
		})
	}
}

func TestWhatIsKeptOfPictures(t *testing.T) {
	h := open(t)
	plain, plainJPEG := pngOf(scene(40, 30)), jpegOf(scene(40, 30))
	secret := []byte("secret <script>alert(1)</script> PK\x03\x04")
	profile := append([]byte("ICC_PROFILE\x00\x01\x01"), "colours"...)
	for _, row := range []struct {
		name    string
		file    string
		content []byte
	}{
		{"a text in a PNG", "a.png", after(plain, chunk("tEXt", append([]byte("Comment\x00"), secret...)))},
		{"a compressed text in a PNG", "a.png", after(plain, chunk("zTXt", secret))},
		{"EXIF in a PNG", "a.png", after(plain, chunk("eXIf", append(exif(1), secret...)))},
		{"a chunk of our own in a PNG", "a.png", after(plain, chunk("zzZz", secret))},
		{"an archive behind a PNG", "a.png", append(bytes.Clone(plain), append(zip(), secret...)...)},
		{"EXIF in a JPEG", "a.jpg", inJPEG(plainJPEG, segment(0xe1, append([]byte("Exif\x00\x00"), append(exif(1), secret...)...)))},
		{"XMP in a JPEG", "a.jpg", inJPEG(plainJPEG, segment(0xe1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), secret...)))},
		{"IPTC in a JPEG", "a.jpg", inJPEG(plainJPEG, segment(0xed, append([]byte("Photoshop 3.0\x00"), secret...)))},
		{"a comment in a JPEG", "a.jpg", inJPEG(plainJPEG, segment(0xfe, secret))},
		{"a thumbnail in a JPEG", "a.jpg", inJPEG(plainJPEG, segment(0xe0, append([]byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x02\x02"), secret...)))},
		{"an archive behind a JPEG", "a.jpg", append(bytes.Clone(plainJPEG), append(zip(), secret...)...)},
		{"a second picture behind a JPEG", "a.jpg", append(inJPEG(plainJPEG, segment(0xe2, append([]byte("MPF\x00"), secret...))), append(plainJPEG, secret...)...)},
	} {
		a := h.mustUpload(row.file, row.content)
		got := h.get(a.URL).body
		for _, hidden := range []string{"secret", "SecretCamera", "PK\x03\x04", "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x02"} {
			if bytes.Contains(got, []byte(hidden)) {
				t.Errorf("%s: %q is still there", row.name, hidden)
			}
		}
		want, _, err := image.Decode(bytes.NewReader(row.content))
		if err != nil {
			t.Fatal(err)
		}
		if have, _, err := image.Decode(bytes.NewReader(got)); err != nil || !samePixels(want, have) {
			t.Errorf("%s: the picture has changed (%v)", row.name, err)
		}
	}
	a := h.mustUpload("profile.jpg", inJPEG(plainJPEG, segment(0xe2, profile)))
	if !bytes.Contains(h.get(a.URL).body, profile) {
		t.Error("a JPEG's colour profile is gone")
	}
	gamma := chunk("gAMA", []byte{0, 0, 0xb1, 0x8f})
	a = h.mustUpload("gamma.png", after(plain, gamma))
	if !bytes.Contains(h.get(a.URL).body, gamma) {
		t.Error("a PNG's gamma is gone")
	}
}

func samePixels(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

// What follows a video isn't kept.
func TestWhatIsKeptOfFilms(t *testing.T) {
	h := open(t)
	for name, video := range map[string][]byte{"a.mp4": mp4Of("isom", 50), "a.avi": aviOf(), "a.flv": flvOf(4)} {
		a := h.mustUpload(name, append(bytes.Clone(video), append(zip(), "#!/bin/sh"...)...))
		if got := h.get(a.URL).body; !bytes.Equal(got, video) {
			t.Errorf("%s: %d bytes are kept, want the video's %d", name, len(got), len(video))
		}
	}
	whole := flvOf(4)
	if a := h.mustUpload("broken-off.flv", whole[:len(whole)-10]); !bytes.Equal(h.get(a.URL).body, flvOf(3)) {
		t.Error("a recording that broke off doesn't end with its last whole tag")
	}
}

// The red quarter is upper left in the file. Where it is shown depends on how the camera
// was held.
func TestOrientation(t *testing.T) {
	h := open(t)
	type corner struct{ right, low bool }
	seen := []corner{{false, false}, {true, false}, {true, true}, {false, true}, {false, false}, {true, false}, {true, true}, {false, true}}
	for i, want := range seen {
		o := i + 1
		for name, content := range map[string][]byte{
			"a.jpg": inJPEG(jpegOf(scene(800, 400)), segment(0xe1, append([]byte("Exif\x00\x00"), exif(byte(o))...))),
			"a.png": after(pngOf(scene(800, 400)), chunk("eXIf", exif(byte(o)))),
		} {
			a := h.mustUpload(name, content)
			width, height := 800, 400
			if o >= 5 {
				width, height = height, width
			}
			if a.Width != width || a.Height != height {
				t.Errorf("%s, orientation %d: %d x %d, want %d x %d", name, o, a.Width, a.Height, width, height)
			}
			kept := []byte{0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(o)}
			if got := h.get(a.URL).body; bytes.Contains(got, kept) != (o > 1) || bytes.Contains(got, []byte("SecretCamera")) {
				t.Errorf("%s, orientation %d: it alone should be kept of EXIF, where it isn't 1", name, o)
			}
			small, _, err := image.Decode(bytes.NewReader(h.get(a.ThumbnailURL).body))
			if err != nil {
				t.Fatal(err)
			}
			size := small.Bounds().Size()
			if max(size.X, size.Y) != 320 || min(size.X, size.Y) != 160 || (size.X > size.Y) != (width > height) {
				t.Fatalf("%s, orientation %d: the thumbnail is %v", name, o, size)
			}
			for _, c := range []corner{{false, false}, {true, false}, {true, true}, {false, true}} {
				x, y := size.X/4, size.Y/4
				if c.right {
					x = size.X * 3 / 4
				}
				if c.low {
					y = size.Y * 3 / 4
				}
				r, _, b, _ := small.At(x, y).RGBA()
				if red := r > b; red != (c == want) {
					t.Errorf("%s, orientation %d: right %v, low %v is red: %v", name, o, c.right, c.low, red)
				}
			}
		}
	}
}

func TestThumbnails(t *testing.T) {
	h := open(t)
	glass := scene(1000, 700)
	glass.SetNRGBA(0, 0, color.NRGBA{})
	for _, row := range []struct {
		name, file string
		content    []byte
		want       string
	}{
		{"of a large JPEG", "a.jpg", jpegOf(scene(1000, 700)), "image/jpeg"},
		{"of a large PNG", "a.png", pngOf(scene(1000, 701)), "image/jpeg"},
		{"of glass", "a.png", pngOf(glass), "image/png"},
		{"of a line", "a.png", pngOf(scene(3000, 1)), "image/jpeg"},
	} {
		a := h.mustUpload(row.file, row.content)
		got := h.get(a.ThumbnailURL)
		if a.ThumbnailURL == a.URL || got.header.Get("Content-Type") != row.want {
			t.Errorf("%s: %s is a %s, want %s", row.name, a.ThumbnailURL, got.header.Get("Content-Type"), row.want)
		}
		if config, _, err := image.DecodeConfig(bytes.NewReader(got.body)); err != nil || max(config.Width, config.Height) != 320 {
			t.Errorf("%s: %d x %d (%v)", row.name, config.Width, config.Height, err)
		}
	}
	if a := h.mustUpload("small.png", pngOf(scene(320, 320))); a.ThumbnailURL != a.URL {
		t.Errorf("a small picture has another one as its thumbnail: %s", a.body)
	}
	if a := h.mustUpload("a.flv", flvOf(1)); a.ThumbnailURL != "" || a.Width != 0 {
		t.Errorf("a video: %s", a.body)
	}
	var _ = []any{jpeg.Decode, png.Decode} // what image.Decode needs
}

func TestSameFileAgain(t *testing.T) {
	h := open(t)
	content := pngOf(scene(500, 400))
	first := h.mustUpload("a.png", content)
	before := len(h.stored())
	if again := h.mustUpload("b.PNG", content); again.URL != first.URL || len(h.stored()) != before {
		t.Errorf("the same file has two names: %s and %s; %v", first.URL, again.URL, h.stored())
	}
	other := pngOf(scene(500, 401))
	var wg sync.WaitGroup
	names := make([]string, 4)
	for i := range names {
		wg.Go(func() { names[i] = h.upload("a.png", other).Filename })
	}
	wg.Wait()
	for _, name := range names {
		if name == "" || name != names[0] || name == first.Filename {
			t.Fatalf("at once it got the names %q", names)
		}
	}
	if after := h.stored(); len(after) != before+2 {
		t.Errorf("two pictures with thumbnails make the files %v", after)
	}
}

// Each row is a request that isn't a valid upload.
func TestUploadRequests(t *testing.T) {
	h := open(t)
	form := func(parts ...[3]string) (string, io.Reader) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, p := range parts {
			part, _ := w.CreatePart(map[string][]string{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, p[0], p[1])}})
			_, _ = part.Write([]byte(p[2]))
		}
		_ = w.Close()
		return w.FormDataContentType(), &b
	}
	picture := string(pngOf(scene(9, 9)))
	for _, row := range []struct {
		name   string
		token  string
		parts  [][3]string
		kind   string // of content; that of the form if empty
		status int
		code   string
	}{
		{"no token", "", [][3]string{{"file", "a.png", picture}}, "", 401, "UNAUTHORIZED"},
		{"no form", "Bearer alice", [][3]string{{"file", "a.png", picture}}, "image/png", 400, invalid},
		{"a form without its boundary", "Bearer alice", [][3]string{{"file", "a.png", picture}}, "multipart/form-data", 400, invalid},
		{"an empty form", "Bearer alice", nil, "", 400, invalid},
		{"another part", "Bearer alice", [][3]string{{"picture", "a.png", picture}}, "", 400, invalid},
		{"a part without a file name", "Bearer alice", [][3]string{{"file", "", picture}}, "", 400, invalid},
		{"two files", "Bearer alice", [][3]string{{"file", "a.png", picture}, {"file", "b.png", picture}}, "", 400, invalid},
	} {
		kind, body := form(row.parts...)
		if row.kind != "" {
			kind = row.kind
		}
		req := h.request(http.MethodPost, h.url, body)
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Authorization", row.token)
		if a := h.do(req); a.status != row.status || a.code() != row.code {
			t.Errorf("%s: got %d %s, want %d %s", row.name, a.status, a.body, row.status, row.code)
		}
	}
	if left := h.stored(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A gigabyte is refused when the limit is reached, and is never in memory.
func TestEndlessUpload(t *testing.T) {
	h := open(t, func(o *media.Options) { o.Limits.VideoBytes = 16 << 20 })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	source := &endless{}
	head := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n" + string(mp4Of("isom", 10))
	req := h.request(http.MethodPost, h.url, io.LimitReader(io.MultiReader(strings.NewReader(head), source), 1<<30))
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	req.Header.Set("Authorization", "Bearer alice")
	resp, err := http.DefaultClient.Do(req)
	if err == nil { // otherwise the server closed the connection before the client had read the refusal
		if resp.Body.Close(); resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("got %s", resp.Status)
		}
	}
	runtime.ReadMemStats(&after)
	if taken := source.given.Load(); taken > 64<<20 {
		t.Errorf("the server took %d MiB", taken>>20)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("it took %d MiB of memory", grown>>20)
	}
	req = h.request(http.MethodPost, h.url, io.LimitReader(&endless{}, 1<<30))
	req.ContentLength = 1 << 30
	req.Header.Set("Authorization", "Bearer alice")
	req.Header.Set("Expect", "100-continue")
	if a := h.do(req); a.status != http.StatusRequestEntityTooLarge || a.code() != invalid {
		t.Errorf("a gigabyte that says so: %d %s", a.status, a.body)
	}
	if left := h.stored(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// slow is an upload, under way, over a connection that the test holds.
func (h *testServer) slow(user string) net.Conn {
	h.Helper()
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(h.url, "http://"), "/media"))
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = conn.Close() })
	_, _ = fmt.Fprintf(conn, "POST /media HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=b\r\n"+
		"Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n", user)
	goOn := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(conn, goOn); err != nil || !strings.Contains(string(goOn), "100 Continue") {
		h.Fatalf("%v: %s", err, goOn)
	}
	_, _ = fmt.Fprintf(conn, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n%s",
		mp4Of("isom", 5000))
	return conn
}

func (h *testServer) eventually(what string, so func() bool) {
	h.Helper()
	for until := time.Now().Add(time.Minute); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			h.Fatal(what)
		}
	}
}

func TestUploadThatStops(t *testing.T) {
	h := open(t, func(o *media.Options) { o.Limits.Stall, o.Limits.PerUser = 300*time.Millisecond, 1 })
	busy := func() bool { return h.upload("a.png", pngOf(scene(5, 5))).status == http.StatusTooManyRequests }

	conn := h.slow("alice")
	if !busy() {
		t.Error("a second upload at a time was let in")
	}
	_ = conn.Close()
	h.eventually("an upload that was cut off still counts", func() bool { return !busy() })

	conn = h.slow("alice")
	begun := time.Now()
	text, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(text), `"reason":"STALLED"`) || time.Since(begun) > time.Minute {
		t.Errorf("an upload that stalls: %v %s", err, text)
	}
	if left := h.stored(); len(left) != 1 { // the picture
		t.Errorf("left behind: %v", left)
	}
}

// An upload may take longer than the server gives other requests, while it makes progress.
func TestSlowUpload(t *testing.T) {
	h := open(t)
	video := mp4Of("isom", 20_000)
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	go func() {
		part, _ := form.CreateFormFile("file", "a.mp4")
		for piece := video; len(piece) > 0; piece = piece[min(len(piece), 2500):] {
			_, _ = part.Write(piece[:min(len(piece), 2500)])
			time.Sleep(200 * time.Millisecond)
		}
		_ = write.CloseWithError(form.Close())
	}()
	req := h.request(http.MethodPost, h.url, read)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer alice")
	if a := h.do(req); a.status != http.StatusCreated || a.Size != int64(len(video)) {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestUploadsAtOnce(t *testing.T) {
	h := open(t, func(o *media.Options) { o.Limits.PerUser, o.Limits.Total = 2, 3 })
	for _, user := range []string{"bob", "bob", "carol"} {
		h.slow(user)
	}
	if a := h.upload("a.png", pngOf(scene(5, 5))); a.status != http.StatusTooManyRequests || a.code() != "RATE_LIMITED" {
		t.Errorf("a fourth upload: %d %s", a.status, a.body)
	}
}
