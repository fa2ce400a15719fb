package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

const (
	mostMemory   = 300 << 20 // the most bytes of the process
	mostAtOnce   = 10        // clients
	overSocket   = 20        // operations over one WebSocket
	worstChannel = "livestream:worst"
)

// The most expensive documents that the limits allow, over the largest data that the rules
// allow, are asked for by many clients at once over HTTP, WebSocket and server-sent events.
// Some don't read, or leave. The server stays within its memory, and answers others.
func TestWorstDocumentsFitInMemory(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("make test runs this without the race detector, which takes memory of its own")
	}
	s := start(t, t.TempDir(), "--user-message-rate", "0", "--user-mutation-rate", "0", "--request-timeout", "10s")
	customer := token(t, "user-0000")
	fillWorst(s)
	t.Logf("with the data in place: %d MiB", s.peak()>>20)
	for _, row := range worstDocuments() {
		begin := time.Now()
		asker := customer
		if row.backOffice {
			asker = s.token
		}
		outcomes := s.askAtOnce(asker, row.document)
		t.Logf("%s: %v in %s; %d MiB", row.says, outcomes, time.Since(begin).Round(time.Millisecond), s.peak()>>20)
		if s.peak() > mostMemory {
			t.Fatalf("%s: the server took %d MiB", row.says, s.peak()>>20)
		}
	}
	s.must("sendMessage", new(any), `mutation{sendMessage(input:{cid:"`+worstChannel+`",text:"still there"}){message{id}}}`, nil)
}

type worstDocument struct {
	says, document string
	backOffice     bool
}

func worstDocuments() []worstDocument {
	several := func(n int, what string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "r%d:%s ", i, what)
		}
		return b.String()
	}
	const (
		page  = `messages(cid:"` + worstChannel + `",last:200)`
		whole = `{id cid seq text createdAt editedAt sender{id name role createdAt updatedAt} attachments{type title titleLink assetUrl imageUrl thumbUrl width height} mentionedUsers{id name role} reactions{type count}}`
	)
	texts := "{nodes{" + several(28, "text") + "}}"
	list := []worstDocument{
		{says: "twenty pages, each text 28 times", document: "{" + several(20, page+"{...T}") + "} fragment T on MessageConnection" + texts},
		{says: "pages of all there is", document: "{" + several(6, page+"{nodes{...M}}") + "} fragment M on Message" + whole},
		{says: "a page of ids of large messages", document: "{" + several(20, page+"{nodes{id}}") + "}"},
		{says: "members", document: "{" + several(20, `members(cid:"`+worstChannel+`",first:200){...N}`) + "} fragment N on MemberConnection{nodes{user{" + several(29, "name") + "}}}"},
		{says: "a page that an erased date makes null", document: "{" + several(20, page+"{nodes{pinnedAt mentionedUsers{createdAt id} ...T}}") + "} fragment T on Message{" + several(25, "text") + "}"},
		{says: "reactions to a large message", document: "mutation{" + several(10, `addReaction(input:{cid:"`+worstChannel+`",messageId:"$ID",type:"word0"}){message{...M}}`) + "} fragment M on Message" + whole},
	}
	for _, d := range list[:3] {
		d.says, d.backOffice = d.says+", to the back office", true
		list = append(list, d)
	}
	return append(list,
		worstDocument{says: "all channels", backOffice: true, document: "{" + several(20, "allChannels{...C}") + "} fragment C on ChatStreamChannelsBoResponse{" + several(25, "name") + "}"},
		worstDocument{says: "restrictions", backOffice: true, document: "{" + several(10, `restrictions(cid:"`+worstChannel+`"){...R}`) + "} fragment R on ChannelRestriction{user{" + several(25, "name") + "}}"},
		worstDocument{says: "the schema", backOffice: true, document: "{" + several(20, "__schema{...S}") + "} fragment S on __Schema{types{name description fields{name description type{name fields{name description}}}}}"},
		worstDocument{says: "users changed", backOffice: true, document: `mutation{upsertChatUsers(input:{users:[` + thousandUsers() + `]}){users{...U}}} fragment U on ChatUser{` + several(20, "name") + `}`},
	)
}

var longName = strings.Repeat("𝄞", 255)

func thousandUsers() string {
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, `{id:"user-%04d",name:"%s"},`, i, longName)
	}
	return b.String()
}

