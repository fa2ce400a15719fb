package chat

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Limits on channel types.
const (
	MaxTypeNameLength = 64
	MaxChannelTypes   = 50
	MaxTypeText       = 20_000 // the largest possible limit on a message's characters
)

// TypeSettings are the settings of a channel type. The JSON names are those of the database
// and of Stream's API.
type TypeSettings struct {
	Name                string              `json:"name"`
	TypingEvents        bool                `json:"typing_events"`
	ReadEvents          bool                `json:"read_events"`
	ConnectEvents       bool                `json:"connect_events"`
	DeliveryEvents      bool                `json:"delivery_events"`
	CustomEvents        bool                `json:"custom_events"`
	Search              bool                `json:"search"`
	Reactions           bool                `json:"reactions"`
	Replies             bool                `json:"replies"`
	Quotes              bool                `json:"quotes"`
	Mutes               bool                `json:"mutes"`
	Uploads             bool                `json:"uploads"`
	URLEnrichment       bool                `json:"url_enrichment"`
	CountMessages       bool                `json:"count_messages"`
	Reminders           bool                `json:"reminders"`
	UserReminders       bool                `json:"user_message_reminders"`
	MarkMessagesPending bool                `json:"mark_messages_pending"`
	Polls               bool                `json:"polls"`
	SharedLocations     bool                `json:"shared_locations"`
	PushNotifications   bool                `json:"push_notifications"`
	SkipSystemMessages  bool                `json:"skip_last_msg_update_for_system_msgs"` // system messages don't change the time of the last message
	MaxMessageLength    int                 `json:"max_message_length"`                   // characters
	MessageRetention    string              `json:"message_retention"`
	Automod             string              `json:"automod"`
	AutomodBehavior     string              `json:"automod_behavior"`
	AutomodThresholds   map[string]any      `json:"automod_thresholds,omitempty"`
	Blocklist           string              `json:"blocklist,omitempty"`
	BlocklistBehavior   string              `json:"blocklist_behavior,omitempty"`
	Blocklists          []BlocklistUse      `json:"blocklists,omitempty"`
	AllowedFlagReasons  []string            `json:"allowed_flag_reasons,omitempty"`
	PartitionSize       int                 `json:"partition_size,omitempty"`
	PartitionTTL        string              `json:"partition_ttl,omitempty"`
	PushLevel           string              `json:"push_level,omitempty"`
	ChatPreferences     map[string]any      `json:"chat_preferences,omitempty"`
	Commands            []string            `json:"commands"`
	Permissions         []map[string]any    `json:"permissions"`
	Grants              map[string][]string `json:"grants"` // permissions by role

	CreatedAt time.Time `json:"-"`
	UpdatedAt time.Time `json:"-"`
}

// BlocklistUse says what happens to messages that contain a word of a block list.
type BlocklistUse struct {
	Blocklist string `json:"blocklist"`
	Behavior  string `json:"behavior"`
}

// DefaultSettings returns the settings of a type that nobody has changed.
func DefaultSettings(t ChannelType) TypeSettings {
	return TypeSettings{
		Name: string(t), TypingEvents: true, ReadEvents: true, ConnectEvents: true, DeliveryEvents: true, CustomEvents: true,
		Search: true, Reactions: true, Replies: true, Quotes: true, Mutes: true, Uploads: true,
		// Custom types start with the next three disabled, as Stream documents.
		UserReminders: t.Known(), Polls: t.Known(), CountMessages: t.Known(), URLEnrichment: t != Livestream, PushNotifications: true,
		MaxMessageLength: DefaultMaxText, MessageRetention: "infinite", Automod: "disabled", AutomodBehavior: "flag",
	}
}

// BuiltInCommands returns the commands that the built-in types name. They are stored and shown but
// never run.
func BuiltInCommands() []string { return []string{"ban", "flag", "giphy", "mute", "unban", "unmute"} }

// MaxCommands is the maximum number of commands that a channel type names.
const MaxCommands = 200

// BuiltInTypes returns the channel types that always exist.
func BuiltInTypes() []ChannelType {
	return []ChannelType{Commerce, Gaming, Livestream, Messaging, Team}
}

// CheckTypeName returns an error if the name of a channel type isn't valid.
func CheckTypeName(t ChannelType) *Error {
	if !MadeOf(string(t), MaxTypeNameLength, "_-") {
		return Invalid("", "The name of a channel type is 1 to %d characters of A-Z a-z 0-9 _ -.", MaxTypeNameLength)
	}
	return nil
}

