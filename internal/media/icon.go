package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	stdjpeg "image/jpeg"
	stdpng "image/png"
	"io"
	"net/http"

	"gocloud.dev/gcerrors"
	"golang.org/x/image/draw" // scales pictures; BSD-3

	"backchannel/internal/sqlstore"
	"backchannel/internal/upload"
)

const (
	iconSide  = 96     // the longer side, in pixels
	iconBytes = 10_000 // at most
	iconQuery = "size" // of the request, with the value iconSize
	iconSize  = "96"
	iconMark  = "-96" // in the name of the stored file, which has no extension, so that it can't be requested
	iconFrom  = 4 << 20
)

// hasIcon reports whether an upload can have an icon: a small version for lists.
func hasIcon(u sqlstore.Upload) bool {
	return u.Width > 0 && (u.Extension == png.extension || u.Extension == jpeg.extension)
}

func iconKey(u sqlstore.Upload) string { return key(u, u.ID+iconMark) }

// serveIcon serves the icon and reports whether it did. If not, the caller serves the picture
// itself.
func (s *Store) serveIcon(w http.ResponseWriter, r *http.Request, f found) bool {
	if r.URL.Query().Get(iconQuery) != iconSize || !hasIcon(f.upload) {
		return false
	}
	icon, err := s.icon(r.Context(), f.upload)
	if err != nil {
		s.Logger.Warn("making an icon failed", "request_id", w.Header().Get(upload.RequestID), "name", f.key, "error", err)
		return false
	}
	t, _ := contentType(icon)
	name := f.upload.ID + iconMark + t.extension
	describeFile(w.Header(), name, t)
	http.ServeContent(w, r, "", f.upload.At, bytes.NewReader(icon))
	return true
}

// icon returns the icon of an upload. It is made and stored on the first request, so that older
// pictures have one too.
func (s *Store) icon(ctx context.Context, u sqlstore.Upload) ([]byte, error) {
	icon, err := s.readFile(ctx, iconKey(u), iconBytes)
	if gcerrors.Code(err) != gcerrors.NotFound {
		return icon, err
	}
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if icon, err = s.readFile(ctx, iconKey(u), iconBytes); err == nil { // a concurrent request stored it first
		return icon, nil
	}
	if icon, err = s.makeIcon(ctx, u); err != nil {
		return nil, err
	}
	t, _ := contentType(icon)
	_, err = s.files.put(ctx, iconKey(u), t.contentType, func(w io.Writer) error {
		_, err := w.Write(icon)
		return err
	})
	if err != nil {
		s.Logger.Warn("storing an icon failed", "name", iconKey(u), "error", err)
	}
	return icon, nil
}

// makeIcon makes the icon from the thumbnail, or from the picture if there is no thumbnail.
func (s *Store) makeIcon(ctx context.Context, u sqlstore.Upload) ([]byte, error) {
	name, extension := u.ID+u.Extension, u.Extension
	if u.Thumbnail != "" {
		name, extension = u.ID+small+u.Thumbnail, u.Thumbnail
	}
	content, err := s.readFile(ctx, key(u, name), iconFrom)
	if err != nil {
		return nil, err
	}
	t, _ := typeOfStored(extension)
	p, err := readPicture(bytes.NewReader(content), int64(len(content)), t)
	if err != nil {
		return nil, err
	}
	if width, height := p.dimensions(); max(width, height) <= iconSide && len(content) <= iconBytes {
		return content, nil
	}
	return encodeIcon(upright(scaled(p.image, iconSide), p.orientation))
}

// scaled returns a picture whose longer side has at most side pixels.
func scaled(img image.Image, side int) *image.NRGBA {
	size := img.Bounds().Size()
	if longer := max(size.X, size.Y); longer > side {
		size = image.Pt(max(1, size.X*side/longer), max(1, size.Y*side/longer))
	}
	to := image.NewNRGBA(image.Rectangle{Max: size})
	draw.BiLinear.Scale(to, to.Bounds(), img, img.Bounds(), draw.Src, nil)
	return to
}

// encodeIcon encodes a picture in the best quality that fits into iconBytes.
func encodeIcon(img *image.NRGBA) ([]byte, error) {
	var out bytes.Buffer
	if img.Opaque() {
		for quality := 85; quality > 0; quality -= 12 {
			out.Reset()
			if err := stdjpeg.Encode(&out, img, &stdjpeg.Options{Quality: quality}); err != nil {
				return nil, err
			}
			if out.Len() <= iconBytes {
				return out.Bytes(), nil
			}
		}
		return nil, errors.New("it doesn't become small enough")
	}
	for bits := 8; bits > 0; bits-- {
		out.Reset()
		if err := (&stdpng.Encoder{CompressionLevel: stdpng.BestCompression}).Encode(&out, posterised(img, bits)); err != nil {
			return nil, err
		}
		if out.Len() <= iconBytes {
			return out.Bytes(), nil
		}
	}
	return nil, errors.New("it doesn't become small enough")
}

// posterised returns a picture with that many bits for each colour and for transparency.
func posterised(img *image.NRGBA, bits int) *image.NRGBA {
	most := 1<<bits - 1
	fewer := image.NewNRGBA(img.Rect)
	for i, v := range img.Pix {
		fewer.Pix[i] = byte(int(v) * most / 255 * 255 / most)
	}
	return fewer
}

// readFile reads a file of at most that many bytes.
func (s *Store) readFile(ctx context.Context, name string, most int64) ([]byte, error) {
	bucket, err := s.files.open(ctx)
	if err != nil {
		return nil, err
	}
	var content []byte
	err = s.files.once(ctx, func(ctx context.Context) error {
		r, err := bucket.NewReader(ctx, name, nil)
		if err != nil {
			return err
		}
		defer func() { _ = r.Close() }()
		if r.Size() > most {
			return errors.New("the file is too large to make a small picture of")
		}
		content, err = io.ReadAll(r)
		return err
	})
	return content, err
}
