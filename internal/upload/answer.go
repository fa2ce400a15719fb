// Package upload has what the endpoints share that receive files in plain HTTP requests instead of
// GraphQL: the form of errors, and deadlines. It doesn't know what the files are.
package upload

import (
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"

	"backchannel/internal/chat"
)

const (
	internalMessage = "Something went wrong on our side. Give the request id to your operator."
	// RequestID is the header with a request's id, in requests and answers.
	RequestID = "X-Request-Id"
)

// statuses are the HTTP statuses of error codes.
var statuses = map[chat.Code]int{
	chat.Unauthorized:         http.StatusUnauthorized,
	chat.InvalidArguments:     http.StatusBadRequest,
	chat.FileTypeNotSupported: http.StatusUnsupportedMediaType,
	chat.NotFound:             http.StatusNotFound,
	chat.RateLimited:          http.StatusTooManyRequests,
	chat.Unavailable:          http.StatusServiceUnavailable,
	chat.Unsupported:          http.StatusNotImplemented,
}

// Refuse answers with an error in GraphQL's form. more is added to its extensions.
func Refuse(w http.ResponseWriter, logger *slog.Logger, err error, more map[string]any) {
	e, ok := errors.AsType[*chat.Error](err)
	if !ok {
		e = &chat.Error{Code: chat.Internal, Message: internalMessage, Cause: err}
	}
	status, known := statuses[e.Code]
	if e.Reason == chat.TooLarge {
		status = http.StatusRequestEntityTooLarge
	} else if !known {
		status = http.StatusInternalServerError
	}
	id := w.Header().Get(RequestID)
	switch e.Code {
	case chat.Internal:
		logger.Error("upload request failed", "request_id", id, "error", e.Cause)
	case chat.Unavailable, chat.Unauthorized:
		logger.Warn("upload request failed", "request_id", id, "code", e.Code, "cause", e.Cause)
	}
	extensions := map[string]any{}
	maps.Copy(extensions, more)
	extensions["code"] = e.Code
	if e.Field != "" {
		extensions["field"] = e.Field
	}
	if e.Reason.IsOfFile() {
		extensions["reason"] = e.Reason
	}
	if e.Limit > 0 {
		extensions["limit"] = e.Limit
	}
	if e.Found != "" {
		extensions["found"] = e.Found
	}
	if e.Code == chat.Internal {
		extensions["requestId"] = id
	}
	switch e.Code {
	case chat.Unauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case chat.RateLimited, chat.Unavailable:
		w.Header().Set("Retry-After", "1")
	}
	Give(w, status, map[string]any{"errors": []any{
		map[string]any{"message": e.Message, "locations": []any{}, "extensions": extensions},
	}})
}

// Give answers with a value as JSON.
func Give(w http.ResponseWriter, status int, answer any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(answer)
}
