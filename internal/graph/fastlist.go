package graph

import (
	"bytes"
	"context"
	"io"

	"github.com/99designs/gqlgen/graphql"

	"backchannel/internal/chat"
)

// channelListType is what allChannels lists.
const channelListType = "ChatStreamChannelsBoResponse"

// renderChannelList is a graphql.FieldMiddleware that writes allChannels in one
// go. gqlgen starts a goroutine for each element of a list and several closures
// for each of its fields, which for 10,000 channels costs thirty times as much.
// The answer is the same to the byte; where the selection holds anything but
// plain fields of a channel, gqlgen goes on.
func renderChannelList(ctx context.Context, next graphql.Resolver) (any, error) {
	res, err := next(ctx)
	fc := graphql.GetFieldContext(ctx)
	channels, ok := res.([]chat.Channel)
	if err != nil || !ok || fc.Object != "Query" || fc.Field.Name != "allChannels" {
		return res, err
	}
	if list, ok := newChannelList(graphql.CollectFieldsCtx(ctx, []string{channelListType}), channels); ok {
		return list, nil
	}
	return res, nil
}

// channelList is a graphql.Marshaler.
type channelList struct {
	fields   []channelField
	channels []chat.Channel
}

// channelField is one selected field: what stands before its value, and how the
// value is written.
type channelField struct {
	prefix string
	write  func([]byte, *chat.Channel) []byte
}

func newChannelList(selected []graphql.CollectedField, channels []chat.Channel) (channelList, bool) {
	list := channelList{channels: channels}
	prefix := `{"`
	for _, f := range selected {
		write := channelValue(f.Name)
		if write == nil {
			return channelList{}, false
		}
		list.fields = append(list.fields, channelField{prefix: prefix + f.Alias + `":`, write: write})
		prefix = `,"`
	}
	return list, true
}

// channelValue says how a field is written; nil where that isn't known here.
func channelValue(field string) func([]byte, *chat.Channel) []byte {
	switch field {
	case "id":
		return func(b []byte, c *chat.Channel) []byte { return appendString(b, c.CID.ID) }
	case "cid":
		return appendCID
	case "type":
		return func(b []byte, c *chat.Channel) []byte { return appendString(b, string(c.CID.Type)) }
	case "name":
		return func(b []byte, c *chat.Channel) []byte { return appendString(b, c.Name) }
	case "avatar":
		return appendAvatar
	case "__typename":
		return func(b []byte, _ *chat.Channel) []byte { return append(b, `"`+channelListType+`"`...) }
	}
	return nil
}

func appendCID(b []byte, c *chat.Channel) []byte {
	b = append(b, '"')
	b = appendEscaped(b, string(c.CID.Type))
	b = append(b, ':')
	b = appendEscaped(b, c.CID.ID)
	return append(b, '"')
}

func appendAvatar(b []byte, c *chat.Channel) []byte {
	if c.Avatar == "" {
		return append(b, "null"...)
	}
	return appendString(b, c.Avatar)
}

// MarshalGQL writes the list. Into gqlgen's own buffer it goes without a copy.
func (l channelList) MarshalGQL(w io.Writer) {
	buf, ok := w.(*bytes.Buffer)
	if !ok {
		buf = &bytes.Buffer{}
	}
	buf.Grow(l.size())
	_, _ = buf.Write(l.append(buf.AvailableBuffer()))
	if !ok {
		_, _ = w.Write(buf.Bytes())
	}
}

// size is how many bytes the list takes, but for escapes.
func (l channelList) size() int {
	perChannel := len("{},")
	for _, f := range l.fields {
		perChannel += len(f.prefix) + len(`"",`)
	}
	total := perChannel*len(l.channels) + len("[]")
	for i := range l.channels {
		c := &l.channels[i]
		total += 2*(len(c.CID.Type)+len(c.CID.ID)) + len(c.Name) + len(c.Avatar) + len("null:")
	}
	return total
}

func (l channelList) append(b []byte) []byte {
	b = append(b, '[')
	for i := range l.channels {
		if i > 0 {
			b = append(b, ',')
		}
		if len(l.fields) == 0 {
			b = append(b, '{')
		}
		for _, f := range l.fields {
			b = append(b, f.prefix...)
			b = f.write(b, &l.channels[i])
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	b = appendEscaped(b, s)
	return append(b, '"')
}

const upperHex = "0123456789ABCDEF"

// appendEscaped writes a string as graphql.MarshalString does.
func appendEscaped(b []byte, s string) []byte {
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&0xf])
		}
	}
	return append(b, s[start:]...)
}
