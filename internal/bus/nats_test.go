package bus_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nkeys" // makes the keys that NATS knows users by; Apache-2.0

	"backchannel/internal/bus"
	"backchannel/internal/chat"
	"backchannel/internal/metrics"
	"backchannel/internal/metricstest"
	"backchannel/internal/natstest"
)

// listener is one server on the bus.
type listener struct {
	*bus.Bus
	t     *testing.T
	epoch string

	mu      sync.Mutex
	entries []bus.Entry
	signals []bus.Signal
	missed  int
	said    bytes.Buffer // its log
}

func (l *listener) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.Write(p)
}

// join puts a server on the bus.
func join(t *testing.T, o bus.Options) *listener {
	t.Helper()
	l := &listener{t: t, epoch: rand.Text()}
	o.Logger, o.Epoch = slog.New(slog.NewTextHandler(l, nil)), l.epoch
	if o.Database == "" {
		o.Database = "d1"
	}
	o.Node = t.Name()
	var err error
	if l.Bus, err = bus.New(o); err != nil {
		t.Fatal(err)
	}
	note := func(fn func()) {
		l.mu.Lock()
		defer l.mu.Unlock()
		fn()
	}
	l.Start(bus.Handler{
		Entries:  func(list []bus.Entry) { note(func() { l.entries = append(l.entries, list...) }) },
		Signal:   func(s bus.Signal) { note(func() { l.signals = append(l.signals, s) }) },
		Missed:   func() { note(func() { l.missed++ }) },
		Complete: func([]bus.Entry) {},
	})
	t.Cleanup(l.Close)
	return l
}

// await waits until something is so.
func (l *listener) await(what string, is func() bool) {
	l.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		ok := is()
		l.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			l.giveUp(what)
		}
	}
}

// giveUp ends the test, and says what has come.
func (l *listener) giveUp(what string) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.t.Fatalf("%s: %d entries, %d signals, missed %d times, log:\n%s", what, len(l.entries), len(l.signals), l.missed, l.said.String())
}

func (l *listener) awaitEntry(seq int64) {
	l.t.Helper()
	l.await(fmt.Sprint("entry ", seq), func() bool { return len(l.entries) > 0 && l.entries[len(l.entries)-1].Seq == seq })
}

func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.missed
}

// meet waits until two servers hear each other, and have no more to catch up on.
func meet(a, b *listener) {
	for _, l := range []*listener{a, b} {
		l.await("hearing the other", func() bool { return l.missed >= 2 && l.Whole() })
	}
}

func entry(seq int64) []bus.Entry {
	cid := chat.CID{Type: chat.Team, ID: "deals"}
	return []bus.Entry{{CID: cid, Seq: seq, Event: &chat.Event{CID: cid, Seq: seq, Type: chat.MessageNew, Message: &chat.Message{Text: "hello"}}}}
}

// Servers of one database hear each other, themselves not, and servers of another database
// neither. A large batch comes in several frames without a gap.
func TestServersHearEachOther(t *testing.T) {
	nats := natstest.Open(t, "max_payload: 65536")
	a, b := join(t, bus.Options{URL: nats.URL()}), join(t, bus.Options{URL: nats.URL()})
	other := join(t, bus.Options{URL: nats.URL(), Database: "d2"})
	meet(a, b)
	before := b.count()
	a.Send(entry(1))
	b.awaitEntry(1)
	a.Signal(bus.Signal{To: "anna", Event: chat.Event{Type: chat.TypingStart}})
	b.await("a signal", func() bool { return len(b.signals) == 1 && b.signals[0].To == "anna" })
	var batch []bus.Entry
	for seq := range int64(100) {
		batch = append(batch, entry(seq+2)...)
		batch[seq].Event.Message.Text = strings.Repeat("x", 2000)
	}
	huge := entry(102)
	huge[0].Event.Message.Text = strings.Repeat("x", 100_000)
	a.Send(append(batch, huge...))
	b.awaitEntry(102)
	b.mu.Lock()
	if len(b.entries) != 102 || b.entries[50].Event == nil || b.entries[101].Event != nil {
		t.Errorf("%d entries arrived; the one that fits into no frame has its event: %t", len(b.entries), b.entries[101].Event != nil)
	}
	b.mu.Unlock()
	if n := b.count() - before; n != 0 {
		t.Errorf("it was told %d times that something is missing", n)
	}
	for _, l := range []*listener{a, other} {
		l.mu.Lock()
		if len(l.entries)+len(l.signals) > 0 {
			t.Errorf("a server heard what isn't for it: %v %v", l.entries, l.signals)
		}
		l.mu.Unlock()
	}
}

