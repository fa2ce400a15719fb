package stream_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backchannel/internal/chat"
	"backchannel/internal/stream"
)

// Each request says who asks, in Stream's way.
func TestRequestsAreSigned(t *testing.T) {
	h := open(t, stream.Options{})
	h.net.breakNext(1, http.MethodPost, "/channels", func(n *network, w http.ResponseWriter, r *http.Request) {
		if key := r.URL.Query().Get("api_key"); key != appKey {
			t.Errorf("the key is %q", key)
		}
		if kind := r.Header.Get("Stream-Auth-Type"); kind != "jwt" {
			t.Errorf("the kind of token is %q", kind)
		}
		claims := jwt.MapClaims{}
		token, err := jwt.ParseWithClaims(r.Header.Get("Authorization"), claims, func(*jwt.Token) (any, error) { return []byte(appSecret), nil },
			jwt.WithValidMethods([]string{"HS256"}))
		if err != nil || !token.Valid || len(claims) != 1 || claims["server"] != true {
			t.Errorf("the token is %v, %v", claims, err)
		}
		n.pass(w, r)
	})
	h.all()
}

// A redirect would send the token elsewhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	h := open(t, stream.Options{})
	h.net.breakNext(1_000, http.MethodPost, "/channels", func(_ *network, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/api/v2/elsewhere", http.StatusTemporaryRedirect)
	})
	if _, err := h.AllChannels(h.ctx()); chat.CodeOf(err) != chat.Unavailable {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
	if n := h.net.count("", "/elsewhere"); n != 0 {
		t.Error("the redirect was followed")
	}
}

// Stream's pause is observed if there is time for it.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	h.net.breakNext(1, http.MethodPost, "/channels", limited("1"))
	begun := time.Now()
	h.all()
	if took := time.Since(begun); took < time.Second {
		t.Errorf("asked again after %v, want 1 s", took)
	}
	h.net.breakNext(1, http.MethodPost, "/channels", limited("3600"))
	begun = time.Now()
	if _, err := h.Channel(h.ctx(), news); chat.CodeOf(err) != chat.RateLimited || time.Since(begun) > patience/4 {
		t.Errorf("where Stream wants an hour's pause: %v after %v, want RATE_LIMITED at once", err, time.Since(begun))
	}
}

// An answer that doesn't end is given up, and the call is repeated.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	h.net.breakNext(1, http.MethodPost, "/channels", func(_ *network, w http.ResponseWriter, _ *http.Request) {
		piece := []byte(strings.Repeat(" ", 1<<20))
		for range 70 {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	if n := len(h.all()); n != 0 || !strings.Contains(h.log.String(), "the answer is too long") {
		t.Errorf("after an answer without end %d channels are listed, and the log says %s", n, h.log)
	}
}

// What Stream says about its limits is shown, and observed.
func TestBudgets(t *testing.T) {
	t.Parallel()
	h := open(t, stream.Options{})
	reset := time.Now().Add(30 * time.Second).Truncate(time.Second)
	h.net.breakNext(1, http.MethodPost, "/channels", func(n *network, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "41")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
		w.Header().Set("X-Budget-Limit-Ms", "60000")
		w.Header().Set("X-Budget-Used-Ms", "60500")
		n.pass(w, r)
	})
	h.all()
	budgets := h.Info().Budgets
	if len(budgets) != 1 || budgets[0].Call != "query channels" || strconv.Itoa(budgets[0].PerMinute) != noLimit || *budgets[0].Remaining != 41 ||
		!budgets[0].ResetsAt.Equal(reset) || *budgets[0].DatabaseLimit != time.Minute || *budgets[0].DatabaseUsed != 60500*time.Millisecond {
		t.Errorf("told are %+v", budgets)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := h.Channels(ctx, chat.ChannelQuery{Limit: 1}); chat.CodeOf(err) != chat.RateLimited && chat.CodeOf(err) != chat.Unavailable {
		t.Errorf("with the budget used up: %v", err)
	}
	if n := h.net.count(http.MethodPost, "/channels"); n != 1 {
		t.Errorf("Stream was asked %d times, want once", n)
	}
}
