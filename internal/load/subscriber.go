package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
)

// subscriber is one connection of an audience. Only its reader uses it.
type subscriber struct {
	audience *Audience
	conn     net.Conn
	rest     []byte // of a frame that has arrived partially
	last     int64  // seq
}

const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

var (
	seqMark  = []byte(`"seq":`)
	newMark  = []byte(`"message.new"`)
	textMark = []byte(`"text":"`)
)

// take processes received data, after the rest of the previous data.
func (s *subscriber) take(data []byte) error {
	var got, length int64
	b := s.audience.board.Load()
	var now int64
	if b != nil {
		now = b.now()
	}
	for {
		op, payload, size, err := frame(data)
		if err != nil {
			return err
		}
		if size == 0 {
			break
		}
		data = data[size:]
		if op != opText {
			if err := s.control(op, payload); err != nil {
				return err
			}
			continue
		}
		n, counts, err := s.text(payload)
		if err != nil {
			return err
		}
		if counts {
			got++
			length += int64(size)
			if b != nil {
				b.deliver(n, now)
			}
		}
	}
	s.rest = append(s.rest[:0], data...)
	if len(data) == 0 {
		s.rest = nil
	}
	s.audience.bytes.Add(length)
	s.audience.deliveries.Add(got)
	return nil
}

// frame returns the first frame in data; size is 0 if it isn't complete.
func frame(data []byte) (op byte, payload []byte, size int, err error) {
	if len(data) < 2 {
		return 0, nil, 0, nil
	}
	head, length := 2, int(data[1])
	switch {
	case length > 127:
		return 0, nil, 0, errFrame
	case length == 127:
		if head = 10; len(data) < head {
			return 0, nil, 0, nil
		}
		length = int(binary.BigEndian.Uint64(data[2:]))
	case length == 126:
		if head = 4; len(data) < head {
			return 0, nil, 0, nil
		}
		length = int(binary.BigEndian.Uint16(data[2:]))
	}
	if len(data)-head < length {
		return 0, nil, 0, nil
	}
	return data[0] & 15, data[head : head+length], head + length, nil
}

// text reads a message's number and checks its seq. counts reports whether the frame is a message.
func (s *subscriber) text(payload []byte) (n int64, counts bool, err error) {
	i := bytes.Index(payload, seqMark)
	if i < 0 {
		return 0, false, refused(payload)
	}
	seq, rest := number(payload[i+len(seqMark):])
	i = bytes.Index(rest, newMark)
	if i < 0 { // another event; ephemeral events repeat a seq
		s.last = max(s.last, seq)
		return 0, false, nil
	}
	switch {
	case s.last < 0:
	case seq <= s.last:
		s.audience.repeated.Add(1)
	case seq > s.last+1:
		s.audience.missed.Add(seq - s.last - 1)
	}
	s.last = max(s.last, seq)
	n = -1
	rest = rest[i+len(newMark):]
	if i = bytes.Index(rest, textMark); i >= 0 {
		n, _ = number(rest[i+len(textMark):])
	}
	return n, true, nil
}

// refused returns an error if a frame without a seq is an error.
func refused(payload []byte) error {
	for _, kind := range []string{`"type":"error"`, `"type":"complete"`, `"errors":`} {
		if bytes.Contains(payload, []byte(kind)) {
			return fmt.Errorf("the subscription ended with %.300s", payload)
		}
	}
	return nil
}

func number(text []byte) (n int64, rest []byte) {
	for len(text) > 0 && text[0] >= '0' && text[0] <= '9' {
		n = n*10 + int64(text[0]-'0')
		text = text[1:]
	}
	return n, text
}

func (s *subscriber) control(op byte, payload []byte) error {
	switch op {
	case opClose:
		if len(payload) < 2 {
			return fmt.Errorf("the server closed it")
		}
		return fmt.Errorf("the server closed it: %d %s", binary.BigEndian.Uint16(payload), payload[2:])
	case opPing:
		_, err := s.conn.Write(clientFrame(opPong, payload))
		return err
	}
	return nil
}

// Frame appends the frame that a server sends to each subscriber for a message with that seq and
// text.
func Frame(dst []byte, seq int64, text string) []byte {
	body := fmt.Sprintf(`{"id":"1","type":"next","payload":{"data":{"channelEvents":{"seq":%d,"type":"message.new","message":{"text":%q}}}}}`, seq, text)
	frame := clientFrame(opText, []byte(body))
	head := len(frame) - len(body) - 4 // the mask, which servers omit
	frame[1] &^= 0x80
	return append(append(dst, frame[:head]...), body...)
}

// clientFrame returns a frame masked with zeros.
func clientFrame(op byte, payload []byte) []byte {
	b := []byte{0x80 | op}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}
