package load

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// document is the subscription of each subscriber.
const document = `subscription ($cid: String!, $after: Seq) { channelEvents(cid: $cid, after: $after) { seq type message { text } } }`

// subscribe opens a WebSocket and a subscription on it.
func (c *client) subscribe(ctx context.Context, token, cid string, after int64) (net.Conn, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.greet(conn, token, cid, after); err != nil {
		return nil, errors.Join(fmt.Errorf("subscribing: %w", err), conn.Close())
	}
	return conn, nil
}

func (c *client) greet(conn net.Conn, token, cid string, after int64) error {
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YmFja2NoYW5uZWxiZW5jaA==\r\n"+
		"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n", c.url.RequestURI(), c.url.Host)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(conn, 512)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // the body is empty after a protocol switch
	if resp.StatusCode != http.StatusSwitchingProtocols {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
		return fmt.Errorf("the server answered %s: %s", resp.Status, text)
	}
	hello, err := json.Marshal(map[string]any{"type": "connection_init", "payload": map[string]string{"authorization": "Bearer " + token}})
	if err != nil {
		return err
	}
	if _, err := conn.Write(clientFrame(opText, hello)); err != nil {
		return err
	}
	if err := acknowledged(in); err != nil {
		return err
	}
	want, err := json.Marshal(map[string]any{"id": "1", "type": "subscribe", "payload": map[string]any{
		"query": document, "variables": map[string]any{"cid": cid, "after": after}}})
	if err != nil {
		return err
	}
	if _, err := conn.Write(clientFrame(opText, want)); err != nil {
		return err
	}
	return conn.SetDeadline(time.Time{})
}

// acknowledged reads the first frame, which is the only one that the server sends before a client
// subscribes.
func acknowledged(in *bufio.Reader) error {
	head, err := in.Peek(2)
	if err != nil {
		return err
	}
	if head[1] > 125 {
		return errFrame
	}
	text := make([]byte, 2+int(head[1]))
	if _, err := io.ReadFull(in, text); err != nil {
		return err
	}
	if op := text[0] & 15; op != opText {
		return (&subscriber{}).control(op, text[2:])
	}
	return nil
}
