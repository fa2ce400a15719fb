package wire

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// suffix ends the JSON object that an item's prefix starts.
const suffix = "}"

// encode appends an item in the form of the connection's protocol.
func (c *Conn) encode(dst []byte, item *Item) []byte {
	switch {
	case item.piece:
		return append(dst, item.Body...)
	case c.stream:
		return encodeEvent(dst, item)
	}
	return encodeFrame(dst, item)
}

// frame returns the bytes before and after an item's payload.
func (c *Conn) frame(item *Item) (head, tail []byte) {
	size := len(item.Body)
	for _, part := range item.Rest {
		size += len(part)
	}
	switch {
	case c.stream && item.Prefix == "":
		return nil, nil
	case c.stream:
		return eventHead(nil, item), []byte(eventEnd)
	case item.Prefix == "":
		return frameHead(nil, item.Op, size), nil
	}
	size += len(item.Prefix) + len(suffix)
	return append(frameHead(nil, item.Op, size), item.Prefix...), []byte(suffix)
}

// encodeFrame appends a WebSocket frame with the prefix, the shared payload and the suffix, or only
// the body if there is no prefix.
func encodeFrame(dst []byte, item *Item) []byte {
	size := len(item.Body)
	if item.Prefix != "" {
		size += len(item.Prefix) + len(suffix)
	}
	dst = frameHead(dst, item.Op, size)
	dst = append(append(dst, item.Prefix...), item.Body...)
	if item.Prefix != "" {
		dst = append(dst, suffix...)
	}
	return dst
}

func frameHead(dst []byte, op ws.OpCode, size int) []byte {
	dst = append(dst, 0x80|byte(op))
	switch {
	case size < 126:
		return append(dst, byte(size))
	case size < 1<<16:
		dst = append(dst, 126)
		return binary.BigEndian.AppendUint16(dst, uint16(size))
	}
	dst = append(dst, 127)
	return binary.BigEndian.AppendUint64(dst, uint64(size))
}

const eventEnd = "\n\n"

// encodeEvent appends a server-sent event named by the prefix, or the unchanged body if there is no
// prefix.
func encodeEvent(dst []byte, item *Item) []byte {
	if item.Prefix == "" {
		return append(dst, item.Body...)
	}
	return append(append(eventHead(dst, item), item.Body...), eventEnd...)
}

func eventHead(dst []byte, item *Item) []byte {
	dst = append(append(dst, "event: "...), item.Prefix...)
	if item.Seq > 0 {
		dst = strconv.AppendInt(append(dst, "\nid: "...), item.Seq, 10)
	}
	return append(dst, "\ndata: "...)
}

// maxReason is the maximum length of a close frame's reason, in bytes.
const maxReason = ws.MaxControlFramePayloadSize - 2

func closeBody(code ws.StatusCode, reason string) []byte {
	if len(reason) > maxReason {
		n := maxReason
		for !utf8.RuneStart(reason[n]) {
			n--
		}
		reason = reason[:n]
	}
	return ws.NewCloseFrameBody(code, reason)
}
