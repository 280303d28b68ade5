"""`autoscaler catalogue update`: a region's types and prices, read from its cloud."""

from collections.abc import Mapping
from pathlib import Path

import click

from autoscaler.catalogue import Folder
from autoscaler.cli import exits
from autoscaler.cli.catalogue import folder, folder_option
from autoscaler.cli.catalogue_keep import keep
from autoscaler.cli.options import command
from autoscaler.cli.terminal import progress, say, tell
from autoscaler.config import Plugins, installed
from autoscaler.config.parsing import bind
from autoscaler.contracts.catalogue import Found
from autoscaler.contracts.provider import Site
from autoscaler.errors import UsageError
from autoscaler.explaining.amounts import moment
from autoscaler.model.catalogue import Catalogue, joined, renewed
from autoscaler.model.refs import ClusterName
from autoscaler.service.runtime import SystemRuntime

NOBODY = ClusterName("catalogue")
"""No cluster: a region's prices are those of all."""


@command(
    "autoscaler catalogue update --cloud aws --region eu-central-1",
    "autoscaler catalogue update --cloud aws --region eu-central-1 --set profile=shop",
    "autoscaler catalogue update --cloud aws --region eu-central-1 --offline  # of the package apache-libcloud",
)
@click.option("--cloud", required=True, metavar="NAME", help="Which provider reads it: aws, azure, gcp.")
@click.option("--region", required=True, metavar="NAME", help="As the cloud calls it: eu-central-1, westeurope, europe-west4.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="How to reach it and who we are there. May be repeated.")
@click.option("--offline", is_flag=True, help="Ask nobody: take what is lacking from the prices of the package apache-libcloud.")
@folder_option
def update(cloud: str, region: str, given: tuple[str, ...], where: Path | None, *, offline: bool) -> None:
    """Read a region's types and prices from its cloud.

    Takes a minute or two, and changes nothing there. KEY is one of the provider's settings (its page lists them), as profile, role,
    endpoint_url of aws, project of gcp, subscription of azure. What could not be read is told, and its old prices stay, with their dates.
    """
    place, plugins = folder(where), installed()
    if offline:
        if given:
            raise UsageError("--offline asks nobody, so there is nothing to --set", hint="leave one of them out")
        keep(place, _filled(plugins, place, cloud, region))
        return
    found = _read(plugins, cloud, {"region": region, **_pairs(given)})
    keep(place, renewed(place.of(cloud, region), found.catalogue))
    for error in found.lacking:
        tell(error)
    if found.lacking:
        click.get_current_context().exit(exits.ERROR)


def _read(plugins: Plugins, cloud: str, settings: Mapping[str, str]) -> Found:
    import yaml

    entry = plugins.catalogue(cloud)
    bound = bind(entry.config, "--set", yaml.safe_dump(dict(settings), sort_keys=False), plugins)
    reader = entry.open(bound, Site(name=cloud, cluster=NOBODY, runtime=SystemRuntime()))
    return reader.read(lambda words: progress(f"{cloud} {settings['region']}: {words}"))


def _filled(plugins: Plugins, place: Folder, cloud: str, region: str) -> Catalogue:
    """What is kept, which holds wherever it says anything, and the package's for the rest."""
    carried, old = plugins.provider(cloud).offline, place.loaded(cloud, region)
    if carried is None:
        raise UsageError(
            f"no package has prices of {cloud}", hint="--offline is for aws and azure; import a table: autoscaler catalogue import"
        )
    new = carried(region, old.types if old else ())
    if not new.types:
        hint = "is that its name? Of azure, sizes must be kept already: prices are all that the package has of them"
        raise UsageError(f"{new.source} has nothing of {cloud} {region}", hint=hint)
    say(f"prices of {new.source}, collected on {moment(new.at)}: only where none was kept")
    return joined(new, old) if old else new


def _pairs(given: tuple[str, ...]) -> Mapping[str, str]:
    wrong = [one for one in given if "=" not in one]
    if wrong:
        raise UsageError(f"--set {wrong[0][:60]!r} says no value", hint="write --set project=shop-prod")
    return {key: value for key, _, value in (one.partition("=") for one in given)}
