package delivery_test

import (
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/metricstest"
	"backchannel/internal/sqlstore"
)

// forward moves the chat's clock. The message that is sent then makes couriers look at it.
func (o *office) forward(by time.Duration, cid chat.CID) {
	o.Helper()
	o.say(cid, "at "+time.Duration(o.ahead.Add(int64(by))).String())
}

// outcomes waits until so many attempts ended so.
func (o *office) outcomes(outcome string, n int) {
	o.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		got := metricstest.Read(o, o.figures, `webhook_deliveries_total{outcome="`+outcome+`"`)
		if got == float64(n) {
			return
		}
		if time.Now().After(until) {
			o.Fatalf("%v attempts are %s, want %d", got, outcome, n)
		}
	}
}

// A delivery that fails is retried for 24 hours, while later ones of its channel wait. Then it is
// dead, the rest continues, and it can be retried.
func TestDeadDeliveries(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		o := openWith(t, where, nil)
		cid, other := o.channel("one"), o.channel("other")
		var mended atomic.Bool
		r := receive(t, func(c told, _ int) bool { return c.Data.Message.Text == "poison" && !mended.Load() })
		id := o.hook(r.URL, chat.MessageNew)
		for _, text := range []string{"before", "poison", "after"} {
			o.say(cid, text)
		}
		left := 24 * time.Hour
		retries := append([]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}, slices.Repeat([]time.Duration{time.Hour}, 23)...)
		for i, pause := range retries {
			o.outcomes("retrying", i+1)
			o.forward(pause, other)
			left -= pause
		}
		o.outcomes("retrying", len(retries)+1)
		if got := textsOf(r.await(t, 1), cid); !slices.Equal(got, []string{"before"}) {
			t.Errorf("before 24 hours are over, told of %v", got)
		}
		o.forward(left, other)
		o.outcomes("dead", 1)
		d := o.deliveries(id, chat.DeliveryDead, 1)[0]
		if took := d.LastAt.Sub(d.FirstAt); d.Attempts != int64(len(retries)+2) || took < 24*time.Hour || took > 24*time.Hour+time.Minute {
			t.Errorf("it is dead after %d attempts in %v", d.Attempts, took)
		}
		if d.Status != 503 || d.Error != "the answer is 503" || d.CID != cid || d.Type != chat.MessageNew || !d.NextAt.IsZero() {
			t.Errorf("the dead delivery is %+v", d)
		}
		if got := textsOf(r.await(t, len(retries)+3), cid); !slices.Equal(got, []string{"before", "after"}) {
			t.Errorf("told of %v", got)
		}
		mended.Store(true)
		if err := o.service.RetryDelivery(t.Context(), chat.RetryDelivery{Operation: o.op(), ID: id, Log: d.Log, Seq: d.Seq}); err != nil {
			t.Fatal(err)
		}
		if got := textsOf(r.await(t, len(retries)+4), cid); !slices.Equal(got, []string{"before", "after", "poison"}) {
			t.Errorf("told of %v", got)
		}
		o.deliveries(id, chat.DeliveryDead, 0)
		err := o.service.RetryDelivery(t.Context(), chat.RetryDelivery{Operation: o.op(), ID: id, Log: d.Log, Seq: d.Seq})
		if chat.CodeOf(err) != chat.NotFound {
			t.Errorf("a delivery that was made is retried: %v", err)
		}
	})
}

// A clock that was ahead and is set back, before or after the webhook was created, loses no event
// and delays no retry.
func TestClockSetBack(t *testing.T) {
	onBoth(t, func(t *testing.T, where sqlstore.Options) {
		o := openWith(t, where, nil)
		r := receive(t, func(c told, attempt int) bool { return c.Data.Message.Text == "retried" && attempt == 1 })
		retried := o.channel("retried")
		var id string
		for i, before := range []bool{true, false} {
			if before {
				o.ahead.Store(int64(3 * time.Hour))
				id = o.hook(r.URL, chat.MessageNew)
			}
			o.ahead.Store(int64(3 * time.Hour))
			o.say(o.channel("ahead"+strconv.Itoa(i)), "ahead")
			if !before {
				o.say(retried, "retried")
				o.outcomes("retrying", 1)
			}
			r.await(t, 2*i+1)
			o.deliveries(id, chat.DeliveryDone, 2*i+1)
			o.ahead.Store(int64(time.Hour))
			o.say(o.channel("back"+strconv.Itoa(i)), "back")
			r.await(t, 2*i+2)
		}
		r.await(t, 5)
	})
}
