package streamapi

import (
	"strings"

	"backchannel/internal/media"
	"backchannel/internal/streamapi/wire"
)

func (s *Server) routeUploads() {
	for what, name := range map[string]string{"file": "File", "image": "Image"} {
		picture := what == "image"
		s.mux.HandleFunc("POST /api/v2/chat/channels/{type}/{id}/"+what, s.handle("UploadChannel"+name, s.uploadToChannel(picture)))
		s.mux.HandleFunc("DELETE /api/v2/chat/channels/{type}/{id}/"+what, s.handle("DeleteChannel"+name, s.deleteFromChannel))
		s.mux.HandleFunc("POST /api/v2/uploads/"+what, s.handle("Upload"+name, func(c *call) (any, error) {
			return s.upload(c, media.OwnApp, picture)
		}))
		s.mux.HandleFunc("DELETE /api/v2/uploads/"+what, s.handle("Delete"+name, func(c *call) (any, error) {
			return s.deleteUpload(c, media.OwnApp)
		}))
	}
}

func (s *Server) uploadToChannel(picture bool) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		cid, err := c.cid()
		if err == nil {
			err = s.engine.MayUpload(c.Context(), cid)
		}
		if err != nil {
			return nil, err
		}
		return s.upload(c, cid.String(), picture)
	}
}

// upload stores the file of a form.
func (s *Server) upload(c *call, owner string, picture bool) (any, error) {
	if s.media == nil {
		return nil, noUploads()
	}
	app, err := s.engine.App(c.Context())
	if err != nil {
		return nil, err
	}
	rules := app.Files
	if picture {
		rules = app.Images
	}
	kept, err := s.media.Attach(c.writer, c.Request, media.Attachment{Owner: owner, Picture: picture, Rules: rules,
		By: func(form map[string]string) (string, error) { return s.uploader(c, form) }})
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"file": kept.URL}
	if kept.ThumbnailURL != "" {
		answer["thumb_url"] = kept.ThumbnailURL
	}
	return answer, nil
}

// uploader returns the user that a form names as the file's owner.
func (s *Server) uploader(c *call, form map[string]string) (string, error) {
	if sizes := strings.TrimSpace(form["upload_sizes"]); sizes != "" && !empty([]byte(sizes)) {
		return "", wire.Invalid("pictures are kept in their own size, with one thumbnail; leave upload_sizes out")
	}
	var user struct {
		ID string `json:"id"`
	}
	if err := decode([]byte(form["user"]), &user); err != nil {
		return "", err
	}
	return s.actor(c, user.ID, nil)
}

func (s *Server) deleteFromChannel(c *call) (any, error) {
	cid, err := c.cid()
	if err != nil {
		return nil, err
	}
	return s.deleteUpload(c, cid.String())
}

func (s *Server) deleteUpload(c *call, owner string) (any, error) {
	if s.media == nil {
		return nil, noUploads()
	}
	return done, s.media.Detach(c.Context(), owner, c.URL.Query().Get("url"))
}

func noUploads() error {
	return &wire.Error{Kind: wire.FeatureOff, Message: "this server takes no uploads"}
}

// hold keeps the uploads that a request refers to from being swept until the request is stored.
func (s *Server) hold(c *call) error {
	if s.media == nil || len(c.body) == 0 {
		return nil
	}
	return s.media.Hold(c.Context(), string(c.body))
}
