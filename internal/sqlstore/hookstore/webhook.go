package hookstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"backchannel/internal/chat"
	"backchannel/internal/sqlstore"
)

// Endpoint is a webhook with the data that only its sender needs.
type Endpoint struct {
	chat.Webhook
	Secrets   []chat.WebhookSecret // newest first
	Since     time.Time            // logs without a position start at this time
	Version   int64                // increases with every change
	Positions int64                // increases whenever all positions are dropped
}

// Webhooks are the webhooks in a store, for the logs of its own chat or of a hosted one.
type Webhooks struct {
	store  *sqlstore.Store
	hosted bool
}

// In returns the webhooks in a store.
func In(s *sqlstore.Store, hosted bool) Webhooks { return Webhooks{s, hosted} }

// foreign is the prefix of the ids of webhooks that another API configures. They are stored for
// their positions and aren't listed.
const foreign = "stream:"

// Foreign returns the id of a webhook that another API configures, by its id there.
func Foreign(id string) string { return foreign + id }

// IsForeign reports whether another API configures the webhook.
func (e Endpoint) IsForeign() bool { return strings.HasPrefix(e.ID, foreign) }

// Wants reports whether events of a type are delivered to the webhook. Those of another API have
// patterns, such as message.*, and receive all types.
func (e Endpoint) Wants(kind chat.EventType) bool {
	if !e.IsForeign() {
		return e.Webhook.Wants(kind)
	}
	return len(e.Events) == 0 || slices.ContainsFunc(e.Events, func(pattern chat.EventType) bool {
		matched, _ := path.Match(string(pattern), string(kind))
		return matched
	})
}

const endpointColumns = `id, url, description, events, enabled, secrets, since, version, positions, created_at, updated_at`

// Endpoints returns all webhooks in order of creation, without statistics of deliveries.
func (w Webhooks) Endpoints(ctx context.Context) ([]Endpoint, error) {
	rows, err := w.store.Query(ctx, `SELECT `+endpointColumns+` FROM webhook_endpoints w ORDER BY w.created_at, w.id`)
	return sqlstore.Collect(rows, err, scanEndpoint)
}

// Endpoint returns a webhook as the transaction sees it, and whether it exists. It is locked until
// the transaction ends.
func (w Webhooks) Endpoint(tx *sqlstore.Tx, id string) (Endpoint, bool, error) {
	return sqlstore.Returning(tx, scanEndpoint, `UPDATE webhook_endpoints SET version = version WHERE id = $1 AND id NOT LIKE '`+foreign+`%' RETURNING `+endpointColumns, id)
}

// Adopt replaces the webhooks of another API by the given ones. A new one starts at its creation,
// but at most that long ago. No change is recorded.
func (w Webhooks) Adopt(tx *sqlstore.Tx, list []chat.Webhook, now time.Time, most time.Duration) error {
	ids := make([]any, 0, len(list))
	var others strings.Builder
	for _, h := range list {
		events, err := json.Marshal(append([]chat.EventType{}, h.Events...))
		if err != nil {
			return fmt.Errorf("encoding the events of a webhook: %w", err)
		}
		since := now.Add(-most)
		if h.CreatedAt.After(since) {
			since = h.CreatedAt
		}
		if err := change(tx, `INSERT INTO webhook_endpoints (id, url, description, events, enabled, secrets, since, version, positions, created_at, updated_at)
			VALUES ($1, $2, '', $3, $4, '[]', $5, 1, 1, $6, $7)
			ON CONFLICT (id) DO UPDATE SET url = excluded.url, events = excluded.events, enabled = excluded.enabled, updated_at = excluded.updated_at,
				version = webhook_endpoints.version + 1
			WHERE webhook_endpoints.url <> excluded.url OR webhook_endpoints.events <> excluded.events OR webhook_endpoints.enabled <> excluded.enabled`,
			h.ID, h.URL, string(events), h.Enabled, sqlstore.Micros(since), sqlstore.Micros(h.CreatedAt), sqlstore.Micros(now)); err != nil {
			return err
		}
		ids = append(ids, h.ID)
		others.WriteString(` AND id <> ` + marker(len(ids)))
	}
	gone, err := sqlstore.TxCollect(tx, sqlstore.ScanValue[string], `SELECT id FROM webhook_endpoints WHERE id LIKE '`+foreign+`%'`+others.String(), ids...)
	for _, id := range gone {
		err = errors.Join(err, w.remove(tx, id))
	}
	return err
}

