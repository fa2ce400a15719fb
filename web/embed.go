// Package web holds the pages that the server gives to browsers, built and
// embedded, so that neither the build nor the running server needs Node.
//
// Today that is the explorer, GraphiQL with the documented operations at hand.
// Its source is in explorer/, its built files are in dist/explorer/; README.md
// says how to build them. The package knows nothing of the API and checks no
// token: a page is public, what it asks for is not.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed dist
var dist embed.FS

//go:embed explorer/csp.txt
var policyLines string

// contentTypes are those of the files in dist; a file of another kind must be added here.
// The tables of the operating system have no say: with nosniff, a wrong type breaks the page.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

type asset struct {
	content     []byte
	contentType string
	etag        string
}

// Explorer serves the explorer, its page at the root path. The page finds its
// files beside itself and the API at ../graphql, so mount it on a folder:
//
//	mux.Handle("GET /explorer/", http.StripPrefix("/explorer/", web.Explorer()))
//
// The mux then redirects /explorer to /explorer/; browsers keep the fragment
// of the address, in which a token may stand, over the redirect.
func Explorer() http.Handler {
	assets, err := load(dist, "dist/explorer")
	if err != nil {
		panic(err) // The files are part of the program: a test would have failed.
	}
	policy := strings.Join(strings.Split(strings.TrimSpace(policyLines), "\n"), "; ")

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")

		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		file, ok := assets[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		header.Set("Cache-Control", "no-cache") // Ask each time; a 304 is the usual answer.
		header.Set("Content-Type", file.contentType)
		header.Set("ETag", file.etag)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(file.content))
	})
}

// load reads all files below a folder, by their path within it.
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
		content, err := fs.ReadFile(sub, name)
		if err != nil {
			return err
		}
		contentType, ok := contentTypes[path.Ext(name)]
		if !ok {
			return fmt.Errorf("no content type is known for %s", name)
		}
		sum := sha256.Sum256(content)
		etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
		assets[name] = asset{content: content, contentType: contentType, etag: etag}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", folder, err)
	}
	return assets, nil
}
