"""Reports of a replay: a table for the terminal, unified differences, JSON and JUnit XML."""

import difflib
import json
import re
import xml.etree.ElementTree as ElementTree  # nosec B405  # writes XML, reads none
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from compat_rest.parity.masking import mask_text, mask_value
from compat_rest.parity.messages import Answer
from compat_rest.parity.noise import IGNORED_HEADERS
from compat_rest.parity.replay import RecordingResult, Results, StepResult


def summary(results: Results) -> str:
    """One sentence: what was replayed and what came of it."""
    explained = sum(result.explained for result in results.recordings)
    equal = sum(result.equal for result in results.recordings)
    return (
        f"{len(results.recordings)} recordings, {results.steps} steps: {equal} equal, "
        f"{explained} explained, {results.different} different."
    )


def show(results: Results, console: Console) -> None:
    """Prints the differences, the table of recordings, the use of each rule, and one sentence."""
    for result in results.recordings:
        for step in result.steps:
            if step.unexplained:
                _show_step(result, step, console)
    console.print(_recordings(results))
    if results.deviations.rows:
        console.print(_rows(results))
    for row in results.unused:
        console.print(f"[yellow]Rule {escape(row.id)} explains no step of these recordings.[/]")
    for result in results.recordings:
        if not result.paired:
            console.print(
                f"[yellow]{escape(result.name)} has no second run beside it, so only session cookies and "
                "declared tolerances may differ.[/]"
            )
    console.print(summary(results), style="bold red" if results.different else "bold green")


def _recordings(results: Results) -> Table:
    table = Table(title="Replay")
    table.add_column("scenario", no_wrap=True)
    for name in ("steps", "equal", "different", "explained"):
        table.add_column(name, justify="right")
    for result in results.recordings:
        numbers = (len(result.steps), result.equal, result.different, result.explained)
        style = "red" if result.different else None
        table.add_row(escape(result.name), *map(str, numbers), style=style)
    return table


def _rows(results: Results) -> Table:
    table = Table("rule", "kind", "reason", title="Deviations")
    table.add_column("steps", justify="right")
    for row in results.deviations.rows:
        table.add_row(escape(row.id), row.kind, escape(row.reason), str(results.coverage[row.id]))
    return table


def _show_step(result: RecordingResult, step: StepResult, console: Console) -> None:
    title = f"{result.name}[{step.step.index}] {step.step.request.line}"
    console.rule(escape(mask_text(title)), style="red", align="left")
    console.print(escape(f"{step.step.comment} ({result.recording.path})"), style="dim")
    for line in (*places(step), *step.notes):
        console.print(f"  {escape(line)}", soft_wrap=True)
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in unified(step):
        console.print(escape(line), style=colours.get(line[:1]), soft_wrap=True, highlight=False)


def places(step: StepResult) -> Iterator[str]:
    """One line for each place that differs."""
    for one in step.found:
        old, new = (_short(mask_value(one.pointer, value)) for value in (one.old, one.new))
        yield f"{one.pointer}: {old} -> {new}" + (f" ({one.note})" if one.note else "")


def _short(text: str | None, limit: int = 120) -> str:
    if text is None:
        return "nothing"
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


def written(answer: Answer) -> list[str]:
    """An answer as lines to read and compare: status, headers by name, body."""
    if answer.status == 0:
        return ["no answer"]
    named = ((name.lower(), value) for name, value in answer.headers)
    headers = sorted((name, value) for name, value in named if name not in IGNORED_HEADERS)
    lines = [str(answer.status)]
    lines += [f"{name}: {mask_text(value)}" for name, value in headers]
    return [*lines, "", *_body(answer)]


def _body(answer: Answer) -> list[str]:
    text = mask_text(answer.body.decode(errors="backslashreplace"))
    try:
        value = json.loads(text)
    except ValueError:
        return text.splitlines()
    # Read as values for the eye; the exact bytes follow when they are what differs.
    return json.dumps(value, indent=1, ensure_ascii=True).splitlines()


def unified(step: StepResult) -> list[str]:
    """The unified difference of the two answers of a step."""
    old, new = written(step.step.answer), written(step.new)
    if all(one.pointer.startswith("/headers") for one in step.found):
        old, new = (lines[: lines.index("")] for lines in (old, new))
    lines = list(difflib.unified_diff(old, new, "old server", "this server", lineterm="", n=2))
    alike = _body(step.step.answer) == _body(step.new)
    return [*lines, *_bytes(step)] if alike else lines


def _bytes(step: StepResult) -> list[str]:
    bodies = (answer.body.decode(errors="backslashreplace") for answer in (step.step.answer, step.new))
    old, new = (repr(mask_text(body)) for body in bodies)
    return list(difflib.unified_diff([old], [new], "old server", "this server", lineterm=""))


def as_json(results: Results) -> str:
    """The results for a machine."""
    document = {
        "recordings": [_recording_json(result) for result in results.recordings],
        "steps": results.steps,
        "equal": sum(result.equal for result in results.recordings),
        "explained": sum(result.explained for result in results.recordings),
        "different": results.different,
        "deviations": results.coverage,
        "unused": [row.id for row in results.unused],
    }
    return json.dumps(document, indent=2, ensure_ascii=True)


def _recording_json(result: RecordingResult) -> dict[str, object]:
    return {
        "name": result.name,
        "file": str(result.recording.path),
        "state": result.recording.state,
        "paired": result.paired,
        "seconds": round(result.seconds, 3),
        "steps": len(result.steps),
        "equal": result.equal,
        "explained": result.explained,
        "different": result.different,
        "differences": [_step_json(step) for step in result.steps if step.found],
    }


def _step_json(step: StepResult) -> dict[str, object]:
    return {
        "step": step.step.index,
        "request": mask_text(step.step.request.line),
        "operation": step.operation,
        "deviation": step.row.id if step.row else None,
        "old_status": step.step.answer.status,
        "new_status": step.new.status,
        "places": [
            {
                "pointer": one.pointer,
                "old": mask_value(one.pointer, one.old),
                "new": mask_value(one.pointer, one.new),
                "note": one.note,
            }
            for one in step.found
        ],
        "notes": list(step.notes),
    }


def as_junit(results: Results) -> str:
    """The results as JUnit XML: one suite a recording, one case a step."""
    root = ElementTree.Element("testsuites", name="lockstep replay")
    for result in results.recordings:
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=result.name,
            tests=str(len(result.steps)),
            failures=str(result.different),
            time=f"{result.seconds:.3f}",
        )
        for step in result.steps:
            _case(suite, result, step)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, result: RecordingResult, step: StepResult) -> None:
    name = f"{step.step.index} {_xml(mask_text(step.step.request.line))}"
    case = ElementTree.SubElement(suite, "testcase", classname=result.name, name=name)
    if step.unexplained:
        message = _xml("; ".join(places(step)))
        failure = ElementTree.SubElement(case, "failure", type="difference", message=message)
        failure.text = _xml("\n".join((*step.notes, *unified(step))))
    elif step.row is not None:
        out = ElementTree.SubElement(case, "system-out")
        out.text = _xml(f"explained by {step.row.id} ({step.row.kind}): {step.row.reason}")


def _xml(text: str) -> str:
    """Text with the characters that XML cannot hold written as escapes."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", _escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
