"""Why, as data: a code from a closed list, the numbers it speaks of, their unit. `explaining` makes the sentence."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Every reason we can give. Each has its sentence in `explaining/sentences.py`; a test keeps the two lists alike."""

    # A value could not be read.
    MISSING = "missing"
    STALE = "stale"
    NOT_A_NUMBER = "not_a_number"
    CONTRADICTORY = "contradictory"
    UNAVAILABLE = "unavailable"
    LATE = "late"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    SKEWED = "skewed"
    NOT_FOUND = "not_found"
    REFUSED = "refused"

    # What a rule saw.
    NEAR_TARGET = "near_target"
    OFF_TARGET = "off_target"
    NO_REPLICAS = "no_replicas"
    IN_SCHEDULE = "in_schedule"
    OUT_OF_SCHEDULE = "out_of_schedule"
    FIXED_COUNT = "fixed_count"
    FOLLOWED = "followed"
    STEP_OUT = "step_out"
    STEP_IN = "step_in"
    BETWEEN_STEPS = "between_steps"
    WARMING_UP = "warming_up"

    # What deciding did with the votes.
    HIGHEST_WANT = "highest_want"
    NO_WANT = "no_want"
    RULE_UNKNOWN = "rule_unknown"
    RULE_FAILED = "rule_failed"
    RAISED_TO_AT_LEAST = "raised_to_at_least"
    LOWERED_TO_AT_MOST = "lowered_to_at_most"
    STABILISING_UP = "stabilising_up"
    STABILISING_DOWN = "stabilising_down"
    NO_HISTORY = "no_history"
    RATE_LIMITED = "rate_limited"
    AT_MINIMUM = "at_minimum"
    AT_MAXIMUM = "at_maximum"
    SCALE_OUT_ONLY = "scale_out_only"
    RECOMMEND_ONLY = "recommend_only"
    SWITCHED_OFF = "switched_off"
    WORKLOAD_UNKNOWN = "workload_unknown"
    NO_COUNT = "no_count"
    NO_WORKLOAD_MATCHES = "no_workload_matches"
    SELECTED_TWICE = "selected_twice"
    CHANGED_BY_OTHERS = "changed_by_others"
    CONTENDED = "contended"

    # What placement and planning found.
    DECIDED = "decided"
    NO_ROOM = "no_room"
    POOL_AT_MAXIMUM = "pool_at_maximum"
    POOL_AT_MINIMUM = "pool_at_minimum"
    NO_OFFERING_FITS = "no_offering_fits"
    NO_NODE_MATCHES = "no_node_matches"
    SOLD_OUT = "sold_out"
    DEARER = "dearer"
    FITS_ELSEWHERE = "fits_elsewhere"
    EMPTY_NODE = "empty_node"
    REPLICAS_FIT_NOWHERE_ELSE = "replicas_fit_nowhere_else"
    SURGE_FITS_NOWHERE = "surge_fits_nowhere"
    GAP_NOT_ALLOWED = "gap_not_allowed"
    GAP_ALLOWED = "gap_allowed"
    NOT_IDLE_LONG_ENOUGH = "not_idle_long_enough"
    NODE_IS_MANAGER = "node_is_manager"
    NODE_NOT_IN_POOL = "node_not_in_pool"
    NODE_NOT_READY = "node_not_ready"
    NODE_FENCED_BY_OTHERS = "node_fenced_by_others"
    NODE_JOINING = "node_joining"
    UNMANAGED_LEFT = "unmanaged_left"
    UPDATE_IN_PROGRESS = "update_in_progress"
    NO_RECIPE = "no_recipe"
    REQUEST_UNKNOWN = "request_unknown"
    MAKES_ROOM = "makes_room"
    KEPT_FOR_LATER = "kept_for_later"
    HOLDS_FLOOR = "holds_floor"
    FLOOR_HOLDS_WITHOUT_SURGE = "floor_holds_without_surge"
    FLOOR_BROKEN = "floor_broken"
    OUT_OF_ROTATION = "out_of_rotation"
    GONE_FROM_CLUSTER = "gone_from_cluster"
    UNFENCED_BEFORE_LAUNCH = "unfenced_before_launch"
    SEARCH_ENDED = "search_ended"
    COMMITTED = "committed"
    SUPERSEDED = "superseded"
    LOST_OWNER = "lost_owner"

    # What a guard withheld.
    FROZEN = "frozen"
    TOO_FAST = "too_fast"
    OVER_BUDGET = "over_budget"
    CLUSTER_UNHEALTHY = "cluster_unhealthy"
    INPUT_STALE = "input_stale"
    LAUNCHES_FAILING = "launches_failing"
    POOL_UNKNOWN = "pool_unknown"
    OTHER_OWNER = "other_owner"
    DEPENDS_ON_WITHHELD = "depends_on_withheld"
    FAILED_LATELY = "failed_lately"

    # What came of a step.
    BEGUN = "begun"
    HOLDS_ALREADY = "holds_already"
    DONE = "done"
    WAITING = "waiting"
    TIMED_OUT = "timed_out"
    NEVER_HEALTHY = "never_healthy"
    SESSIONS_LEFT = "sessions_left"
    OUTCOME_UNKNOWN = "outcome_unknown"
    PREDICTION_CHANGED = "prediction_changed"
    PROVIDER_FAILED = "provider_failed"
    NO_CAPACITY = "no_capacity"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` with the integers it speaks of, the unit they share, and the names of the objects concerned."""

    code: Code
    numbers: tuple[int, ...] = ()
    unit: str = ""
    names: tuple[str, ...] = ()
