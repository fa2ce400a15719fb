package media

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

var (
	errCutOff = errors.New("it is cut off")
	errNoFilm = errors.New("there is no film in it")
)

// filmLength walks through a film's structure and returns where it ends. What
// stands behind that belongs to no film and is not kept.
func filmLength(r io.ReaderAt, size int64, t fileType) (int64, error) {
	switch t {
	case avi:
		return aviLength(r, size)
	case flv:
		return flvLength(r, size)
	}
	return boxesLength(r, size)
}

// boxesLength walks through the boxes of an mp4 or mov:
// https://developer.apple.com/documentation/quicktime-file-format
func boxesLength(r io.ReaderAt, size int64) (at int64, err error) {
	known := []string{"ftyp", "moov", "mdat", "moof", "free", "skip", "wide", "pnot", "sidx", "uuid", "styp", "meta", "mfra", "udta", "emsg", "prft"}
	var index, content bool
	for at < size {
		kind, length, ok := box(r, at, size)
		if !ok || !slices.Contains(known, kind) {
			break
		}
		if length > size-at {
			return 0, errCutOff
		}
		index = index || kind == "moov"
		content = content || kind == "mdat" || kind == "moof"
		at += length
	}
	if !index || !content {
		return 0, errNoFilm
	}
	return at, nil
}

// box reads the head of a box. One of length 0 goes on to the end of the file.
func box(r io.ReaderAt, at, size int64) (kind string, length int64, ok bool) {
	var head [16]byte
	n, _ := r.ReadAt(head[:], at)
	if n < 8 {
		return "", 0, false
	}
	length = int64(binary.BigEndian.Uint32(head[:]))
	switch {
	case length == 0:
		length = size - at
	case length == 1 && n == 16:
		length = int64(binary.BigEndian.Uint64(head[8:]))
	}
	return string(head[4:8]), length, length >= 8
}

// aviLength walks through the RIFF chunks of an avi; films over 1 GB have several:
// https://learn.microsoft.com/windows/win32/directshow/avi-riff-file-reference
func aviLength(r io.ReaderAt, size int64) (at int64, err error) {
	for at < size {
		var head [12]byte
		if _, err := r.ReadAt(head[:], at); err != nil || string(head[:4]) != "RIFF" ||
			string(head[8:]) != "AVI " && string(head[8:]) != "AVIX" {
			break
		}
		end := at + 8 + int64(binary.LittleEndian.Uint32(head[4:]))
		if end > size {
			return 0, errCutOff
		}
		if at == 0 && !hasLists(r, end) {
			return 0, errNoFilm
		}
		at = min(end+end%2, size)
	}
	if at == 0 {
		return 0, errNoFilm
	}
	return at, nil
}

// hasLists reports whether the first chunk holds the lists that make it a film.
func hasLists(r io.ReaderAt, end int64) bool {
	var found []string
	for at := int64(12); at+8 <= end; {
		var head [12]byte
		n, _ := r.ReadAt(head[:], at)
		if n < 8 {
			break
		}
		if n == 12 && string(head[:4]) == "LIST" {
			found = append(found, string(head[8:]))
		}
		length := int64(binary.LittleEndian.Uint32(head[4:8]))
		at += 8 + length + length%2
	}
	return slices.Contains(found, "hdrl") && slices.Contains(found, "movi")
}

// flvLength walks through the tags of an flv, each of which is followed by its
// length. A recording may break off within the last one.
func flvLength(r io.ReaderAt, size int64) (at int64, err error) {
	var head [9]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return 0, errCutOff
	}
	at = int64(binary.BigEndian.Uint32(head[5:])) + 4
	content := false
	for at >= 13 && at < size {
		var tag [11]byte
		if _, err := r.ReadAt(tag[:], at); err != nil {
			break
		}
		length := 11 + int64(tag[1])<<16 + int64(tag[2])<<8 + int64(tag[3])
		var after [4]byte
		if _, err := r.ReadAt(after[:], at+length); err != nil || int64(binary.BigEndian.Uint32(after[:])) != length {
			break
		}
		content = content || tag[0]&31 == 8 || tag[0]&31 == 9
		at += length + 4
	}
	if !content {
		return 0, errNoFilm
	}
	return at, nil
}
