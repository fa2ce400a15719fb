package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/media"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream"
	"backchannel/internal/webhook"
)

// providerFlags select the chat to serve.
type providerFlags struct {
	Provider string      `placeholder:"CHAT" name:"provider" enum:"engine,stream" default:"engine" env:"BACKCHANNEL_PROVIDER" help:"The chat: engine, which is Backchannel's own, or stream, an app of hosted Stream Chat (${default})."`
	Stream   streamFlags `embed:"" prefix:"stream-"`
}

// streamFlags select the app of hosted Stream. Their variables have the names that Stream's own
// SDKs use.
type streamFlags struct {
	APIKey        string        `placeholder:"KEY" name:"api-key" env:"STREAM_API_KEY" help:"With --provider stream: the key of the Stream app."`
	APISecret     string        `placeholder:"SECRET" name:"api-secret" env:"STREAM_API_SECRET" help:"With --provider stream: the secret of the Stream app. Give it in the environment, where other users of the machine can't read it."`
	BaseURL       string        `placeholder:"URL" name:"base-url" default:"https://chat.stream-io-api.com" env:"STREAM_BASE_URL" help:"Where Stream answers (${default})."`
	ListStaleness time.Duration `placeholder:"TIME" name:"list-staleness" default:"5s" env:"STREAM_LIST_STALENESS" help:"How old a list of all channels or users from Stream may be; this server's own changes are in it at once (${default})."`
	SoftDelete    bool          `name:"soft-delete" env:"STREAM_SOFT_DELETE" help:"Let Stream hide deleted channels and keep their messages. If not set, everything is removed permanently."`
	RoleUser      string        `placeholder:"ROLE" name:"role-user" default:"user" env:"STREAM_ROLE_USER" help:"The Stream app's name of the role USER (${default})."`
	RoleModerator string        `placeholder:"ROLE" name:"role-moderator" default:"moderator" env:"STREAM_ROLE_MODERATOR" help:"The Stream app's name of the role MODERATOR (${default})."`
	RoleAdmin     string        `placeholder:"ROLE" name:"role-admin" default:"admin" env:"STREAM_ROLE_ADMIN" help:"The Stream app's name of the role ADMIN (${default})."`
}

// The values of --provider.
const (
	providerEngine = "engine"
	providerStream = "stream"
)

// check refuses invalid settings.
func (f streamFlags) check() error {
	switch {
	case f.APIKey == "" || f.APISecret == "":
		return errors.New("--provider stream needs the Stream app's key and secret: set STREAM_API_KEY and STREAM_API_SECRET")
	case !absolute(f.BaseURL):
		return errors.New("--stream-base-url (STREAM_BASE_URL) must be an absolute http or https URL")
	case f.ListStaleness < 0:
		return errors.New("--stream-list-staleness (STREAM_LIST_STALENESS) must not be less than 0s")
	case f.RoleUser == f.RoleModerator || f.RoleModerator == f.RoleAdmin || f.RoleUser == f.RoleAdmin:
		return errors.New("--stream-role-user, --stream-role-moderator and --stream-role-admin must be three different roles")
	}
	return nil
}

func (f streamFlags) options(store *sqlstore.Store, logger *slog.Logger) stream.Options {
	return stream.Options{
		Key: f.APIKey, Secret: f.APISecret, BaseURL: f.BaseURL, Store: store, Logger: logger,
		ListStaleness: f.ListStaleness, SoftDelete: f.SoftDelete,
		Roles: map[chat.Role]string{chat.RoleUser: f.RoleUser, chat.RoleModerator: f.RoleModerator, chat.RoleAdmin: f.RoleAdmin},
	}
}

// servedChat is the chat that is served.
type servedChat struct {
	provider  chat.Provider
	streamAPI http.Handler     // nil if it is disabled
	hook      http.HandlerFunc // receives the webhooks of hosted Stream; nil for the engine
	media     *media.Store     // nil if it is disabled
	close     func()
}

// openChat opens the configured chat.
func (c serveCommand) openChat(ctx context.Context, store *sqlstore.Store, files *media.Store, addr net.Addr, t telemetry) (servedChat, error) {
	membersWrite := c.LivestreamWrite == "members"
	if c.Provider == providerStream {
		o := c.Stream.options(store, t.logger)
		o.Metrics, o.Transport = t.metrics, t.transport()
		o.AvatarBaseURL, o.LivestreamMembersWrite = c.avatarBase(addr), membersWrite
		sender := c.webhookSender(t)
		o.Webhooks = sender
		p, err := stream.New(o)
		if err != nil {
			sender.Close()
			return servedChat{}, fmt.Errorf("setting up Stream: %w", err)
		}
		return servedChat{provider: p, hook: p.ServeHook, media: files, close: func() {
			p.Close()
			sender.Close()
		}}, nil
	}
	b, err := c.openBus(ctx, store, addr, t)
	if err != nil {
		return servedChat{}, err
	}
	sender := c.webhookSender(t)
	e := engine.New(engine.Options{
		Store: store, Bus: b, AvatarBaseURL: c.avatarBase(addr), LivestreamMembersWrite: membersWrite, Logger: t.logger, Webhooks: sender, Metrics: t.metrics,
		BinKept: time.Duration(c.BinDays) * 24 * time.Hour})
	api, err := c.streamAPI(e, files, t.logger)
	if err != nil {
		e.Close()
		sender.Close()
		return servedChat{}, err
	}
	return servedChat{provider: e, streamAPI: api, media: files, close: func() {
		e.Close()
		sender.Close()
	}}, nil
}

// webhookSender returns the sender of all webhooks. It calls private addresses in development only.
func (c serveCommand) webhookSender(t telemetry) *webhook.Sender {
	return webhook.New(webhook.Options{Private: c.Dev, Logger: t.logger, Wrap: t.wrap})
}

func absolute(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
