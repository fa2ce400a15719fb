package streamapi

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"backchannel/internal/engine"
	"backchannel/internal/media"
	"backchannel/internal/streamapi/extra"
)

// Options configure a [Server]. Engine, Key, Secret and Logger are required.
type Options struct {
	Engine *engine.Engine
	Key    string // identifies the app in requests
	Secret string // signs tokens
	Logger *slog.Logger
	// PublicURL is the server's address, without a trailing slash; "" for that of each request.
	PublicURL string
	// Media stores uploaded files; if nil, uploads are refused.
	Media *media.Store
	// Timeout bounds each request except uploads; 0 for no bound.
	Timeout time.Duration
	// Transfer says that only the command transfer makes requests. They may set the creation time
	// of users, channels and messages with created_at, which Stream doesn't allow, and their
	// records name the command.
	Transfer bool
}

// Server answers under /api/v2.
type Server struct {
	engine *extra.Engine
	key    string
	secret []byte
	logger *slog.Logger
	media  *media.Store

	publicURL string
	timeout   time.Duration
	transfer  bool

	mux *http.ServeMux
}

// New returns a server.
func New(o Options) (*Server, error) {
	if o.Key == "" || o.Secret == "" {
		return nil, errors.New("an API for Stream's SDKs needs a key and a secret")
	}
	s := &Server{engine: extra.New(o.Engine), key: o.Key, secret: []byte(o.Secret), logger: o.Logger, media: o.Media, publicURL: o.PublicURL, timeout: o.Timeout, transfer: o.Transfer, mux: http.NewServeMux()}
	s.engine.Finishes(updatingChannels, s.finishBatch)
	s.routeChannels()
	s.routeChannelSettings()
	s.routeUploads()
	s.routeMembers()
	s.routeReads()
	s.routeUsers()
	s.routeMessages()
	s.routeReactions()
	s.routeSearch()
	s.routeThreads()
	s.routeTasks()
	s.routeChannelTypes()
	s.mux.HandleFunc("GET "+exportPath, s.download) // the link itself authorizes
	s.routeModeration()
	s.routeFlags()
	s.routeRoles()
	s.routeBlocklists()
	s.routeApp()
	s.mux.HandleFunc("/", s.handle("", func(c *call) (any, error) { return nil, noEndpoint(c) }))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