// After NATS was away, a server stood still, or fell silent, the logs are read. What a
// server says meanwhile is lost, and it never waits.
func TestFaultsOfTheBus(t *testing.T) {
	nats := natstest.Open(t, "")
	ofA, ofB := metrics.New("a"), metrics.New("b")
	a, b := join(t, bus.Options{URL: nats.URL(), Metrics: ofA}), join(t, bus.Options{URL: nats.URL(), Metrics: ofB})
	meet(a, b)
	if connected, heard := metricstest.Read(t, ofB, "bus_connected"), metricstest.Read(t, ofB, "bus_nodes"); connected != 1 || heard != 1 {
		t.Errorf("the figures: connected is %v, and %v servers are heard", connected, heard)
	}
	t.Run("NATS is killed and comes back", func(t *testing.T) {
		before := b.count()
		nats.Kill()
		b.await("the loss", func() bool { return b.missed > before && !b.Whole() })
		if got := metricstest.Read(t, ofB, "bus_connected"); got != 0 {
			t.Errorf("the figures: connected is %v to a NATS that was killed", got)
		}
		begin := time.Now()
		for seq := range int64(5000) {
			a.Send(entry(seq + 1))
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("sending to nobody took %v", took)
		}
		nats.Start()
		b.await("the return", func() bool { return b.missed >= before+3 && b.Whole() }) // lost, back, heard
		a.Send(entry(6000))
		b.awaitEntry(6000)
		for figure, m := range map[string]*metrics.Metrics{"bus_dropped_total": ofA, "bus_gaps_total": ofB,
			`bus_frames_total{direction="sent"`: ofA, `bus_frames_total{direction="received"`: ofB} {
			if metricstest.Read(t, m, figure) < 1 {
				t.Errorf("the figures: %s is 0", figure)
			}
		}
	})
	t.Run("NATS stands still", func(*testing.T) {
		before := b.count()
		nats.Signal(syscall.SIGSTOP)
		b.await("silence", func() bool { return b.missed > before && !b.Whole() })
		nats.Signal(syscall.SIGCONT)
		b.await("the return", b.Whole)
		a.Send(entry(7000))
		b.awaitEntry(7000)
	})
	t.Run("another server ends", func(t *testing.T) {
		t.Run("having been heard", func(t *testing.T) {
			c := join(t, bus.Options{URL: nats.URL()})
			b.await("hearing it", func() bool { return b.Hears(c.epoch) })
		})
		before := b.count()
		b.await("silence", func() bool { return b.missed > before && !b.Whole() })
	})
}

// A server starts without NATS, and finds it later.
func TestNATSComesLater(t *testing.T) {
	nats := natstest.Open(t, "")
	nats.Kill()
	a, b := join(t, bus.Options{URL: nats.URL()}), join(t, bus.Options{URL: nats.URL()})
	a.Send(entry(1))
	b.await("a line in the log", func() bool { return strings.Contains(b.said.String(), "NATS can't be reached") })
	nats.Start()
	meet(a, b)
	a.Send(entry(2))
	b.awaitEntry(2)
}

// Each way to sign in works with the right secret, and doesn't with a wrong one, which the
// log says without the secret.
func TestSigningIn(t *testing.T) {
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, _ := key.PublicKey()
	seed, _ := key.Seed()
	stranger, _ := nkeys.CreateUser()
	strange, _ := stranger.Seed()
	operator, _ := nkeys.CreateOperator()
	account, _ := nkeys.CreateAccount()
	of, _ := account.PublicKey()
	operated := fmt.Sprintf("operator: %s\nresolver: MEMORY\nresolver_preload: { %s: %s }",
		jwt(t, "operator", operator, operator), of, jwt(t, "account", operator, account))
	folder := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca, cert, certKey := certificates(t)
	otherCA, _, _ := certificates(t)
	caFile, otherFile, certFile, keyFile := file("ca.pem", ca), file("other-ca.pem", otherCA), file("cert.pem", cert), file("key.pem", certKey)
	tls := fmt.Sprintf("tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true }", certFile, keyFile, caFile)
	with := func(address, before string) string { return strings.Replace(address, "://", "://"+before+"@", 1) }
	for _, row := range []struct {
		how, config, cause string // the cause is a pattern of what the log says of the wrong one
		right, wrong       func(o *bus.Options)
	}{
		{"password", `authorization { user: chat, password: s3cretword }`, "Authorization Violation",
			func(o *bus.Options) { o.URL = with(o.URL, "chat:s3cretword") }, func(o *bus.Options) { o.URL = with(o.URL, "chat:wr0ngword") }},
		{"token", `authorization { token: s3cretword }`, "Authorization Violation",
			func(o *bus.Options) { o.URL = with(o.URL, "s3cretword") }, func(o *bus.Options) { o.URL = with(o.URL, "wr0ngword") }},
		{"NKey", `authorization { users: [ { nkey: ` + public + ` } ] }`, "Authorization Violation",
			func(o *bus.Options) { o.NKey = file("nkey", seed) }, func(o *bus.Options) { o.NKey = file("strange", strange) }},
		{"JWT and NKey", operated, "Authorization Violation",
			func(o *bus.Options) { o.Creds = file("creds", credentials(t, account, key)) },
			func(o *bus.Options) { o.Creds = file("strange-creds", credentials(t, stranger, stranger)) }},
		// Whether the server's refusal or the end of its connection is seen first is a matter of luck.
		{"TLS with a certificate", tls, "certificate required|closed by remote after TLS handshake",
			func(o *bus.Options) {
				o.URL, o.CA, o.Cert, o.Key = strings.Replace(o.URL, "nats://", "tls://", 1), caFile, certFile, keyFile
			},
			func(o *bus.Options) { o.URL, o.CA = strings.Replace(o.URL, "nats://", "tls://", 1), caFile }},
		{"TLS with an authority of its own", fmt.Sprintf("tls { cert_file: %q, key_file: %q }", certFile, keyFile), "unknown authority",
			func(o *bus.Options) { o.URL, o.CA = strings.Replace(o.URL, "nats://", "tls://", 1), caFile },
			func(o *bus.Options) { o.URL, o.CA = strings.Replace(o.URL, "nats://", "tls://", 1), otherFile }},
	} {
		t.Run(row.how, func(t *testing.T) {
			nats := natstest.Open(t, row.config)
			right, wrong := bus.Options{URL: nats.URL()}, bus.Options{URL: nats.URL()}
			row.right(&right)
			row.wrong(&wrong)
			a, b, refused := join(t, right), join(t, right), join(t, wrong)
			meet(a, b)
			a.Send(entry(1))
			b.awaitEntry(1)
			refused.await("a line in the log", func() bool { return refused.said.Len() > 0 })
			refused.mu.Lock()
			defer refused.mu.Unlock()
			if said := refused.said.String(); refused.Whole() || !strings.Contains(said, "NATS can't be reached") || !regexp.MustCompile(row.cause).MatchString(said) || len(refused.entries) > 0 || strings.Contains(said, "word@") ||
				strings.Contains(said, "wr0ngword") || strings.Contains(said, string(strange)) {
				t.Errorf("connected: %t, %d entries, log: %s", refused.Whole(), len(refused.entries), said)
			}
		})
	}
}

