"""The subcommands of `lockstep`, one module each."""
