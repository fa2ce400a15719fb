package load

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// patience is the maximum time for any answer of a server.
const patience = 30 * time.Second

// client makes requests to one server.
type client struct {
	url   *url.URL
	token string
}

func newClient(address, token string) (*client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is not an http or https URL", address)
	}
	return &client{url: u, token: token}, nil
}

func (c *client) dial(ctx context.Context) (net.Conn, error) {
	host := c.url.Host
	if c.url.Port() == "" {
		host = net.JoinHostPort(c.url.Hostname(), c.url.Scheme)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if c.url.Scheme == "https" {
		return (&tls.Dialer{Config: &tls.Config{NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", host)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", host)
}

// poster posts operations over one persistent connection.
type poster struct {
	client *client
	conn   net.Conn
	in     *bufio.Reader
	out    []byte
	until  time.Time // the current deadline
}

func (c *client) poster(ctx context.Context) (*poster, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	return &poster{client: c, conn: conn, in: bufio.NewReader(conn)}, nil
}

func (p *poster) close() { _ = p.conn.Close() }

// post posts a body and returns the body of the answer.
func (p *poster) post(body []byte) ([]byte, error) {
	if now := time.Now(); p.until.Sub(now) < patience {
		p.until = now.Add(2 * patience)
		if err := p.conn.SetDeadline(p.until); err != nil {
			return nil, err
		}
	}
	u := p.client.url
	p.out = append(append(append(p.out[:0], "POST "...), u.RequestURI()...), " HTTP/1.1\r\nHost: "...)
	p.out = append(append(p.out, u.Host...), "\r\nContent-Type: application/json\r\nAccept: application/json\r\nAuthorization: Bearer "...)
	p.out = append(append(p.out, p.client.token...), "\r\nContent-Length: "...)
	p.out = append(append(strconv.AppendInt(p.out, int64(len(body)), 10), "\r\n\r\n"...), body...)
	if _, err := p.conn.Write(p.out); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(p.in, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the server answered %s: %.300s", resp.Status, text)
	}
	return text, err
}

var errorsMark = []byte(`{"errors":`)

// operate posts an operation that must succeed.
func (p *poster) operate(body []byte) error {
	text, err := p.post(body)
	if err == nil && bytes.HasPrefix(text, errorsMark) {
		err = fmt.Errorf("the server refused: %.300s", text)
	}
	return err
}

// ask posts a document and decodes the answer's data.
func (p *poster) ask(document string, variables map[string]any, data any) error {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return err
	}
	text, err := p.post(body)
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("reading the answer %.100q: %w", text, err)
	}
	if len(answer.Errors) > 0 {
		return errors.New(answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, data)
}
