package media_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"sync/atomic"
)

// scene is a picture whose upper left quarter is red, and the rest is blue.
func scene(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{B: 200, A: 255}
			if x < width/2 && y < height/2 {
				c = color.NRGBA{R: 200, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func jpegOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// noise is a picture that doesn't compress, so that its file is large.
func noise(side int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, side, side))
	state := uint32(1)
	for i := range img.Pix {
		state = state*1664525 + 1013904223
		img.Pix[i] = byte(state >> 24)
	}
	return img
}

func chunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// after puts a chunk after the header of a PNG.
func after(file, chunk []byte) []byte {
	const head = 8 + 25
	return append(append(bytes.Clone(file[:head]), chunk...), file[head:]...)
}

// hugePNG says in its header that it has so many pixels, and has none.
func hugePNG(side uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
	return append(append(b, chunk("IDAT", nil)...), chunk("IEND", nil)...)
}

// exif is an EXIF block with an orientation, and a place on earth.
func exif(orientation byte) []byte {
	entry := func(tag, kind uint16, count, value uint32) []byte {
		b := binary.BigEndian.AppendUint16(nil, tag)
		b = binary.BigEndian.AppendUint16(b, kind)
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, count), value)
	}
	b := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x03")
	b = append(b, entry(0x010f, 2, 12, 62)...)                     // make
	b = append(b, entry(0x0112, 3, 1, uint32(orientation)<<16)...) // orientation
	b = append(b, entry(0x8825, 4, 1, 74)...)                      // where the GPS entries are
	b = append(b, 0, 0, 0, 0)                                      // 50
	b = append(b, make([]byte, 62-len(b))...)
	b = append(b, "SecretCamera"...)
	b = append(b, 0, 1)
	b = append(b, entry(1, 2, 2, 'N'<<24)...)
	return append(b, 0, 0, 0, 0)
}

// segment is a JPEG segment.
func segment(marker byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
}

// inJPEG puts segments after the start of a JPEG.
func inJPEG(file []byte, segments ...[]byte) []byte {
	b := bytes.Clone(file[:2])
	for _, s := range segments {
		b = append(b, s...)
	}
	return append(b, file[2:]...)
}

func box(kind string, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(all)+8)), kind...), all...)
}

// track is one of an mp4, of "vide" or "soun".
func track(medium string) []byte {
	return box("trak", box("tkhd", make([]byte, 84)), box("mdia", box("hdlr", make([]byte, 8), []byte(medium), make([]byte, 13))))
}

func mp4Of(brand string, content int, media ...string) []byte {
	index := [][]byte{box("mvhd", make([]byte, 100))}
	for _, medium := range append(media, "vide")[:max(1, len(media))] {
		index = append(index, track(medium))
	}
	return bytes.Join([][]byte{
		box("ftyp", []byte(brand+"\x00\x00\x02\x00isomiso2")), box("moov", index...),
		box("mdat", bytes.Repeat([]byte{7}, content)),
	}, nil)
}

func riff(kind string, body ...[]byte) []byte {
	all := append([]byte(kind), bytes.Join(body, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(all))), all...)
}

func list(kind string, body []byte) []byte {
	all := append([]byte(kind), body...)
	return append(binary.LittleEndian.AppendUint32([]byte("LIST"), uint32(len(all))), all...)
}

func aviOf() []byte {
	return riff("AVI ", list("hdrl", list("strl", aviStream("vids"))), list("movi", make([]byte, 200)))
}

// aviStream is the header of a stream of "vids" or "auds".
func aviStream(medium string) []byte {
	return append([]byte("strh\x38\x00\x00\x00"+medium), make([]byte, 52)...)
}

func flvOf(tags int) []byte {
	b := []byte("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00")
	for range tags {
		body := make([]byte, 50)
		tag := append([]byte{9, 0, 0, byte(len(body)), 0, 0, 0, 0, 0, 0, 0}, body...)
		b = binary.BigEndian.AppendUint32(append(b, tag...), uint32(len(tag)))
	}
	return b
}

// zip is the shortest archive: the end of every archive.
func zip() []byte {
	entry := append([]byte("PK\x03\x04\x14\x00"), make([]byte, 40)...)
	return append(entry, append([]byte("PK\x05\x06"), make([]byte, 18)...)...)
}

const svg = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`

// endless gives one letter endlessly, and counts.
type endless struct{ given atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.given.Add(int64(len(p)))
	return len(p), nil
}

var _ io.Reader = &endless{}
