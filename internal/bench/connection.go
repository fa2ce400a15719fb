package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"
)

// connection is a client of the load generator: HTTP/1.1 over one kept-alive TCP
// connection, with the request's bytes made beforehand. It costs one write and one read per
// request, a third of net/http's client, which would compete with the server for the cores.
type connection struct {
	conn    net.Conn
	request []byte
	want    []byte // the answer's body; nil takes any
	buffer  []byte
}

func connect(ctx context.Context, e endpoint, body, want []byte, limit time.Duration) (*connection, error) {
	u, err := url.Parse(e.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the server's address: %w", err)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &connection{conn: conn, request: newRequest(u, e.Token, body), want: want, buffer: make([]byte, 4096)}, nil
}

func newRequest(u *url.URL, token string, body []byte) []byte {
	head := "POST " + u.Path + " HTTP/1.1\r\nHost: " + u.Host +
		"\r\nContent-Type: application/json\r\nAccept: application/json\r\nAuthorization: Bearer " + token +
		"\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	return append([]byte(head), body...)
}

// post sends the request once and checks the answer.
func (c *connection) post() error {
	body, err := c.exchange()
	if err != nil {
		return err
	}
	if c.want != nil && !bytes.Equal(body, c.want) {
		return fmt.Errorf("the answer is not the expected one but %.200q", body)
	}
	return nil
}

// exchange sends the request and returns the answer's body, which is valid until the next
// call.
func (c *connection) exchange() ([]byte, error) {
	if _, err := c.conn.Write(c.request); err != nil {
		return nil, err
	}
	n, body := 0, 0
	for body == 0 {
		read, err := c.read(n)
		if err != nil {
			return nil, err
		}
		n += read
		if i := bytes.Index(c.buffer[:n], headEnd); i >= 0 {
			body = i + len(headEnd)
		}
	}
	length, err := contentLength(c.buffer[:body])
	if err != nil {
		return nil, err
	}
	for n < body+length {
		read, err := c.read(n)
		if err != nil {
			return nil, err
		}
		n += read
	}
	return c.buffer[body : body+length], nil
}

// read reads more of the answer after its first n bytes.
func (c *connection) read(n int) (int, error) {
	if n == len(c.buffer) {
		c.buffer = append(c.buffer, make([]byte, n)...)
	}
	return c.conn.Read(c.buffer[n:])
}

func (c *connection) close() { _ = c.conn.Close() }

var (
	headEnd    = []byte("\r\n\r\n")
	statusOK   = []byte("HTTP/1.1 200 ")
	lengthName = []byte("\r\nContent-Length: ")
)

// contentLength reads the one header that matters, as Go's server spells it.
func contentLength(head []byte) (int, error) {
	if !bytes.HasPrefix(head, statusOK) {
		return 0, fmt.Errorf("the server answered %.200q", head)
	}
	_, rest, found := bytes.Cut(head, lengthName)
	if !found {
		return 0, errors.New("the answer has no Content-Length")
	}
	number, _, _ := bytes.Cut(rest, []byte("\r"))
	return strconv.Atoi(string(number))
}
