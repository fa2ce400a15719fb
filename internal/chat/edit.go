package chat

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Edited is the result of an edit: what the message then carries.
type Edited struct {
	Attachments []json.RawMessage
	Added       bool     // some attachments are new
	Mentions    []string // users who are mentioned
	Mentioned   []string // users who are mentioned and weren't before
}

// Apply applies an edit to a message that has these attachments and mentions. Parts that the edit
// doesn't contain stay as they are.
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

// AttachmentEdit is an attachment in an edit: either one that the message already has, identified
// by its address, or a new one. Refused says why it can't be added as a new one.
type AttachmentEdit struct {
	Attachment
	Refused *Error // its field is title, titleLink or assetUrl
}

// NewAttachmentEdit returns an attachment of an edited message. Its title, link and address are as in
// [NewAttachment].
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

// MergeAttachments returns the attachments of a message after an edit. An attachment whose shown
// address is already in the message is kept unchanged, whatever its type, except that a title or
// title link that differs from the shown one replaces it. Attachments that aren't shown are kept.
// added reports whether there are new ones.
func MergeAttachments(old []json.RawMessage, given []AttachmentEdit) (merged []json.RawMessage, added bool, bad *Error) {
	kept, lead := shownWithRest(old)
	same := make([]*keptAttachment, len(given)) // the message's own attachments; nil for a new one
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

// raw returns the attachment in stored form, given the message's version of it, nil if it is new.
func (g AttachmentEdit) raw(same *keptAttachment) (json.RawMessage, *Error) {
	if same != nil {
		return same.retitled(g.Attachment)
	}
	if g.Refused != nil {
		return nil, g.Refused
	}
	return g.Raw(), nil
}

// keptAttachment is a shown attachment of a message, together with the attachments after it that
// aren't shown.
type keptAttachment struct {
	raw   json.RawMessage
	shown Attachment
	rest  []json.RawMessage
	taken bool
}

// shownWithRest groups attachments by the shown ones; lead are those before the first.
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

// take finds an attachment with that address that wasn't taken yet.
func take(kept []keptAttachment, address string) *keptAttachment {
	for i := range kept {
		if k := &kept[i]; !k.taken && k.shown.AssetURL == address {
			k.taken = true
			return k
		}
	}
	return nil
}

// closeUp moves the attachments that aren't shown from after removed attachments to the kept
// attachment before. It returns those that have none before.
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

// retitled returns the attachment with the given title and title link, if they differ from the
// shown ones. An empty title link counts as omitted.
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
	set := func(name, value string) { fields[name], _ = json.Marshal(value) } // encoding a text can't fail
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
