package stream

import (
	"context"
	"time"
)

// LookUpLater asks Stream about changes without an outcome, as if an hour had passed.
func (p *Provider) LookUpLater(ctx context.Context) error {
	return p.lookUp(ctx, time.Time{}, time.Now().Add(time.Hour))
}
