package media

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngKept are the chunks needed to show a picture, including its colours.
var pngKept = []string{
	"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "bKGD", "pHYs",
}

// stripPNG copies the chunks in pngKept and the orientation. It stops at the end of the picture.
func stripPNG(w *bufio.Writer, r *bufio.Reader, orientation int) error {
	signature := make([]byte, len(pngSignature))
	if _, err := io.ReadFull(r, signature); err != nil || string(signature) != pngSignature {
		return errDamaged
	}
	_, _ = w.Write(signature)
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return errCutOff
		}
		kind := string(head[4:])
		if !isChunkKind(kind) {
			return errDamaged
		}
		rest := int64(binary.BigEndian.Uint32(head[:])) + 4 // including the checksum
		to := io.Discard
		if slices.Contains(pngKept, kind) {
			to = w
			_, _ = w.Write(head[:])
		}
		if _, err := io.CopyN(to, r, rest); err != nil {
			return errCutOff
		}
		switch {
		case kind == "IEND":
			return nil
		case kind == "IHDR" && orientation > 1:
			writeChunk(w, "eXIf", exifOrientation(orientation))
		}
	}
}

// isChunkKind reports whether this can be the type of a chunk: four letters.
func isChunkKind(kind string) bool {
	return !strings.ContainsFunc(kind, func(r rune) bool { return (r|0x20) < 'a' || (r|0x20) > 'z' })
}

func writeChunk(w *bufio.Writer, kind string, body []byte) {
	checked := append([]byte(kind), body...)
	_, _ = w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(body))))
	_, _ = w.Write(checked)
	_, _ = w.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(checked))) // the writer remembers its error
}
