package transport_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/vektah/gqlparser/v2/ast"

	"backchannel/internal/apitest"
	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/engine"
	"backchannel/internal/streamapi/extra"
	"backchannel/internal/streamapi/store"
)

// kinds are the kinds of caller that there are, each with the token that it shows.
// What is said of a kind's user, such as a ban, is true before the caller asks.
var kinds = []struct {
	name  string
	token func(*live, cell) string
}{
	{"nobody", func(*live, cell) string { return "" }},
	{"a forger", func(*live, cell) string { return "forged" }},
	{"an expired token", func(l *live, _ cell) string { return expired(l) }},
	{"the back office", func(l *live, _ cell) string { return l.Token }},
	{"nearly the back office", func(l *live, _ cell) string {
		return apitest.Mint(l, auth.Grant{Subject: "nearly", Roles: []string{"bo", "BOSS", "B O"}})
	}},
	{"an admin", func(l *live, c cell) string { return c.caller(l, "ADMIN", "") }},
	{"a moderator", func(l *live, c cell) string { return c.caller(l, "MODERATOR", "") }},
	{"a banned moderator", func(l *live, c cell) string { return c.caller(l, "MODERATOR", "banUser") }},
	{"a member", func(l *live, c cell) string { return c.joined(l, "") }},
	{"a muted member", func(l *live, c cell) string { return c.joined(l, "muteUser") }},
	{"a banned member", func(l *live, c cell) string { return c.joined(l, "banUser") }},
	{"a deactivated member", func(l *live, c cell) string {
		token := c.joined(l, "")
		c.engine(l, func(e *extra.Engine) error {
			_, err := e.DeactivateUsers(l.Context(), []string{c.me()}, chat.Actor{BackOffice: true}, false)
			return err
		})
		return token
	}},
	{"a revoked clerk", func(l *live, c cell) string { return c.clerk(l, func() { c.revoke(l) }) }},
	{"a revoked member", func(l *live, c cell) string {
		token := c.joined(l, "")
		c.revoke(l)
		return token
	}},
	{"a deleted clerk", func(l *live, c cell) string { return c.clerk(l, func() { c.erase(l) }) }},
	{"a deleted member", func(l *live, c cell) string {
		c.joined(l, "")
		c.erase(l)
		return apitest.Mint(l, auth.Grant{Subject: c.me()})
	}},
	{"a deleted member who was created again, with the old token", func(l *live, c cell) string {
		token := c.joined(l, "")
		c.erase(l)
		c.joined(l, "")
		return token
	}},
	{"a stranger", func(l *live, c cell) string { return c.caller(l, "USER", "") }},
	{"a user to be", func(l *live, c cell) string { return apitest.Mint(l, auth.Grant{Subject: c.me()}) }},
}

// Who may call a field. Each other kind of caller is UNAUTHORIZED.
var (
	theOffice  = []string{"the back office", "a deleted clerk"}
	moderators = append(slices.Clone(theOffice), "an admin", "a moderator", "a banned moderator")
	writers    = append(slices.Clone(moderators), "a member")
	readers    = append(slices.Clone(writers), "a muted member")
	members    = []string{"a member", "a muted member"}
	everybody  = append(slices.Clone(readers), "nearly the back office", "a stranger", "a user to be")
)

