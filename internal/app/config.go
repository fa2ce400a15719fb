package app

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"backchannel/internal/desk"
)

// commands is the command line. Each flag can be set in the environment too;
// docs/configuration.md lists them, and a test keeps that list true.
type commands struct {
	serving
	Token   tokenCommand   `cmd:"" help:"Print a token (JWT) that the server accepts."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's tables up to date. The server does so itself when it starts."`
	Users   struct {
		Import importCommand `cmd:"" help:"Create or change chat users from a CSV or JSON file, also while a server runs."`
	} `cmd:"" help:"Manage chat users."`
	Backup  backupCommand  `cmd:"" help:"Copy the SQLite database into a file, also while a server runs."`
	Restore restoreCommand `cmd:"" help:"Put a backup in place, and make clients query again."`
	Verify  verifyCommand  `cmd:"" help:"Look for faults in the database, in the logs and among the uploaded files."`
	Move    moveCommand    `cmd:"" help:"Copy the SQLite database into PostgreSQL."`
	Changes struct {
		Export exportCommand `cmd:"" help:"Write the records of changes as JSON lines or CSV, also while a server runs."`
	} `cmd:"" help:"Read the records of changes."`
	Emulate  emulateCommand  `cmd:"" help:"Run a Stream-compatible server in memory, for tests: its clock can be moved, and it fails on request."`
	Transfer transferCommand `cmd:"" help:"Copy a chat between hosted Stream and our own engine, in either direction, and compare the two."`
	Stream   struct {
		Hook hookCommand `cmd:"" help:"Have the Stream app call this server's webhook, so that live events and lists are current at once. The app's other hooks stay as they are."`
	} `cmd:"" help:"Set up an app of hosted Stream."`
	Bench   benchCommand   `cmd:"" help:"Measure how many messages this machine sends and delivers."`
	Schema  schemaCommand  `cmd:"" help:"Print the schema of the GraphQL API."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// serving is the command line of a server, which starts faster without the other commands.
type serving struct {
	Serve serveCommand `cmd:"" help:"Run the server. Try it with --dev: that needs no configuration at all."`
}

// storageFlags describe the database.
type storageFlags struct {
	Data        string `placeholder:"FOLDER" default:"./data" env:"BACKCHANNEL_DATA" help:"Folder of the SQLite database and of generated secrets (${default})."`
	DatabaseURL string `placeholder:"URL" name:"database-url" env:"BACKCHANNEL_DATABASE_URL" help:"PostgreSQL 15 or newer to use instead of SQLite: postgres://user:password@host/name."`

	listenURL string // serve's
	bulk      bool   // import's: it mostly writes
}

// tokenFlags say which tokens are valid.
type tokenFlags struct {
	JWTSecret   string `placeholder:"SECRET" name:"jwt-secret" env:"BACKCHANNEL_JWT_SECRET" help:"Secret that HS256 tokens are signed with, 32 random bytes or more."`
	JWTIssuer   string `placeholder:"NAME" name:"jwt-issuer" env:"BACKCHANNEL_JWT_ISSUER" help:"What a token's iss must be; anything if not set."`
	JWTAudience string `placeholder:"NAME" name:"jwt-audience" env:"BACKCHANNEL_JWT_AUDIENCE" help:"What a token's aud must name; anything if not set."`
	UserClaim   string `placeholder:"PATH" name:"user-claim" default:"sub" env:"BACKCHANNEL_USER_CLAIM" help:"Where a token says the user's id, e.g. email (${default})."`
	RoleClaim   string `placeholder:"PATH" name:"role-claim" default:"roles" env:"BACKCHANNEL_ROLE_CLAIM" help:"Where a token says the caller's CRM roles, e.g. realm_access.roles (${default})."`
}

type serveCommand struct {
	Dev  bool   `group:"start" env:"BACKCHANNEL_DEV" help:"Development: a secret is generated and kept with the data, a token and examples are printed, everybody may ask for the schema."`
	Addr string `group:"start" placeholder:"HOST:PORT" default:"127.0.0.1:8080" env:"BACKCHANNEL_ADDR" help:"Where to listen (${default})."`

	storageFlags `group:"data" embed:""`
	ListenURL    string `group:"data" placeholder:"URL" name:"database-listen-url" env:"BACKCHANNEL_DATABASE_LISTEN_URL" help:"Where to listen for other servers on the same PostgreSQL, if --database-url leads to a connection pooler that gives each transaction another connection."`

	NATS     string    `group:"data" placeholder:"URL,…" name:"nats" env:"BACKCHANNEL_NATS" help:"NATS, over which servers on one PostgreSQL send each other events: nats://HOST:4222, or tls://. It may have user:password@ or token@ before the host; give it in the environment then."`
	NATSKeys natsFlags `group:"data" embed:"" prefix:"nats-"`

	tokenFlags  `group:"callers" embed:""`
	JWKS        string        `group:"callers" placeholder:"URL|FILE" name:"jwks" env:"BACKCHANNEL_JWKS" help:"JSON Web Key Set that RS256, ES256 and EdDSA tokens are signed with."`
	Lifetimes   lifetimeFlags `group:"callers" embed:"" prefix:"jwt-"`
	BORole      string        `group:"callers" placeholder:"ROLE" name:"bo-role" default:"BO" env:"BACKCHANNEL_BO_ROLE" help:"The CRM role that may use the back office (${default})."`
	ServiceUser string        `group:"callers" placeholder:"ID" name:"service-user" env:"BACKCHANNEL_SERVICE_USER" help:"Chat user in whose name the back office posts; the caller's own if not set."`

	providerFlags   `group:"chat" embed:""`
	MaxText         int    `group:"chat" placeholder:"N" name:"max-text" default:"5000" env:"BACKCHANNEL_MAX_TEXT" help:"Longest text of a message, in characters (${default})."`
	LivestreamWrite string `group:"chat" placeholder:"WHO" name:"livestream-write" enum:"everybody,members" default:"everybody" env:"BACKCHANNEL_LIVESTREAM_WRITE" help:"Who may write in livestream channels: everybody or members (${default})."`
	BinDays         int    `group:"chat" placeholder:"DAYS" name:"bin-days" default:"30" env:"BACKCHANNEL_BIN_DAYS" help:"How long deleted channels can come back, in days, 1 to 3650; then they are erased (${default})."`

	PublicURL      string   `group:"addresses" placeholder:"URL" name:"public-url" env:"BACKCHANNEL_PUBLIC_URL" help:"The server's public address, e.g. https://chat.example.com: for the check of origins, uploads and links (http://HOST:PORT)."`
	MediaBaseURL   string   `group:"addresses" placeholder:"URL" name:"media-base-url" env:"BACKCHANNEL_MEDIA_BASE_URL" help:"Public address of uploaded files (/media under --public-url)."`
	AvatarBaseURL  string   `group:"addresses" placeholder:"URL" name:"avatar-base-url" env:"BACKCHANNEL_AVATAR_BASE_URL" help:"Public address of avatars: a channel's avatar is its file name under it (--media-base-url)."`
	TrustedProxies []string `group:"addresses" placeholder:"IP,…" name:"trusted-proxies" env:"BACKCHANNEL_TRUSTED_PROXIES" help:"Addresses and networks of proxies whose X-Forwarded-For, -Host and -Proto count, e.g. 127.0.0.1,10.0.0.0/8. From others these headers are dropped."`
	AllowedOrigins []string `group:"addresses" placeholder:"ORIGIN,…" name:"allowed-origins" env:"BACKCHANNEL_ALLOWED_ORIGINS" help:"Web origins, in addition to our own, whose pages may call the API, e.g. https://crm.example.com."`
	OpsAddr        string   `group:"addresses" placeholder:"HOST:PORT" name:"ops-addr" env:"BACKCHANNEL_OPS_ADDR" help:"A second address, for operators only: it serves /metrics, and answers /healthz and /readyz even if the first one has no connection left. Nothing is measured and nothing served if not set."`

	Rates          rateFlags     `group:"limits" embed:"" prefix:"user-"`
	MaxAnswer      int           `group:"limits" placeholder:"MIB" name:"max-answer" default:"8" env:"BACKCHANNEL_MAX_ANSWER" help:"Longest answer of the GraphQL API, in MiB (${default})."`
	MaxBOAnswer    int           `group:"limits" placeholder:"MIB" name:"max-bo-answer" default:"64" env:"BACKCHANNEL_MAX_BO_ANSWER" help:"Longest answer to the back office, in MiB (${default})."`
	RequestTimeout time.Duration `group:"limits" placeholder:"TIME" name:"request-timeout" default:"30s" env:"BACKCHANNEL_REQUEST_TIMEOUT" help:"How long one request may take (${default})."`

	Media      string        `group:"uploads" placeholder:"FOLDER|URL" env:"BACKCHANNEL_MEDIA" help:"Where uploads are kept: a folder, or a bucket as s3://NAME, azblob://NAME or gs://NAME; off takes none (media in the data folder)."`
	MaxPicture int64         `group:"uploads" placeholder:"MIB" name:"max-picture" default:"40" env:"BACKCHANNEL_MAX_PICTURE" help:"Largest picture that is accepted, in MiB (${default})."`
	MaxPixels  int           `group:"uploads" placeholder:"N" name:"max-pixels" default:"100000000" env:"BACKCHANNEL_MAX_PIXELS" help:"Most pixels of a picture; a PNG has at most 30 million of them (${default})."`
	MaxVideo   int64         `group:"uploads" placeholder:"MIB" name:"max-video" default:"512" env:"BACKCHANNEL_MAX_VIDEO" help:"Largest video that is accepted, in MiB (${default})."`
	MediaGrace time.Duration `group:"uploads" placeholder:"TIME" name:"media-grace" default:"24h" env:"BACKCHANNEL_MEDIA_GRACE" help:"How long an upload stays that nothing refers to (${default})."`
	Avatars    string        `group:"uploads" placeholder:"WHICH" enum:"any,uploaded" default:"any" env:"BACKCHANNEL_AVATARS" help:"Which avatar names are accepted: any, or uploaded, which are the names of uploads (${default})."`

	ConsoleOIDC     consoleOIDC `group:"console" embed:"" prefix:"console-oidc-"`
	AllowImagesFrom []string    `group:"console" placeholder:"HOST,…" name:"allow-images-from" env:"BACKCHANNEL_ALLOW_IMAGES_FROM" help:"Hosts whose pictures and videos the console shows, in addition to our own, e.g. cdn.example.com,*.img.example.com; others are links."`

	StreamAPIKey    string `group:"streamapi" placeholder:"KEY" name:"api-key" env:"BACKCHANNEL_API_KEY" help:"Key of the API for Stream's server SDKs under /api/v2, which is off without it (dev with --dev)."`
	StreamAPISecret string `group:"streamapi" placeholder:"SECRET" name:"api-secret" env:"BACKCHANNEL_API_SECRET" help:"Secret that the tokens for that API are signed with."`

	LogFormat string `group:"log" placeholder:"FORMAT" name:"log-format" enum:"auto,json,text" default:"auto" env:"BACKCHANNEL_LOG_FORMAT" help:"json, text, or auto: text with --dev, else json (${default})."`
	LogLevel  string `group:"log" placeholder:"LEVEL" name:"log-level" enum:"debug,info,warn,error" default:"info" env:"BACKCHANNEL_LOG_LEVEL" help:"Lowest level that is logged: debug, info, warn or error (${default})."`
	AccessLog bool   `group:"log" name:"access-log" negatable:"" default:"true" env:"BACKCHANNEL_ACCESS_LOG" help:"Log each request at the level info; --no-access-log leaves them out."`
}

// groups are the headings of serve's help, in the order of the flags.
var groups = []kong.Group{
	{Key: "start", Title: "Start here:"},
	{Key: "data", Title: "Data:"},
	{Key: "callers", Title: "Who may call:"},
	{Key: "chat", Title: "The chat:"},
	{Key: "addresses", Title: "Addresses:"},
	{Key: "limits", Title: "Limits:"},
	{Key: "uploads", Title: "Uploads:"},
	{Key: "console", Title: "The console:"},
	{Key: "streamapi", Title: "The API for Stream's server SDKs:"},
	{Key: "log", Title: "The log:"},
}

// Help is the example below the command's description.
func (serveCommand) Help() string {
	return `Examples:

  backchannel serve --dev
  BACKCHANNEL_JWT_SECRET=... backchannel serve --addr :8080 --data /var/lib/backchannel --public-url https://chat.example.com`
}

