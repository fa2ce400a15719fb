package load

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options are a server and the load to put on it.
type Options struct {
	URL   string // of the GraphQL endpoint
	Token string // of a back-office user
	// ListenURL is where subscribers connect, if that is another server with the same database; ""
	// for URL.
	ListenURL string

	Writers     int
	Subscribers int
	Rate        float64 // messages a second of all writers together; 0 for as many as the subscribers receive
	Size        int     // bytes of a message's text
	Window      int     // messages in flight if there is no rate; 0 for 64

	// Raw is for measuring lower bounds. It is the address of a server that sends Welcome and then
	// frames (see Frame) to each TCP connection, without a request, and whose URL accepts messages
	// for the existing Channel.
	Raw, Channel string
}

const (
	defaultWindow = 64
	perToken      = 50 // subscribers that share a user, since a server limits the connections of one user
	connecting    = 16 // at a time
	numberSize    = 10 // digits at the beginning of each text
)

// Welcome is what a raw server sends to a new connection before the frames: an empty pong.
const Welcome = "\x8a\x00"

// Session is a channel of its own and its subscribers.
type Session struct {
	options  Options
	client   *client
	listen   *client // for subscribers
	channel  string
	head     []byte // the beginning of a mutation, up to the message's number
	tail     []byte
	audience *Audience
	opened   bool // the channel was created
}

// Open creates a channel and connects the subscribers. It returns after each of them has received a
// first message.
func Open(ctx context.Context, o Options) (*Session, error) {
	c, err := newClient(o.URL, o.Token)
	if err != nil {
		return nil, err
	}
	listen, err := newClient(cmp.Or(o.ListenURL, o.URL), o.Token)
	if err != nil {
		return nil, err
	}
	if o.Window == 0 {
		o.Window = defaultWindow
	}
	s := &Session{options: o, client: c, listen: listen, channel: "bench-" + strings.ToLower(rand.Text()[:10]), audience: NewAudience(o.Size + 1024)}
	if o.Raw != "" {
		s.channel = o.Channel
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// prepare encodes the constant parts of a mutation.
func (s *Session) prepare() error {
	mark := strings.Repeat("#", numberSize)
	text := mark + " " + strings.Repeat("Tomorrow we open at nine. ", s.options.Size/26+1)
	body, err := json.Marshal(map[string]any{
		"query": `mutation ($input: SendMessageToChannelChanelInput!) { sendMessageToChannel(input: $input) }`,
		"variables": map[string]any{"input": map[string]string{
			"channelId": s.channel, "text": strings.TrimRight(text[:max(s.options.Size, numberSize+1)], " ") + "."}},
	})
	if err != nil {
		return err
	}
	head, tail, _ := strings.Cut(string(body), mark)
	s.head, s.tail = []byte(head), []byte(tail)
	return nil
}

func (s *Session) open(ctx context.Context) error {
	p, err := s.client.poster(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	if s.options.Raw != "" {
		if err := s.connect(ctx, s.dialRaw); err != nil {
			return err
		}
		return s.first(ctx, p)
	}
	if err := p.ask(`mutation ($id: String!) { createOrUpdateChannel(input: {id: $id, name: $id}) }`,
		map[string]any{"id": s.channel}, &struct{}{}); err != nil {
		return fmt.Errorf("creating a channel: %w", err)
	}
	s.opened = true
	tokens, err := s.tokens(p)
	if err != nil {
		return fmt.Errorf("making tokens for subscribers: %w", err)
	}
	err = s.connect(ctx, func(ctx context.Context, i int) error {
		conn, err := s.listen.subscribe(ctx, tokens[i/perToken], "livestream:"+s.channel, 0)
		if err == nil {
			s.audience.Attach(conn, 0)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.first(ctx, p)
}

func (s *Session) dialRaw(ctx context.Context, _ int) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.options.Raw)
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, make([]byte, len(Welcome))); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.audience.Attach(conn, -1)
	return nil
}

// Audience returns the subscribers.
func (s *Session) Audience() *Audience { return s.audience }

// first sends a message and waits until all subscribers have it.
func (s *Session) first(ctx context.Context, p *poster) error {
	b := newBoard(s.options.Subscribers, s.options.Window)
	s.audience.board.Store(b)
	if err := s.post(p, b); err != nil {
		return fmt.Errorf("sending a first message: %w", err)
	}
	if !s.settled(ctx, b) {
		return errors.Join(fmt.Errorf("only %d of %d subscribers got a first message", s.audience.Deliveries(), s.options.Subscribers), s.audience.Err())
	}
	return nil
}

// tokens returns tokens, each for several subscribers.
func (s *Session) tokens(p *poster) (tokens []string, err error) {
	for i := range (s.options.Subscribers + perToken - 1) / perToken {
		var made struct{ CreateUserToken struct{ Token string } }
		if err := p.ask(`mutation ($id: String!) { createUserToken(input: {userId: $id}) { token } }`,
			map[string]any{"id": fmt.Sprintf("bench-%d", i)}, &made); err != nil {
			return nil, err
		}
		tokens = append(tokens, made.CreateUserToken.Token)
	}
	return tokens, nil
}

// connect connects the subscribers, several at a time.
func (s *Session) connect(ctx context.Context, one func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range connecting {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= s.options.Subscribers || ctx.Err() != nil {
					return
				}
				if err := one(ctx, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// post sends the next message.
func (s *Session) post(p *poster, b *board) error {
	n := b.begin()
	body := fmt.Appendf(append(make([]byte, 0, len(s.head)+numberSize+len(s.tail)), s.head...), "%0*d", numberSize, n)
	if err := p.operate(append(body, s.tail...)); err != nil {
		return err
	}
	b.answer(n)
	return nil
}

// settled waits until all subscribers have received all messages, and reports whether they have.
func (s *Session) settled(ctx context.Context, b *board) bool {
	limit := time.Now().Add(patience)
	for b.complete.Load() < b.next.Load() {
		if ctx.Err() != nil || time.Now().After(limit) || s.audience.closed.Load() > 0 {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

// Close disconnects the subscribers and deletes the channel.
func (s *Session) Close(ctx context.Context) error {
	s.audience.Close()
	if !s.opened {
		return nil
	}
	s.opened = false
	p, err := s.client.poster(ctx)
	if err != nil {
		return fmt.Errorf("deleting the channel livestream:%s: %w", s.channel, err)
	}
	defer p.close()
	if err := p.ask(`mutation ($cid: String!) { deleteChannels(input: {cids: [$cid]}) }`,
		map[string]any{"cid": "livestream:" + s.channel}, &struct{}{}); err != nil {
		return fmt.Errorf("deleting the channel livestream:%s: %w", s.channel, err)
	}
	return nil
}
