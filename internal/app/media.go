package app

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/desk"
	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
	"backchannel/internal/transport"
)

const (
	maxUpload = 64 << 10 // MiB
	minGrace  = time.Hour
	noMedia   = "off"
)

// checkMedia refuses invalid settings of uploads.
func (c serveCommand) checkMedia() error {
	for flag, address := range map[string]string{
		"--media-base-url (BACKCHANNEL_MEDIA_BASE_URL)":   c.MediaBaseURL,
		"--avatar-base-url (BACKCHANNEL_AVATAR_BASE_URL)": c.AvatarBaseURL,
	} {
		if address != "" && !absolute(address) {
			return errors.New(flag + " must be an absolute http or https URL")
		}
	}
	if err := media.CheckLocation(c.Media); err != nil {
		return fmt.Errorf("--media (BACKCHANNEL_MEDIA): %w", err)
	}
	if min(c.MaxPicture, c.MaxVideo) < 1 || max(c.MaxPicture, c.MaxVideo) > maxUpload {
		return fmt.Errorf("--max-picture and --max-video (BACKCHANNEL_MAX_PICTURE, BACKCHANNEL_MAX_VIDEO) must be 1 to %d MiB", maxUpload)
	}
	if c.MaxPixels < 1 || c.MaxPixels > media.MostPixels {
		return fmt.Errorf("--max-pixels (BACKCHANNEL_MAX_PIXELS) must be 1 to %d", media.MostPixels)
	}
	if c.MediaGrace < minGrace {
		return fmt.Errorf("--media-grace (BACKCHANNEL_MEDIA_GRACE) must be at least %s", minGrace)
	}
	return nil
}

// openMedia opens the store of uploads, nil if uploads are disabled.
func (c serveCommand) openMedia(store *sqlstore.Store, addr net.Addr, t telemetry) *media.Store {
	place := strings.TrimPrefix(c.Media, "file://")
	switch place {
	case noMedia:
		return nil
	case "":
		place = filepath.Join(c.Data, "media")
	}
	return media.New(media.Options{
		Database: store, Location: place, Spool: filepath.Join(c.Data, "incoming"), BaseURL: c.mediaBase(addr), AvatarBaseURL: c.avatarBase(addr),
		Limits:      media.Limits{PictureBytes: c.MaxPicture << 20, VideoBytes: c.MaxVideo << 20, Pixels: c.MaxPixels, Grace: c.MediaGrace},
		Refuse:      c.noUploads(addr),
		OnlyUploads: c.Avatars == "uploaded", KeepAll: c.Provider == providerStream, Logger: t.logger, Metrics: t.metrics,
	})
}

const postMedia = "POST /media"

// mediaRoutes adds the routes for uploads by the back office and for reading by everybody.
func (c serveCommand) mediaRoutes(mux *http.ServeMux, files *media.Store, d *desk.Desk, v *auth.Verifier, origins *transport.Origins) {
	uploads := files.Uploads(func(r *http.Request) (string, error) {
		caller, err := v.Verify(auth.BearerToken(r.Header.Get("Authorization")))
		return caller.ID, d.Authorise(r.Context(), desk.Request{Caller: caller, Denied: err})
	})
	mux.Handle(postMedia, origins.Handler(uploads))
	mux.Handle("OPTIONS /media", origins.Handler(http.NotFoundHandler()))
	mux.HandleFunc("GET /media/{name}", files.ServeFile)
	mux.HandleFunc("GET /media/chat/{name}", files.ServeFile)
}

// avatarBase returns the address of avatars, by default that of uploads.
func (c serveCommand) avatarBase(addr net.Addr) string {
	if c.AvatarBaseURL != "" {
		return c.AvatarBaseURL
	}
	return c.mediaBase(addr)
}

// mediaBase returns the address of uploads, by default at this server.
func (c serveCommand) mediaBase(addr net.Addr) string {
	if c.MediaBaseURL != "" {
		return c.MediaBaseURL
	}
	return c.ownMedia(addr)
}

func (c serveCommand) ownMedia(addr net.Addr) string { return c.public(addr) + "/media" }
