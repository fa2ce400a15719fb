package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/uuid" // the engine makes its ids so; BSD-3

	"backchannel/internal/app"
	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// sampleChannels are the channels that every subject has, in the order of their
// names.
func sampleChannels(n int) []chat.Channel {
	list := make([]chat.Channel, n)
	for i := range list {
		id := fmt.Sprintf("channel-%05d", i)
		list[i] = chat.Channel{
			CID:       chat.CID{Type: chat.Livestream, ID: id},
			Name:      fmt.Sprintf("Announcements %05d", i),
			Avatar:    id + ".png",
			CreatedBy: "bench",
			CreatedAt: time.Now(),
		}
	}
	return list
}

// openSeeded opens a database with the sample channels: in a folder, or the PostgreSQL database of the
// environment.
func openSeeded(ctx context.Context, dir string, channels int) (*sqlstore.Store, error) {
	store, err := sqlstore.Open(ctx, sqlstore.Options{Path: filepath.Join(dir, "backchannel.db"), URL: os.Getenv(nodeDatabase)})
	if err != nil {
		return nil, err
	}
	err = store.Write(ctx, func(tx *sqlstore.Tx) error {
		for _, c := range sampleChannels(channels) {
			if err := tx.InsertChannel(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("adding channels: %w", err), store.Close())
	}
	return store, nil
}

// serveOurs runs the real server.
func serveOurs(ctx context.Context, dir string, channels int) (*subject, error) {
	store, err := openSeeded(ctx, dir, channels)
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	if database := os.Getenv(nodeDatabase); database != "" {
		return serveDir(ctx, dir, "--database-url", database)
	}
	return serveDir(ctx, dir)
}

// serveDir runs the real server on a folder, with more flags.
func serveDir(ctx context.Context, dir string, more ...string) (*subject, error) {
	ctx, stop := context.WithCancel(ctx)
	output, input := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- app.Run(ctx, append(serveArguments(dir), more...), input, os.Stderr)
		_ = input.Close()
	}()
	at, err := readWelcome(output)
	if err != nil {
		stop()
		return nil, err
	}
	go func() { _, _ = io.Copy(io.Discard, output) }()
	return &subject{endpoint: at, close: func() error {
		stop()
		if c := <-code; c != 0 {
			return fmt.Errorf("the server exited with code %d", c)
		}
		return nil
	}}, nil
}

// serveList runs the floor of allChannels: the same bytes, encoded each time.
func serveList(ctx context.Context, _ string, channels int) (*subject, error) {
	list := sampleChannels(channels)
	for i := range list {
		list[i].Avatar = mediaBase + list[i].Avatar
	}
	return serve(ctx, func(w http.ResponseWriter, _ *http.Request) { answer(w, newListAnswer(list)) })
}

type listAnswer struct {
	Data struct {
		AllChannels []listRow `json:"allChannels"`
	} `json:"data"`
}

type listRow struct {
	ID     string `json:"id"`
	CID    string `json:"cid"`
	Type   string `json:"type"`
	Name   string `json:"name"`
	Avatar string `json:"avatar"`
}

func newListAnswer(list []chat.Channel) (a listAnswer) {
	a.Data.AllChannels = make([]listRow, len(list))
	for i, c := range list {
		a.Data.AllChannels[i] = listRow{
			ID: c.CID.ID, CID: c.CID.String(), Type: string(c.CID.Type), Name: c.Name, Avatar: c.Avatar,
		}
	}
	return a
}

// serveBare runs floor A of sendMessageToChannel: the same request, answer and write, with nothing in
// between. It checks no token.
func serveBare(ctx context.Context, dir string, channels int) (*subject, error) {
	store, err := openSeeded(ctx, dir, channels)
	if err != nil {
		return nil, err
	}
	s, err := serve(ctx, func(w http.ResponseWriter, r *http.Request) {
		var in sendRequest
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := post(r.Context(), store, in.Variables.Input.ChannelID, in.Variables.Input.Text); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, newSendAnswer())
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	stop := s.close
	s.close = func() error { return errors.Join(stop(), store.Close()) }
	return s, nil
}

// openWriter opens floor B of sendMessageToChannel: the write alone, in process.
func openWriter(ctx context.Context, dir string, channels int) (*subject, error) {
	store, err := openSeeded(ctx, dir, channels)
	if err != nil {
		return nil, err
	}
	load := func(clients int, d time.Duration) (tally, error) {
		operations := make([]operation, clients)
		for i := range operations {
			id := sampleChannelID(i, channels)
			operations[i] = func() error { return post(ctx, store, id, messageText) }
		}
		return drive(operations, d)
	}
	return &subject{load: load, close: store.Close}, nil
}

// sampleChannelID returns the id of a client's own channel.
func sampleChannelID(client, channels int) string {
	return fmt.Sprintf("channel-%05d", client%channels)
}

func sampleSender() chat.User {
	return chat.User{ID: "clerk", Name: "Back-office clerk", Role: chat.RoleUser}
}

// post stores what the engine stores for a message of the back office.
func post(ctx context.Context, store *sqlstore.Store, channelID, text string) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	m := chat.Message{
		ID:     id.String(),
		CID:    chat.CID{Type: chat.Livestream, ID: channelID},
		Sender: sampleSender(),
		Text:   text,
	}
	return store.Write(ctx, func(tx *sqlstore.Tx) error {
		m.CreatedAt = time.Now().UTC()
		m.Sender.CreatedAt = m.CreatedAt
		seq, err := tx.AppendMessage(&m, false)
		if err != nil {
			return err
		}
		if seq == 0 {
			return errors.New("there is no such channel")
		}
		_, err = tx.EnsureUser(m.Sender)
		return err
	})
}

// serve answers every request with the handler, on a free port.
func serve(ctx context.Context, handler http.HandlerFunc) (*subject, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	return &subject{endpoint: endpoint{URL: "http://" + l.Addr().String() + "/"}, close: server.Close}, nil
}

func answer(w http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