// lifetimeFlags limit the lifetime of tokens.
type lifetimeFlags struct {
	MaxLifetime time.Duration `placeholder:"TIME" name:"max-lifetime" default:"87672h" env:"BACKCHANNEL_JWT_MAX_LIFETIME" help:"How far in the future a token's exp may be (${default}, ten years)."`
	Leeway      time.Duration `placeholder:"TIME" name:"leeway" default:"10s" env:"BACKCHANNEL_JWT_LEEWAY" help:"How far other clocks may be off, for a token's exp, nbf and iat (${default})."`
}

func (f lifetimeFlags) check() error {
	if f.MaxLifetime < time.Minute {
		return errors.New("--jwt-max-lifetime (BACKCHANNEL_JWT_MAX_LIFETIME) must be at least 1m")
	}
	if f.Leeway < 0 || f.Leeway > 10*time.Minute {
		return errors.New("--jwt-leeway (BACKCHANNEL_JWT_LEEWAY) must be 0s to 10m")
	}
	return nil
}

// rateFlags are the rate limits of each user without the back-office role.
type rateFlags struct {
	MessageRate   float64 `placeholder:"N" name:"message-rate" default:"10" env:"BACKCHANNEL_USER_MESSAGE_RATE" help:"How many messages a second each user sends who isn't the back office; 0 means any number (${default})."`
	MessageBurst  int     `placeholder:"N" name:"message-burst" default:"60" env:"BACKCHANNEL_USER_MESSAGE_BURST" help:"How many of them at once (${default})."`
	MutationRate  float64 `placeholder:"N" name:"mutation-rate" default:"30" env:"BACKCHANNEL_USER_MUTATION_RATE" help:"How many other mutations a second each user sends who isn't the back office; 0 means any number (${default})."`
	MutationBurst int     `placeholder:"N" name:"mutation-burst" default:"120" env:"BACKCHANNEL_USER_MUTATION_BURST" help:"How many of them at once (${default})."`
}