// Count returns how many webhooks there are.
func (w Webhooks) Count(tx *sqlstore.Tx) (int64, error) {
	n, _, err := sqlstore.TxFirst(tx, sqlstore.ScanValue[int64], `SELECT COUNT(*) FROM webhook_endpoints WHERE id NOT LIKE '`+foreign+`%'`)
	return n, err
}

// List returns all webhooks in order of creation, or the one with an id.
func (w Webhooks) List(ctx context.Context, id string) ([]chat.Webhook, error) {
	rows, err := w.store.Query(ctx, `SELECT `+endpointColumns+`,
		(SELECT COUNT(*) FROM webhook_deliveries d WHERE d.endpoint = w.id AND d.state = '`+string(chat.DeliveryRetrying)+`'),
		(SELECT COUNT(*) FROM webhook_deliveries d WHERE d.endpoint = w.id AND d.state = '`+string(chat.DeliveryDead)+`'),
		(SELECT COALESCE(MAX(last_at), 0) FROM webhook_deliveries d WHERE d.endpoint = w.id AND d.state = '`+string(chat.DeliveryDone)+`')
		FROM webhook_endpoints w WHERE $1 IN ('', w.id) AND w.id NOT LIKE '`+foreign+`%' ORDER BY w.created_at, w.id`, id)
	return sqlstore.Collect(rows, err, func(rows sqlstore.Row) (chat.Webhook, error) {
		var retrying, dead, at int64
		e, err := scanEndpointAnd(rows, &retrying, &dead, &at)
		e.Retrying, e.Dead, e.DeliveredAt = retrying, dead, sqlstore.Moment(at)
		return e.Webhook, err
	})
}

func scanEndpoint(rows sqlstore.Row) (Endpoint, error) { return scanEndpointAnd(rows) }

func scanEndpointAnd(rows sqlstore.Row, more ...any) (e Endpoint, err error) {
	var events, secrets string
	var since, created, updated int64
	if err := rows.Scan(append([]any{&e.ID, &e.URL, &e.Description, &events, &e.Enabled, &secrets, &since, &e.Version, &e.Positions, &created, &updated},
		more...)...); err != nil {
		return e, err
	}
	e.Since, e.CreatedAt, e.UpdatedAt = sqlstore.Moment(since), sqlstore.Moment(created), sqlstore.Moment(updated)
	if err := json.Unmarshal([]byte(events), &e.Events); err != nil {
		return e, fmt.Errorf("reading the events of a webhook: %w", err)
	}
	if err := json.Unmarshal([]byte(secrets), &e.Secrets); err != nil {
		return e, fmt.Errorf("reading the secrets of a webhook: %w", err)
	}
	return e, nil
}

// Put stores a webhook.
func (w Webhooks) Put(tx *sqlstore.Tx, e Endpoint) error {
	events, err := json.Marshal(append([]chat.EventType{}, e.Events...))
	if err != nil {
		return fmt.Errorf("encoding the events of a webhook: %w", err)
	}
	secrets, err := json.Marshal(e.Secrets) //nolint:gosec // they are needed for signing
	if err != nil {
		return fmt.Errorf("encoding the secrets of a webhook: %w", err)
	}
	return sqlstore.Track(tx, targetOf(e.ID), func() error {
		_, err := tx.Change(`INSERT INTO webhook_endpoints (id, url, description, events, enabled, secrets, since, version, positions, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 1, $8, $9)
			ON CONFLICT (id) DO UPDATE SET url = excluded.url, description = excluded.description, events = excluded.events, enabled = excluded.enabled,
				secrets = excluded.secrets, updated_at = excluded.updated_at, version = webhook_endpoints.version + 1`,
			e.ID, e.URL, e.Description, string(events), e.Enabled, string(secrets), sqlstore.Micros(e.Since), sqlstore.Micros(e.CreatedAt), sqlstore.Micros(e.UpdatedAt))
		return err
	})
}

func targetOf(id string) chat.ChangeTarget {
	return chat.ChangeTarget{Kind: chat.WebhookTarget, Item: id}
}

