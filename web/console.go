package web

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
)

//go:embed console/csp.txt
var consolePolicy string

// ConsoleOptions are what the console has to know of the server; anybody can
// read them. The zero value is a console that one signs in to with a token.
type ConsoleOptions struct {
	Dev  bool // the server prints a link that signs in
	OIDC *OIDC
	// Pictures are the bounds of pictures that are uploaded; the browser keeps to them
	// before it decodes one.
	Pictures PictureBounds
	// PicturesFrom are the hosts whose pictures and videos the console shows, besides
	// the server's own: a host (https), an origin, or either with *. for all below it.
	// What lies elsewhere is a link.
	PicturesFrom []string
}

// PictureBounds are the most that a picture may have.
type PictureBounds struct {
	Bytes      int64 `json:"bytes"`
	JPEGPixels int   `json:"jpegPixels"`
	PNGPixels  int   `json:"pngPixels"`
}

// OIDC says where the console's users sign in, by OpenID Connect's authorisation
// code with PKCE. The token that it gives has to be one that the API accepts.
type OIDC struct {
	Issuer   string `json:"issuer"` // an absolute URL
	ClientID string `json:"clientId"`
	Scope    string `json:"scope"` // space-separated
	// Audience and Resource say whom the access token is for, to issuers that ask for
	// the parameter audience or that of RFC 8707, resource; "" leaves each out.
	Audience string `json:"audience,omitempty"`
	Resource string `json:"resource,omitempty"`
	// Token is the token that the API is asked with: access or id.
	Token string `json:"token"`
	// Origin is where the issuer sends users back to, such as https://chat.example.com;
	// "" for where the browser has the console from.
	Origin string `json:"origin,omitempty"`
	// Origins are those that the page sends requests to when somebody signs in; it is
	// called for each answer, since they may become known later.
	Origins func() []string `json:"-"`
}

// Console serves the console. Its screens have addresses of their own, so every
// path that could be one answers with the page. It expects to be mounted here:
//
//	mux.Handle("GET /console/", http.StripPrefix("/console/", handler))
//
// It fails if PicturesFrom has what is no host.
func Console(o ConsoleOptions) (http.Handler, error) {
	assets := mustLoad("dist/console")
	policy := policyOf(consolePolicy)
	sources, err := sourcesOf(o.PicturesFrom)
	if err != nil {
		return nil, err
	}
	for _, directive := range []string{"img-src 'self' data: blob:", "media-src 'self' data: blob:"} {
		policy = allow(policy, directive, sources)
	}
	config, err := json.Marshal(struct {
		Dev          bool          `json:"dev"`
		OIDC         *OIDC         `json:"oidc,omitempty"`
		Pictures     PictureBounds `json:"pictures"`
		PicturesFrom []string      `json:"picturesFrom"`
	}{o.Dev, o.OIDC, o.Pictures, sources})
	if err != nil {
		return nil, fmt.Errorf("writing config.json: %w", err)
	}

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		policy := policy
		if o.OIDC != nil {
			policy = allow(policy, "connect-src 'self'", o.OIDC.Origins())
		}
		secure(w.Header(), policy)
		name := strings.TrimPrefix(r.URL.Path, "/")
		file, ok := assets[name]
		switch {
		case name == "config.json":
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(config)
		case ok:
			file.serve(w, r, "")
		case isScreen(name):
			assets["index.html"].serve(w, r, policy)
		default:
			http.NotFound(w, r)
		}
	}), nil
}

// allow adds sources to a directive of a policy.
func allow(policy, directive string, sources []string) string {
	return strings.Replace(policy, directive, strings.Join(append([]string{directive}, sources...), " "), 1)
}

// pictureSource is what may stand in a policy without changing the rest of it.
var pictureSource = regexp.MustCompile(`^https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

// sourcesOf writes hosts and origins as a policy names them, each once.
func sourcesOf(hosts []string) ([]string, error) {
	sources := []string{}
	for _, given := range hosts {
		source := strings.ToLower(given)
		if !strings.Contains(source, "://") {
			source = "https://" + source
		}
		if !pictureSource.MatchString(source) {
			return nil, fmt.Errorf("%q is neither a host, like cdn.example.com or *.example.com, nor an origin, like http://cdn.example.com:8000", given)
		}
		if !slices.Contains(sources, source) {
			sources = append(sources, source)
		}
	}
	return sources, nil
}

// isScreen tells the address of a screen, /channels/livestream:news, from that of
// a file that isn't there: what ends like one of our files, at the top, is none.
func isScreen(name string) bool {
	_, isFile := contentTypes[path.Ext(name)]
	return !isFile || strings.Contains(name, "/")
}
