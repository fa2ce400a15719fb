package streamapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

const (
	exportsAtOnce  = 25             // channels
	exportLifetime = 24 * time.Hour // of the download link
)

// export is the content of a download link. The link is signed with the secret, so that downloading
// needs no token, as with Stream's links.
type export struct {
	Channels     []exportedChannel `json:"channels"`
	ClearDeleted bool              `json:"clear_deleted_message_text,omitempty"`
	Until        time.Time         `json:"until"` // when the link expires
}

type exportedChannel struct {
	CID   string     `json:"cid"`
	Type  string     `json:"type,omitempty"`
	ID    string     `json:"id,omitempty"`
	Since *time.Time `json:"messages_since,omitempty"`
	Until *time.Time `json:"messages_until,omitempty"`
}

// exportChannels returns a link to download channels. The download shows them as they are at that
// time: nothing is stored for it.
func (s *Server) exportChannels(c *call) (any, error) {
	var req struct {
		export
		Version     string `json:"version"`
		Format      string `json:"format"`
		ExportUsers bool   `json:"export_users"`
	}
	if err := c.into(&req); err != nil {
		return nil, err
	}
	if req.Format != "" && req.Format != "json" || req.ExportUsers {
		return nil, wire.Invalid("channels are exported as JSON only, each with its members; leave format and export_users out")
	}
	if len(req.Channels) == 0 || len(req.Channels) > exportsAtOnce {
		return nil, wire.Invalid("channels must have 1 to %d channels", exportsAtOnce)
	}
	for i, one := range req.Channels {
		if one.CID == "" {
			one.CID = one.Type + ":" + one.ID
		}
		cid, err := parseCID(one.CID)
		if err != nil {
			return nil, err
		}
		if _, err := s.engine.ChannelFor(c.Context(), cid, ""); err != nil {
			return nil, err
		}
		req.Channels[i] = exportedChannel{CID: one.CID, Since: one.Since, Until: one.Until}
	}
	req.Until = s.engine.Now().Add(exportLifetime)
	link, err := s.exportLink(c.Request, req.export)
	if err != nil {
		return nil, err
	}
	task, err := s.engine.AsTask(c.Context(), map[string]any{"url": link, "path": ""})
	return map[string]any{"task_id": task}, err
}

const exportPath = "/api/v2/exports"

func (s *Server) exportLink(r *http.Request, e export) (string, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	return s.origin(r) + exportPath + "?" + url.Values{
		"of": {base64.RawURLEncoding.EncodeToString(text)}, "signature": {base64.RawURLEncoding.EncodeToString(s.sign(text))},
	}.Encode(), nil
}

// origin returns the server's address: the configured one, or that of the request.
func (s *Server) origin(r *http.Request) string {
	switch {
	case s.publicURL != "":
		return s.publicURL
	case r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https":
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (s *Server) sign(export []byte) []byte {
	m := hmac.New(sha256.New, s.secret)
	m.Write([]byte("export\x00"))
	m.Write(export)
	return m.Sum(nil)
}

// download writes the export that a signed link describes.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	e, err := s.signedExport(r.URL.Query())
	if err != nil {
		s.refuse(w, r, "ExportChannels", err, begun)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="channels.json"`)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if err := s.writeExport(w, r, e); err != nil && r.Context().Err() == nil {
		s.logger.Error("an export broke off", "error", err)
		panic(http.ErrAbortHandler) // so that the client doesn't take the export for complete
	}
}

func (s *Server) signedExport(q url.Values) (e export, err error) {
	text, err := base64.RawURLEncoding.DecodeString(q.Get("of"))
	if err != nil {
		return e, &wire.Error{Kind: wire.BadAuth, Message: "the link is broken", Cause: err}
	}
	signature, err := base64.RawURLEncoding.DecodeString(q.Get("signature"))
	if err != nil || !hmac.Equal(signature, s.sign(text)) {
		return e, &wire.Error{Kind: wire.BadAuth, Message: "the link is broken", Cause: err}
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, err
	}
	if s.engine.Now().After(e.Until) {
		return e, &wire.Error{Kind: wire.BadAuth, Message: "the link is too old: export the channels again"}
	}
	return e, nil
}

func (s *Server) writeExport(w http.ResponseWriter, r *http.Request, e export) error {
	c := &call{Request: r}
	out := json.NewEncoder(w)
	between := "["
	for _, one := range e.Channels {
		cid, err := parseCID(one.CID)
		if err != nil {
			return err
		}
		detail, err := s.engine.ChannelFor(r.Context(), cid, "")
		if chat.CodeOf(err) == chat.NotFound { // deleted in the meantime
			continue
		}
		if err != nil {
			return err
		}
		if _, err := w.Write([]byte(between + `{"channel":`)); err != nil {
			return err
		}
		between = ","
		if err := s.writeChannel(c, w, out, detail, one, e.ClearDeleted); err != nil {
			return err
		}
	}
	if between == "[" {
		_, err := w.Write([]byte("[]"))
		return err
	}
	_, err := w.Write([]byte("]"))
	return err
}

func (s *Server) writeChannel(c *call, w http.ResponseWriter, out *json.Encoder, detail chat.Channel, one exportedChannel, empty bool) error {
	if err := out.Encode(wire.ChannelAnswer(detail, nil)); err != nil {
		return err
	}
	between := `,"members":[`
	put := func(v any) error {
		if _, err := w.Write([]byte(between)); err != nil {
			return err
		}
		between = ","
		return out.Encode(v)
	}
	for offset := 0; ; offset += membersPerAnswer {
		members, err := s.searchMembers(c, detail.CID, store.Search{Limit: membersPerAnswer, Offset: offset})
		if err != nil {
			return err
		}
		for _, m := range members {
			if err := put(m); err != nil {
				return err
			}
		}
		if len(members) < membersPerAnswer {
			break
		}
	}
	if between != "," {
		if _, err := w.Write([]byte(between)); err != nil {
			return err
		}
	}
	between = `],"messages":[`
	err := s.engine.EachMessage(c.Context(), detail.CID, optionalTime(one.Since), optionalTime(one.Until), func(m chat.Message) error {
		if empty && !m.DeletedAt.IsZero() {
			m.Text = ""
		}
		return put(wire.MessageAnswer(m))
	})
	if err != nil {
		return err
	}
	end := "]}"
	if between != "," {
		end = between + "]}"
	}
	_, err = w.Write([]byte(end))
	return err
}
