"""Progress bars of the commands that move data."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Bars:
    """A progress bar a table, on the error stream so that the output stays clean."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self.tasks: dict[str, TaskID] = {}

    def __call__(self, table: str, done: int, total: int) -> None:
        """Shows how far a table is; a total of 0 is one that nobody knows."""
        # Not before there is something to show: an empty display is an empty line.
        self.progress.start()
        if table not in self.tasks:
            self.tasks[table] = self.progress.add_task(table, total=total or None)
        self.progress.update(self.tasks[table], completed=done)

    def close(self) -> None:
        """Leaves the bars as they stand."""
        if self.tasks:
            self.progress.stop()
