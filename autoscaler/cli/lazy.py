"""A group that lists its commands without importing them: `--help` costs nothing, and a broken plugin breaks only itself."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import rich_click as click

from autoscaler.cli.help import write_help
from autoscaler.errors import SetupError


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A command that is not imported yet: `module:attribute`, and its line in the list."""

    target: str
    summary: str

    def load(self) -> click.Command:
        """Import it."""
        module, _, attribute = self.target.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{self.target} is a {type(found).__name__}, not a command")
        return found


class LazyGroup(click.RichGroup):
    """Shows placeholders in lists; imports a command when it is called. Built-ins win over plugins of the same name.

    `entries`: the group of entry points under which plugins add commands to it.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - handed on to click, as the keywords are
        listings: Mapping[str, Listing],
        examples: tuple[str, ...],
        entries: str = "autoscaler.commands",
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self._listings = listings
        self._entries = entries
        for name, listing in listings.items():
            self.add_command(_placeholder(name, listing))

    @cached_property
    def plugins(self) -> Mapping[str, Listing]:
        """Commands of installed plugins."""
        found = {entry.name: entry for entry in entry_points(group=self._entries) if entry.name not in self._listings}
        return {name: Listing(target=entry.value, summary=summary_of(entry)) for name, entry in sorted(found.items())}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Ours in the order of a working day, then those of plugins."""
        del ctx
        return [*self._listings, *self.plugins]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A placeholder that knows its name and summary."""
        if cmd_name not in self.commands and cmd_name in self.plugins:
            self.add_command(_placeholder(cmd_name, self.plugins[cmd_name]))
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command itself, imported now."""
        name, placeholder, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name and placeholder else None, rest

    def format_help_text(self, ctx: click.RichContext, formatter: click.RichHelpFormatter) -> None:  # type: ignore[override]
        """Examples first."""
        del ctx
        write_help(self.help or "", self.examples, formatter)

    def load(self, name: str) -> click.Command:
        """Import one command; SetupError when a plugin's cannot be."""
        if name in self._listings:
            return self._listings[name].load()
        try:
            return self.plugins[name].load()
        except Exception as error:
            where = self.plugins[name].target.partition(":")[0]
            raise SetupError(
                f"the command {name} of {where} cannot be loaded: {type(error).__name__}: {error}",
                hint="see whether its plugin is installed with all its extras",
            ) from error


def _placeholder(name: str, listing: Listing) -> click.Command:
    return click.RichCommand(name=name, short_help=listing.summary, help=listing.summary)


def summary_of(entry: EntryPoint) -> str:
    """The first line of the module a command comes from, read and not run: a list must not execute plugins."""
    where, _, _ = entry.value.partition(":")
    try:
        spec = find_spec(where)
        text = ast.get_docstring(ast.parse(Path(spec.origin).read_bytes())) if spec and spec.origin else None
    except (ImportError, OSError, SyntaxError, ValueError):
        text = None
    line = re.sub(r"^`autoscaler [^`]*`:", "", (text or "").partition("\n")[0]).strip()
    return line[:1].upper() + line[1:] if line else f"Added by {where.partition('.')[0]}."
