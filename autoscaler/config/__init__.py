"""YAML to typed values: policy files become a `Configuration`, or everything that is wrong with them is told at once.

A file's text passes through bounded steps: `limits` (size, depth), `yaml_nodes` (a tree that keeps places), `binding` (typed values,
by the shapes that `annotations` reads off dataclasses), `references` (names over all files), `resolve` (defaults laid under
policies). `schema` writes the JSON Schema from the same shapes. docs/policy-file.md shows the file itself.
"""

from autoscaler.config.configuration import ClusterConfig, Configuration, ObjectConfig, ServiceConfig
from autoscaler.config.installed import installed
from autoscaler.config.loading import load
from autoscaler.config.parsing import parse
from autoscaler.config.plugins import Plugin, Plugins
from autoscaler.config.problems import PolicyErrors, Problem, ProblemCode
from autoscaler.config.schema import schema
from autoscaler.config.secrets import Secret, Url

__all__ = [
    "ClusterConfig",
    "Configuration",
    "ObjectConfig",
    "Plugin",
    "Plugins",
    "PolicyErrors",
    "Problem",
    "ProblemCode",
    "Secret",
    "ServiceConfig",
    "Url",
    "installed",
    "load",
    "parse",
    "schema",
]
