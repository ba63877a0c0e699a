"""Every stop the product can make: a stable code, what happened, what to do next, and the exit code.

Facts put into a message are counts, months, and names of tables, columns and files of ours. Never a value from
the data. The list of codes in CONTRIBUTING.md is made from `CODES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from traceback import extract_tb

_CHECKOUT = Path(__file__).parents[1]
_ROOMS = ("wsd_pipeline", "assets", "expectations", "synthetic_data")


class Exit(IntEnum):
    """Exit codes of `wsd`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    GATE = 3
    WAITING = 4
    ENVIRONMENT = 5


@dataclass(frozen=True)
class Message:
    """A message: `what` and `next_step` are format strings over the facts given to `Stop`."""

    code: str
    what: str
    next_step: str
    exit_code: Exit


_ALL = (
    Message("WSD-101", "No {table} file for {month}. Expected in {folder}.", 'Add it, then run: wsd run --month {month}', Exit.FAILED),
    Message("WSD-111", "{table}: the file could not be read as text ({reason}, line {line}). Nothing was loaded.", "Ask the supplier to send it again as {expected}, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-112", "{table}: the header has changed. Missing: {missing}. Unknown columns: {extra_count}. Nothing was loaded.", "Ask the supplier for the agreed columns, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-113", "{table}: the file is not whole: {found} rows, its manifest says {expected}. Nothing was loaded.", "Ask the supplier to send it again, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-114", "{table}: the file is not the one its manifest describes (hash differs). Nothing was loaded.", "Ask the supplier to send file and manifest again, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-115", "{table}: {failed} of {checked} dates of {column} can only be read month first, which is not how the file was agreed; others may be misread unseen. Nothing was loaded.", "Ask the supplier for the agreed date format, or say which it is in the feed's mapping, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-116", "{table}: a split file has come in part: its {reason} file for {month} is missing. Nothing was loaded.", "Put both parts, identity and payload, into the inbox, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-117", "{table}: its mapping, sources/<feed>.yaml, cannot be used ({reason}) {column}. Nothing was loaded.", "Mend it by the example in wsd_pipeline/vault/mapping.py, or make it anew: wsd source map FILE --feed FEED", Exit.USAGE),
    Message("WSD-118", "The file could not be read ({reason}, line {line}).", "Ask the supplier for text with a header row, an .xlsx with one plain table (or name its sheet: --sheet), or Parquet.", Exit.GATE),
    Message("WSD-119", "{table}: there is a mapping already: {file}. Nothing was changed.", "Correct it by hand, or make it anew: wsd source map FILE --feed FEED --replace", Exit.USAGE),
    Message("WSD-120", "{table}: {failed} of {checked} values of {column} fail “{check}” (limit {limit_pct} %); {failing_checks} checks failed in all. The accepted table is unchanged.", "Rows that could not be read are in quarantine in the vault. Mend the file with the supplier, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-121", "{table}: {failed} of {checked} values of {column} could not be read as {type} (limit {limit_pct} %). Nothing was loaded.", "See the layout agreed with the supplier in the data dictionary, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-130", "{table}: the file holds {count} NHS numbers outside the 999 test range, and this project is for invented people only. Nothing was loaded.", "Real extracts need a project of their own with its own key. Remove the file at once and tell your information governance lead.", Exit.GATE),
    Message("WSD-131", "{table}: the file holds {count} NHS numbers of the 999 test range, and this project is for real people. Nothing was loaded.", "Ask the supplier for the live extract, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-132", "The project at {folder} is for real people; invented ones are never put into it.", "Invent them elsewhere: wsd synth --project OTHER_FOLDER", Exit.USAGE),
    Message("WSD-133", "{table}: {count} rows hold a code that the law keeps out of extracts (wsd_pipeline/reference/restricted_codes.csv). Nothing was loaded.", "Ask the supplier for an extract without the restricted codes, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-140", "{table}: the flow register does not let it in for {month}: {reason}. Nothing was loaded.", "Ask your information governance lead to renew or amend its entry in flow_register.yaml, then run: wsd run --month {month}", Exit.GATE),
    Message("WSD-141", "The project's flow_register.yaml cannot be used: {reason}. Nothing was run.", "Write it in the shape of wsd_pipeline/config/flow_register.yaml, with your own agreements, beside project.toml", Exit.USAGE),
    Message("WSD-142", "{table}: the national opt-out service gave the list more than {days} days before the end of {month}. Nothing was loaded.", "Send the numbers to the service again, put its answer in inbox/_reference, then run: wsd run --month {month}", Exit.FAILED),
    Message("WSD-200", "{month} cannot be linked: {previous} has not been linked, or was linked anew since.", "Run the months in order: wsd run --month {previous} --through {month}", Exit.FAILED),
    Message("WSD-201", "{table} for {month} cannot be made yet: {missing} has not been accepted.", "Run the whole month: wsd run --month {month}", Exit.FAILED),
    Message("WSD-220", "A match key would compare {pairs} pairs (limit {limit}). Usual cause: a default date of birth or address in {source}.", "Ask the supplier of {source} about default values; nothing was linked.", Exit.GATE),
    Message("WSD-230", "The map of columns cannot be used: {key} should be {expected}.", "Compare it with the example in wsd_pipeline/linkage/scoring/mapping.py", Exit.USAGE),
    Message("WSD-231", "{file}: the map names columns that are not there: {missing}.", "Correct the map, or the file's header.", Exit.USAGE),
    Message("WSD-232", "{file}: {count} rows have no {column}, or share it with another row.", "Give every row its own identifier.", Exit.USAGE),
    Message("WSD-233", "The model file cannot be used: {reason}.", "Train it again: wsd link train", Exit.USAGE),
    Message("WSD-234", "{file} could not be read: {reason}.", "Give the path of a UTF-8 CSV file with a header, or of a Parquet file.", Exit.USAGE),
    Message("WSD-240", "{table}: {lines} finance lines do not add up to their control totals, to the penny. Nothing was published.", "This is a fault of the program, not of the data: send the run's log to the maintainers.", Exit.GATE),
    Message("WSD-290", "{step} stopped before it finished ({reason}).", "Nothing accepted was lost. Run again: wsd run --month {month}", Exit.FAILED),
    Message("WSD-291", "{step} ran longer than {minutes} minutes, twice, and was stopped.", "Nothing accepted was lost. Run again: wsd run --month {month}", Exit.FAILED),
    Message("WSD-410", "Another run holds the lock on {folder} (process {process}). Nothing was changed.", "Try again when it ends, or see: wsd status", Exit.FAILED),
    Message("WSD-420", "No room left on the disk that holds {folder}. Nothing accepted was lost.", "Free some space, then run again: wsd run --month {month}", Exit.ENVIRONMENT),
    Message("WSD-500", "No pseudonym key for “{project}”. Without it ids would not match last month, so nothing was run.", "Ask the key holder for the key file named in project.toml.", Exit.ENVIRONMENT),
    Message("WSD-501", "Refused: real extracts with the demo key.", "Make a project of its own for real data, with its own key.", Exit.ENVIRONMENT),
    Message("WSD-502", "The pseudonym key is not the one {previous} was made with, so ids would not match.", "Put the right key back (its check value is in the vault's record of {previous}), then run: wsd run --month {month}", Exit.ENVIRONMENT),
    Message("WSD-503", "The key file can be read by others than its owner, or stands where data or code is kept ({reason}).", "Move it to a folder of its own and run: chmod 600 on it", Exit.ENVIRONMENT),
    Message("WSD-504", "The key file does not hold a key: it must be 64 hexadecimal digits.", "Ask the key holder for the key file named in project.toml.", Exit.ENVIRONMENT),
    Message("WSD-510", "No project at {folder}.", "Make one with: wsd demo (invented people)", Exit.USAGE),
    Message("WSD-511", "project.toml cannot be read: {reason}.", "Compare it with the one in README.md", Exit.USAGE),
    Message("WSD-520", "This command needs a checkout of the project, with assets/ and expectations/ beside the library.", "Clone the project and run: make install", Exit.ENVIRONMENT),
    Message("WSD-530", "The segment rules cannot be used. {rule}: {reason}. Nothing was run.", "Mend wsd_pipeline/config/segments.yaml, then run the month again.", Exit.USAGE),
    Message("WSD-531", "The cohorts cannot be used. {cohort}: {reason}. Nothing was run.", "Mend wsd_pipeline/config/cohorts.yaml, then run the month again.", Exit.USAGE),
    Message("WSD-540", "The outcomes framework cannot be used. {entry}: {reason}. Nothing was run.", "Mend wsd_pipeline/config/outcomes.yaml, then run the month again.", Exit.USAGE),
    Message("WSD-601", "No release for {month}.", "See wsd status, or make one with: wsd run --month {month}", Exit.USAGE),
    Message("WSD-602", "No {kind} “{name}”.{nearest}", "See: {see}", Exit.USAGE),
    Message("WSD-603", "“{name}” is not a month.", "Write it as YYYY-MM, for example 2026-01", Exit.USAGE),
    Message("WSD-604", "The last month ({through}) is before the first ({month}).", "Give the earlier month first.", Exit.USAGE),
    Message("WSD-605", "Nothing to resume: the last run finished.", "Start a month with: wsd run --month YYYY-MM", Exit.USAGE),
    Message("WSD-606", "Only one SELECT over the published marts can be asked, and this is not one ({reason}).", "See the marts with: wsd marts", Exit.USAGE),
    Message("WSD-607", "The query was stopped after {seconds} seconds.", "Ask for less, or open the release's wsd.duckdb in a client of your own.", Exit.FAILED),
    Message("WSD-608", "The query could not be answered ({reason}).", "See the columns with: wsd describe MART", Exit.USAGE),
    Message("WSD-609", "There is a project at {folder} already.", "Choose another folder.", Exit.USAGE),
    Message("WSD-610", "That table has {share_pct} % of its cells under {minimum} people, or too few people in all ({reason}).", "Try a coarser one: {suggestion}", Exit.USAGE),
    Message("WSD-611", "The question cannot be asked: {reason}.", "{suggestion}", Exit.USAGE),
    Message("WSD-613", "You have opened {asked} combinations of dimensions of {month} (limit {limit}), and none of them holds this one.", "Ask by dimensions used before, or ask the steward to look at your project's ledger.", Exit.USAGE),
    Message("WSD-620", "{table}: {cells} withheld cells of {measure} could be worked out from what is published with them. Nothing was published.", "Make the breakdowns coarser ({dimensions}), then run again: wsd run", Exit.GATE),
    Message("WSD-630", "The extract is not safe: {reason}. Nothing was written.", "Ask for fewer columns or a larger group: {suggestion}", Exit.GATE),
    Message("WSD-631", "No accredited project “{name}” (or one of that name is already there).", "Make it with: wsd project create NAME", Exit.USAGE),
    Message("WSD-632", "{table}: {failed} of {checked} values of {column} fail “{check}” (limit {limit_pct} %); {failing_checks} checks failed in all. No extract was written; one written before is unchanged.", "Make the month's people anew: wsd run --month {month}. If it fails again, it is a fault of the program: send this line to the maintainers.", Exit.GATE),
    Message("WSD-700", "Release {release} does not verify: {file} {reason}.", "Do not use it. Take the release from the publisher again, or publish the month again: wsd run", Exit.FAILED),
    Message("WSD-900", "Something in the program failed ({reason}). No value from the data is shown here.", "Run again with --debug and send the output to the maintainers.", Exit.FAILED),
)  # fmt: skip

