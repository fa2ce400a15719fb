package media_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"backchannel/internal/chat"
)

// What ffmpeg makes pictures and sound of.
const (
	moving = "-f lavfi -i testsrc2=size=64x48:rate=10:duration=0.5 "
	still  = "-f lavfi -i testsrc2=size=64x48:rate=1:duration=1 -frames:v 1 "
	sound  = "-f lavfi -i sine=duration=0.5 "
)

// Each row is a file that ffmpeg makes, the name that it is uploaded under, and the result:
// a content type, or the reason of the refusal and the format that it names.
func TestFilesOfFFmpeg(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is missing: run scripts/install.sh ffmpeg")
	}
	const (
		mismatch = string(chat.TypeMismatch) + " "
		noVideo  = string(chat.NoVideo)
	)
	h := open(t)
	for _, row := range []struct{ name, arguments, file, as, want string }{
		{"a PNG", still, "a.png", "a.png", "image/png"},
		{"an animated PNG", moving + "-f apng -plays 0", "a.apng", "a.png", "image/png"},
		{"a PNG of 16 bits", still + "-pix_fmt rgba64be", "a.png", "a.png", "image/png"},
		{"a grey PNG", still + "-pix_fmt gray", "a.png", "a.png", "image/png"},
		{"a PNG of few colours", still + "-pix_fmt pal8", "a.png", "a.png", "image/png"},
		{"a JPEG", still + "-pix_fmt yuvj420p", "a.jpg", "a.jpg", "image/jpeg"},
		{"a JPEG of full colours", still + "-pix_fmt yuvj444p", "a.jpg", "a.jpeg", "image/jpeg"},
		{"a grey JPEG", still + "-pix_fmt gray", "a.jpg", "a.jpg", "image/jpeg"},

		{"an mp4", moving + "-c:v mpeg4", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 with sound", moving + sound + "-c:v mpeg4 -c:a aac", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 whose sound comes first", sound + moving + "-map 0 -map 1 -c:v mpeg4 -c:a aac", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 that begins with its index", moving + "-c:v mpeg4 -movflags +faststart", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 in fragments", moving + "-c:v mpeg4 -movflags +frag_keyframe+empty_moov", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 for dynamic streaming", moving + "-c:v mpeg4 -movflags +dash", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 of Sony's cameras", moving + "-c:v mpeg4 -brand XAVC", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 of Sony's consoles", moving + "-c:v mpeg4 -brand MSNV", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 of Canon's cameras", moving + "-c:v mpeg4 -brand CAEP", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 of Nikon's cameras", moving + "-c:v mpeg4 -brand niko", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 of Casio's cameras", moving + "-c:v mpeg4 -brand caqv", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 of a broadcast", moving + "-c:v mpeg4 -brand dmb1", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 of Apple's shops", moving + "-c:v mpeg4 -brand M4VH", "a.mp4", "a.mp4", "video/mp4"},
		{"an mp4 of an old telephone", moving + "-c:v mpeg4 -f 3gp", "a.3gp", "a.mp4", "video/mp4"},
		{"an mp4 of Adobe's", moving + "-c:v libx264 -f f4v", "a.f4v", "a.mp4", "video/mp4"},
		{"a mov", moving + "-c:v mjpeg", "a.mov", "a.mov", "video/quicktime"},
		{"a mov with sound of cameras", moving + sound + "-c:v mjpeg -c:a pcm_s16le", "a.mov", "a.mov", "video/quicktime"},
		{"a mov named mp4", moving + "-c:v mpeg4", "a.mov", "a.mp4", "video/quicktime"},
		{"an avi", moving + "-c:v mpeg4", "a.avi", "a.avi", "video/x-msvideo"},
		{"an avi with sound", moving + sound + "-c:v mjpeg -c:a pcm_s16le", "a.avi", "a.avi", "video/x-msvideo"},
		{"an flv", moving + "-c:v flv1", "a.flv", "a.flv", "video/x-flv"},
		{"an flv with sound", moving + sound + "-c:v flv1 -c:a aac", "a.flv", "a.flv", "video/x-flv"},

		{"sound alone in an mp4", sound + "-c:a aac", "a.mp4", "a.mp4", noVideo},
		{"sound alone in an mp4 in fragments", sound + "-c:a aac -movflags +frag_keyframe+empty_moov", "a.mp4", "a.mp4", noVideo},
		{"sound alone of Apple's", sound + "-c:a aac", "a.m4a", "a.mp4", noVideo},
		{"sound alone in a mov", sound + "-c:a pcm_s16le", "a.mov", "a.mov", noVideo},
		{"sound alone in an avi", sound + "-c:a pcm_s16le", "a.avi", "a.avi", noVideo},
		{"sound alone in an flv", sound + "-c:a aac", "a.flv", "a.flv", noVideo},
		{"an MP3 named mp4", sound + "-c:a mp2 -f mp2", "a.mp3", "a.mp4", mismatch + "MP3"},

		{"a GIF named png", moving, "a.gif", "a.png", mismatch + "GIF"},
		{"a WebP named jpg", still + "-c:v libwebp", "a.webp", "a.jpg", mismatch + "WEBP"},
		{"a TIFF named jpg", still, "a.tiff", "a.jpg", mismatch + "TIFF"},
		{"a BMP named png", still, "a.bmp", "a.png", mismatch + "BMP"},
		{"an AVIF named jpg", still + "-c:v libaom-av1 -still-picture 1 -cpu-used 8", "a.avif", "a.jpg", mismatch + "AVIF"},
		{"a WebM named mp4", moving + "-c:v libvpx -deadline realtime", "a.webm", "a.mp4", mismatch + "WEBM"},
		{"a Matroska named mp4", moving + "-c:v mpeg4", "a.mkv", "a.mp4", mismatch + "MKV"},
		{"a PNG named jpg", still, "a.png", "a.jpg", mismatch + "PNG"},
		{"a JPEG named mp4", still, "a.jpg", "a.mp4", mismatch + "JPG"},
		{"an avi named mp4", moving + "-c:v mpeg4", "a.avi", "a.mp4", mismatch + "AVI"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := h.upload(row.as, ffmpeg(t, row.arguments, row.file))
			if strings.Contains(row.want, "/") {
				if a.status != http.StatusCreated || a.ContentType != row.want {
					t.Errorf("got %d %s, want %s", a.status, a.body, row.want)
				}
				return
			}
			if len(a.Errors) != 1 {
				t.Fatalf("got %d %s, want %s", a.status, a.body, row.want)
			}
			e := a.Errors[0]
			got := strings.TrimSpace(string(e.Extensions.Reason) + " " + e.Extensions.Found)
			if got != strings.TrimSpace(row.want) || !strings.Contains(e.Message, e.Extensions.Found) {
				t.Errorf("got %d %s, want %s", a.status, a.body, row.want)
			}
		})
	}
}

// ffmpeg makes a file.
func ffmpeg(t *testing.T, arguments, name string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	all := append([]string{"-hide_banner", "-loglevel", "error", "-nostdin", "-threads", "1"}, strings.Fields(arguments)...)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", append(all, path)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
