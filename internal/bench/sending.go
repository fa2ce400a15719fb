package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"
)

const (
	sendMutation = `mutation Send($input: SendMessageToChannelChanelInput!) { sendMessageToChannel(input: $input) }`
	sendLeast    = 0.70 // of floor A, at most clients
	sendMostCPU  = 100  // microseconds, at most clients
)

var (
	sendClients = []int{1, 16, 64}
	mostClients = sendClients[len(sendClients)-1]
	messageText = strings.Repeat("Tomorrow we open at nine. ", 5)
)

// sendRequest is a request for sendMessageToChannel with variables.
type sendRequest struct {
	Query     string `json:"query,omitempty"`
	Variables struct {
		Input struct {
			ChannelID string `json:"channelId"`
			Text      string `json:"text"`
		} `json:"input"`
	} `json:"variables"`
}

func newSendRequest(channelID string) (r sendRequest) {
	r.Query = sendMutation
	r.Variables.Input.ChannelID, r.Variables.Input.Text = channelID, messageText
	return r
}

type sendAnswer struct {
	Data struct {
		SendMessageToChannel bool `json:"sendMessageToChannel"`
	} `json:"data"`
}

func newSendAnswer() (a sendAnswer) {
	a.Data.SendMessageToChannel = true
	return a
}

// measureSending compares sendMessageToChannel with the floors A and B.
func measureSending(ctx context.Context, b *bench) error {
	all, stop, err := b.launchAll(ctx, mostClients, "ours", "bare", "writer")
	if err != nil {
		return err
	}
	defer stop()
	if err := b.warmUp(ctx, all, send, mostClients); err != nil {
		return err
	}
	cells, err := b.measureRounds(ctx, all, send, sendClients...)
	if err != nil {
		return err
	}
	last := cells[len(cells)-len(all):]
	b.report.add(section{
		Title: "sendMessageToChannel: bare is floor A, net/http and encoding/json over the same writer; writer is floor B, the writer alone",
		Cells: cells,
	}, goal{
		What: "sendMessageToChannel at 64 clients, messages/s of ours / bare", Least: sendLeast, Got: ratio(last[0], last[1], perSecond),
	}, goal{
		What: "sendMessageToChannel at 64 clients, CPU µs per message", Most: sendMostCPU, Got: last[0].spread(cpu),
	}, goal{
		What: "the same, CPU of ours / bare", Got: ratio(last[0], last[1], cpu),
	}, goal{
		What: "bare / writer at 64 clients, messages/s", Got: ratio(last[1], last[2], perSecond),
	})
	return nil
}

// send is the workload: each client posts to a channel of its own.
func send(ctx context.Context, t *target, clients int, d time.Duration) (tally, error) {
	if t.endpoint.URL == "" {
		r, err := t.ask(order{Clients: clients, Time: d})
		return r.Tally, err
	}
	bodies := make([][]byte, clients)
	for i := range bodies {
		body, err := json.Marshal(newSendRequest(sampleChannelID(i, mostClients)))
		if err != nil {
			return tally{}, err
		}
		bodies[i] = body
	}
	want, err := json.Marshal(newSendAnswer())
	if err != nil {
		return tally{}, err
	}
	return postFor(ctx, t.endpoint, bodies, want, d)
}
