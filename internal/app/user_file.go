package app

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language" // parses Accept-Language; BSD-3, by the Go team

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/desk"
	"backchannel/internal/transport"
	"backchannel/internal/upload"
	"backchannel/internal/userfile"
)

// userFiles answers what importing the file in a request's body would change. It stores nothing:
// the console sends the confirmed changes through GraphQL.
type userFiles struct {
	desk     *desk.Desk
	verifier *auth.Verifier
	timeout  time.Duration // for one step
	slots    chan struct{} // one slot for each file that is being read
	logger   *slog.Logger
}

// userFileSlots is the number of files that are read concurrently; others wait.
const userFileSlots = 2

const postUserFile = "POST /users/preview"

func (c serveCommand) userFileRoutes(mux *http.ServeMux, d *desk.Desk, v *auth.Verifier, origins *transport.Origins, logger *slog.Logger) {
	files := &userFiles{desk: d, verifier: v, timeout: c.RequestTimeout, slots: make(chan struct{}, userFileSlots), logger: logger}
	mux.Handle(postUserFile, origins.Handler(files))
	mux.Handle("OPTIONS /users/preview", origins.Handler(http.NotFoundHandler()))
}

// ServeHTTP implements http.Handler.
func (f *userFiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller, err := f.verifier.Verify(auth.BearerToken(r.Header.Get("Authorization")))
	who := desk.Request{Caller: caller, Denied: err}
	if err := f.desk.Authorise(r.Context(), who); err != nil {
		upload.Refuse(w, f.logger, err, nil)
		return
	}
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-time.After(f.timeout):
		upload.Refuse(w, f.logger, &chat.Error{Code: chat.RateLimited, Message: "Too many files at once. Wait for one to be read."}, nil)
		return
	case <-r.Context().Done():
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // the deadline is extended on progress
	list, err := f.read(w, r, who, control)
	if err != nil {
		_ = control.SetWriteDeadline(time.Now().Add(f.timeout))
		refuseFile(w, f.logger, err)
		return
	}
	f.answer(&upload.SteadyWriter{ResponseWriter: w, Control: control, Stall: f.timeout}, r, who, list)
}

func (f *userFiles) read(w http.ResponseWriter, r *http.Request, who desk.Request, control *http.ResponseController) (userfile.List, error) {
	if r.ContentLength > desk.MaxUserFileBytes {
		return userfile.List{}, tooLargeFile()
	}
	body := http.MaxBytesReader(w, &upload.SteadyBody{ReadCloser: r.Body, Control: control, Stall: f.timeout}, desk.MaxUserFileBytes)
	file, err := io.ReadAll(body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return userfile.List{}, tooLargeFile()
	} else if err != nil {
		return userfile.List{}, chat.Invalid("", "The file was cut off.")
	}
	return f.desk.ReadUserFile(r.Context(), desk.ReadUserFile{
		Request: who, File: file, Encoding: r.URL.Query().Get("encoding"), Languages: languages(r.Header.Get("Accept-Language"))})
}

func tooLargeFile() error {
	return &chat.Error{Code: chat.InvalidArguments, Reason: chat.TooLarge, Limit: desk.MaxUserFileBytes,
		Message: fmt.Sprintf("The file is too large. At most %d MiB are taken.", desk.MaxUserFileBytes>>20)}
}

// refuseFile answers why a file can't be read, with the place in the extensions.
func refuseFile(w http.ResponseWriter, logger *slog.Logger, err error) {
	fault, ok := errors.AsType[*userfile.Fault](err)
	if !ok {
		upload.Refuse(w, logger, err, nil)
		return
	}
	upload.Refuse(w, logger, chat.Invalid("", "%s", fault.Error()), map[string]any{
		"reason": fault.Reason, "line": fault.Line, "column": fault.Column, "value": fault.Value, "limit": fault.Limit,
	})
}

// languages returns the languages in a browser's Accept-Language header, the preferred one first.
func languages(header string) (names []string) {
	if len(header) > 1_000 {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	for _, tag := range tags {
		names = append(names, tag.String())
	}
	return names
}

// previewHead is the first line of an answer; a line for each row follows.
type previewHead struct {
	Encoding  string          `json:"encoding"`
	Guessed   bool            `json:"guessed"`
	Example   *previewExample `json:"example,omitempty"` // if guessed
	Headless  bool            `json:"headless"`
	Encodings []string        `json:"encodings"` // supported encodings
	Rows      int             `json:"rows"`
}

type previewExample struct {
	Line int    `json:"line"`
	Name string `json:"name"`
}

type previewRow struct {
	Line    int               `json:"line"`
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Role    string            `json:"role,omitempty"`
	Effects []desk.UserEffect `json:"effects,omitempty"`
	Before  *previewUser      `json:"before,omitempty"`
	Fault   *userfile.Fault   `json:"fault,omitempty"`
}

type previewUser struct {
	Name *string `json:"name"`
	Role string  `json:"role"`
}

// answer writes JSON, one value per line, while the users are compared. An error after the first
// line is the last line.
func (f *userFiles) answer(w *upload.SteadyWriter, r *http.Request, who desk.Request, list userfile.List) {
	h := w.Header()
	h.Set("Content-Type", "application/x-ndjson; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	body := transport.NewBody(w, h, r)
	defer func() { _ = body.Close() }()
	out := bufio.NewWriterSize(body, 64<<10)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	head := previewHead{Encoding: list.Encoding, Guessed: list.Guessed, Headless: list.Headless, Encodings: userfile.Encodings(), Rows: len(list.Rows)}
	if list.Guessed {
		head.Example = &previewExample{Line: list.Example.Line, Name: list.Example.User.Name}
	}
	err := lines.Encode(head)
	for rows := range slices.Chunk(list.Rows, desk.MaxPage) {
		if err != nil || out.Flush() != nil || body.Flush() != nil {
			return // the caller has disconnected
		}
		_ = w.Control.Flush()
		compared, failed := f.desk.CompareUsers(r.Context(), who, rows)
		if failed != nil {
			f.logger.Warn("comparing the users of a file failed", "request_id", h.Get(upload.RequestID), "error", failed)
			_ = lines.Encode(map[string]any{"errors": []any{map[string]any{
				"message": chat.MessageOf(failed), "extensions": map[string]any{"code": chat.CodeOf(failed)}}}})
			break
		}
		for _, u := range compared {
			err = errors.Join(err, lines.Encode(rowOf(u)))
		}
	}
	_ = out.Flush()
}

func rowOf(u desk.ComparedUser) previewRow {
	row := previewRow{Line: u.Line, ID: u.User.ID, Name: u.User.Name, Role: strings.ToUpper(string(u.User.Role)), Effects: u.Effects, Fault: u.Fault}
	if u.Before != nil {
		row.Before = &previewUser{Role: strings.ToUpper(string(u.Before.Role))}
		if u.Before.Name != "" {
			row.Before.Name = &u.Before.Name
		}
	}
	return row
}
