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
	if c.stream {
		return encodeEvent(dst, item)
	}
	return encodeFrame(dst, item)
}

// encodeFrame appends a WebSocket frame: the prefix, the shared payload and the
// suffix, or the body alone.
func encodeFrame(dst []byte, item *Item) []byte {
	size := len(item.Body)
	if item.Prefix != "" {
		size += len(item.Prefix) + len(suffix)
	}
	dst = append(dst, 0x80|byte(item.Op))
	switch {
	case size < 126:
		dst = append(dst, byte(size))
	case size < 1<<16:
		dst = append(dst, 126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(size))
	default:
		dst = append(dst, 127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(size))
	}
	dst = append(append(dst, item.Prefix...), item.Body...)
	if item.Prefix != "" {
		dst = append(dst, suffix...)
	}
	return dst
}

// encodeEvent appends a server-sent event, named by the prefix, or the body as it
// is where there is none.
func encodeEvent(dst []byte, item *Item) []byte {
	if item.Prefix == "" {
		return append(dst, item.Body...)
	}
	dst = append(append(dst, "event: "...), item.Prefix...)
	if item.Seq > 0 {
		dst = strconv.AppendInt(append(dst, "\nid: "...), item.Seq, 10)
	}
	dst = append(append(dst, "\ndata: "...), item.Body...)
	return append(dst, "\n\n"...)
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
