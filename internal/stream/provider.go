package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable" // as in internal/graph

	"backchannel/internal/chat"
	"backchannel/internal/delivery"
	"backchannel/internal/feed"
	"backchannel/internal/job"
	"backchannel/internal/ledger"
	"backchannel/internal/metrics"
	"backchannel/internal/sqlstore"
	"backchannel/internal/stream/keylock"
	"backchannel/internal/webhook"
)

// DefaultBaseURL is the address of hosted Stream.
const DefaultBaseURL = "https://chat.stream-io-api.com"

// Options configure a [Provider]. Key, Secret, Store and Logger are required.
type Options struct {
	Key     string // of the Stream app
	Secret  string // signs our token; never logged
	BaseURL string // "" for DefaultBaseURL
	Store   *sqlstore.Store
	Logger  *slog.Logger
	Metrics *metrics.Metrics // counts calls; may be nil
	// Webhooks calls webhooks; nil if this process calls none. The caller must close it after the
	// provider.
	Webhooks *webhook.Sender
	// Transport sends the calls; nil for the network.
	Transport http.RoundTripper
	// AvatarBaseURL is the public address of avatars. An avatar is a file name under it.
	AvatarBaseURL string
	// LivestreamMembersWrite lets only members post in livestream channels. If false, everybody
	// may.
	LivestreamMembersWrite bool
	// ListStaleness is the maximum age of the list of all channels or users. This server's own
	// writes are visible immediately. 0 reads the list for each request.
	ListStaleness time.Duration
	// SoftDelete hides deleted channels and keeps their messages at Stream.
	SoftDelete bool
	// Roles are the app's names for our roles. The default is our own name.
	Roles map[chat.Role]string
	// TryTimeout is the time limit of one attempt of a call; 0 for 8 s.
	TryTimeout time.Duration
	// BreakerPause is how long no calls are made to a failing Stream until one call probes it; 0
	// for 5 s.
	BreakerPause time.Duration
	// RetryPause is the maximum pause after the first attempt of a call; 0 for 100 ms.
	RetryPause time.Duration
	// Idle disables jobs and periodic tasks, for commands. Servers do them.
	Idle bool
	// PollEvery is the time between two polling calls while there are subscribers; 0 for 1.6 s,
	// which is less than 40 calls a minute.
	PollEvery time.Duration
}

// Provider is a chat.Provider over hosted Stream.
type Provider struct {
	*ledger.Ledger
	*job.Runner
	*delivery.Service

	client     *Client
	secret     string // of the Stream app
	store      *sqlstore.Store
	logger     *slog.Logger
	avatarBase string
	policy     chat.Policy
	hardDelete bool
	roles      map[chat.Role]string
	channels   cachedList[chat.Channel]
	users      cachedList[chat.User]
	types      cachedList[typeConfig]
	openings   openings
	named      *expirable.LRU[string, struct{}] // ids of users who are known to exist and to have a name
	locks      keylock.Locks
	changes    changes
	hub        feed.Hub
	pollEvery  time.Duration
	wake       chan struct{} // signaled when there is a new subscriber
	stop       context.CancelFunc
	chores     sync.WaitGroup
}

var _ chat.Provider = (*Provider)(nil)

const (
	namedUsers    = 10_000
	namedLifetime = 10 * time.Minute
)

// New returns a provider without calling Stream. The caller must close the provider before the
// store.
func New(o Options) (*Provider, error) {
	c, err := NewClient(ClientOptions{
		Metrics: o.Metrics, Transport: o.Transport,
		Key: o.Key, Secret: o.Secret, BaseURL: o.BaseURL, TryTimeout: o.TryTimeout, BreakerPause: o.BreakerPause, RetryPause: o.RetryPause, Logger: o.Logger})
	if err != nil {
		return nil, err
	}
	if o.PollEvery == 0 {
		o.PollEvery = 1600 * time.Millisecond
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &Provider{
		Ledger: ledger.New(o.Store, o.Logger, func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }),
		client: c, secret: o.Secret, store: o.Store, logger: o.Logger, stop: stop,
		avatarBase: strings.TrimSuffix(o.AvatarBaseURL, "/") + "/",
		policy:     chat.Policy{LivestreamMembersWrite: o.LivestreamMembersWrite},
		hardDelete: !o.SoftDelete,
		roles:      map[chat.Role]string{},
		openings:   openings{closed: ctx},
		pollEvery:  o.PollEvery,
		wake:       make(chan struct{}, 1),
		named:      expirable.NewLRU[string, struct{}](namedUsers, nil, namedLifetime),
	}
	for _, role := range []chat.Role{chat.RoleUser, chat.RoleModerator, chat.RoleAdmin} {
		if p.roles[role] = o.Roles[role]; p.roles[role] == "" {
			p.roles[role] = string(role)
		}
	}
	p.channels = p.cachedChannels(ctx, o.ListStaleness)
	p.users = p.cachedUsers(ctx, o.ListStaleness)
	p.types = p.cachedTypes(ctx)
	p.changes.seen = -1
	p.channels.refresh, p.users.refresh = p.refreshed, p.refreshed
	c.wrote = p.openings.forget
	p.Runner = p.newRunner(o)
	if !o.Idle {
		p.chores.Go(func() { p.RunJobs(ctx) })
	}
	p.Service = delivery.New(delivery.Options{
		Store: o.Store, Hosted: true, Hub: &p.hub, Channel: p.log, Office: p.log(chat.CID{}), Change: p.changeHere,
		Sender: o.Webhooks, Now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
		Past: o.Store.RetentionTime, Logger: o.Logger, Metrics: o.Metrics,
	})
	p.chores.Go(func() { p.poll(ctx) })
	p.chores.Go(func() { p.watch(ctx) })
	p.chores.Go(func() { p.lookUps(ctx) })
	return p, nil
}

// Close stops the provider's background work.
func (p *Provider) Close() {
	p.Service.Close()
	p.stop()
	p.chores.Wait()
	p.client.Close()
}

// Ready returns nil if Stream and our own database answer.
func (p *Provider) Ready(ctx context.Context) error {
	if err := p.store.Ready(ctx); err != nil {
		return err
	}
	if _, err := p.channelPage(ctx, object{}, NewestFirst, 0, 1); err != nil {
		return fmt.Errorf("asking Stream: %w", err)
	}
	return nil
}

func (p *Provider) avatarURL(file string) string { return p.avatarBase + url.PathEscape(file) }

const forgetEvery = time.Hour

// forget removes expired data.
func (p *Provider) forget(ctx context.Context) error {
	now, err := p.store.RetentionTime(ctx)
	if err != nil {
		return err
	}
	before := now.Add(-chat.ChangesKept)
	return errors.Join(p.Forget(ctx, before), p.ForgetJobs(ctx, before), p.forgetOld(ctx, now))
}

func (p *Provider) forgetOld(ctx context.Context, now time.Time) error {
	return p.store.Write(ctx, func(tx *sqlstore.Tx) error {
		if err := tx.ForgetOutcomes(now.Add(-chat.KeyLifetime)); err != nil {
			return err
		}
		if err := tx.ForgetEvents(now.Add(-chat.EventLifetime)); err != nil {
			return err
		}
		return tx.ForgetHosted(now.Add(-hookLifetime), now.Add(-chat.EventLifetime))
	})
}
