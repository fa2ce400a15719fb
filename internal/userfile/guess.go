package userfile

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Costs of features that are unlikely in names. A guess is only a proposal: a person looks at the
// names before anything is stored.
const (
	costUnreadable = 10.0
	costSymbol     = 3.0 // between letters
	costMixed      = 3.0 // a word in two scripts, or an upper-case letter after a lower-case one
	costAccents    = 2.0 // a letter of a Latin word that is mostly accents
	costSmall      = 0.8 // a word in a script with cases that starts in lower case
	costForeign    = 0.25
	costIdeograph  = 0.1 // bytes of any kind can look like ideographs
	sampleBytes    = 32 << 10
)

// guess returns the code page in which a file looks most like names. Pages of the reader's
// languages are preferred.
func guess(file []byte, languages []string) string {
	sample := sampleOf(file)
	fromMac := bytes.IndexByte(file, '\r') >= 0 && bytes.IndexByte(file, '\n') < 0 // as in CSV for the Macintosh
	strange := 0.0                                                                 // number of bytes that aren't ASCII
	for _, c := range sample {
		if c >= utf8.RuneSelf {
			strange++
		}
	}
	best, least := codePages[0].name, math.Inf(1)
	for _, page := range codePages {
		foreign := page.foreign(languages)
		if fromMac != (page.name == "macintosh") {
			foreign = max(foreign, 0.25)
		}
		cost := page.cost(sample) + costForeign*foreign*strange
		if cost < least {
			best, least = page.name, cost
		}
	}
	return best
}

// sampleOf returns lines that contain bytes other than ASCII.
func sampleOf(file []byte) []byte {
	var sample []byte
	for line := range bytes.FieldsFuncSeq(file, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if bytes.ContainsFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }) {
			sample = append(append(sample, line[:min(len(line), 1024)]...), '\n')
		}
		if len(sample) > sampleBytes {
			break
		}
	}
	return sample
}

// foreign returns how far a page is from the reader's languages: 0 if it is for the first one, 1 if
// it is for none.
func (p codePage) foreign(languages []string) float64 {
	if len(languages) == 0 {
		languages = []string{"en"}
	}
	switch slices.IndexFunc(languages, func(language string) bool {
		language, _, _ = strings.Cut(language, "-")
		return slices.Contains(strings.Fields(p.languages), strings.ToLower(language))
	}) {
	case -1:
		return 1
	case 0:
		return 0
	}
	return 0.5
}

func (p codePage) cost(sample []byte) float64 {
	text, err := p.encoding.NewDecoder().Bytes(sample)
	if err != nil {
		return math.Inf(1)
	}
	cost := 0.0
	for word := range strings.FieldsFuncSeq(string(text), func(r rune) bool {
		return unicode.IsSpace(r) || r < utf8.RuneSelf && !unicode.IsLetter(r)
	}) {
		cost += wordCost(word)
	}
	return cost
}

var scripts = []*unicode.RangeTable{
	unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Hebrew, unicode.Arabic, unicode.Thai,
}

// wordCost returns how unlikely a word is.
func wordCost(word string) (cost float64) {
	letters, accents := 0, 0
	script := -1
	capitals := true // so far
	for i, r := range word {
		switch {
		case r == utf8.RuneError || unicode.IsControl(r):
			cost += costUnreadable
		case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana):
			cost += costIdeograph
			if r >= 0xff00 || letters > 0 && script != len(scripts) {
				cost += costMixed
			}
			script = len(scripts)
			letters++
		case unicode.IsLetter(r):
			of := slices.IndexFunc(scripts, func(t *unicode.RangeTable) bool { return unicode.Is(t, r) })
			if i > 0 && letters > 0 && of != script || i > 0 && r >= utf8.RuneSelf && unicode.IsUpper(r) && !capitals {
				cost += costMixed
			}
			script = of
			if letters++; letters == 1 && of > 0 && unicode.IsLower(r) {
				cost += costSmall
			}
			if of == 0 && r >= utf8.RuneSelf {
				accents++
			}
		case unicode.IsMark(r) && letters > 0:
		case !strings.ContainsRune("’‘“”„«»–—…€\u00a0·", r):
			cost += costSymbol
		}
		capitals = capitals && !unicode.IsLower(r)
	}
	if letters > 2 && 3*accents > 2*letters {
		cost += costAccents * float64(accents)
	}
	return cost
}
