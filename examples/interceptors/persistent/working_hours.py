#!/usr/bin/env python3
"""Before a call: tools that write are for working hours. One process judges all calls: a line of JSON
in, a line out (an empty one lets go on).

  gateway run --policy policy.yaml
"""

import json
import os
import sys
import time

WORDS = ("write", "create", "update", "delete", "send", "fail")
# For trying it: the hour that it is.
HOUR = os.environ.get("HOUR_OF_DAY")


def judge(call):
    hour = int(HOUR) if HOUR else time.localtime().tm_hour
    if 8 <= hour < 18 or not any(word in call.get("tool", "") for word in WORDS):
        return {"decision": "allow"}
    return {"decision": "deny", "reason": f"{call['tool']} is for 8 to 18 o'clock"}


def main():
    for line in sys.stdin:
        call = json.loads(line)
        # An answer that names its call cannot be taken for that of another.
        print(json.dumps(judge(call) | {"callId": call["callId"]}), flush=True)


if __name__ == "__main__":
    main()
