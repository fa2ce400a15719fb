package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"backchannel/internal/bus"
	"backchannel/internal/sqlstore"
)

// natsFlags configure the authentication between this server and NATS.
type natsFlags struct {
	Creds string `placeholder:"FILE" name:"creds" env:"BACKCHANNEL_NATS_CREDS" help:"File with the user's JWT and NKey for NATS."`
	NKey  string `placeholder:"FILE" name:"nkey" env:"BACKCHANNEL_NATS_NKEY" help:"File with the seed of the NKey for NATS."`
	CA    string `placeholder:"FILE" name:"ca" env:"BACKCHANNEL_NATS_CA" help:"Certificates of the authorities that vouch for NATS; those of the system if not set."`
	Cert  string `placeholder:"FILE" name:"cert" env:"BACKCHANNEL_NATS_CERT" help:"Certificate that this server shows NATS."`
	Key   string `placeholder:"FILE" name:"key" env:"BACKCHANNEL_NATS_KEY" help:"Key of that certificate."`
}

// checkNATS refuses invalid settings.
func (c serveCommand) checkNATS() error {
	switch f := c.NATSKeys; {
	case c.NATS == "" && f != (natsFlags{}):
		return errors.New("--nats-creds and its neighbours need --nats (BACKCHANNEL_NATS)")
	case c.NATS == "":
		return nil
	case c.DatabaseURL == "":
		return errors.New("--nats (BACKCHANNEL_NATS) is for servers that share a PostgreSQL: set --database-url (BACKCHANNEL_DATABASE_URL) too")
	case c.Provider == providerStream:
		return errors.New("--nats (BACKCHANNEL_NATS) carries the events of Backchannel's own chat; it can't be used with --provider stream")
	case f.Creds != "" && f.NKey != "":
		return errors.New("--nats-creds and --nats-nkey (BACKCHANNEL_NATS_CREDS, BACKCHANNEL_NATS_NKEY) exclude each other: set one")
	default:
		if err := bus.CheckURL(c.NATS); err != nil {
			return fmt.Errorf("--nats (BACKCHANNEL_NATS): %w", err)
		}
	}
	return nil
}

// openBus returns the configured bus, nil for none.
func (c serveCommand) openBus(ctx context.Context, store *sqlstore.Store, addr net.Addr, t telemetry) (*bus.Bus, error) {
	f := c.NATSKeys
	if c.NATS == "" {
		return nil, nil
	}
	id, err := store.Identity(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the database's id: %w", err)
	}
	host, _ := os.Hostname() // only for people
	b, err := bus.New(bus.Options{
		URL: c.NATS, Creds: f.Creds, NKey: f.NKey, CA: f.CA, Cert: f.Cert, Key: f.Key,
		Database: id, Node: host + " " + addr.String(), Epoch: store.Hints.Node(), Logger: t.logger, Metrics: t.metrics,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up NATS (--nats, BACKCHANNEL_NATS): %w", err)
	}
	return b, nil
}
