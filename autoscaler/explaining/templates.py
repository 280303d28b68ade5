"""The sentence of every code, the fullest first; the last of each needs neither numbers nor names.

`{0}`, `{1}` are a reason's numbers with their unit, `{a}` to `{d}` its first names, `{names}` all of them. Numbers of different
units go by their unit: `{try}`, `{instant}`.
"""

from collections.abc import Mapping

from autoscaler.model.reasons import Code

Templates = Mapping[Code, tuple[str, ...]]

READING: Templates = {
    Code.MISSING: ("{a} has no value", "there is no value"),
    Code.STALE: ("the value of {a} is too old", "the value is too old"),
    Code.NOT_A_NUMBER: ("{a} is not a number", "it is not a number"),
    Code.CONTRADICTORY: ("{a} has a value that cannot be", "the values contradict each other"),
    Code.UNAVAILABLE: ("{a} did not answer", "its source did not answer"),
    Code.LATE: ("{a} did not answer in time", "its source did not answer in time"),
    Code.TOO_LARGE: ("the answer for {a} was too large", "the answer was too large"),
    Code.MALFORMED: ("the answer for {a} was not what its source should give", "the answer was not what its source should give"),
    Code.SKEWED: ("the clock of {a} is too far from ours", "its source's clock is too far from ours"),
    Code.NOT_FOUND: ("not found: {a}", "it was not found"),
    Code.REFUSED: ("refused: {a}", "its source refused us"),
}

VOTING: Templates = {
    Code.NEAR_TARGET: ("{a} is {0}, near its target of {1}", "it is near its target"),
    Code.OFF_TARGET: ("{a} is {0}, its target {1}", "it is off its target"),
    Code.NO_REPLICAS: ("nothing runs, and {a} is {0} for a target of {1}", "nothing runs"),
    Code.SAMPLES_COUNTED: (
        "{0} replicas counted, {1} not ready, {2} without a sample, {3} failed or leaving",
        "replicas' samples were counted",
    ),
    Code.NO_SAMPLE_COUNTS: ("no sample of {a} counts: {0} replicas not ready, {1} without one", "no replica's sample counts"),
    Code.REQUEST_MISSING: ("container {b} of replica {c} requests no {a}", "replica {b} requests no {a}", "a request is missing"),
    Code.TOLD_AS_SHARE: ("{a} is told as a share of requests only, and the target is an amount", "it is told as a share only"),
    Code.CONTAINER_MISSING: ("replica {c} has no sample of {a} for container {b}", "a container has no sample"),
    Code.IN_SCHEDULE: ("a window of {a} ({b}) is open until {0}", "a window of its schedule is open"),
    Code.FIXED_COUNT: ("its count is fixed at {0}", "its count is fixed"),
    Code.FOLLOWED: ("{a} says {0}", "a metric says so"),
    Code.STEP_OUT: ("{a} is {0}, past {1}", "it is past a step out"),
    Code.STEP_IN: ("{a} is {0}, down to {1}", "it is down to a step in"),
    Code.BETWEEN_STEPS: ("{a} is {0}, between the steps", "it is between the steps"),
    Code.BACKLOG: ("{a} is {0}", "its queue is so long"),
    Code.NOTHING_WAITS: ("{a} is {0}, and up to {1} wakes nobody", "nothing waits"),
    Code.WORKED_OUT: ("{a} is {0}", "its formula says so"),
    Code.BELOW_NONE: ("{a} is {0}, and no count is below none", "its formula gives less than none"),
    Code.DIVIDED_BY_ZERO: ("{a} divides by zero", "its formula divides by zero"),
    Code.MOST_OF_WINDOW: ("{0} would do now, {1} was the most of the last {a}", "it keeps to the most of its window"),
    Code.HELD_BY_CONTROL: ("no fewer than {0} within {a}", "no more may go at once"),
    Code.STABLE_WINDOW: ("{a} is {0}, {1} for each replica", "its stable window says so"),
    Code.PANICS: ("{a} is {0} in its short window: it panics, and goes down no more until that is over", "it panics"),
    Code.FORESEEN: ("{a} stays up to {0} within {b}, {c} of the time; {1} for each replica", "its forecast says so"),
    Code.NOT_FORESEEN: ("there is no forecast of {a} yet: it needs two seasons ({b}) of past", "there is no forecast yet"),
    Code.FORECAST_OLD: ("the forecast of {a} is from {0}, too old to follow", "the forecast is too old to follow"),
    Code.REACTING_IS_BETTER: (
        "the forecast of {a} is not followed: over the past it was short {0} of the time, reacting alone {1}, and cost {2} of that",
        "the forecast is not followed: over the past, reacting alone did better",
    ),
    Code.WAITS_TOO_LONG: ("{a} is {0}, more than {1}", "its oldest message waits too long"),
    Code.WOULD_COME_BACK: ("with {0} it would have to grow again at once", "with fewer it would have to grow again at once"),
    Code.WARMING_UP: ("{0} are warming up still", "replicas are warming up still"),
    Code.OUT_OF_SCHEDULE: ("the next window of {a} ({b}) opens at {0}", "no window of its schedule is open"),
}