// fields says who may call which root field about a channel of type messaging. Each call
// has its own $cid, $channel, $message (of somebody else) and $other (a chat user).
var fields = map[string]struct {
	who      []string
	document string
}{
	"allChannels":           {theOffice, `{allChannels{cid}}`},
	"channels":              {theOffice, `{channels(first:1){nodes{cid}}}`},
	"restrictions":          {theOffice, `{restrictions(cid:"$cid"){kind}}`},
	"lastMessages":          {theOffice, `{lastMessages(cids:["$cid"]){id}}`},
	"overview":              {theOffice, `{overview{channels}}`},
	"highlights":            {theOffice, `{highlights{__typename}}`},
	"chatUsers":             {theOffice, `{chatUsers(first:1){nodes{id}}}`},
	"channel":               {readers, `{channel(cid:"$cid"){cid}}`},
	"members":               {readers, `{members(cid:"$cid"){nodes{user{id}}}}`},
	"messages":              {readers, `{messages(cid:"$cid"){nodes{id}}}`},
	"myChannels":            {everybody, `{myChannels{nodes{cid}}}`},
	"provider":              {everybody, `{provider{name}}`},
	"createOrUpdateChannel": {theOffice, `mutation{createOrUpdateChannel(input:{id:"$channel",name:"x",type:Messaging})}`},
	"deleteChannels":        {theOffice, `mutation{deleteChannels(input:{cids:["$cid"]})}`},
	"sendMessageToChannel":  {theOffice, `mutation{sendMessageToChannel(input:{channelId:"$channel",type:Messaging,text:"x"})}`},
	"setRoleToUsersOnChat":  {theOffice, `mutation{setRoleToUsersOnChat(input:{userId:"$other",role:MODERATOR})}`},
	"setRoles":              {theOffice, `mutation{setRoles(input:{userIds:["$other"],role:MODERATOR}){users{previousRole}}}`},
	"upsertChatUsers":       {theOffice, `mutation{upsertChatUsers(input:{users:[{id:"$other",name:"x"}]}){users{id}}}`},
	"createUserToken":       {theOffice, `mutation{createUserToken(input:{userId:"$other"}){expiresAt}}`},
	"revokeUserTokens":      {theOffice, `mutation{revokeUserTokens(input:{userId:"$other"}){userId}}`},
	"freezeChannel":         {moderators, `mutation{freezeChannel(input:{cid:"$cid",frozen:true}){channel{frozen}}}`},
	"addMembers":            {moderators, `mutation{addMembers(input:{cid:"$cid",userIds:["$other"]}){cid}}`},
	"removeMembers":         {moderators, `mutation{removeMembers(input:{cid:"$cid",userIds:["$other"]}){cid}}`},
	"pinMessage":            {moderators, `mutation{pinMessage(input:{cid:"$cid",messageId:"$message",pinned:true}){message{id}}}`},
	"editMessage":           {moderators, `mutation{editMessage(input:{cid:"$cid",messageId:"$message",text:"y"}){message{id}}}`},
	"deleteMessage":         {moderators, `mutation{deleteMessage(input:{cid:"$cid",messageId:"$message"}){messageId}}`},
	"banUser":               {moderators, `mutation{banUser(input:{userId:"$other",cid:"$cid"}){userId}}`},
	"unbanUser":             {moderators, `mutation{unbanUser(input:{userId:"$other",cid:"$cid"}){userId}}`},
	"muteUser":              {moderators, `mutation{muteUser(input:{userId:"$other",cid:"$cid"}){userId}}`},
	"unmuteUser":            {moderators, `mutation{unmuteUser(input:{userId:"$other",cid:"$cid"}){userId}}`},
	"sendMessage":           {writers, `mutation{sendMessage(input:{cid:"$cid",text:"x"}){message{id}}}`},
	"addReaction":           {writers, `mutation{addReaction(input:{cid:"$cid",messageId:"$message",type:"like"}){message{id}}}`},
	"removeReaction":        {writers, `mutation{removeReaction(input:{cid:"$cid",messageId:"$message",type:"like"}){message{id}}}`},
	"sendTyping":            {writers, `mutation{sendTyping(input:{cid:"$cid",typing:true}){cid}}`},
	"markRead":              {members, `mutation{markRead(input:{cid:"$cid"}){cid}}`},
	"channelEvents":         {readers, `subscription{channelEvents(cid:"$cid"){seq}}`},
	"userEvents":            {everybody, `subscription{userEvents{type}}`},
	"changes":               {theOffice, `{changes{nodes{id}}}`},
	"change":                {theOffice, `{change(id:"none"){id}}`},
	"bin":                   {theOffice, `{bin{nodes{id}}}`},
	"undo":                  {theOffice, `mutation{undo(input:{change:"$cid"}){change{id}}}`},
	"eraseNow":              {theOffice, `mutation{eraseNow(input:{id:"1",name:"x"}){messages}}`},
	"changeEvents":          {theOffice, `subscription{changeEvents{seq}}`},
	"jobs":                  {theOffice, `{jobs{nodes{id}}}`},
	"job":                   {theOffice, `{job(id:"none"){id}}`},
	"jobRows":               {theOffice, `{jobRows(job:"none"){nodes{no}}}`},
	"jobEvents":             {theOffice, `subscription{jobEvents{seq}}`},
	"pauseJob":              {theOffice, `mutation{pauseJob(input:{id:"none"}){job{id}}}`},
	"resumeJob":             {theOffice, `mutation{resumeJob(input:{id:"none"}){job{id}}}`},
	"stopJob":               {theOffice, `mutation{stopJob(input:{id:"none"}){job{id}}}`},
	"retryJob":              {theOffice, `mutation{retryJob(input:{id:"none"}){job{id}}}`},
	"announcements":         {theOffice, `{announcements{nodes{id}}}`},
	"announcement":          {theOffice, `{announcement(id:"none"){id}}`},
	"chatUserCount":         {theOffice, `{chatUserCount(search:"a")}`},
	"announcementPlan":      {theOffice, `{announcementPlan(id:"none"){channels}}`},
	"plan":                  {theOffice, `{plan(input:{operation:FREEZE_CHANNELS,channels:{cids:["$cid"]}}){targets}}`},
	"applyPlan":             {theOffice, `mutation{applyPlan(input:{plan:{operation:BAN_USERS,users:{ids:["nobody"]},cid:"livestream:none"},digest:"x"}){job{id}}}`},
	"announcementReaders":   {theOffice, `{announcementReaders(id:"none"){read}}`},
	"createAnnouncement":    {theOffice, `mutation{createAnnouncement(input:{text:"x",channels:{cids:["$cid"]}}){announcement{id}}}`},
	"updateAnnouncement":    {theOffice, `mutation{updateAnnouncement(input:{id:"none",text:"x",channels:{cids:["$cid"]}}){announcement{id}}}`},
	"deleteAnnouncement":    {theOffice, `mutation{deleteAnnouncement(input:{id:"none"}){id}}`},
	"sendAnnouncement":      {theOffice, `mutation{sendAnnouncement(input:{id:"none"}){announcement{id}}}`},
	"cancelAnnouncement":    {theOffice, `mutation{cancelAnnouncement(input:{id:"none"}){announcement{id}}}`},
	"editAnnouncement":      {theOffice, `mutation{editAnnouncement(input:{id:"none",text:"x"}){job{id}}}`},
	"recallAnnouncement":    {theOffice, `mutation{recallAnnouncement(input:{id:"none"}){job{id}}}`},
	"webhooks":              {theOffice, `{webhooks{id}}`},
	"webhookDeliveries":     {theOffice, `{webhookDeliveries(id:"none"){nodes{id}}}`},
	"createWebhook":         {theOffice, `mutation{createWebhook(input:{url:"https://crm.example.com",enabled:false}){webhook{id}}}`},
	"updateWebhook":         {theOffice, `mutation{updateWebhook(input:{id:"none"}){webhook{id}}}`},
	"deleteWebhook":         {theOffice, `mutation{deleteWebhook(input:{id:"none"}){id}}`},
	"rotateWebhookSecret":   {theOffice, `mutation{rotateWebhookSecret(input:{id:"none"}){secrets{secret}}}`},
	"revealWebhookSecrets":  {theOffice, `mutation{revealWebhookSecrets(input:{id:"none"}){secrets{secret}}}`},
	"testWebhook":           {theOffice, `mutation{testWebhook(input:{id:"none"}){delivered}}`},
	"replayWebhook":         {theOffice, `mutation{replayWebhook(input:{id:"none",since:"` + time.Now().Format(time.RFC3339) + `"}){webhook{id}}}`},
	"retryWebhookDelivery":  {theOffice, `mutation{retryWebhookDelivery(input:{id:"none",delivery:"1-1"}){id}}`},
	"backofficeEvents":      {theOffice, `subscription{backofficeEvents{seq}}`},
}

