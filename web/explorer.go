package web

import (
	_ "embed"
	"net/http"
	"strings"
)

//go:embed explorer/csp.txt
var explorerPolicy string

// Explorer serves the explorer, its page at the root path. The page finds its
// files beside itself and the API at ../graphql, so mount it on a folder:
//
//	mux.Handle("GET /explorer/", http.StripPrefix("/explorer/", web.Explorer()))
//
// The mux then redirects /explorer to /explorer/; browsers keep the fragment
// of the address, in which a token may stand, over the redirect.
func Explorer() http.Handler {
	assets := mustLoad("dist/explorer")
	policy := policyOf(explorerPolicy)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header(), policy)
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		file, ok := assets[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		file.serve(w, r)
	})
}