DECIDING: Templates = {
    Code.AT_NONE_BY_HAND: (
        "it was set to none, though the policy's minimum is {0}: switched off until somebody sets a count",
        "it was set to none: switched off until somebody sets a count",
    ),
    Code.PROPOSED: ("the recording proposes {0}", "the recording proposes it"),
    Code.HIGHEST_WANT: ("{a} asks for the most, {0}", "the highest wish counts"),
    Code.LOWEST_WANT: ("{a} asks for the fewest, {0}", "the lowest wish counts"),
    Code.COMBINED_BY: ("{a} is {0}", "the policy's formula says so"),
    Code.NOT_COMBINED: ("{a} has no answer", "the policy's formula has no answer"),
    Code.FELL_BACK: ("{a} cannot be read, and falls back to {0}", "a metric cannot be read, and falls back to a count"),
    Code.NO_WANT: ("no rule asks for a count",),
    Code.RULE_UNKNOWN: ("{names} cannot see, so nothing shrinks", "a rule cannot see, so nothing shrinks"),
    Code.RULE_FAILED: ("the rule failed: {a}", "the rule failed"),
    Code.RAISED_TO_AT_LEAST: ("{a} asks for at least {1}, not {0}", "a rule asks for more at least"),
    Code.LOWERED_TO_AT_MOST: ("{a} lowers {0} to {1}", "a rule asks for fewer at most"),
    Code.STABILISING_UP: ("a rise to {0} has not lasted {a} yet: {1}", "a rise has not lasted yet"),
    Code.STABILISING_DOWN: ("a fall to {0} has not lasted {a} yet: {1}", "a fall has not lasted yet"),
    Code.NO_HISTORY: ("no history: a scale-down would wait {0}", "no history yet: a scale-down would wait"),
    Code.RUNS_AHEAD: (
        "{0} would do now; {1} is the most of the last {a} with {b} of its rise carried on",
        "it runs ahead of the load as its own past taught it",
    ),
    Code.KEPT_IN_RESERVE: ("{0} would do now; {1} are enough for {a} of the last hour", "its own past taught it to keep a reserve"),
    Code.EXPECTED_AGAIN: ("{0} would do now; {1} are expected, as a season ago", "a season ago it needed more then"),
    Code.RATE_LIMITED: ("{0} is more change at once than the limits allow: {1}", "the limits allow no more change at once"),
    Code.AT_MINIMUM: ("{0} is below the policy's minimum of {1}", "the policy's minimum"),
    Code.AT_MAXIMUM: ("{0} is above the policy's maximum of {1}", "the policy's maximum"),
    Code.SCALE_OUT_ONLY: ("{0} would do, but the policy only scales out", "the policy only scales out"),
    Code.RECOMMEND_ONLY: ("the policy recommends {0} and changes nothing", "the policy only recommends"),
    Code.SWITCHED_OFF: ("{0} would do, but the policy is off", "the policy is off"),
    Code.WORKLOAD_UNKNOWN: ("the workload is not seen ({a})", "the workload is not seen"),
    Code.NO_WORKLOAD_MATCHES: ("no workload has its labels",),
    Code.SELECTED_TWICE: (
        "of the policies {names}, which select it by its labels, only the first counts",
        "only the first policy that selects it counts",
    ),
    Code.NO_COUNT: ("a {a} workload has no count to set", "the workload has no count to set"),
    Code.CHANGED_BY_OTHERS: (
        "it was changed meanwhile ({a}): try {try} did nothing, the next is at {instant}",
        "somebody else changed {a} from {0} to {1}",
        "somebody else changed the count: it stands, and a change back waits {0}",
        "somebody else changed it",
    ),
    Code.CONTENDED: (
        "somebody else changed the count more than once within {0}: holding, not fighting",
        "somebody else keeps changing the count: holding, not fighting",
    ),
}

