package media

import (
	"bytes"
	"context"
	"fmt"
	stdpng "image/png"
	"io"
	"regexp"
	"strings"

	"backchannel/internal/sqlstore"
)

// plainID matches a sample's id. It is shorter than an upload's.
var plainID = regexp.MustCompile(`^[a-z-]{1,41}$`)

func isSample(id string) bool { return plainID.MatchString(id) }

// AddSample stores a small PNG under the name NAME.png, where NAME is 1 to 41 of a-z and -. Uploads
// have random names instead. Except that the sweeper never removes it, a sample is like an upload.
// AddSample does nothing if the sample exists. A name must always be used for the same picture,
// since browsers cache it.
func (s *Store) AddSample(ctx context.Context, name string, picture []byte) error {
	id := strings.TrimSuffix(name, png.extension)
	if !isSample(id) || id == name {
		return fmt.Errorf("%q can't be the name of a sample", name)
	}
	size, err := stdpng.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	there, err := s.files.exists(ctx, name)
	if err == nil && !there {
		_, err = s.put(ctx, name, png, func(w io.Writer) error {
			_, err := w.Write(picture)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("keeping %s: %w", name, err)
	}
	return s.Database.Write(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.InsertUpload(sqlstore.Upload{
			ID: id, Extension: png.extension, Size: int64(len(picture)), Width: size.Width, Height: size.Height, At: now(),
			Digest: "sample " + name, // no upload has this digest, so none can be taken for the sample
		})
		return err
	})
}
