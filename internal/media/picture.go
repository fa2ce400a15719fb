package media

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	stdpng "image/png"
	"io"

	"github.com/bep/imagemeta" // reads the orientation out of EXIF; MIT
)

// thumbnailSide is the longer side of a thumbnail, in pixels.
const thumbnailSide = 320

// picture is a decoded picture, and therefore complete.
type picture struct {
	source      io.ReaderAt
	size        int64
	fileType    fileType
	orientation int // 1 to 8, as in EXIF: how to turn the picture upright
	image       image.Image
}

var errDamaged = errors.New("it is damaged")

// readPicture decodes a picture that was measured.
func readPicture(source io.ReaderAt, size int64, t fileType) (*picture, error) {
	p := &picture{source: source, size: size, fileType: t, orientation: orientation(source, size, t)}
	read := stdpng.Decode
	if t == jpeg {
		read = stdjpeg.Decode
	}
	img, err := read(p.reader())
	if err != nil {
		return nil, p.fault(err)
	}
	p.image = img
	return p, nil
}

// fault distinguishes a truncated picture from a damaged one, which decoders don't.
func (p *picture) fault(err error) error {
	if errors.Is(p.strip(io.Discard), errCutOff) {
		return fmt.Errorf("%w: %w", errCutOff, err)
	}
	return fmt.Errorf("%w: %w", errDamaged, err)
}

func (p *picture) reader() *bufio.Reader {
	return bufio.NewReader(io.NewSectionReader(p.source, 0, p.size))
}

// orientation returns the orientation of a picture, 1 (upright) by default.
func orientation(source io.ReaderAt, size int64, t fileType) (o int) {
	format := imagemeta.PNG
	if t == jpeg {
		format = imagemeta.JPEG
	}
	o = 1
	_, _ = imagemeta.Decode(imagemeta.Options{
		R:           io.NewSectionReader(source, 0, size),
		ImageFormat: format,
		Sources:     imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return tag.Tag == "Orientation" && tag.Namespace == "IFD0"
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			if n, ok := tag.Value.(uint16); ok && n >= 1 && n <= 8 {
				o = int(n)
			}
			return imagemeta.ErrStopWalking
		},
		Warnf: func(string, ...any) {},
	})
	return o
}

// dimensions returns the dimensions of the picture as shown.
func (p *picture) dimensions() (width, height int) {
	size := p.image.Bounds().Size()
	if p.orientation >= 5 {
		return size.Y, size.X
	}
	return size.X, size.Y
}

// strip writes the picture without the parts that aren't needed to show it. It doesn't change
// pixels.
func (p *picture) strip(w io.Writer) error {
	out := bufio.NewWriter(w)
	strip := stripPNG
	if p.fileType == jpeg {
		strip = stripJPEG
	}
	if err := strip(out, p.reader(), p.orientation); err != nil {
		return err
	}
	return out.Flush()
}

// thumbnail returns a small, upright version of the picture and its type; nil if the picture itself
// is small.
func (p *picture) thumbnail() (image.Image, fileType) {
	size := p.image.Bounds().Size()
	if max(size.X, size.Y) <= thumbnailSide {
		return nil, fileType{}
	}
	img := scaled(p.image, thumbnailSide)
	if img.Opaque() {
		return upright(img, p.orientation), jpeg
	}
	return upright(img, p.orientation), png
}

func writeThumbnail(w io.Writer, img image.Image, t fileType) error {
	if t == jpeg {
		return stdjpeg.Encode(w, img, &stdjpeg.Options{Quality: 80})
	}
	return stdpng.Encode(w, img)
}

// upright rotates a picture according to its orientation.
func upright(img *image.NRGBA, orientation int) *image.NRGBA {
	size := img.Bounds().Size()
	w, h := size.X, size.Y
	if orientation >= 5 {
		w, h = h, w
	}
	turned := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			from := [...]image.Point{
				{x, y}, {w - 1 - x, y}, {w - 1 - x, h - 1 - y}, {x, h - 1 - y},
				{y, x}, {y, w - 1 - x}, {h - 1 - y, w - 1 - x}, {h - 1 - y, x},
			}[orientation-1]
			turned.SetNRGBA(x, y, img.NRGBAAt(from.X, from.Y))
		}
	}
	return turned
}

// exifOrientation returns the only EXIF data that is kept: one entry in one directory.
func exifOrientation(orientation int) []byte {
	return []byte{
		'M', 'M', 0, 42, 0, 0, 0, 8, // big endian; the directory starts at 8
		0, 1, // number of entries
		1, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(orientation), 0, 0, // orientation, one short
		0, 0, 0, 0, // no directory follows
	}
}
