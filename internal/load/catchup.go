package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// CatchUp subscribes to a livestream channel from its beginning and returns how long it takes until
// that many messages have arrived. It uses the options URL, Token, Size and Channel.
func CatchUp(ctx context.Context, o Options, messages int64) (took time.Duration, err error) {
	c, err := newClient(o.URL, o.Token)
	if err != nil {
		return 0, err
	}
	a := NewAudience(o.Size + 1024)
	defer a.Close()
	begin := time.Now()
	conn, err := c.subscribe(ctx, o.Token, "livestream:"+o.Channel, 0)
	if err != nil {
		return 0, err
	}
	a.Attach(conn, 0)
	for limit := begin.Add(patience); a.Deliveries() < messages; time.Sleep(time.Millisecond) {
		if err := errors.Join(a.Err(), context.Cause(ctx)); err != nil {
			return 0, err
		}
		if time.Now().After(limit) {
			return 0, fmt.Errorf("%d of %d messages have come", a.Deliveries(), messages)
		}
	}
	took = time.Since(begin)
	if missed, repeated := a.missed.Load(), a.repeated.Load(); missed+repeated > 0 {
		return took, fmt.Errorf("%d messages missed, %d repeated", missed, repeated)
	}
	return took, nil
}