// Delete removes a webhook with its deliveries and positions.
func (w Webhooks) Delete(tx *sqlstore.Tx, id string) error {
	return sqlstore.Track(tx, targetOf(id), func() error { return w.remove(tx, id) })
}

func (w Webhooks) remove(tx *sqlstore.Tx, id string) error {
	for _, text := range []string{
		`DELETE FROM webhook_positions WHERE endpoint = $1`,
		`DELETE FROM webhook_deliveries WHERE endpoint = $1`,
		`DELETE FROM leases WHERE name = 'webhook ' || $1`,
		`DELETE FROM webhook_endpoints WHERE id = $1`,
	} {
		if _, err := tx.Change(text, id); err != nil {
			return err
		}
	}
	return nil
}

// Replay makes a webhook receive everything since a time. Deliveries that were given up stay given
// up.
func (w Webhooks) Replay(tx *sqlstore.Tx, id string, since time.Time) error {
	for _, text := range []string{
		`DELETE FROM webhook_positions WHERE endpoint = $1`,
		`DELETE FROM webhook_deliveries WHERE endpoint = $1 AND state = '` + string(chat.DeliveryRetrying) + `'`,
	} {
		if _, err := tx.Change(text, id); err != nil {
			return err
		}
	}
	_, err := tx.Change(`UPDATE webhook_endpoints SET since = $2, version = version + 1, positions = positions + 1 WHERE id = $1`, id, sqlstore.Micros(since))
	return err
}

// Retry makes a delivery that was given up be retried, and reports whether it exists.
func (w Webhooks) Retry(tx *sqlstore.Tx, id string, log, seq int64, at time.Time) (bool, error) {
	n, err := tx.Change(`UPDATE webhook_deliveries SET state = '`+string(chat.DeliveryRetrying)+`', attempts = 0, first_at = $4, next_at = $4
		WHERE endpoint = $1 AND log = $2 AND seq = $3 AND state = '`+string(chat.DeliveryDead)+`'`, id, log, seq, sqlstore.Micros(at))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Change(`UPDATE webhook_endpoints SET version = version + 1 WHERE id = $1`, id)
	return true, err
}

const deliveryColumns = `endpoint, log, seq, type, cid, state, attempts, status, error, first_at, last_at, next_at`

// Deliveries returns up to one more delivery of a webhook than the query's limit, the last
// attempted first.
func (w Webhooks) Deliveries(ctx context.Context, q chat.DeliveryQuery) ([]chat.Delivery, error) {
	if q.After == (chat.DeliveryPosition{}) {
		q.After.At = math.MaxInt64
	}
	where := ``
	args := []any{q.Webhook, q.After.At, q.After.Log, q.After.Seq, q.Limit + 1}
	if q.State != "" {
		where, args = ` AND state = $6`, append(args, string(q.State))
	}
	rows, err := w.store.Query(ctx, `SELECT `+deliveryColumns+` FROM webhook_deliveries
		WHERE endpoint = $1 AND (last_at, log, seq) < ($2, $3, $4)`+where+` ORDER BY last_at DESC, log DESC, seq DESC LIMIT $5`, args...)
	return sqlstore.Collect(rows, err, scanDelivery)
}

// RetryingDelivery is a delivery that is being retried.
type RetryingDelivery struct {
	chat.Delivery
	Told bool // later events of its log were delivered: it was given up, and somebody requested a retry
}

// Retrying returns the deliveries of a webhook that are being retried, by log and seq.
func (w Webhooks) Retrying(ctx context.Context, id string) ([]RetryingDelivery, error) {
	rows, err := w.store.Query(ctx, `SELECT `+deliveryColumns+`,
		COALESCE((SELECT p.seq FROM webhook_positions p WHERE p.endpoint = d.endpoint AND p.log = d.log), 0)
		FROM webhook_deliveries d WHERE endpoint = $1 AND state = '`+string(chat.DeliveryRetrying)+`' ORDER BY log, seq`, id)
	return sqlstore.Collect(rows, err, func(rows sqlstore.Row) (r RetryingDelivery, err error) {
		var told int64
		r.Delivery, err = scanDeliveryAnd(rows, &told)
		r.Told = r.Seq <= told
		return r, err
	})
}