// absent are the fields whose documents name a change, channel, job, announcement or webhook
// that isn't there, which is told to whoever may ask.
var absent = map[string]bool{"undo": true, "eraseNow": true, "pauseJob": true, "resumeJob": true, "stopJob": true, "retryJob": true, "applyPlan": true,
	"announcementPlan": true, "announcementReaders": true, "updateAnnouncement": true, "deleteAnnouncement": true, "sendAnnouncement": true,
	"cancelAnnouncement": true, "editAnnouncement": true, "recallAnnouncement": true,
	"webhookDeliveries": true, "updateWebhook": true, "deleteWebhook": true, "rotateWebhookSecret": true, "revealWebhookSecrets": true, "testWebhook": true,
	"replayWebhook": true, "retryWebhookDelivery": true}

// A new field of the schema needs a row here.
func TestWhoMayCallWhat(t *testing.T) {
	t.Parallel()
	l := openLive(t, nil)
	l.User("alice")
	number := 0
	schema := served()
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, field := range root.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			row, ok := fields[field.Name]
			if !ok {
				t.Errorf("%s has no row: say who may call it", field.Name)
				continue
			}
			for _, kind := range kinds {
				number++
				c := newCell(l, number)
				token := kind.token(l, c)
				got := c.ask(l, token, root == schema.Subscription, row.document)
				if absent[field.Name] && got == string(chat.NotFound) {
					got = ""
				}
				if may := slices.Contains(row.who, kind.name); may && got != "" || !may && got != string(chat.Unauthorized) {
					t.Errorf("%s asks for %s: %q", kind.name, field.Name, got)
				}
			}
		}
	}
}

