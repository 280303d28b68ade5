"""Help that shows first how a command is used, then says what each option does."""

from typing import Any

import rich_click as click


def write_help(words: str, examples: tuple[str, ...], formatter: click.RichHelpFormatter) -> None:
    """The first paragraph, the examples as they are typed, the rest."""
    from rich.padding import Padding
    from rich.text import Text

    summary, *rest = [" ".join(paragraph.split()) for paragraph in words.split("\n\n")]
    shown = "\n".join(["Examples:", *(f"  {example}" for example in examples)])
    for paragraph in (summary, shown, *rest):
        formatter.write(Padding(Text(paragraph), (0, 1, 1, 1)))


class Command(click.RichCommand):
    """A command whose examples are data, so that a test can parse each of them."""

    def __init__(self, *args: Any, examples: tuple[str, ...], **kwargs: Any) -> None:  # noqa: ANN401 - handed on to click
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help_text(self, ctx: click.RichContext, formatter: click.RichHelpFormatter) -> None:  # type: ignore[override]
        """Examples first."""
        del ctx
        write_help(self.help or "", self.examples, formatter)
