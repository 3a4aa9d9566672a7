#!/usr/bin/env python3
"""A hook for results as a container image: marks in place of e-mail addresses.

Reads the result on standard input and writes the paths of texts that hold an address; the gateway
replaces them. Without one it writes nothing, and the result goes on as it is.
"""

import json
import re
import sys

ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def main():
    result = json.load(sys.stdin)
    paths = [
        f"content[{index}].text"
        for index, block in enumerate(result.get("content", []))
        if ADDRESS.search(block.get("text", ""))
    ]
    if paths:
        json.dump(
            {
                "decision": "redact",
                "paths": paths,
                "replacement": "(a text with an e-mail address)",
                "reason": "results must not hold e-mail addresses",
            },
            sys.stdout,
        )


if __name__ == "__main__":
    main()
