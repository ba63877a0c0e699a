"""The command `wsd`: its commands put together, and what becomes of an error. No rule about data is here."""

from __future__ import annotations

import typer

from wsd_pipeline.cli import place, reading, running
from wsd_pipeline.cli.asking import extract_app, project_app
from wsd_pipeline.cli.linking import link_app
from wsd_pipeline.cli.output import manner, spoken_as
from wsd_pipeline.cli.segments import segment_app
from wsd_pipeline.cli.sources import source_app
from wsd_pipeline.messages import Exit, Stop, named

app = typer.Typer(
    name="wsd",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Whole Systems Dataset: link council and NHS data, segment the people of a place, publish safe marts.",
    epilog="Every command takes --json, --quiet and --debug. Exit codes: 0 ok, 1 failed, 2 usage, 3 a gate stopped it,"
    " 4 waiting for a person, 5 environment.",
)
for commands in (running.commands, reading.commands, place.commands):
    app.add_typer(commands)
app.add_typer(reading.release_app, name="release")
app.add_typer(link_app, name="link")
app.add_typer(project_app, name="project")
app.add_typer(extract_app, name="extract")
app.add_typer(running.synth_app, name="synth")
app.add_typer(source_app, name="source")
app.add_typer(segment_app, name="segment")


def run_app(arguments: list[str]) -> int:
    """Run a command; a clear message and its exit code in place of any trace, unless `--debug` is given."""
    with spoken_as(arguments) as command:
        return _answer(command)


def _answer(command: list[str]) -> int:
    """Do as the command says; its exit code, whatever came of it."""
    try:
        result = app(command, standalone_mode=False)
        return int(result) if isinstance(result, int) else int(Exit.OK)
    except Stop as stop:
        return _say_stop(stop)
    except typer.Exit as done:
        return int(done.exit_code)
    except typer.TyperException as error:
        error.show()  # type: ignore[attr-defined]  # every usage error of typer's has it
        return int(Exit.USAGE)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("Stopped. What was finished is kept; go on with: wsd resume", err=True)
        return int(Exit.FAILED)
    except Exception as error:
        if manner.debug:
            raise
        return _say_stop(Stop("WSD-900", reason=named(error)))


def _say_stop(stop: Stop) -> int:
    """The message on standard error, or as JSON on standard output; its exit code."""
    if manner.json:
        import json

        typer.echo(json.dumps({"code": stop.code, "message": stop.text(), "exit": int(stop.exit_code)}))
    else:
        typer.echo(stop.text(), err=True)
    return int(stop.exit_code)