PLACING: Templates = {
    Code.DECIDED: ("policy {a} decides {0} -> {1}", "decided: {0} -> {1}", "decided: {a}", "decided by its policy"),
    Code.NO_ROOM: (
        "{b} has room for {1} of {0} replicas of {a}",
        "{a} asks for room for {0}, there is room for {1}",
        "no open node has room for {a}",
        "no open node has room for it",
    ),
    Code.POOL_AT_MAXIMUM: (
        "the pools {a} and {b} are at their maximum of {0} and {1}",
        "pool {a} would have {0}, its maximum is {1}",
        "pool {a} is at its maximum of {0}",
        "pool {a} is at its maximum",
        "the pool is at its maximum",
    ),
    Code.POOL_AT_MINIMUM: (
        "pool {a} would have {0}, its minimum is {1}",
        "pool {a} keeps its minimum of {0}",
        "pool {a} keeps its minimum",
        "the pool keeps its minimum",
    ),
    Code.NO_OFFERING_FITS: ("nothing that {names} offers would hold it", "no machine on offer would hold it"),
    Code.TOO_SMALL: ("{a} has {1} of {c}, and one of {b} needs {0}", "it is too small"),
    Code.OTHER_LABELS: ("{a} does not carry the labels that {b} asks for", "it does not carry the labels that are asked for"),
    Code.TAINTED: ("{a} has the taint {c}, which {b} does not tolerate", "it has a taint that is not tolerated"),
    Code.NO_SUCH_DEVICES: ("{a} does not have the {c} that {b} asks for", "it does not have the devices that are asked for"),
    Code.NO_NODE_MATCHES: ("no node carries the labels that {a} asks for", "no node carries the labels it asks for"),
    Code.NO_FREE_DEVICES: (
        "no node has {0} of {a} free that nobody else may use, of {1} with such devices",
        "no node has such devices free",
    ),
    Code.NO_FREE_SHARE: ("no free share of {0}m of {a} on any of {1} nodes with such devices", "no node has such a share of a device free"),
    Code.DEVICE_TAKEN: ("device {0} of {b}, which {a} was to have, is not free any more", "the device it was to have is not free any more"),
    Code.SEATS_TAKEN: (
        "{0} of {1} nodes hold as many of {a} as they may, or its host ports are taken there",
        "the nodes hold as many of it as they may, or its host ports are taken there",
    ),
    Code.KEPT_APART: (
        "{a} keeps apart by {b} from what stands on {0} of {1} nodes",
        "{a} keeps apart by {b} from what stands where {c} would be",
        "it is kept apart from what stands there",
    ),
    Code.NONE_TO_JOIN: (
        "{a} has to stand beside others, who by {b} are not where {0} of {1} nodes are",
        "{a} has to stand beside others, who by {b} are not where {c} would be",
        "nobody it must stand beside is there",
    ),
    Code.SPREAD_IS_FULL: (
        "one more of {a} on {0} of {1} nodes would make its spread by {b} uneven",
        "one more would make its spread uneven",
    ),
    Code.BREAKS_RULE: (
        "{a} would no longer keep to its rules of spread, affinity or anti-affinity",
        "a rule between workloads would be broken",
    ),
    Code.PREFERENCE_NOT_MET: ("what {a} would rather have cannot be had for all of it", "a preference cannot be met"),
    Code.PREFERENCE_TOO_DEAR: (
        "what {a} would rather have costs at least {b} per hour more, and the policy file does not say that it may",
        "a preference would cost too much",
    ),
    Code.SOLD_OUT: ("sold out: {names}", "it is sold out"),
    Code.DEARER: (
        "{a} would do, and costs no less for what it would hold than {b}",
        "it would do, and costs no less for what it would hold",
    ),
    Code.LOWER_PRIORITY: ("pool {b} has a higher priority than pool {a}, and could be had", "pools of a higher priority come first"),
    Code.KEEPS_ROOM: ("pool {a} keeps free {b}", "the pool keeps room free"),
    Code.KEEPS_HEADROOM: ("pool {a} keeps free {0} more {b} than is requested", "the pool keeps room free"),
    Code.KEEPS_FREE: ("pool {a} keeps free {0} {b}", "the pool keeps room free"),
    Code.KEEPS_BELOW: ("at most {0} of the {b} of pool {a} may be requested", "the pool keeps room free"),
    Code.KEEPS_ROOM_FOR: ("pool {a} keeps room for {0} more of {b}", "the pool keeps room for more of a workload"),
    Code.KEEPS_WARM: ("pool {a} keeps free what {0} of its machines hold", "the pool keeps machines warm"),
    Code.SPOT_SHARE: ("of {1} nodes in pool {a} at most {0} may be spot", "enough of the pool is spot"),
    Code.OFFERING_HAS_ITS_SHARE: (
        "of {1} spot nodes in pool {b} at most {0} may be of {a}",
        "enough of the spot is of one offering",
    ),
    Code.ZONE_NOT_NAMED: ("zone {a} is none of pool {b}", "its zone is none of the pool's"),
    Code.ZONE_HAS_ITS_SHARE: ("zone {a} has its share of pool {b}, {0} of {1} nodes", "its zone has its share of the pool"),
    Code.ZONE_KEEPS_ITS_SHARE: ("zone {a} keeps its share of pool {b}, {0}", "its zone keeps its share of the pool"),
    Code.PRICE_CEILING: ("pool {a} would cost {b} per hour, its ceiling is {c}", "the pool's price ceiling"),
    Code.OTHER_CURRENCY: (
        "pool {a} is paid in {b}, its ceiling is in {c}: nothing can be bought under it",
        "the pool is paid in another currency than its ceiling",
    ),
    Code.STARTS_STANDBY: ("started from standby: {0} machines of {a}", "started from standby"),
    Code.PRICED_BY: ("{a} costs {b} per hour, told by {c} at {0}", "its price comes of the catalogue"),
    Code.PRICES_OLD: (
        "prices of pool {a} were told at {0}, over 30 days ago: `autoscaler catalogue update` reads them anew",
        "prices were told over 30 days ago",
    ),
    Code.PRICES_NOT_COMPARED: (
        "pool {a} is paid in {b} and others in {c}: prices are not compared, and each currency has its turn",
        "its prices are in another currency",
    ),
    Code.FITS_ELSEWHERE: ("what stands on {names} fits on other nodes", "its replicas fit on other nodes"),
    Code.EMPTY_NODE: ("nothing stands on {names}", "the node is empty"),
    Code.REPLICAS_FIT_NOWHERE_ELSE: (
        "no room elsewhere for {0} replicas of {a}",
        "the replicas of {names} fit nowhere else",
        "its replicas fit nowhere else",
    ),
    Code.SURGE_FITS_NOWHERE: (
        "no room to start {0} more of {a} first",
        "there is no room to start the replacements of {names} first",
        "there is no room to start the replacements first",
    ),
    Code.SURGE_TOO_SMALL: (
        "{0} of {a} would have to start elsewhere first, and its surge is {1}",
        "more replacements would have to start first than its surge lets",
    ),
    Code.GAP_NOT_ALLOWED: (
        "{a} cannot move without a gap ({b}), which its policy does not allow",
        "{a} cannot move without a gap, which its policy does not allow",
        "it cannot move without a gap, which its policy does not allow",
    ),
    Code.GAP_ALLOWED: (
        "about {0} without {a}, as its policy allows",
        "about {0} without it, as its policy allows",
        "with a gap, as its policy allows",
    ),
    Code.PAYS: (
        "saves {a} within {b}; moving {0} replicas is priced at {c}, hysteresis included",
        "saves more than moving its replicas is priced at",
    ),
    Code.DOES_NOT_PAY: (
        "closing it would save {a} within {b}; moving {0} replicas is priced at {c}, hysteresis included",
        "closing it would save no more than moving its replicas is priced at",
    ),
    Code.PAYS_UNKNOWN: (
        "its price is not known, so moving {0} replicas is not held against it",
        "its price is not known, so moves are not held against it",
    ),
    Code.NOT_COMPARED: (
        "pool {a} is paid in {b}, a move is priced in {c}: nobody can tell whether it pays",
        "the pool is paid in another currency than a move is priced in",
    ),
    Code.OUTBID: (
        "buying {1} and closing {0} saves {a} per hour, {b} within {c}; moving {2} replicas is priced at {d}, hysteresis included",
        "cheaper nodes take its place",
    ),
    Code.NOTHING_CHEAPER: (
        "nothing cheaper than {a} per hour that may be bought would hold what stands there",
        "nothing cheaper would hold what stands there",
    ),
    Code.NOT_WORTH_REPLACING: (
        "buying {1} and closing {0} would save {a} per hour, {b} within {c}; moving {2} replicas is priced at {d}, hysteresis included",
        "cheaper nodes in its place would save no more than moving its replicas is priced at",
    ),
    Code.NOT_IDLE_LONG_ENOUGH: (
        "{a} needed {needed} within the last {ms}, and needs {now} now",
        "{a} needed {0} within its idle window, and needs {1} now",
        "it must be superfluous for {0} first",
        "it has not been superfluous for long enough",
    ),
    Code.NODE_IS_MANAGER: ("{a} runs the orchestrator itself", "the node runs the orchestrator itself"),
    Code.NODE_NOT_IN_POOL: ("{a} belongs to no pool of ours", "the node belongs to no pool of ours"),
    Code.NODE_NOT_READY: ("{a} is not ready", "the node is not ready"),
    Code.NODE_FENCED_BY_OTHERS: ("somebody else fenced {a}", "somebody else fenced the node"),
    Code.NODE_JOINING: ("still joining: {names}", "a node is still joining"),
    Code.NEVER_JOINED: ("{a} runs, and did not join its cluster within {0}", "it runs, and did not join its cluster in time"),
    Code.NAMED_OTHERWISE: (
        "no node is called {a}, and {b} came since and is in no pool: that may be this machine, so it is left alone",
        "it may have joined under another name, so it is left alone",
    ),
    Code.POOL_RESTS: (
        "pool {a} launches nothing before {instant}: its machines did not join their cluster (try {times})",
        "its machines did not join their cluster: none is launched for a while",
    ),
    Code.UNMANAGED_LEFT: ("no policy names {a}, and such workloads are left alone", "workloads without a policy are left alone"),
    Code.UPDATE_IN_PROGRESS: ("its owner is updating {a}", "its owner is updating it"),
    Code.NO_RECIPE: ("there is no way to move {names} without a gap here", "there is no way to move it without a gap here"),
    Code.REQUEST_UNKNOWN: ("{a} does not declare what it needs", "it does not declare what it needs"),
    Code.KEPT_FOR_LATER: (
        "keeps room for {names}, which a limit holds back for now",
        "keeps room for replicas that a limit holds back for now",
    ),
    Code.MAKES_ROOM: ("makes room for {names}", "makes room"),
    Code.HOLDS_FLOOR: ("{0} of {a} available, and at least {1} have to be", "the floor of {a} must hold", "the floor must hold"),
    Code.STARTS_FIRST: ("{0} more of {a} first, so that {1} stay available", "replacements start first"),
    Code.FLOOR_HOLDS_WITHOUT_SURGE: ("{0} of {a} are enough without extra replicas", "the floor holds without extra replicas"),
    Code.FLOOR_BROKEN: (
        "only {0} of {a} are available already, of at least {1}: nothing more is taken",
        "{a} lacks {0} available already: nothing more is taken",
        "fewer than its floor are available already: nothing more is taken",
    ),
    Code.UNEVEN: ("{0} of {a} stand where more of them stand than elsewhere", "some nodes hold more of its replicas than others"),
    Code.EVENS_LOAD: (
        "{a} on {c} instead of {b}: machines are more evenly full so, or what is left of them fits together better",
        "machines are more evenly full so, or what is left of them fits together better",
    ),
    Code.MENDS_RULE: (
        "{a} on {c} instead of {b} keeps to its rules between workloads again, or more nearly",
        "rules between workloads are kept to more nearly so",
    ),
    Code.OUT_OF_ROTATION: ("{0} of {a} should stand in rotation and do not", "healthy replicas are not in rotation"),
    Code.ENDED_BY_CLOUD: ("the cloud takes {a} at {0}", "the cloud takes the machine"),
    Code.ENDS_WITH_NODE: ("{0} of {a} stay on {b} and are ended by the cloud", "it stays, and is ended by the cloud"),
    Code.TOO_LATE: ("{a} needs {0} to leave {b}, which the cloud takes in {1}", "it cannot leave in time"),
    Code.NOT_WAITED_FOR: (
        "the machine ends before a replacement of {a} can serve, so its sessions get what time is left",
        "its machine ends before a replacement can serve",
    ),
    Code.GONE_FROM_CLUSTER: ("{0} of {a} left the cluster", "{a} left the cluster", "it left the cluster"),
    Code.UNFENCED_BEFORE_LAUNCH: (
        "{a} is opened again instead of starting a machine",
        "a closing node is opened again instead of starting a machine",
    ),
    Code.SEARCH_ENDED: ("the search ended before it could be tried",),
    Code.SEARCHED_PLAINLY: (
        "searched for {0} rounds, without compiled code: with poolkeeper[solver] it searches longer in less time",
        "searched briefly, without compiled code: with poolkeeper[solver] it searches longer in less time",
    ),
    Code.COMMITTED: ("begun already: {a}", "begun already, and still wanted"),
    Code.SUPERSEDED: ("plan {a} wants something else", "a newer plan wants something else"),
    Code.LOST_OWNER: ("whoever left the mark is gone",),
}

