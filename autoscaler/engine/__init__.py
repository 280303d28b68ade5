"""One tick, in order; the only place that knows the order.

    needs  ->  observe  ->  decide  ->  plan + guard  ->  execute  ->  record

`dry.py` makes the first four from readers alone, `tick.py` goes on to the journal and the writers, `handover.py` answers what commands ask
of the process that ticks. Nothing is imported here: a process that only looks must not load what can change things.
"""