func (f rateFlags) rates() desk.Rates {
	return desk.Rates{Messages: desk.Rate{PerSecond: f.MessageRate, Burst: f.MessageBurst}, Changes: desk.Rate{PerSecond: f.MutationRate, Burst: f.MutationBurst}}
}

func (f rateFlags) check() error {
	if !(f.MessageRate >= 0 && f.MutationRate >= 0) { // also refuses NaN
		return errors.New("--user-message-rate and --user-mutation-rate (BACKCHANNEL_USER_MESSAGE_RATE, …) must be at least 0")
	}
	if f.MessageBurst < 1 || f.MutationBurst < 1 {
		return errors.New("--user-message-burst and --user-mutation-burst (BACKCHANNEL_USER_MESSAGE_BURST, …) must be at least 1")
	}
	return nil
}

// consoleOIDC is the OpenID provider of the console's users; without it they enter a token.
type consoleOIDC struct {
	Issuer   string `placeholder:"URL" env:"BACKCHANNEL_CONSOLE_OIDC_ISSUER" help:"OpenID Connect issuer where users of the console sign in; they paste a token if not set."`
	ClientID string `placeholder:"ID" name:"client-id" env:"BACKCHANNEL_CONSOLE_OIDC_CLIENT_ID" help:"The console's client id at that issuer: a public client with PKCE, the redirect address /console/signed-in under --public-url, and /console/ as the address after signing out."`
	Scope    string `placeholder:"SCOPE" default:"openid profile" env:"BACKCHANNEL_CONSOLE_OIDC_SCOPE" help:"What the console asks that issuer for (${default}). With offline_access most issuers also let it renew the token."`
	Audience string `placeholder:"NAME" env:"BACKCHANNEL_CONSOLE_OIDC_AUDIENCE" help:"Whom the access token is to be for, where the issuer asks for the parameter audience, e.g. Auth0."`
	Resource string `placeholder:"URI" env:"BACKCHANNEL_CONSOLE_OIDC_RESOURCE" help:"The same where it asks for the parameter resource (RFC 8707)."`
	Token    string `placeholder:"KIND" enum:"access,id" default:"access" env:"BACKCHANNEL_CONSOLE_OIDC_TOKEN" help:"Which token of the issuer the console uses: access, or id if access tokens aren't JWTs."`
}

func (o consoleOIDC) check() error {
	switch {
	case (o.Issuer == "") != (o.ClientID == ""):
		return errors.New("--console-oidc-issuer and --console-oidc-client-id go together: set both or neither")
	case !slices.Contains(strings.Fields(o.Scope), "openid"):
		return errors.New("--console-oidc-scope (BACKCHANNEL_CONSOLE_OIDC_SCOPE) must contain openid")
	}
	return nil
}
