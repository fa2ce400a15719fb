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
)

// maxBody is the longest body of a request, in bytes, except for uploads.
const maxBody = 4 << 20

// call is one request.
type call struct {
	*http.Request
	writer http.ResponseWriter // for its deadlines: what an endpoint returns is written for it
	body   []byte
}

// handle makes a handler of an endpoint: it checks who calls, reads the body, and
// writes the answer, with the time that it took, or the error in Stream's form. Errors
// have the name, as Stream's do.
func (s *Server) handle(name string, endpoint func(c *call) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		answer, err := s.run(w, r, endpoint)
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

func (s *Server) run(w http.ResponseWriter, r *http.Request, endpoint func(c *call) (any, error)) (any, error) {
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
			return nil, invalid("the request's body has text that isn't well-formed Unicode, such as a lone surrogate")
		}
		if err := s.hold(c); err != nil {
			return nil, err
		}
	}
	return endpoint(c)
}

// isForm reports whether a request carries a file, which may take long.
func isForm(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
}

func unreadable(err error) error {
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return &apiError{kind: payloadTooBig, message: fmt.Sprintf("the request is longer than %d bytes", maxBody), cause: err}
	}
	return &apiError{kind: inputError, message: "the request's body can't be read", cause: err}
}

// timed puts the duration into a JSON object.
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
			return invalid("field %q must not be a JSON %s", wrong.Field, wrong.Value)
		}
		return &apiError{kind: inputError, message: "the request isn't JSON", cause: err}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return invalid("there is something behind the request's JSON")
	}
	return nil
}

// part is a part of the path. A plus stands for a space.
func (c *call) part(name string) string { return strings.ReplaceAll(c.PathValue(name), "+", " ") }

// cid is the channel that the path names.
func (c *call) cid() (chat.CID, error) {
	cid := chat.CID{Type: chat.ChannelType(c.part("type")), ID: c.part("id")}
	if err := chat.CheckChannelID(cid.ID); err != nil {
		return cid, err
	}
	return cid, nil
}

// parseCID reads "type:id" of any type that this API knows.
func parseCID(s string) (chat.CID, error) {
	kind, id, found := strings.Cut(s, ":")
	if !found || kind == "" || chat.CheckChannelID(id) != nil {
		return chat.CID{}, invalid("%q is not a cid: use type:id", s)
	}
	return chat.CID{Type: chat.ChannelType(kind), ID: id}, nil
}

// server is the actor if no user is named: the caller's own back end, which may do
// everything.
func server(userID string) chat.Actor { return chat.Actor{ID: userID, BackOffice: true} }

// asServer is an operation of the caller's own back end, in a user's name if one is given.
func asServer(userID string) chat.Operation { return chat.Operation{By: server(userID)} }

// user returns the id of the user in whose name a request acts, "" if it names none. A
// request that has the whole user also creates or changes it.
func (s *Server) user(ctx context.Context, id string, whole *userRequest) (string, error) {
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
		return "", invalid("user.id and user_id are different users")
	}
	return whole.ID, s.replaceUsers(ctx, []chat.User{whole.user()})
}