// The back office makes no token for a user who could do nothing with it.
func TestNoTokenForUsersWhoAreGone(t *testing.T) {
	t.Parallel()
	l := openLive(t, nil)
	c := newCell(l, 1)
	ask := `mutation{createUserToken(input:{userId:"` + c.other() + `"}){expiresAt}}`
	if got := l.Ask(ask, nil); len(got.Errors) > 0 {
		t.Fatal(got.Text)
	}
	c.engine(l, func(e *extra.Engine) error {
		_, err := e.DeactivateUsers(l.Context(), []string{c.other()}, chat.Actor{BackOffice: true}, false)
		return err
	})
	if got := l.Ask(ask, nil); firstCode(got) != string(chat.InvalidArguments) || got.Errors[0].Field() != "input.userId" {
		t.Errorf("deactivated: %s", got.Text)
	}
}

// cell is one kind of caller before one field: a channel, a message and users of
// its own.
type cell struct {
	number  int
	message string
}

func newCell(l *live, number int) cell {
	c := cell{number: number}
	l.User(c.other())
	l.MustAsk(`mutation($id:String!){createOrUpdateChannel(input:{id:$id,name:$id,type:Messaging})}`, map[string]any{"id": c.channel()})
	said := l.MustAsk(`mutation($c:String!){sendMessage(input:{cid:$c,text:"hello"}){message{id}}}`, map[string]any{"c": c.cid()})
	c.message, _ = said["sendMessage"].(map[string]any)["message"].(map[string]any)["id"].(string)
	return c
}