// fillWorst makes a channel as large as the rules allow: members, long names, and a page
// of messages with long texts, attachments, mentions and reactions.
func fillWorst(s *server) {
	s.must("createOrUpdateChannel", new(bool), `mutation($n:String!){createOrUpdateChannel(input:{id:"worst",name:$n})}`, map[string]any{"n": longName})
	for i := range 300 {
		s.must("createOrUpdateChannel", new(bool), `mutation($i:String!,$n:String!){createOrUpdateChannel(input:{id:$i,name:$n})}`,
			map[string]any{"i": fmt.Sprintf("c%d", i), "n": longName})
	}
	s.must("upsertChatUsers", new(any), `mutation{upsertChatUsers(input:{users:[`+thousandUsers()+`]}){users{id}}}`, nil)
	var ids []string
	for i := range 400 {
		ids = append(ids, fmt.Sprintf("user-%04d", i))
	}
	s.must("addMembers", new(any), `mutation($i:MembersInput!){addMembers(input:$i){cid}}`, map[string]any{"i": map[string]any{"cid": worstChannel, "userIds": ids}})
	for _, id := range ids[100:] {
		s.must("muteUser", new(any), `mutation($i:RestrictUserInput!){muteUser(input:$i){userId}}`, map[string]any{"i": map[string]any{"cid": worstChannel, "userId": id}})
	}
	url := "https://example.com/" + strings.Repeat("x", 2_000) + ".png"
	var attachments []map[string]any
	for range 30 {
		attachments = append(attachments, map[string]any{"title": longName, "titleLink": url, "assetUrl": url})
	}
	message := map[string]any{"cid": worstChannel, "text": strings.Repeat("𝄞", 5_000), "attachments": attachments, "mentionedUsersIds": ids[:25]}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 55 {
				s.must("sendMessage", new(any), `mutation($i:SendMessageInput!){sendMessage(input:$i){message{id}}}`, map[string]any{"i": message})
			}
		})
	}
	wg.Wait()
}

// askAtOnce asks for a document many times at once, over all transports, and counts the
// outcomes.
func (s *server) askAtOnce(asker, document string) map[string]int {
	if strings.Contains(document, "$ID") {
		var page struct{ Nodes []struct{ ID string } }
		s.must("messages", &page, `{messages(cid:"`+worstChannel+`",first:1){nodes{id}}}`, nil)
		document = strings.ReplaceAll(document, "$ID", page.Nodes[0].ID)
	}
	var mu sync.Mutex
	outcomes := map[string]int{}
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		outcomes[what]++
	}
	var wg sync.WaitGroup
	for i := range mostAtOnce {
		wg.Go(func() {
			switch i % 5 {
			case 0, 1:
				note(s.askHTTP(asker, document, "application/json", func(r io.Reader) io.Reader { return r }))
			case 2:
				note(s.askHTTP(asker, document, "text/event-stream", func(r io.Reader) io.Reader { return r }))
			case 3: // reads little, and goes
				note(s.askHTTP(asker, document, "application/json", func(r io.Reader) io.Reader {
					time.Sleep(time.Second)
					return io.LimitReader(r, 1_000)
				}))
			case 4:
				if i == 4 {
					s.askSocket(asker, document, note)
				}
			}
		})
	}
	wg.Wait()
	return outcomes
}

func (s *server) askHTTP(asker, document, accept string, as func(io.Reader) io.Reader) string {
	body, err := json.Marshal(map[string]any{"query": document})
	if err != nil {
		s.t.Error(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return ""
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", accept)
	req.Header.Set("Authorization", "Bearer "+asker)
	resp, err := client.Do(req)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(as(resp.Body))
	if err != nil {
		return err.Error()
	}
	return outcome(text)
}

var code = regexp.MustCompile(`"code":"(\w+)"`)

// outcome is the code of an answer's first error, or that there is none.
func outcome(text []byte) string {
	if begin := text[:min(len(text), 2_000)]; bytes.Contains(begin, []byte(`"errors":`)) {
		return string(code.FindSubmatch(begin)[1])
	}
	return "OK"
}

// askSocket asks twenty times over one WebSocket.
func (s *server) askSocket(asker, document string, note func(string)) {
	d := ws.Dialer{Protocols: []string{"graphql-transport-ws"}}
	conn, _, _, err := d.Dial(s.t.Context(), "ws"+strings.TrimPrefix(s.url, "http")+"/graphql")
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	send := func(m map[string]any) {
		text, err := json.Marshal(m)
		if err == nil {
			err = wsutil.WriteClientText(conn, text)
		}
		if err != nil {
			s.t.Error(err)
		}
	}
	send(map[string]any{"type": "connection_init", "payload": map[string]any{"authorization": "Bearer " + asker}})
	for i := range overSocket {
		send(map[string]any{"id": strconv.Itoa(i), "type": "subscribe", "payload": map[string]any{"query": document}})
	}
	for done := 0; done < overSocket; {
		text, _, err := wsutil.ReadServerData(conn)
		if err != nil {
			note("WebSocket: " + err.Error())
			return
		}
		switch begin := string(text[:min(len(text), 50)]); {
		case strings.Contains(begin, `"complete"`):
			done++
		case strings.Contains(begin, `"error"`):
			done++
			note(outcome(text))
		case strings.Contains(begin, `"next"`):
			note(outcome(text))
		}
	}
}

// peak is the most memory that the server has ever had, in bytes.
func (s *server) peak() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	kib, err := strconv.Atoi(regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindStringSubmatch(string(text))[1])
	if err != nil {
		s.t.Fatal(err)
	}
	return kib << 10
}
