"""One self-contained HTML page of a replay, old and new answers side by side."""

import difflib
from collections.abc import Iterator
from html import escape

from compat_rest.parity.masking import mask_text
from compat_rest.parity.replay import RecordingResult, Results, StepResult
from compat_rest.parity.report import places, summary, written

STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; --gone: #ffebe9; --came: #dafbe1;
  --bad: #b3261e; --good: #1a7f37; --dim: #57606a; --page: #fff; --ink: #1f2328; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23; --gone: #4b1f20;
  --came: #17392a; --bad: #ff8a80; --good: #57c97a; --dim: #9198a1; --page: #0d1117; --ink: #e6edf3; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 84rem;
  background: var(--page); color: var(--ink); }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.bad { color: var(--bad); } .good { color: var(--good); } .dim { color: var(--dim); }
.verdict { font-weight: 600; font-size: 1.05rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .7rem 0; }
summary { padding: .5rem .8rem; cursor: pointer; background: var(--soft); overflow-wrap: anywhere; }
details > div { padding: .5rem .8rem; }
code, .sides td { font: 12.5px/1.45 ui-monospace, monospace; }
.sides { table-layout: fixed; }
.sides td { white-space: pre-wrap; overflow-wrap: anywhere; border: 0; padding: 0 .5rem; }
.sides td + td { border-left: 1px solid var(--line); }
.sides .gone { background: var(--gone); } .sides .came { background: var(--came); }
"""


def as_html(results: Results) -> str:
    """The page; it loads nothing from anywhere."""
    verdict = "bad" if results.different else "good"
    parts = (
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Replay: {results.different} different</title><style>{STYLE}</style></head><body>",
        f'<h1>Replay</h1><p class="verdict {verdict}">{escape(summary(results))}</p>',
        *_recordings(results),
        *_rows(results),
        *_steps(results, explained=False),
        *_steps(results, explained=True),
        "</body></html>",
    )
    return "\n".join(parts) + "\n"


def _recordings(results: Results) -> Iterator[str]:
    yield '<h2>Scenarios</h2><div class="scroll"><table><thead><tr><th>scenario</th><th>story</th>'
    yield "".join(f'<th class="n">{name}</th>' for name in ("steps", "equal", "different", "explained"))
    yield "</tr></thead><tbody>"
    for result in results.recordings:
        numbers = (len(result.steps), result.equal, result.different, result.explained)
        cells = "".join(f'<td class="n">{number}</td>' for number in numbers)
        style = ' class="bad"' if result.different else ""
        story = escape(result.recording.comment) + ("" if result.paired else " <em>No second run.</em>")
        yield f'<tr{style}><td>{escape(result.name)}</td><td class="dim">{story}</td>{cells}</tr>'
    yield "</tbody></table></div>"


def _rows(results: Results) -> Iterator[str]:
    if not results.deviations.rows:
        return
    yield '<h2>Deviations</h2><div class="scroll"><table><thead><tr><th>rule</th><th>kind</th><th>old</th>'
    yield '<th>new</th><th>reason</th><th class="n">steps</th></tr></thead><tbody>'
    for row in results.deviations.rows:
        cells = (row.id, row.kind, row.old, row.new, row.reason)
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield f'<td class="n">{results.coverage[row.id]}</td></tr>'
    yield "</tbody></table></div>"


def _steps(results: Results, *, explained: bool) -> Iterator[str]:
    chosen = [
        (result, step)
        for result in results.recordings
        for step in result.steps
        if step.found and (step.row is not None) is explained
    ]
    if chosen:
        yield f"<h2>{'Explained' if explained else 'Different'}</h2>"
    for result, step in chosen:
        yield from _step(result, step)


def _step(result: RecordingResult, step: StepResult) -> Iterator[str]:
    place = f"{result.name}[{step.step.index}]"
    state = "" if step.row else " open"
    yield f"<details{state}><summary>{escape(place)} <code>{escape(mask_text(step.step.request.line))}</code>"
    yield f'<span class="dim">{escape(step.step.comment)}</span></summary><div>'
    if step.row is not None:
        yield f"<p>{escape(step.row.id)} ({step.row.kind}): {escape(step.row.reason)}</p>"
    yield "<ul>" + "".join(f"<li><code>{escape(line)}</code></li>" for line in places(step))
    yield "".join(f'<li class="dim">{escape(note)}</li>' for note in step.notes) + "</ul>"
    yield '<table class="sides"><thead><tr><th>old server</th><th>this server</th></tr></thead><tbody>'
    yield from _sides(written(step.step.answer), written(step.new))
    yield "</tbody></table></div></details>"


def _sides(old: list[str], new: list[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        height = max(old_to - old_from, new_to - new_from)
        for line in range(height):
            left = old[old_from + line] if old_from + line < old_to else None
            right = new[new_from + line] if new_from + line < new_to else None
            yield f"<tr>{_cell(left, tag, 'gone')}{_cell(right, tag, 'came')}</tr>"


def _cell(text: str | None, tag: str, style: str) -> str:
    if text is None:
        return "<td></td>"
    return f"<td>{escape(text)}</td>" if tag == "equal" else f'<td class="{style}">{escape(text)}</td>'
