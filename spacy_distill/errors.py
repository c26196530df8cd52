"""The one exception that says: the user can mend this, and the message says how."""


class UserError(ValueError):
    """Something in the user's input is wrong.

    The message is one clear statement of what happened, with the value, the file and line or the
    Doc's id, and what to do. The command line prints it without a traceback and exits with 1.
    """
