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

// plainID is the form of a sample's id: short of an upload's, and nothing in it that a
// database would not take from a stranger.
var plainID = regexp.MustCompile(`^[a-z-]{1,41}$`)

func isSample(id string) bool { return plainID.MatchString(id) }

// AddSample keeps a small PNG under the name NAME.png, NAME being 1 to 41 of a-z and -,
// where uploads get random names. From then on it is as good as an upload, which the
// sweeper never removes. It does nothing where it is there already. One name must
// stand for one picture for ever, since browsers keep what they have seen.
func (s *Store) AddSample(ctx context.Context, name string, picture []byte) error {
	id := strings.TrimSuffix(name, png.extension)
	if !isSample(id) || id == name {
		return fmt.Errorf("%q can't be the name of a sample", name)
	}
	size, err := stdpng.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	bucket, err := s.files.open(ctx)
	if err != nil {
		return err
	}
	there, err := bucket.Exists(ctx, name)
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
			Digest: "sample " + name, // no upload has it, and so none is taken for the sample
		})
		return err
	})
}