// jwt is what one key says of another in NATS's form.
func jwt(t *testing.T, kind string, by, of nkeys.KeyPair) string {
	t.Helper()
	issuer, _ := by.PublicKey()
	subject, _ := of.PublicKey()
	limits := map[string]any{"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "conn": -1, "leaf": -1, "wildcards": true}
	nats := map[string]any{"type": kind, "version": 2, "subs": -1, "data": -1, "payload": -1}
	if kind == "account" {
		nats["limits"] = limits
	}
	claims, err := json.Marshal(map[string]any{"jti": rand.Text(), "iat": time.Now().Unix(), "iss": issuer, "sub": subject, "name": kind, "nats": nats})
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ed25519-nkey"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	signature, err := by.Sign([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// credentials is the file of a user, whom an account vouches for.
func credentials(t *testing.T, account, user nkeys.KeyPair) []byte {
	t.Helper()
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, "-----BEGIN NATS USER JWT-----\n%s\n------END NATS USER JWT------\n\n"+
		"-----BEGIN USER NKEY SEED-----\n%s\n------END USER NKEY SEED------\n", jwt(t, "user", account, user), seed)
}

// Settings that can't work are refused at once.
func TestSettingsOfTheBus(t *testing.T) {
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := bus.Options{URL: "nats://127.0.0.1:4222", Logger: slog.New(slog.DiscardHandler)}
	if _, err := bus.New(good); err != nil {
		t.Errorf("good settings: %v", err)
	}
	for what, change := range map[string]func(o *bus.Options){
		"no address":              func(o *bus.Options) { o.URL = "" },
		"another scheme":          func(o *bus.Options) { o.URL = "http://127.0.0.1" },
		"no scheme":               func(o *bus.Options) { o.URL = "127.0.0.1:4222" },
		"one good and one bad":    func(o *bus.Options) { o.URL += ", ftp://x" },
		"missing credentials":     func(o *bus.Options) { o.Creds = filepath.Join(folder, "none") },
		"a seed that is none":     func(o *bus.Options) { o.NKey = empty },
		"authorities that aren't": func(o *bus.Options) { o.CA = empty },
		"a certificate alone":     func(o *bus.Options) { o.Cert = empty },
		"a certificate that isn't": func(o *bus.Options) {
			o.Cert, o.Key = empty, empty
		},
	} {
		o := good
		change(&o)
		if _, err := bus.New(o); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

// certificates makes an authority, and a certificate of it for 127.0.0.1 that is good for
// both sides.
func certificates(t *testing.T) (ca, cert, key []byte) {
	t.Helper()
	sign := func(template, parent *x509.Certificate, public *ecdsa.PublicKey, by *ecdsa.PrivateKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	fresh := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	authority, own := fresh(), fresh()
	root := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.MarshalECPrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	return sign(root, root, &authority.PublicKey, authority), sign(leaf, root, &own.PublicKey, authority),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}