func (c cell) channel() string { return fmt.Sprint("room-", c.number) }
func (c cell) cid() string     { return "messaging:" + c.channel() }
func (c cell) other() string   { return fmt.Sprint("other-", c.number) }
func (c cell) me() string      { return fmt.Sprint("me-", c.number) }

// caller makes a chat user of that role and returns its token. The mutation, if not "",
// restricts the user everywhere.
func (c cell) caller(l *live, role, restrict string) string {
	l.Helper()
	token := l.User(c.me())
	l.MustAsk(`mutation($id:String!,$r:ChatRole!){setRoleToUsersOnChat(input:{userId:$id,role:$r})}`, map[string]any{"id": c.me(), "r": role})
	if restrict != "" {
		l.MustAsk(`mutation($id:String!){`+restrict+`(input:{userId:$id}){userId}}`, map[string]any{"id": c.me()})
	}
	return token
}

// joined makes a plain user who is a member of the channel.
func (c cell) joined(l *live, restrict string) string {
	l.Helper()
	token := c.caller(l, "USER", restrict)
	l.MustAsk(`mutation($c:String!,$id:String!){addMembers(input:{cid:$c,userIds:[$id]}){cid}}`, map[string]any{"c": c.cid(), "id": c.me()})
	return token
}

// clerk is a chat user who holds the back-office role, and what happens to it.
func (c cell) clerk(l *live, happens func()) string {
	l.Helper()
	l.User(c.me())
	token := apitest.Mint(l, auth.Grant{Subject: c.me(), Roles: []string{"BO"}})
	happens()
	return token
}

func (c cell) revoke(l *live) {
	l.Helper()
	l.MustAsk(`mutation($id:String!){revokeUserTokens(input:{userId:$id}){userId}}`, map[string]any{"id": c.me()})
}

// erase deletes the user permanently.
func (c cell) erase(l *live) {
	l.Helper()
	c.engine(l, func(e *extra.Engine) error {
		_, err := e.DeleteUsers(l.Context(), store.UserDeletion{IDs: []string{c.me()}, User: chat.DeleteHard,
			Messages: chat.DeleteHard, Conversations: chat.DeleteHard})
		return err
	})
}

func (c cell) engine(l *live, do func(*extra.Engine) error) {
	l.Helper()
	e := extra.New(l.Provider.(*engine.Engine))
	if err := do(e); err != nil {
		l.Fatal(err)
	}
}

// ask calls a field and returns the code of the error that it answers, "" for none.
func (c cell) ask(l *live, token string, subscription bool, document string) string {
	l.Helper()
	document = strings.NewReplacer("$cid", c.cid(), "$channel", c.channel(), "$other", c.other(), "$message", c.message).Replace(document)
	if subscription {
		return c.subscribe(l, token, document)
	}
	return firstCode(l.AskAs(token, document, nil))
}

func firstCode(got apitest.Reply) string {
	if len(got.Errors) == 0 {
		return ""
	}
	return got.Errors[0].Code()
}

// subscribe opens a stream and waits until it has been refused or joined a group.
func (c cell) subscribe(l *live, token, document string) string {
	l.Helper()
	before := l.members()
	body, err := json.Marshal(map[string]any{"query": document})
	if err != nil {
		l.Fatal(err)
	}
	stream := l.follow(token, string(body))
	refused := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stream); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				refused <- data
				return
			}
		}
	}()
	defer eventually(l, func() bool { return l.members() == before })
	defer func() { _ = stream.Close() }()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case data := <-refused:
			var got apitest.Reply
			if err := json.Unmarshal([]byte(data), &got); err != nil {
				l.Fatal(err)
			}
			return firstCode(got)
		case <-time.After(time.Millisecond):
			if l.members() > before {
				return ""
			}
		}
	}
	return "neither refused nor joined"
}

// expired is a token of the back office that has expired.
func expired(t testing.TB) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "alice", "roles": "BO", "exp": time.Now().Add(-time.Hour).Unix()}).SignedString([]byte(apitest.Secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}
