"""How a door compiles operations: with what, and what is watched while they run."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.graphql.outcomes import Outcomes
from schema.compiled.operations import Compiler


@dataclass(frozen=True)
class Compiling:
    """The compiler, the share of its answers that graphql-core looks at again, and whether answers tell their plan."""

    compiler: Compiler
    shadow_share: float = 0
    explain: bool = False
    outcomes: Outcomes = field(default_factory=Outcomes)