GUARDING: Templates = {
    Code.FROZEN: ("{a} is frozen by {b}: {c}", "{a} is frozen", "it is frozen"),
    Code.TOO_FAST: ("{0} at once, and the limits leave {1} for now", "more change than the limits allow for now"),
    Code.OVER_BUDGET: ("{0} at once would pass the budget of {1}", "more at once than the budget allows"),
    Code.POOL_BUDGET: (
        "{0} of the {1} nodes of {a} are closing or not ready, and its budget is {2}",
        "the pool's budget of nodes to close is used up",
    ),
    Code.ZONE_BUDGET: (
        "{0} of the {1} nodes of {a} in {b} are closing or not ready, and the budget of each zone is {2}",
        "the zone's budget of nodes to close is used up",
    ),
    Code.BUDGET_UNTIL: ("that budget holds until {0}, by {a} ({b})", "that budget holds for a while"),
    Code.STAYS_UNTIL: ("{a} stays where it is until {0}, by {b} ({c})", "a workload there stays where it is for now"),
    Code.CLUSTER_UNHEALTHY: ("{0} of {1} nodes are not ready", "too many nodes are not ready"),
    Code.INPUT_STALE: (
        "what {a} rests on was read {0} apart, and {1} is allowed",
        "what it rests on was read {0} apart, and {1} is allowed",
        "{a} could not be read ({b})",
        "what it rests on is too old",
    ),
    Code.LAUNCHES_FAILING: ("{a} failed to start {0} times, and {1} are borne", "{a} keeps failing to start", "launches keep failing"),
    Code.POOL_UNKNOWN: ("pool {a} could not be read", "the pool could not be read"),
    Code.OTHER_OWNER: ("{a} owns this cluster", "another store owns this cluster"),
    Code.FAILED_LATELY: ("the same failed just now, and is tried again {0} later", "the same failed just now"),
    Code.DEPENDS_ON_WITHHELD: ("it comes after what is withheld: {names}", "it comes after a step that is withheld"),
}

