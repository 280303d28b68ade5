"""The best costs that were published for instances of the challenge; where one was lowered later, the challenge's own.

Taken from memory of its results and of the literature, not read again.
"""

RECORDS = {
    "a1_1": 44_306_501,
    "a1_2": 777_532_896,
    "a1_3": 583_005_717,
    "a1_4": 252_728_589,
    "a1_5": 727_578_309,
    "a2_2": 816_523_983,
    "a2_4": 1_681_353_943,
    "b_01": 3_339_186_879,
    "b_04": 4_677_823_040,
}
