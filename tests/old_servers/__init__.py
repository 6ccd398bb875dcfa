"""Old servers on their real frameworks, and the machinery that drives them beside this one."""