CARRYING_OUT: Templates = {
    Code.BEGUN: ("begun",),
    Code.HOLDS_ALREADY: ("it is so already",),
    Code.DONE: ("done",),
    Code.WAITING: ("waiting for {names}", "waiting"),
    Code.TIMED_OUT: ("not done within {0}", "not done in time"),
    Code.NEVER_HEALTHY: (
        "the replacement did not get healthy within {0}: the old one stays",
        "the replacement never got healthy: the old one stays",
    ),
    Code.SESSIONS_LEFT: ("{0} requests are still in flight", "requests may still be in flight"),
    Code.OUTCOME_UNKNOWN: (
        "try {try} was sent and no reply came, it is read back at {instant} ({a})",
        "sent, and no reply came: it is read back first",
    ),
    Code.PREDICTION_CHANGED: (
        "the orchestrator would end other replicas of {a} by now ({0} and {1})",
        "the orchestrator would end other replicas by now",
    ),
    Code.PROVIDER_FAILED: ("try {try} failed, the next is at {instant} ({a})", "it failed: {names}", "it failed"),
    Code.NO_CAPACITY: ("no capacity: {a}", "there is no capacity left"),
    Code.UNDONE: ("taken back",),
}

TEMPLATES: Templates = {**READING, **VOTING, **DECIDING, **PLACING, **GUARDING, **CARRYING_OUT}
