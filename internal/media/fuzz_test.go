package media

import (
	"bytes"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	stdpng "image/png"
	"testing"
)

// FuzzPicture checks that a file accepted as a picture stays the same picture, can be
// stripped again without a further change, and has a thumbnail.
func FuzzPicture(f *testing.F) {
	img := image.NewNRGBA(image.Rect(0, 0, 9, 7))
	img.Set(3, 3, color.NRGBA{R: 9, G: 99, B: 199, A: 255})
	var a, b, c bytes.Buffer
	for _, err := range []error{
		stdpng.Encode(&a, img), stdjpeg.Encode(&b, img, nil), stdpng.Encode(&c, image.NewPaletted(img.Rect, color.Palette{color.Black})),
	} {
		if err != nil {
			f.Fatal(err)
		}
	}
	for _, seed := range [][]byte{a.Bytes(), b.Bytes(), c.Bytes()} {
		f.Add(seed)
		f.Add(append(bytes.Clone(seed), "PK\x03\x04"...))
	}
	f.Add(append([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00"), append(exifOrientation(6), b.Bytes()[2:]...)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range []fileType{png, jpeg} {
			if _, err := measure(bytes.NewReader(data), int64(len(data)), kind, 10_000); err != nil {
				continue
			}
			p, err := readPicture(bytes.NewReader(data), int64(len(data)), kind)
			if err != nil {
				continue
			}
			var once, twice bytes.Buffer
			if err := p.strip(&once); err != nil {
				continue // a decoder accepts more than we do
			}
			q, err := readPicture(bytes.NewReader(once.Bytes()), int64(once.Len()), kind)
			if err != nil {
				t.Fatalf("what is kept of a picture is none: %v", err)
			}
			if q.orientation != p.orientation || !equal(p.image, q.image) {
				t.Fatal("what is kept of a picture is another one")
			}
			if err := q.strip(&twice); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
				t.Fatalf("stripping again changes it (%v)", err)
			}
			if small, kind := p.thumbnail(); small != nil {
				if err := writeThumbnail(&twice, small, kind); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func equal(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

// FuzzVideo checks that the end of a video is within the file, and stays where it is.
func FuzzVideo(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x08ftyp\x00\x00\x00\x08moov\x00\x00\x00\x08mdat"))
	f.Add([]byte("RIFF\x1c\x00\x00\x00AVI LIST\x04\x00\x00\x00hdrlLIST\x04\x00\x00\x00movi"))
	f.Add([]byte("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00\x09\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00x\x00\x00\x00\x0c"))
	f.Add([]byte("\x00\x00\x00\x08moov\x00\x00\x00\x01mdat\x7f\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range []fileType{mp4, mov, avi, flv} {
			n, err := videoLength(bytes.NewReader(data), int64(len(data)), kind)
			if err != nil {
				continue
			}
			if n <= 0 || n > int64(len(data)) {
				t.Fatalf("a video of %d bytes in a file of %d", n, len(data))
			}
			if again, err := videoLength(bytes.NewReader(data[:n]), n, kind); err != nil || again != n {
				t.Fatalf("cut to its %d bytes the video has %d (%v)", n, again, err)
			}
		}
	})
}
