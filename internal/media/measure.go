package media

import (
	"image"
	stdjpeg "image/jpeg"
	stdpng "image/png"
	"io"

	"backchannel/internal/chat"
)

// MostPixels is the maximum limit on a picture's pixels.
const MostPixels = mostSide * mostSide

// MostPNGPixels is the maximum limit on a PNG's pixels, even if JPEGs may have more.
const MostPNGPixels = 30_000_000

const (
	mostSide      = 16_384      // pixels
	leastMemory   = 600_000_000 // bytes that decoding may use, whatever the limit on pixels is
	memoryOfPixel = 6           // bytes for each of Limits.Pixels, if that is more
	largePicture  = 64_000_000  // bytes: of pictures that need more, one is decoded at a time
)

// measured is the estimated cost of decoding a picture.
type measured struct {
	width, height int
	memory        int64 // bytes, at most
}

// errTooBig is the error for a picture that is too large to be decoded.
type errTooBig struct {
	limit int64 // the maximum number of pixels of such a picture
	side  bool  // its longer side is too long
}

func (e *errTooBig) Error() string { return "it has too many pixels" }

// refusal returns the error for the caller.
func (e *errTooBig) refusal() *chat.Error {
	bad := chat.Invalid(field, "The picture has too many pixels. At most %d million are taken of one like this.", e.limit/1_000_000)
	if e.side {
		bad = chat.Invalid(field, "The picture is too long. At most %d pixels are taken on a side.", mostSide)
	}
	bad.Reason, bad.Limit = chat.TooManyPixels, e.limit
	return bad
}

// measure reads a picture's header, and refuses the picture if decoding it would need too much
// memory. It fails with [errTooBig], errDamaged or errCutOff.
func measure(source io.ReaderAt, size int64, t fileType, maxPixels int) (m measured, err error) {
	p := &picture{source: source, size: size, fileType: t, orientation: 1}
	read, perPixel, most := stdpng.DecodeConfig, 16.0, int64(min(maxPixels, MostPNGPixels)) // 16 bits per sample, and interlaced
	if t == jpeg {
		read, most = stdjpeg.DecodeConfig, int64(maxPixels)
	}
	var config image.Config
	if config, err = read(p.reader()); err == nil && t == jpeg {
		perPixel, err = jpegMemory(p)
	}
	if err != nil {
		return m, p.fault(err)
	}
	m.width, m.height = config.Width, config.Height
	if m.width < 1 || m.height < 1 {
		return m, errDamaged
	}
	pixels, memory := int64(m.width)*int64(m.height), max(leastMemory, memoryOfPixel*int64(maxPixels))
	scaling := 32 * int64(m.height) * int64(min(m.width, thumbnailSide, m.width*thumbnailSide/m.height+1)) // of the thumbnail's rows
	m.memory = int64(perPixel*float64(pixels)) + scaling
	switch {
	case max(m.width, m.height) > mostSide:
		return m, &errTooBig{limit: most, side: true}
	case pixels > most:
		return m, &errTooBig{limit: most}
	case m.memory > memory:
		return m, &errTooBig{limit: int64(float64(memory-scaling) / perPixel)}
	}
	return m, nil
}

// jpegMemory returns the number of bytes per pixel that decoding a JPEG needs.
func jpegMemory(p *picture) (float64, error) {
	r := p.reader()
	if _, err := r.Discard(2); err != nil {
		return 0, err
	}
	converted := 0.0 // a second picture with four bytes per pixel, if the colours aren't YCbCr
	for {
		marker, err := nextMarker(r)
		if err != nil {
			return 0, err
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 {
			continue
		}
		body, err := readSegment(r)
		if err != nil {
			return 0, err
		}
		switch {
		case marker == markAPP14 && len(body) >= 12 && body[11] == 0: // Adobe's red, green and blue
			converted = 4
		case marker >= 0xc0 && marker <= 0xc2:
			return frameMemory(body, marker == 0xc2, converted)
		}
	}
}

// frameMemory reads a frame's header (ITU T.81, B.2.2).
func frameMemory(body []byte, progressive bool, converted float64) (float64, error) {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return 0, errDamaged
	}
	parts := body[6 : 6+3*int(body[5])]
	var all, most float64 // samples in a block of each component
	var across, down byte
	for ; len(parts) > 0; parts = parts[3:] {
		h, v := parts[1]>>4, parts[1]&15
		if h == 0 || v == 0 {
			return 0, errDamaged
		}
		all += float64(h) * float64(v)
		across, down = max(across, h), max(down, v)
		if parts[0] == 'R' { // red, green and blue
			converted = 4
		}
	}
	most = float64(across) * float64(down)
	samples := all / most
	if body[5] == 4 {
		converted = 4
	}
	if progressive { // all coefficients, of four bytes each, are held until the end
		samples *= 5
	}
	return samples + converted, nil
}
