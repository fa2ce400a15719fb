package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gobwas/ws"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backchannel/internal/transport/wire"
)

// subprotocol is the protocol of WebSockets:
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
const subprotocol = "graphql-transport-ws"

// The close codes of the subprotocol, which also defines the text of each.
const (
	closeBadMessage   ws.StatusCode = 4400
	closeUnauthorized ws.StatusCode = 4401 // subscribed before the connection was acknowledged
	closeForbidden    ws.StatusCode = 4403 // no valid token; clients reconnect with a new one
	closeNoProtocol   ws.StatusCode = 4406
	closeInitTimeout  ws.StatusCode = 4408
	closeDuplicate    ws.StatusCode = 4409
	closeTooMany      ws.StatusCode = 4429 // too many connection_init messages or connections
	closeRestart      ws.StatusCode = 1012 // clients reconnect and resume
)

const (
	frameInit      = "connection_init"
	framePing      = "ping"
	framePong      = "pong"
	frameSubscribe = "subscribe"
	frameComplete  = "complete"

	maxOperationID = 512 // bytes
)

// frame is a message from a client.
type frame struct {
	kind    string
	id      string
	payload json.RawMessage // nil if omitted or null
}

var (
	errNotJSON    = errors.New("it isn't a JSON object")
	errNoType     = errors.New("clients don't send frames of its type")
	errNoID       = errors.New("its id must be a string of 1 to 512 bytes")
	errBadPayload = errors.New("its payload must be an object")
)

// parseFrame parses a message. Its errors complete the sentence "Invalid message".
func parseFrame(text []byte) (f frame, err error) {
	var given map[string]json.RawMessage
	if json.Unmarshal(text, &given) != nil || given == nil {
		return f, errNotJSON
	}
	if json.Unmarshal(given["type"], &f.kind) != nil {
		return f, errNoType
	}
	if raw := given["payload"]; len(raw) > 0 && string(raw) != "null" {
		f.payload = raw
	}
	switch f.kind {
	case frameSubscribe, frameComplete:
		if json.Unmarshal(given["id"], &f.id) != nil || f.id == "" || len(f.id) > maxOperationID {
			return f, errNoID
		}
		if f.kind == frameSubscribe && !isObject(f.payload) {
			return f, errBadPayload
		}
	case frameInit, framePing, framePong:
		if f.payload != nil && !isObject(f.payload) {
			return f, errBadPayload
		}
	default:
		return f, errNoType
	}
	return f, nil
}

func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// parameters returns the operation of a subscribe message.
func (f frame) parameters() (*graphql.RawParams, *httpError) {
	value, err := decode(f.payload)
	given, ok := value.(map[string]any)
	if err != nil || !ok {
		return nil, malformed("The payload is not a JSON object.")
	}
	return readParameters(given)
}

// token returns the token in the payload of connection_init or ping: {"authorization": "Bearer …"}.
// The case of the name doesn't matter.
func (f frame) token() (header string, given bool) {
	var payload map[string]json.RawMessage
	_ = json.Unmarshal(f.payload, &payload)
	for name, raw := range payload {
		if strings.EqualFold(name, "authorization") {
			_ = json.Unmarshal(raw, &header)
			return header, true
		}
	}
	return "", false
}

func textItem(text string) wire.Item { return wire.Item{Op: ws.OpText, Body: []byte(text)} }

var (
	ackText  = []byte(`{"type":"connection_ack"}`)
	pongText = []byte(`{"type":"pong"}`)
)

// pong answers a ping with the ping's payload.
func (f frame) pong() wire.Item {
	if f.payload == nil {
		return wire.Item{Op: ws.OpText, Body: pongText}
	}
	return textItem(`{"type":"pong","payload":` + string(f.payload) + `}`)
}

// about returns the beginning of a message from the server about an operation.
func about(id, kind string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(id)
	return `{"id":` + strings.TrimSuffix(b.String(), "\n") + `,"type":"` + kind + `"`
}

func nextPrefix(id string) string { return about(id, "next") + `,"payload":` }

func errorItem(id string, errs gqlerror.List) wire.Item {
	return textItem(about(id, "error") + `,"payload":` + string(refusal(errs)) + `}`)
}

func completeItem(id string) wire.Item { return textItem(about(id, frameComplete) + "}") }
