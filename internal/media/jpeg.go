package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"slices"
)

// Markers of JPEG segments (ITU T.81, table B.1).
const (
	markSOI   = 0xd8
	markEOI   = 0xd9
	markSOS   = 0xda
	markAPP0  = 0xe0
	markAPP1  = 0xe1
	markAPP2  = 0xe2
	markAPP14 = 0xee
)

// stripJPEG copies what is needed to show a picture: tables, frames and scans, the colour profile,
// and the orientation. It stops at the end of the picture.
func stripJPEG(w *bufio.Writer, r *bufio.Reader, orientation int) error {
	var start [2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || start != [2]byte{0xff, markSOI} {
		return errDamaged
	}
	_, _ = w.Write(start[:])
	if orientation > 1 {
		writeSegment(w, markAPP1, append([]byte("Exif\x00\x00"), exifOrientation(orientation)...))
	}
	for {
		marker, err := nextMarker(r)
		switch {
		case err != nil:
			return err
		case marker == markEOI:
			_, err := w.Write([]byte{0xff, markEOI})
			return err
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // standalone markers, without a meaning here
			continue
		}
		body, err := readSegment(r)
		if err != nil {
			return err
		}
		if body = keptOfSegment(marker, body); body == nil {
			continue
		}
		writeSegment(w, marker, body)
		if marker == markSOS {
			if err := copyScan(w, r); err != nil {
				return err
			}
		}
	}
}

// nextMarker skips the fill bytes before a marker.
func nextMarker(r *bufio.Reader) (byte, error) {
	for last := byte(0); ; {
		b, err := r.ReadByte()
		if err != nil {
			return 0, errCutOff
		}
		if last == 0xff && b != 0xff && b != 0 {
			return b, nil
		}
		last = b
	}
}

func readSegment(r *bufio.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, errCutOff
	}
	n := int(binary.BigEndian.Uint16(length[:])) - 2
	if n < 0 {
		return nil, errDamaged
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, errCutOff
	}
	return body, nil
}

// keptOfSegment returns the part of a segment to keep, nil for nothing.
func keptOfSegment(marker byte, body []byte) []byte {
	tables := []byte{0xdb, 0xdc, 0xdd, 0xde, 0xdf, markSOS} // quantisation, lines, restarts, hierarchy
	switch {
	case marker >= 0xc0 && marker <= 0xcf, slices.Contains(tables, marker): // frames, Huffman tables
		return body
	case marker == markAPP0 && bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) >= 14:
		return append(body[:12:12], 0, 0) // without its thumbnail
	case marker == markAPP2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")):
		return body
	case marker == markAPP14 && bytes.HasPrefix(body, []byte("Adobe")) && len(body) >= 12:
		return body[:12]
	}
	return nil
}

func writeSegment(w *bufio.Writer, marker byte, body []byte) {
	_, _ = w.Write([]byte{0xff, marker})
	_, _ = w.Write(binary.BigEndian.AppendUint16(nil, uint16(len(body)+2)))
	_, _ = w.Write(body) // the writer remembers its error
}

// copyScan copies a scan's data up to the next marker, which it leaves unread.
func copyScan(w *bufio.Writer, r *bufio.Reader) error {
	for {
		next, err := r.Peek(2)
		if err != nil {
			return errCutOff
		}
		data := next[0] != 0xff || next[1] == 0 || next[1] >= 0xd0 && next[1] <= 0xd7
		if !data {
			return nil
		}
		if err := w.WriteByte(next[0]); err != nil {
			return err
		}
		_, _ = r.Discard(1) // it was peeked at
	}
}