// OneOf returns an error unless a value is one of the given words.
func OneOf(field, value string, words ...string) *Error {
	if !slices.Contains(words, value) {
		return Invalid(field, "%s is one of %q.", field, words)
	}
	return nil
}

var blockBehaviors = []string{"", "flag", "block", "shadow_block"}

// Check returns an error if the settings aren't valid.
func (s TypeSettings) Check() *Error {
	if s.MaxMessageLength < 1 || s.MaxMessageLength > MaxTypeText {
		return Invalid("max_message_length", "max_message_length is from 1 to %d.", MaxTypeText)
	}
	for _, bad := range []*Error{
		OneOf("automod", s.Automod, "disabled", "simple", "AI"),
		OneOf("automod_behavior", s.AutomodBehavior, "flag", "block", "shadow_block"),
		OneOf("blocklist_behavior", s.BlocklistBehavior, blockBehaviors...),
		OneOf("push_level", s.PushLevel, "", "all", "all_mentions", "mentions", "direct_mentions", "none"),
	} {
		if bad != nil {
			return bad
		}
	}
	if len(s.Commands) > MaxCommands {
		return Invalid("commands", "A channel type has at most %d commands.", MaxCommands)
	}
	for _, name := range s.Commands {
		if !MadeOf(name, MaxTypeNameLength, "_-") {
			return Invalid("commands", "The name of a command is 1 to %d characters of A-Z a-z 0-9 _ -.", MaxTypeNameLength)
		}
	}
	for _, use := range s.Blocklists {
		if bad := OneOf("blocklists.behavior", use.Behavior, blockBehaviors[1:]...); bad != nil {
			return bad
		}
	}
	return nil
}

// overridable are the settings of a type that a channel may override.
var overridable = []string{
	"blocklist", "blocklist_behavior", "chat_preferences", "commands", "count_messages", "grants", "max_message_length",
	"push_level", "quotes", "reactions", "replies", "shared_locations", "typing_events", "uploads", "url_enrichment",
	"user_message_reminders",
}

// With returns the settings of a channel that overrides some settings of its type.
// InvalidArguments: a setting can't be overridden, or not with that value.
func (s TypeSettings) With(overrides map[string]any) (TypeSettings, *Error) {
	if len(overrides) == 0 {
		return s, nil // and s stays off the heap: this is called for every message
	}
	return s.with(overrides)
}

func (s TypeSettings) with(overrides map[string]any) (TypeSettings, *Error) {
	plain := maps.Clone(overrides)
	for name, value := range overrides {
		if !slices.Contains(overridable, name) {
			return s, Invalid("config_overrides", "config_overrides can't have %q; it takes %q.", name, overridable)
		}
		if value == nil || name == "grants" { // these grants list only the differences
			delete(plain, name)
		}
	}
	text, err := json.Marshal(plain)
	if err == nil {
		s.ChatPreferences = maps.Clone(s.ChatPreferences)
		s.Commands = slices.Clone(s.Commands)
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, Invalid("config_overrides", "config_overrides has a value of the wrong type.")
	}
	return s, s.Check()
}

// Content is the part of a message that a channel's settings may refuse.
type Content struct {
	Text  string
	Files bool
	Reply bool
}

// CheckMessage returns an error if channels with these settings refuse a message.
func (s TypeSettings) CheckMessage(c Content) *Error {
	switch {
	case LongerThan(c.Text, s.MaxMessageLength):
		return Invalid("text", "The text must be at most %d characters long.", s.MaxMessageLength).Because(TooLong)
	case c.Files && !s.Uploads:
		return FeatureOff("attachments", "uploads")
	case c.Reply && !s.Replies:
		return FeatureOff("parent", "replies")
	}
	return nil
}

// CheckReaction returns an error if channels with these settings refuse reactions.
func (s TypeSettings) CheckReaction() *Error {
	if !s.Reactions {
		return FeatureOff("", "reactions")
	}
	return nil
}

// FeatureOff returns the error for a feature that is disabled in a channel.
func FeatureOff(field, feature string) *Error {
	return Invalid(field, "This channel has %s switched off, by its type or its own settings.", feature).Because(SwitchedOff)
}
