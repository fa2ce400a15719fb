package app

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"net"
	"time"

	"backchannel/internal/auth"
	"backchannel/internal/chat"
	"backchannel/internal/media"
	"backchannel/internal/stream"
)

const welcomeText = `
Backchannel is running in development mode. Its data is in %[1]s.

  Console   %[2]s/console/#token=%[3]s
  GraphQL   %[2]s/graphql
  Explorer  %[2]s/console/explorer#token=%[3]s
  BO token  %[3]s
            good for 24 hours; another one: %[4]s

Post a first message:

  curl -s %[2]s/graphql -H 'Content-Type: application/json' -H 'Authorization: Bearer %[3]s' -d '{"query":"mutation { createOrUpdateChannel(input: {id: \"hello\", name: \"Hello\"}) sendMessageToChannel(input: {channelId: \"hello\", text: \"It works!\"}) }"}'

See it:

  curl -s %[2]s/graphql -H 'Content-Type: application/json' -H 'Authorization: Bearer %[3]s' -d '{"query":"{ messages(cid: \"livestream:hello\") { nodes { seq text sender { name } createdAt } } }"}'

%[5]sStop with Ctrl-C.

`

const (
	sampleText = "The chat users user1 and user2 are there to be mentioned. "
	importText = `The reference document's second example mentions user1 and user2, who must be users of the Stream app. To import them:

  printf 'id,name\nuser1,User One\nuser2,User Two\n' > sample-users.csv
  %s users import sample-users.csv --provider stream%s

`
	avatarText   = "The picture " + sampleAvatar + " is there to be an avatar. "
	sampleAvatar = "announcement-avatar.png"
	sampleTime   = 10 * time.Second // for a bucket that doesn't answer
)

//go:embed announcement-avatar.png
var samplePicture []byte

// welcome prints what a newcomer needs, and creates what the examples of the reference document
// name: two users, if the chat has none, and a picture.
func (c serveCommand) welcome(ctx context.Context, s streams, addr net.Addr, served servedChat, logger *slog.Logger) error {
	var sample, data string
	if c.Data != "./data" {
		data = " --data " + c.Data
	}
	if c.Provider == providerStream { // a hosted chat isn't changed
		where := data
		if c.Stream.BaseURL != stream.DefaultBaseURL {
			where += " --stream-base-url " + c.Stream.BaseURL
		}
		sample = fmt.Sprintf(importText, program(), where)
	} else {
		sample = sampleText
		if err := addSampleUsers(ctx, served.provider); err != nil {
			return fmt.Errorf("adding sample users: %w", err)
		}
	}
	if served.media != nil && c.AvatarBaseURL == "" { // otherwise another server has the avatars
		if err := addSampleAvatar(ctx, served.media); err == nil {
			sample += avatarText
		} else {
			logger.Warn("there is no sample picture", "error", err)
		}
	}
	token, err := auth.Mint(c.JWTSecret, auth.Grant{
		Subject: "clerk", Name: "Back-office clerk", Roles: []string{c.BORole}, UserClaim: c.UserClaim, RoleClaim: c.RoleClaim,
		Issuer: c.JWTIssuer, Audience: c.JWTAudience, TTL: 24 * time.Hour,
	})
	if err != nil {
		return fmt.Errorf("making a token: %w", err)
	}
	another := program() + " token --sub clerk --role " + c.BORole + data
	_, err = fmt.Fprintf(s.out, welcomeText, c.Data, c.public(addr), token, another, sample)
	return err
}

func addSampleAvatar(ctx context.Context, files *media.Store) error {
	ctx, cancel := context.WithTimeout(ctx, sampleTime)
	defer cancel()
	return files.AddSample(ctx, sampleAvatar, samplePicture)
}

func addSampleUsers(ctx context.Context, p chat.Provider) error {
	page, err := p.Users(ctx, chat.UserQuery{Limit: 1})
	if err != nil || len(page.Items) > 0 {
		return err
	}
	_, err = p.UpsertUsers(ctx, chat.UpsertUsers{
		Operation: chat.Operation{By: chat.Actor{ID: "development", BackOffice: true}, Name: "sampleUsers"},
		Users:     []chat.UserChange{{ID: "user1", Name: "User One"}, {ID: "user2", Name: "User Two"}},
	})
	return err
}
