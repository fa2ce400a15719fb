// Package web holds the page that the server gives to browsers, built and
// embedded, so that neither the build nor the running server needs Node.
//
// It is the console, with which clerks run the chat. Its source is in console/, its
// built files in dist/; README.md says how to build them. The package knows nothing
// of the API and checks no token: a page is public, what it asks for is not.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed dist
var dist embed.FS

// contentTypes are those of the files in dist; a file of another kind must be added here.
// The tables of the operating system have no say: with nosniff, a wrong type breaks the page.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// asset is a file. It is read when it is first asked for: a server that shows no
// pages has no memory for them.
type asset struct {
	contentType    string
	plain, gzipped func() body
}

// body is what a file is sent as.
type body struct {
	content []byte
	etag    string
}

// mustLoad is load for the program's own files: where one fails, a test would have.
func mustLoad(folder string) map[string]asset {
	assets, err := load(dist, folder)
	if err != nil {
		panic(err)
	}
	return assets
}

// policyOf makes a Content-Security-Policy of a file with a directive per line.
func policyOf(lines string) string {
	return strings.Join(strings.Split(strings.TrimSpace(lines), "\n"), "; ")
}

// secure sets the headers that every answer of a page's folder bears.
func secure(header http.Header, policy string) {
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
}

// serve answers with the file, or that it hasn't changed. A page has changed if its policy
// has: browsers keep that of the page they have when they are told that it is the same.
func (a asset) serve(w http.ResponseWriter, r *http.Request, policy string) {
	header := w.Header()
	header.Set("Cache-Control", "no-cache") // Ask each time; a 304 is the usual answer.
	header.Set("Content-Type", a.contentType)
	header.Set("Vary", "Accept-Encoding")
	send := a.plain
	if takesGzip(r) {
		send = a.gzipped
		header.Set("Content-Encoding", "gzip")
	}
	b := send()
	tag := b.etag
	if policy != "" {
		tag = tagOf(append([]byte(policy), tag...))
	}
	header.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.content))
}

// takesGzip reports whether the answer may be compressed. Parts of a file are
// asked for by who counts its bytes as they are.
func takesGzip(r *http.Request) bool {
	if r.Header.Get("Range") != "" {
		return false
	}
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(strings.ReplaceAll(weight, " ", ""), "0.") != "q="
		}
	}
	return false
}

// compressed is the content as gzip.
func compressed(content []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // The level is one there is.
	}
	_, _ = z.Write(content) // A buffer takes everything.
	_ = z.Close()
	return b.Bytes()
}

// load finds all files below a folder, by their path within it.
func load(files fs.FS, folder string) (map[string]asset, error) {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", folder, err)
	}
	assets := make(map[string]asset)
	err = fs.WalkDir(sub, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contentType, ok := contentTypes[path.Ext(name)]
		if !ok {
			return fmt.Errorf("no content type is known for %s", name)
		}
		plain := sync.OnceValue(func() body { return read(sub, name) })
		gzipped := sync.OnceValue(func() body {
			b := plain()
			return body{compressed(b.content), strings.TrimSuffix(b.etag, `"`) + `-gzip"`}
		})
		assets[name] = asset{contentType, plain, gzipped}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", folder, err)
	}
	return assets, nil
}

func read(files fs.FS, name string) body {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		panic(err) // It is embedded, and was there a moment ago.
	}
	return body{content, tagOf(content)}
}

func tagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
}
