package rabbittest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// managed returns a broker whose management API answers with one status after the other and repeats
// the last. asked receives the number of requests, each time.
func managed(t *testing.T, asked func(int), statuses ...int) *broker {
	t.Helper()
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := statuses[min(n, len(statuses)-1)]
		n++
		asked(n)
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"reason":"answer %d to %s"}`, n, r.Method)
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword("guest", "guest")
	return &broker{management: address}
}

func TestCallAsksAgain(t *testing.T) {
	for name, c := range map[string]struct {
		statuses []int
		asked    int
		answer   string
		err      string
	}{
		"at once":            {[]int{200}, 1, "answer 1 to GET", ""},
		"after trouble":      {[]int{503, 500, 200}, 3, "answer 3 to GET", ""},
		"refused":            {[]int{400}, 1, "", `management API: GET /api/x: 400 Bad Request: {"reason":"answer 1 to GET"}`},
		"refused in the end": {[]int{500, 401}, 2, "", `management API: GET /api/x: 401 Unauthorized: {"reason":"answer 2 to GET"}`},
		"not found":          {[]int{404}, 1, "", "management API: GET /api/x: not found"},
		"no longer found":    {[]int{500, 404}, 2, "", "management API: GET /api/x: not found"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			b := managed(t, func(n int) { asked = n }, c.statuses...)
			var out struct{ Reason string }
			err := b.call(t.Context(), http.MethodGet, "/api/x", nil, &out)
			if got := text(err); got != c.err || out.Reason != c.answer || asked != c.asked {
				t.Errorf("asked %d times, answer %q, error %q; want %d, %q, %q", asked, out.Reason, got, c.asked, c.answer, c.err)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestCallGivesUp runs out of time while the API still fails: the test gets the API's last answer.
func TestCallGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := managed(t, func(n int) {
		if n == 3 {
			cancel()
		}
	}, 500)
	err := b.call(ctx, http.MethodPut, "/api/x", nil, nil)
	if err == nil || !strings.Contains(err.Error(), `management API: PUT /api/x: 500 Internal Server Error: {"reason":"answer `) {
		t.Errorf("error is %v", err)
	}
}

func TestCallWithoutServer(t *testing.T) {
	b := managed(t, func(int) {}, 200)
	b.management.Host = "127.0.0.1:1"
	var failed *url.Error
	if err := b.call(t.Context(), http.MethodGet, "/api/x", nil, nil); !errors.As(err, &failed) {
		t.Errorf("error is %v, want that nothing listens", err)
	}
}

func TestRemoveWhatGoes(t *testing.T) {
	for name, statuses := range map[string][]int{
		"had gone":              {404},
		"goes meanwhile":        {500, 404},
		"is removed in the end": {500, 500, 204},
	} {
		t.Run(name, func(t *testing.T) {
			if err := managed(t, func(int) {}, statuses...).remove(t.Context(), "/api/x"); err != nil {
				t.Error(err)
			}
		})
	}
	if err := managed(t, func(int) {}, 403).remove(t.Context(), "/api/x"); err == nil {
		t.Error("a refusal passed for success")
	}
}
