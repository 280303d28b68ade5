"""Texts to one `Configuration`: compose, bind, check names, resolve. Everything wrong in any file is told at once."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePath
from typing import TypeVar, cast

from autoscaler.config.annotations import settings_shape
from autoscaler.config.binding import FAILED, Binder
from autoscaler.config.configuration import Configuration
from autoscaler.config.document import ONCE, Document
from autoscaler.config.limits import TOTAL_BYTES, ParseError, decoded
from autoscaler.config.places import Mark, Source
from autoscaler.config.plugins import Plugins
from autoscaler.config.problems import ProblemCode, Problems
from autoscaler.config.references import Name, References, check_known, check_rings, check_twice
from autoscaler.config.resolve import resolve
from autoscaler.config.scalars import Kind, kind_of
from autoscaler.config.shapes import advice
from autoscaler.config.yaml_nodes import Mapping, Node, Scalar, compose
from autoscaler.errors import PolicyError

T = TypeVar("T")

EMPTY_HINT = "begin with `apiVersion: autoscaler/v1`; docs/policy-file.md shows a whole one"


def parse(files: Sequence[tuple[str, str | bytes]], plugins: Plugins, *, problems: Problems | None = None) -> Configuration:
    """The configuration that the named texts make together; PolicyErrors tells everything that is wrong with them.

    `problems`: what was already found, as files that cannot be read; it is told with the rest.
    """
    binder = Binder(plugins, problems if problems is not None else Problems())
    if not files and not binder.problems.count:
        raise PolicyError("there is no policy file", hint="name a file, or a folder with *.yaml files")
    _check_total(files, binder.problems)
    complete = not binder.problems.count
    sources = [source for name, data in files if (source := _source(name, data, binder.problems))]
    trees = [(source, tree) for source in sources if (tree := _tree(source, binder.problems))]
    documents = [_document(binder, source, tree) for source, tree in trees]
    _check_names(binder, complete=complete and len(trees) == len(files))
    binder.problems.raise_any()
    return _resolved([one for one in documents if one], sources)


def bind(kind: type[T], name: str, data: str | bytes, plugins: Plugins) -> T:
    """One text as a `kind` of settings, for files that are no policy files; PolicyErrors tells everything that is wrong with it."""
    binder = Binder(plugins)
    source = _source(name, data, binder.problems)
    shape = settings_shape(kind)
    tree = _tree(source, binder.problems, advice(shape)) if source else None
    value = binder.bind(shape, tree, Mark(source, tree.mark.line, tree.mark.column)) if source and tree else FAILED
    binder.problems.raise_any()
    return cast("T", value)


def _check_total(files: Sequence[tuple[str, str | bytes]], problems: Problems) -> None:
    if sum(len(data) for _, data in files) > TOTAL_BYTES:
        problem = f"the {len(files)} files together are larger than {TOTAL_BYTES // 2**20} MiB"
        at = Mark(Source.of(files[0][0], ""))
        problems.add(ProblemCode.TOO_LARGE, at, problem, "run one service per group of clusters")
        problems.raise_any()


def _source(name: str, data: str | bytes, problems: Problems) -> Source | None:
    try:
        return decoded(name, data)
    except ParseError as error:
        problems.add(error.code, error.at, str(error), error.hint)
        return None


def _tree(source: Source, problems: Problems, empty: str = EMPTY_HINT) -> Node | None:
    """`empty`: what to write into a file that holds nothing."""
    try:
        tree = compose(source, problems, empty)
    except ParseError as error:
        problems.add(error.code, error.at, str(error), error.hint)
        return None
    if isinstance(tree, Scalar) and kind_of(tree) is Kind.NOTHING:
        problems.add(ProblemCode.UNREADABLE, tree.mark, "the file is empty", empty)
        return None
    return tree


def _document(binder: Binder, source: Source, tree: Node) -> Document | None:
    if isinstance(tree, Mapping):
        for entry in tree.entries:
            if entry.key.text in ONCE:
                binder.references.define("section", entry.key.text, entry.key.mark)
        _note_fallbacks(tree, binder.references)
    value = binder.bind(settings_shape(Document), tree, Mark(source, tree.mark.line, tree.mark.column))
    return None if value is FAILED else cast("Document", value)


def _note_fallbacks(tree: Mapping, references: References) -> None:
    """Which metric leads to which: what is bound no longer knows where it stood."""
    metrics = _under(tree, "metrics")
    for metric in metrics.entries if isinstance(metrics, Mapping) else ():
        other = _under(_under(metric.value, "fallback"), "metric")
        if isinstance(other, Scalar):
            references.fallbacks.setdefault(metric.key.text, Name("metric", other.text, other.mark))


def _under(node: Node | None, key: str) -> Node | None:
    entry = node.get(key) if isinstance(node, Mapping) else None
    return entry.value if entry else None


def _check_names(binder: Binder, *, complete: bool) -> None:
    """A name that is unknown may be defined in a file that could not be read: then only what is certain is told."""
    check_twice(binder.references, binder.problems)
    check_rings(binder.references, binder.problems)
    if complete:
        check_known(binder.references, binder.problems)


def _resolved(documents: Sequence[Document], sources: Sequence[Source]) -> Configuration:
    digest = hashlib.sha256()
    for source in sources:
        for part in (PurePath(source.name).name, source.text):
            digest.update(f"{len(part)}:{part}".encode())
    files = tuple((source.name, source.text) for source in sources)
    return resolve(documents, files, digest.hexdigest())
