package transport

import "testing"

func TestMediaType(t *testing.T) {
	for accept, want := range map[string]mediaType{
		"":                                     plainJSON,
		"*/*":                                  plainJSON,
		"application/*":                        plainJSON,
		"application/json":                     plainJSON,
		"application/json; charset=utf-8":      plainJSON,
		"APPLICATION/JSON":                     plainJSON,
		"application/graphql-response+json":    graphqlJSON,
		"text/html, */*;q=0.1":                 plainJSON,
		"text/html":                            "",
		"application/json;q=0":                 "",
		"application/json;q=x":                 "",
		"application/json; charset=iso-8859-1": "",
		";":                                    "",
		"application/graphql-response+json,application/json;q=0.9":     graphqlJSON, // Apollo Client
		"application/graphql-response+json; charset=utf-8, */*":        graphqlJSON,
		"application/json, application/graphql-response+json":          plainJSON,
		"application/json;q=0.5,application/graphql-response+json;q=1": graphqlJSON,
	} {
		if got := negotiate([]string{accept}); got != want {
			t.Errorf("Accept %q gives %q, want %q", accept, got, want)
		}
	}
	if got := negotiate([]string{"text/html", "application/graphql-response+json"}); got != graphqlJSON {
		t.Errorf("two Accept headers give %q", got)
	}
}
