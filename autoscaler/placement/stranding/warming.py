"""The scores compiled once, on a question that takes no time: what is kept on disk by this is only read by who asks first in earnest."""

import numpy as np

from autoscaler.placement.stranding.board import Board
from autoscaler.placement.stranding.scoring import Expected, Need, Outlook, Room
from autoscaler.placement.stranding.worth import foresight


def warm() -> None:
    """Three machines of two devices, replicas of half a device and of one."""
    number, any_ = np.arange(3), np.ones((2, 2), np.bool_)
    free = np.stack([number + 4, number + 8], axis=1)
    room = Room(free, np.full((3, 2), 1000), np.zeros((3, 2), np.int64), np.zeros(3, np.int64))
    requests, whole, share = np.ones((2, 2), np.int64), np.array([0, 1]), np.array([500, 0])
    expected = Expected(requests, any_, whole, share, any_, np.ones(2, np.int64), np.ones(2, np.int64))
    board = Board(room, Outlook.of(expected, foresight()))
    for one in range(2):
        board.losses(one, Need(requests[one], any_[one], int(whole[one]), int(share[one]), any_[one]))
    board.changed(0)
