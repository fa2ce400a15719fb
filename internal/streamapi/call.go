package streamapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/streamapi/store"
	"backchannel/internal/streamapi/wire"
)

// maxBody is the longest body of a request, in bytes, except for uploads.
const maxBody = 4 << 20

// call is one request.
type call struct {
	*http.Request
	writer http.ResponseWriter // only for its deadlines: handle writes what an endpoint returns
	body   []byte
}

// handle makes a handler of an endpoint. The handler authenticates the caller, reads the body, and
// writes either the answer, with its duration, or the error in Stream's form. The name is Stream's
// name of the endpoint, which errors contain.
func (s *Server) handle(name string, endpoint func(c *call) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		answer, err := s.run(w, r, name, endpoint)
		if err != nil {
			s.refuse(w, r, name, err, begun)
			return
		}
		text, err := json.Marshal(answer)
		if err != nil {
			s.refuse(w, r, name, fmt.Errorf("encoding an answer: %w", err), begun)
			return
		}
		write(w, http.StatusOK, timed(text, begun))
	}
}

func (s *Server) run(w http.ResponseWriter, r *http.Request, name string, endpoint func(c *call) (any, error)) (any, error) {
	if err := s.authorize(r); err != nil {
		s.logRefused(w, r, err)
		return nil, err
	}
	c := &call{Request: r, writer: w}
	if s.timeout > 0 && !isForm(r) {
		ctx, cancel := context.WithTimeout(r.Context(), s.timeout)
		defer cancel()
		c.Request = r.WithContext(ctx)
	}
	if !isForm(r) {
		var err error
		if c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
			return nil, unreadable(err)
		}
		if !chat.WellFormed(c.body) {
			return nil, wire.Invalid("the request's body has text that isn't well-formed Unicode, such as a lone surrogate")
		}
		if err := s.hold(c); err != nil {
			return nil, err
		}
	}
	done, err := s.record(c, name)
	if err != nil {
		return nil, err
	}
	defer done()
	return endpoint(c)
}

// isForm reports whether a request carries a file, so that it may take long.
func isForm(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
}

func unreadable(err error) error {
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return &wire.Error{Kind: wire.PayloadTooBig, Message: fmt.Sprintf("the request is longer than %d bytes", maxBody), Cause: err}
	}
	return &wire.Error{Kind: wire.InputError, Message: "the request's body can't be read", Cause: err}
}

// timed adds the duration to a JSON object.
func timed(object []byte, begun time.Time) []byte {
	object = bytes.TrimSuffix(object, []byte("}"))
	if len(object) > 1 {
		object = append(object, ',')
	}
	return fmt.Appendf(object, `"duration":"%s"}`, took(begun))
}

func took(begun time.Time) string {
	return fmt.Sprintf("%.2fms", float64(time.Since(begun).Microseconds())/1000)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// into reads the body's JSON into v. An empty body is an empty object.
func (c *call) into(v any) error { return decode(c.body, v) }

// payload reads the JSON that a GET carries in its query.
func (c *call) payload(v any) error { return decode([]byte(c.URL.Query().Get("payload")), v) }

func decode(text []byte, v any) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return wire.Invalid("field %q must not be a JSON %s", wrong.Field, wrong.Value)
		}
		return &wire.Error{Kind: wire.InputError, Message: "the request isn't JSON", Cause: err}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return wire.Invalid("there is something behind the request's JSON")
	}
	return nil
}

// part returns a part of the path. A plus sign is a space.
func (c *call) part(name string) string { return strings.ReplaceAll(c.PathValue(name), "+", " ") }

// cid returns the channel that the path names.
func (c *call) cid() (chat.CID, error) {
	cid := chat.CID{Type: chat.ChannelType(c.part("type")), ID: c.part("id")}
	if err := chat.CheckChannelID(cid.ID); err != nil {
		return cid, err
	}
	return cid, nil
}

// parseCID parses "type:id", with any channel type that this API knows.
func parseCID(s string) (chat.CID, error) {
	kind, id, found := strings.Cut(s, ":")
	if !found || kind == "" || chat.CheckChannelID(id) != nil {
		return chat.CID{}, wire.Invalid("%q is not a cid: use type:id", s)
	}
	return chat.CID{Type: chat.ChannelType(kind), ID: id}, nil
}

// server returns the actor of a request: the given user, or the caller's own back end if it is "".
// Both may do everything.
func server(userID string) chat.Actor { return chat.Actor{ID: userID, BackOffice: true} }

// asServer returns an operation of the caller's own back end, in the given user's name unless it is
// "".
func asServer(userID string) chat.Operation { return chat.Operation{By: server(userID)} }

// user returns the id of the user in whose name a request acts, "" if it names none. If the request
// contains the whole user, user also creates or updates it.
func (s *Server) user(ctx context.Context, id string, whole *wire.UserRequest) (string, error) {
	if whole == nil {
		if id == "" {
			return "", nil
		}
		if err := chat.CheckUserID(id); err != nil {
			return "", err
		}
		return id, s.engine.EnsureUser(ctx, id)
	}
	if id != "" && id != whole.ID {
		return "", wire.Invalid("user.id and user_id are different users")
	}
	return whole.ID, s.replaceUsers(ctx, []chat.User{whole.User()})
}

// pageOf reads a request for a page of the results of a filter.
func pageOf(c *call) (store.Search, error) {
	var req struct {
		wire.PageRequest
		Filter json.RawMessage  `json:"filter"`
		Sort   []wire.SortParam `json:"sort"`
	}
	if err := c.into(&req); err != nil {
		return store.Search{}, err
	}
	return req.Search(req.Filter, req.Sort)
}

// patchOf reads a partial update and the id of the user in whose name it is made, "" for none.
func (s *Server) patchOf(c *call) (p wire.Patch, by string, err error) {
	var req struct {
		Set    map[string]any    `json:"set"`
		Unset  []string          `json:"unset"`
		UserID string            `json:"user_id"`
		User   *wire.UserRequest `json:"user"`
	}
	if err := c.into(&req); err != nil {
		return p, "", err
	}
	by, err = s.user(c.Context(), req.UserID, req.User)
	return wire.Patch{Set: req.Set, Unset: req.Unset}, by, err
}