func scanDelivery(rows sqlstore.Row) (chat.Delivery, error) { return scanDeliveryAnd(rows) }

func scanDeliveryAnd(rows sqlstore.Row, more ...any) (d chat.Delivery, err error) {
	var cid string
	var first, last, next int64
	err = rows.Scan(append([]any{&d.Webhook, &d.Log, &d.Seq, &d.Type, &cid, &d.State, &d.Attempts, &d.Status, &d.Error, &first, &last, &next}, more...)...)
	d.FirstAt, d.LastAt, d.NextAt = sqlstore.Moment(first), sqlstore.Moment(last), sqlstore.Moment(next)
	if cid != "" {
		d.CID = sqlstore.SplitCID(cid)
	}
	return d, err
}

// LogPosition is how far a webhook has received a log.
type LogPosition struct {
	No    int64    // of the log
	CID   chat.CID // zero for the back office's
	End   int64    // seq of the log's last entry
	Seq   int64    // of the last entry that is done
	Fresh bool     // the position isn't stored yet
}

// Ahead returns the logs that have entries after a webhook's position; in logs without a position,
// entries since a time. If cids isn't nil, only the logs of those channels are checked.
func (w Webhooks) Ahead(ctx context.Context, id string, since time.Time, cids []chat.CID) ([]LogPosition, error) {
	logs, active := `channels`, `l.last_message_at >= $2 OR `
	if w.hosted {
		logs, active = `hosted_logs`, ``
	}
	if cids == nil {
		rows, err := w.store.Query(ctx, `SELECT l.no, l.cid, l.seq, COALESCE(p.seq, -1) FROM `+logs+` l
			LEFT JOIN webhook_positions p ON p.log = l.no AND p.endpoint = $1
			WHERE l.seq > COALESCE(p.seq, 0) AND (p.seq IS NOT NULL OR `+active+`
				(SELECT at FROM events WHERE channel = l.no ORDER BY seq DESC LIMIT 1) >= $2)`, id, sqlstore.Micros(since))
		list, err := sqlstore.Collect(rows, err, scanLogPosition)
		return w.begun(ctx, since, list, err)
	}
	var all []LogPosition
	for chunk := range sqlstore.Chunks(cids) {
		marks, args := sqlstore.In(chunk, func(c chat.CID) any { return nameOf(c) })
		rows, err := w.store.Query(ctx, `SELECT l.no, l.cid, l.seq, COALESCE(p.seq, -1) FROM `+logs+` l
			LEFT JOIN webhook_positions p ON p.log = l.no AND p.endpoint = `+marker(len(args)+1)+`
			WHERE l.seq > COALESCE(p.seq, 0) AND l.cid IN `+marks, append(args, id)...)
		list, err := sqlstore.Collect(rows, err, scanLogPosition)
		if list, err = w.begun(ctx, since, list, err); err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func marker(n int) string { return fmt.Sprintf("$%d", n) }

// Office returns a webhook's position in the back office's log of our own chat, if it has entries
// after that; without a position, entries since a time.
func (w Webhooks) Office(ctx context.Context, id string, since time.Time) ([]LogPosition, error) {
	rows, err := w.store.Query(ctx, `SELECT 0, '', c.value, COALESCE(p.seq, -1) FROM counters c
		LEFT JOIN webhook_positions p ON p.endpoint = $1 AND p.log = 0 WHERE c.name = 'backoffice' AND c.value > COALESCE(p.seq, 0)`, id)
	list, err := sqlstore.Collect(rows, err, scanLogPosition)
	return w.begun(ctx, since, list, err)
}

func scanLogPosition(rows sqlstore.Row) (p LogPosition, err error) {
	var cid string
	err = rows.Scan(&p.No, &cid, &p.End, &p.Seq)
	if p.Fresh = p.Seq < 0; cid != "" {
		p.CID = sqlstore.SplitCID(cid)
	}
	return p, err
}

// begun finds the start of logs without a position: after the last entry from before a time.
func (w Webhooks) begun(ctx context.Context, since time.Time, list []LogPosition, err error) ([]LogPosition, error) {
	for i := range list {
		if err != nil || !list[i].Fresh {
			continue
		}
		var rows sqlstore.Rows
		rows, err = w.store.Query(ctx, `SELECT COALESCE((SELECT seq FROM messages WHERE channel = $1 AND created_at < $2 ORDER BY seq DESC LIMIT 1), 0),
			COALESCE((SELECT seq FROM events WHERE channel = $1 AND at < $2 ORDER BY seq DESC LIMIT 1), 0)`, list[i].No, sqlstore.Micros(since))
		list[i].Seq, _, err = sqlstore.First(rows, err, func(rows sqlstore.Row) (int64, error) {
			var message, event int64
			err := rows.Scan(&message, &event)
			return max(message, event), err
		})
	}
	return list, err
}

// Notes are the results of a sender since it last stored them.
type Notes struct {
	Positions  []LogPosition
	Deliveries []chat.Delivery
	Tidy       bool      // remove rows that nobody needs any more
	Now        time.Time // for Tidy
}

const deliveredKept = 200 // rows of a webhook about successful deliveries

// Note stores a sender's results, and reports whether it was still entitled to send: it holds the
// lease, and the webhook wasn't restarted.
func (w Webhooks) Note(tx *sqlstore.Tx, l sqlstore.Lease, e Endpoint, n Notes) (bool, error) {
	held, err := tx.HoldsLease(l)
	if err != nil || !held {
		return false, err
	}
	same, err := tx.Change(`UPDATE webhook_endpoints SET since = since WHERE id = $1 AND positions = $2`, e.ID, e.Positions)
	if err != nil || same == 0 {
		return false, err
	}
	for _, p := range n.Positions {
		if err := change(tx, `INSERT INTO webhook_positions (endpoint, log, seq) VALUES ($1, $2, $3)
			ON CONFLICT (endpoint, log) DO UPDATE SET seq = excluded.seq`, e.ID, p.No, p.Seq); err != nil {
			return false, err
		}
	}
	for _, d := range n.Deliveries {
		if err := change(tx, `INSERT INTO webhook_deliveries (`+deliveryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (endpoint, log, seq) DO UPDATE SET state = excluded.state, attempts = excluded.attempts, status = excluded.status,
				error = excluded.error, first_at = excluded.first_at, last_at = excluded.last_at, next_at = excluded.next_at`,
			e.ID, d.Log, d.Seq, string(d.Type), nameOf(d.CID), string(d.State), d.Attempts, d.Status, strings.ToValidUTF8(d.Error, "?"),
			sqlstore.Micros(d.FirstAt), sqlstore.Micros(d.LastAt), sqlstore.Micros(d.NextAt)); err != nil {
			return false, err
		}
	}
	if len(n.Deliveries) > 0 {
		_, err = tx.Change(`DELETE FROM webhook_deliveries WHERE endpoint = $1 AND state = $2 AND (last_at, log, seq) <
			(SELECT last_at, log, seq FROM webhook_deliveries WHERE endpoint = $1 AND state = $2 ORDER BY last_at DESC, log DESC, seq DESC LIMIT 1 OFFSET $3)`,
			e.ID, string(chat.DeliveryDone), deliveredKept)
	}
	if err != nil || !n.Tidy {
		return true, err
	}
	return true, w.forget(tx, e.ID, n.Now)
}

// forget removes given up deliveries whose events are no longer in the logs, and positions in
// deleted logs.
func (w Webhooks) forget(tx *sqlstore.Tx, id string, now time.Time) error {
	if _, err := tx.Change(`DELETE FROM webhook_deliveries WHERE endpoint = $1 AND state = $2 AND last_at < $3`,
		id, string(chat.DeliveryDead), sqlstore.Micros(now.Add(-chat.EventLifetime))); err != nil {
		return err
	}
	_, err := tx.Change(`DELETE FROM webhook_positions WHERE endpoint = $1 AND log <> 0 AND log NOT IN
		(SELECT no FROM channels UNION ALL SELECT no FROM bin UNION ALL SELECT no FROM hosted_logs)`, id)
	return err
}

// nameOf returns a cid as stored in columns, "" for none.
func nameOf(cid chat.CID) string {
	if cid == (chat.CID{}) {
		return ""
	}
	return cid.String()
}

func change(tx *sqlstore.Tx, text string, args ...any) error {
	_, err := tx.Change(text, args...)
	return err
}
