package media

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

var (
	errCutOff  = errors.New("it is cut off")
	errNoVideo = errors.New("there is no video in it")
)

// videoLength reads a video's structure and returns its end. What follows isn't part of the video
// and isn't stored.
func videoLength(r io.ReaderAt, size int64, t fileType) (int64, error) {
	switch t {
	case avi:
		return aviLength(r, size)
	case flv:
		return flvLength(r, size)
	}
	return boxesLength(r, size)
}

// mostParts is the maximum number of boxes, chunks or tags that are read. A day of video has fewer.
const mostParts = 4 << 20

// boxesLength reads the boxes of an mp4 or mov:
// https://developer.apple.com/documentation/quicktime-file-format
func boxesLength(r io.ReaderAt, size int64) (at int64, err error) {
	known := []string{"ftyp", "moov", "mdat", "moof", "free", "skip", "wide", "pnot", "sidx", "uuid", "styp", "meta", "mfra", "udta", "emsg", "prft"}
	var index, content bool
	for range mostParts {
		kind, head, length, ok := box(r, at, size)
		if !ok || !slices.Contains(known, kind) {
			break
		}
		if length > size-at {
			return 0, errCutOff
		}
		if kind == "moov" {
			index = index || hasVideoTrack(r, at+head, at+length)
		}
		content = content || kind == "mdat" || kind == "moof"
		at += length
	}
	if !index || !content {
		return 0, errNoVideo
	}
	return at, nil
}

// box reads the header of a box that must start before end. A box of length 0 extends to the end.
func box(r io.ReaderAt, at, end int64) (kind string, head, length int64, ok bool) {
	var b [16]byte
	n, _ := r.ReadAt(b[:max(0, min(16, end-at))], at)
	if n < 8 {
		return "", 0, 0, false
	}
	head, length = 8, int64(binary.BigEndian.Uint32(b[:]))
	switch {
	case length == 0:
		length = end - at
	case length == 1 && n == 16:
		head, length = 16, int64(binary.BigEndian.Uint64(b[8:]))
	}
	return string(b[4:8]), head, length, length >= head
}

// hasVideoTrack reports whether a movie's index, between two offsets of the file, has a video
// track. Audio alone isn't a video.
func hasVideoTrack(r io.ReaderAt, at, end int64) (found bool) {
	eachBox(r, at, end, "trak", func(at, end int64) {
		eachBox(r, at, end, "mdia", func(at, end int64) {
			eachBox(r, at, end, "hdlr", func(at, _ int64) {
				var handler [12]byte // version and flags, the component type, and the kind of medium
				_, err := r.ReadAt(handler[:], at)
				found = found || err == nil && string(handler[8:]) == "vide"
			})
		})
	})
	return found
}

// eachBox calls fn with the content of each box of a kind.
func eachBox(r io.ReaderAt, at, end int64, wanted string, fn func(at, end int64)) {
	for range mostParts {
		kind, head, length, ok := box(r, at, end)
		if !ok || length > end-at {
			return
		}
		if kind == wanted {
			fn(at+head, at+length)
		}
		at += length
	}
}

// aviLength reads the RIFF chunks of an avi; videos over 1 GB have several:
// https://learn.microsoft.com/windows/win32/directshow/avi-riff-file-reference
func aviLength(r io.ReaderAt, size int64) (at int64, err error) {
	for parts := 0; at < size && parts < mostParts; parts++ {
		var head [12]byte
		if _, err := r.ReadAt(head[:], at); err != nil || string(head[:4]) != "RIFF" ||
			string(head[8:]) != "AVI " && string(head[8:]) != "AVIX" {
			break
		}
		end := at + 8 + int64(binary.LittleEndian.Uint32(head[4:]))
		if end > size {
			return 0, errCutOff
		}
		if at == 0 && !hasVideo(r, end) {
			return 0, errNoVideo
		}
		at = min(end+end%2, size)
	}
	if at == 0 {
		return 0, errNoVideo
	}
	return at, nil
}

// hasVideo reports whether the first chunk of an avi has a video stream and content.
func hasVideo(r io.ReaderAt, end int64) bool {
	var pictures, content bool
	eachChunk(r, 12, end, func(kind string, at, end int64) {
		switch kind {
		case "LIST hdrl":
			pictures = pictures || hasVideoStream(r, at, end)
		case "LIST movi":
			content = true
		}
	})
	return pictures && content
}

// hasVideoStream reports whether the headers of an avi's streams, between two offsets of the file,
// include a video stream, or one that combines audio and video, as in DV.
func hasVideoStream(r io.ReaderAt, at, end int64) (found bool) {
	eachChunk(r, at, end, func(kind string, at, end int64) {
		if kind != "LIST strl" {
			return
		}
		eachChunk(r, at, end, func(kind string, at, _ int64) {
			var medium [4]byte
			_, err := r.ReadAt(medium[:], at)
			found = found || kind == "strh" && err == nil && (string(medium[:]) == "vids" || string(medium[:]) == "iavs")
		})
	})
	return found
}

// eachChunk calls fn with the kind and content of each RIFF chunk. The kind of a list is "LIST"
// followed by its own kind.
func eachChunk(r io.ReaderAt, at, end int64, fn func(kind string, at, end int64)) {
	for range mostParts {
		var head [12]byte
		n, _ := r.ReadAt(head[:], at)
		if n < 8 || at+8 > end {
			return
		}
		kind, skip := string(head[:4]), int64(8)
		if kind == "LIST" && n == 12 {
			kind, skip = kind+" "+string(head[8:]), 12
		}
		length := int64(binary.LittleEndian.Uint32(head[4:8]))
		fn(kind, at+skip, min(at+8+length, end))
		at += 8 + length + length%2
	}
}

// flvLength reads the tags of an flv, each followed by its length. A recording may end within its
// last tag.
func flvLength(r io.ReaderAt, size int64) (at int64, err error) {
	var head [9]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return 0, errCutOff
	}
	at = int64(binary.BigEndian.Uint32(head[5:])) + 4
	pictures := false
	for range mostParts {
		if at < 13 || at >= size {
			break
		}
		var tag [11]byte
		if _, err := r.ReadAt(tag[:], at); err != nil {
			break
		}
		length := 11 + int64(tag[1])<<16 + int64(tag[2])<<8 + int64(tag[3])
		var after [4]byte
		if _, err := r.ReadAt(after[:], at+length); err != nil || int64(binary.BigEndian.Uint32(after[:])) != length {
			break
		}
		pictures = pictures || tag[0]&31 == 9
		at += length + 4
	}
	if !pictures {
		return 0, errNoVideo
	}
	return at, nil
}
