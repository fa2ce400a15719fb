package chat

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Edited is what a message carries after an edit.
type Edited struct {
	Attachments []json.RawMessage
	Added       bool     // some of them are new
	Mentions    []string // who is mentioned
	Mentioned   []string // users who weren't before
}

// Apply applies an edit to a message with these attachments and mentions. It changes
// nothing that the edit doesn't give.
func (e EditMessage) Apply(attachments []json.RawMessage, mentions []string) (after Edited, bad *Error) {
	after = Edited{Attachments: attachments, Mentions: mentions}
	if e.Attachments != nil {
		if after.Attachments, after.Added, bad = MergeAttachments(attachments, *e.Attachments); bad != nil {
			return after, bad
		}
	}
	if e.Mentions != nil {
		after.Mentions = *e.Mentions
		after.Mentioned = slices.DeleteFunc(slices.Clone(*e.Mentions), func(id string) bool { return slices.Contains(mentions, id) })
	}
	if bad = CheckText(e.Text, len(e.Text), len(after.Attachments)); bad != nil {
		return after, within("text", bad)
	}
	return after, nil
}

// AttachmentEdit is an attachment that an edit gives: one that the message has, by
// its address, or a new one. Refused says why it can't be a new one.
type AttachmentEdit struct {
	Attachment
	Refused *Error // its field is title, titleLink or assetUrl
}

// NewAttachmentEdit is [NewAttachment] for an edit.
func NewAttachmentEdit(title string, titleLink *string, assetURL string) AttachmentEdit {
	a, bad := NewAttachment(title, titleLink, assetURL)
	if bad != nil {
		a = Attachment{Title: title, AssetURL: assetURL}
		if titleLink != nil {
			a.TitleLink = *titleLink
		}
	}
	return AttachmentEdit{a, bad}
}

// MergeAttachments returns what a message carries after an edit that gives it these
// attachments. An attachment that the message has, by the address that is shown, stays as
// it is, of any type; a title or title link that differs from the one shown replaces it.
// Attachments that aren't shown stay. added reports whether there are new ones.
func MergeAttachments(old []json.RawMessage, given []AttachmentEdit) (merged []json.RawMessage, added bool, bad *Error) {
	kept, lead := shownWithRest(old)
	same := make([]*keptAttachment, len(given)) // the message's own; nil for a new one
	for i, g := range given {
		same[i] = take(kept, g.AssetURL)
	}
	merged = slices.Concat(lead, closeUp(kept))
	for i, g := range given {
		raw, bad := g.raw(same[i])
		if bad != nil {
			return nil, false, within(fmt.Sprintf("attachments[%d].%s", i, bad.Field), bad)
		}
		merged = append(merged, raw)
		if same[i] == nil {
			added = true
		} else {
			merged = append(merged, same[i].rest...)
		}
	}
	if added && len(merged) > MaxAttachments {
		return nil, false, Invalid("attachments", "A message carries at most %d attachments; this one has %d that aren't shown.", MaxAttachments, len(merged)-len(given))
	}
	return merged, added, nil
}

// raw is the attachment as it is stored, given the message's version of it.
func (g AttachmentEdit) raw(same *keptAttachment) (json.RawMessage, *Error) {
	if same != nil {
		return same.retitled(g.Attachment)
	}
	if g.Refused != nil {
		return nil, g.Refused
	}
	return g.Raw(), nil
}

// keptAttachment is a shown attachment of a message, with the attachments after it that
// aren't shown.
type keptAttachment struct {
	raw   json.RawMessage
	shown Attachment
	rest  []json.RawMessage
	taken bool
}

// shownWithRest splits attachments at the shown ones; lead are those before the first.
func shownWithRest(old []json.RawMessage) (kept []keptAttachment, lead []json.RawMessage) {
	for _, raw := range old {
		a, ok := shownAttachment(raw)
		switch {
		case ok:
			kept = append(kept, keptAttachment{raw: raw, shown: a})
		case len(kept) == 0:
			lead = append(lead, raw)
		default:
			last := &kept[len(kept)-1]
			last.rest = append(last.rest, raw)
		}
	}
	return kept, lead
}

// take finds an attachment with that address that isn't taken yet.
func take(kept []keptAttachment, address string) *keptAttachment {
	for i := range kept {
		if k := &kept[i]; !k.taken && k.shown.AssetURL == address {
			k.taken = true
			return k
		}
	}
	return nil
}

// closeUp appends what isn't shown after attachments that weren't taken to the one before,
// and returns what has none before it.
func closeUp(kept []keptAttachment) (lead []json.RawMessage) {
	rest := &lead
	for i := range kept {
		if kept[i].taken {
			rest = &kept[i].rest
		} else {
			*rest = append(*rest, kept[i].rest...)
		}
	}
	return lead
}

// retitled is the attachment with the title and the title link of another, if those differ
// from what is shown. An empty title link counts as left out.
func (k *keptAttachment) retitled(g Attachment) (json.RawMessage, *Error) {
	newTitle := g.Title != k.shown.Title
	newLink := g.TitleLink != "" && g.TitleLink != k.shown.TitleLink
	if newTitle {
		if bad := checkTitle(g.Title); bad != nil {
			return nil, bad
		}
	}
	if newLink {
		if _, bad := parseURL(g.TitleLink); bad != nil {
			return nil, within("titleLink", bad)
		}
	}
	if !newTitle && !newLink {
		return k.raw, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(k.raw, &fields); err != nil {
		return nil, Invalid("title", "The attachment can't be read.")
	}
	set := func(name, value string) { fields[name], _ = json.Marshal(value) } // a text always encodes
	if newTitle {
		set("title", g.Title)
	}
	if newLink {
		set("title_link", g.TitleLink)
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, Invalid("title", "The attachment can't be written.")
	}
	return raw, nil
}
