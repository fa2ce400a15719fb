package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
)

// These handlers are the floors of pages over HTTP. They answer the same bytes with net/http, the main
// query prepared once on the bare driver, and encoding/json. They check no token, read no reactions
// and answer no other query.

func serveBareMessages(ctx context.Context, dir string, channels int) (*subject, error) {
	return serveBarePage(ctx, dir, channels, messagesSQL, []any{1, 0, int64(math.MaxInt64), pageRows}, messagesAnswer)
}

func serveBareChannels(ctx context.Context, dir string, channels int) (*subject, error) {
	return serveBarePage(ctx, dir, channels, channelsSQL, []any{"", "", "", "", pageRows, ""}, channelsAnswer)
}

func serveBarePage(ctx context.Context, dir string, channels int, text string, args []any, page func(*sql.Rows) (any, error)) (*subject, error) {
	db, stmt, err := openStatement(ctx, dir, channels, text)
	if err != nil {
		return nil, err
	}
	read := func(ctx context.Context) (any, error) {
		rows, err := stmt.QueryContext(ctx, args...)
		if err != nil {
			return nil, err
		}
		value, err := page(rows)
		return value, errors.Join(err, rows.Err(), rows.Close())
	}
	s, err := serve(ctx, func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Query string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		value, err := read(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, value)
	})
	if err != nil {
		return nil, errors.Join(err, stmt.Close(), db.Close())
	}
	stop := s.close
	s.close = func() error { return errors.Join(stop(), stmt.Close(), db.Close()) }
	return s, nil
}

type messageNode struct {
	ID        string       `json:"id"`
	Seq       int64        `json:"seq"`
	Text      string       `json:"text"`
	Sender    messageUser  `json:"sender"`
	CreatedAt momentOfPage `json:"createdAt"`
}

type messageUser struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// momentOfPage is a time in microseconds.
type momentOfPage int64

func (m momentOfPage) MarshalJSON() ([]byte, error) {
	return time.UnixMicro(int64(m)).UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000000Z"`), nil
}

func messagesAnswer(rows *sql.Rows) (any, error) {
	var n messageNode
	var skipped [3]string
	var none [5]int64
	fields := []any{&n.ID, &n.Seq, &n.Text, &skipped[0], &skipped[1], &n.CreatedAt, &none[0], &none[1], &none[2],
		&n.Sender.ID, &n.Sender.Name, &skipped[2], &none[3], &none[4]}
	var list []messageNode
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	list = list[:min(len(list), pageRows-1)]
	slices.Reverse(list)
	return inData("messages", map[string]any{"nodes": list}), nil
}

type channelNode struct {
	ID     string `json:"id"`
	CID    string `json:"cid"`
	Type   string `json:"type"`
	Name   string `json:"name"`
	Avatar string `json:"avatar"`
}

type channelsPage struct {
	Nodes    []channelNode `json:"nodes"`
	PageInfo struct {
		HasNextPage bool   `json:"hasNextPage"`
		EndCursor   string `json:"endCursor"`
	} `json:"pageInfo"`
}

func channelsAnswer(rows *sql.Rows) (any, error) {
	var page channelsPage
	var cid, name, avatar, skipped string
	var frozen bool
	var none [6]int64
	fields := []any{&cid, &name, &avatar, &frozen, &none[0], &none[1], &none[2], &skipped, &none[3], &none[4], &none[5]}
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return nil, err
		}
		kind, id, _ := strings.Cut(cid, ":")
		page.Nodes = append(page.Nodes, channelNode{ID: id, CID: cid, Type: kind, Name: name, Avatar: mediaBase + avatar})
	}
	page.PageInfo.HasNextPage = len(page.Nodes) == pageRows
	page.Nodes = page.Nodes[:min(len(page.Nodes), pageRows-1)]
	if n := len(page.Nodes); n > 0 {
		last := page.Nodes[n-1]
		page.PageInfo.EndCursor = chat.Channel{CID: chat.CID{Type: chat.ChannelType(last.Type), ID: last.ID}, Name: last.Name}.Cursor()
	}
	return inData("channels", page), nil
}

func inData(field string, value any) any { return map[string]any{"data": map[string]any{field: value}} }
