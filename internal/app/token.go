package app

import (
	"errors"
	"fmt"
	"time"

	"backchannel/internal/auth"
)

type tokenCommand struct {
	Data       string `placeholder:"FOLDER" default:"./data" env:"BACKCHANNEL_DATA" help:"Folder with the secret that serve --dev generated (${default})."`
	tokenFlags `embed:""`

	Sub  string        `required:"" placeholder:"ID" help:"The CRM user's id (sub)."`
	Name string        `placeholder:"NAME" help:"The user's display name."`
	Role []string      `placeholder:"ROLE,…" help:"The user's CRM roles; BO may use the back office. None if not given."`
	TTL  time.Duration `name:"ttl" placeholder:"TIME" default:"24h" help:"How long the token is valid (${default})."`
}

// Run prints a token.
func (c tokenCommand) Run(s streams) error {
	secret := c.JWTSecret
	if secret == "" {
		kept, err := storageFlags{Data: c.Data}.keptSecret()
		if err != nil {
			return err
		}
		secret = kept
	}
	if secret == "" {
		return errors.New("there is no secret to sign with: set BACKCHANNEL_JWT_SECRET (--jwt-secret), or start serve --dev once, which keeps one in --data")
	}
	token, err := auth.Mint(secret, auth.Grant{
		Subject: c.Sub, Name: c.Name, Roles: c.Role, UserClaim: c.UserClaim, RoleClaim: c.RoleClaim,
		Issuer: c.JWTIssuer, Audience: c.JWTAudience, TTL: c.TTL,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, token)
	return err
}
