package transport

import (
	"mime"
	"strconv"
	"strings"
)

// mediaType is the media type of a response. The two types differ in the status of a request that
// was understood but can't be executed: 400, or 200 for the older application/json, whose clients
// treat any other status as a broken connection.
type mediaType string

const (
	graphqlJSON mediaType = "application/graphql-response+json"
	plainJSON   mediaType = "application/json"
)

// negotiate selects the response's media type according to the Accept headers: the one with the
// highest weight, the first of those with equal weight, and application/json if the headers accept
// both alike. It returns "" if they accept neither.
func negotiate(accept []string) mediaType {
	var best mediaType
	var bestQ float64
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		media, q := parseRange(part)
		if media != "" && q > bestQ {
			best, bestQ = media, q
		}
	}
	if best == "" && strings.TrimSpace(strings.Join(accept, "")) == "" {
		return plainJSON
	}
	return best
}

// parseRange parses one media range of an Accept header. It returns the matching media type, "" for
// none, and its weight.
func parseRange(s string) (mediaType, float64) {
	name, params, err := mime.ParseMediaType(s)
	if err != nil || !utf8Charset(params) {
		return "", 0
	}
	q := 1.0
	if text, ok := params["q"]; ok {
		if q, err = strconv.ParseFloat(text, 64); err != nil || !(q > 0 && q <= 1) {
			return "", 0
		}
	}
	switch name {
	case string(graphqlJSON):
		return graphqlJSON, q
	case string(plainJSON), "application/*", "*/*":
		return plainJSON, q
	}
	return "", 0
}

// utf8Charset reports whether a media type's parameters allow UTF-8.
func utf8Charset(params map[string]string) bool {
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}
