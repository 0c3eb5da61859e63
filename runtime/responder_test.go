package runtime

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

type possibleReply struct{ text *string }

func (r possibleReply) chosen() (*Publication, any) {
	if r.text == nil {
		return nil, nil
	}
	return &Publication{Name: "Text", Type: "text"}, *r.text
}

// TestReply checks what becomes of what a handler returns.
func TestReply(t *testing.T) {
	hello := "hello"
	with := func(p Publication, reply any, err error) func(context.Context, string) error {
		return ReplyWith(&p, func(context.Context, string) (any, error) { return reply, err })
	}
	choice := func(reply possibleReply, err error) func(context.Context, string) error {
		return ReplyWithChoice(possibleReply.chosen, func(context.Context, string) (possibleReply, error) { return reply, err })
	}
	refusal := &ReplyError{Code: "no"}
	broken := errors.New("broken")
	tests := []struct {
		name   string
		handle func(context.Context, string) error
		wrong  string // the error, if it goes to recovery
		reply  Message
		body   string
	}{
		{"text", with(Publication{Type: "t"}, hello, nil), "", Message{Type: "t", ContentType: "text/plain"}, hello},
		{"compressed", with(Publication{ContentEncoding: "gzip"}, hello, nil), "", Message{ContentType: "text/plain", ContentEncoding: "gzip"}, hello},
		{"an error", with(Publication{Type: "t", ContentType: "text/plain", ContentEncoding: "gzip"}, "", refusal), "", Message{Type: "t"}, ""},
		{"one of several", choice(possibleReply{&hello}, nil), "", Message{Type: "text", ContentType: "text/plain"}, hello},
		{"an error of several", choice(possibleReply{}, refusal), "", Message{}, ""},
		{"none of several", choice(possibleReply{}, nil), "none of the possible replies is set", Message{}, ""},
		{"another error", with(Publication{}, hello, broken), "broken", Message{}, ""},
		{"nil", with(Publication{Name: "P"}, (*square)(nil), nil), "reply P: the message is a nil pointer", Message{}, ""},
		{"no codec", with(Publication{Name: "P", ContentEncoding: "br"}, hello, nil), "reply P: content encoding \"br\": there is no codec", Message{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			delivery := &Delivery{Message: Message{ReplyTo: "me", MessageID: "7"}, encodings: standardEncodings}
			err := test.handle(ContextWithDelivery(t.Context(), delivery), "")
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || delivery.reply == nil {
				t.Fatalf("got %v, and the reply %+v", err, delivery.reply)
			}
			got := delivery.reply.message
			body := got.Body
			if got.ContentEncoding == "gzip" {
				body = gunzip(t, body)
			}
			if got.Type != test.reply.Type || got.ContentType != test.reply.ContentType || got.ContentEncoding != test.reply.ContentEncoding || string(body) != test.body {
				t.Errorf("the reply is %+v", got)
			}
			if got.RoutingKey != "me" || got.CorrelationID != "7" || !got.Mandatory {
				t.Errorf("the reply goes to %+v", got)
			}
		})
	}
}

type square struct{ Side int }

func gunzip(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestReplyChoice decodes a reply by its type.
func TestReplyChoice(t *testing.T) {
	var text string
	var bare []byte
	choice := ReplyChoice{{Publication: &Publication{Type: "text"}, Into: &text}, {Publication: &Publication{Type: "bytes"}, Into: &bare}}
	reply := func(amqpType string) callEnd {
		return callEnd{delivery: &Delivery{Message: Message{Type: amqpType}}, body: []byte(amqpType)}
	}
	if err := reply("bytes").decode(choice); err != nil || string(bare) != "bytes" || text != "" {
		t.Errorf("%v: text %q, bytes %q", err, text, bare)
	}
	if err := reply("other").decode(choice); !isType[*InvalidError](err) || text != "" {
		t.Errorf("another type gives %v", err)
	}
}
