package wire

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// suffix closes the message that an item's prefix opens.
const suffix = "}"

// encode appends an item as it goes over the wire.
func (c *Conn) encode(dst []byte, item *Item) []byte {
	switch {
	case item.piece:
		return append(dst, item.Body...)
	case c.stream:
		return encodeEvent(dst, item)
	}
	return encodeFrame(dst, item)
}

// frame is what is written before and after an item's payload.
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

// encodeFrame appends a WebSocket frame: the prefix, the shared payload and the
// suffix, or the body alone.
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

// encodeEvent appends a server-sent event named by the prefix, or the body as it is if
// there is no prefix.
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

// maxReason is how many bytes of a reason fit into a close frame.
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
