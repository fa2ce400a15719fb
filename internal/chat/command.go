package chat

import "time"

// MaxCommands is how many commands of one's own there may be.
const MaxCommands = 200

// Command is what people may begin a message with, after a slash. What becomes of
// it is not this program's.
type Command struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Args        string `json:"args"` // what to type behind it, for people
	Set         string `json:"set"`  // what it is shown with

	CreatedAt time.Time `json:"-"`
	UpdatedAt time.Time `json:"-"`
}

// BuiltInCommands are the commands that are always there.
func BuiltInCommands() []Command {
	return []Command{
		{Name: "ban", Description: "Keeps a user out", Args: "[@username] [text]", Set: "moderation_set"},
		{Name: "flag", Description: "Reports a user", Args: "[@username]", Set: "moderation_set"},
		{Name: "giphy", Description: "Shows a moving picture", Args: "[text]", Set: "fun_set"},
		{Name: "mute", Description: "Silences a user", Args: "[@username]", Set: "moderation_set"},
		{Name: "unban", Description: "Lets a user in again", Args: "[@username]", Set: "moderation_set"},
		{Name: "unmute", Description: "Lets a user speak again", Args: "[@username]", Set: "moderation_set"},
	}
}

// Check says what is wrong with a command, or nil.
func (c Command) Check() *Error {
	switch {
	case !madeOf(c.Name, MaxTypeNameLength, "_-"):
		return Invalid("name", "The name of a command is 1 to %d characters of A-Z a-z 0-9 _ -.", MaxTypeNameLength)
	case c.Description == "" || longerThan(c.Description, MaxNameLength):
		return Invalid("description", "description has 1 to %d characters.", MaxNameLength)
	case longerThan(c.Args, MaxNameLength) || longerThan(c.Set, MaxNameLength):
		return Invalid("args", "args and set have at most %d characters.", MaxNameLength)
	case hasNUL(c.Description + c.Args + c.Set):
		return Invalid("description", "A command must not contain the NUL character.")
	}
	return nil
}
