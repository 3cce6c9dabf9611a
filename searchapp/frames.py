"""What a browser may send over a search's websocket, read strictly."""

import json
import time
from collections import deque

LONGEST_FRAME = 1000  # characters; a replay request has about 40
MOST_FRAMES, FRAMES_SECONDS = 20, 10.0  # more than so many in so many seconds is no browser of ours


class BadFrame(ValueError):
    """A frame that is not understood; the message says what is."""


def read_replay(text: str) -> int:
    """The seq of `{"type": "replay", "after": seq}`. Raises BadFrame for everything else."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("A frame must be JSON.") from None
    if not isinstance(frame, dict) or frame.get("type") != "replay":
        raise BadFrame('The only frame is {"type": "replay", "after": seq}.')
    after = frame.get("after", 0)
    if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**63:
        raise BadFrame("“after” must be a whole number, 0 or more: the seq of the last event you have.")
    return after


class FrameRate:
    """Counts frames; `allows` is false for the first one that is too many."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MOST_FRAMES)

    def allows(self) -> bool:
        now = time.monotonic()
        full = len(self._times) == MOST_FRAMES and now - self._times[0] < FRAMES_SECONDS
        self._times.append(now)
        return not full