CODES = {m.code: m for m in _ALL}


class Stop(Exception):
    """A clear stop. Raise it `from None`: the chained text of another library's error may quote data."""

    def __init__(self, code: str, **facts: object) -> None:
        self.message = CODES[code]
        self.code = code
        self.facts = facts
        self.what = self.message.what.format(**facts)
        self.next_step = self.message.next_step.format(**facts)
        super().__init__(f"{code} {self.what}")

    @property
    def exit_code(self) -> Exit:
        """What `wsd` exits with."""
        return self.message.exit_code

    def text(self) -> str:
        """The whole message: code, what happened, what to do next."""
        return f"{self.code} {self.what}\n  Next: {self.next_step}"


def named(error: BaseException) -> str:
    """An error's type and the last line of this project that it passed through: never its text."""
    places = [
        f" at {path.relative_to(_CHECKOUT).as_posix()}:{frame.lineno}"
        for frame in extract_tb(error.__traceback__)
        if any((path := Path(frame.filename)).is_relative_to(_CHECKOUT / room) for room in _ROOMS)
    ]
    return type(error).__name__ + (places[-1] if places else "")


def listing() -> str:
    """Every message as a Markdown table, as CONTRIBUTING.md lists them."""
    rows = [f"| {m.code} | {m.what} | {m.next_step} | {m.exit_code.value} |" for m in _ALL]
    return "\n".join(["| code | what happened | what to do next | exit |", "|---|---|---|---|", *rows])
