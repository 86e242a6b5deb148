"""As bench/compare/driver.ts, for Python."""
import json
import sys
import time

import numpy as np

TOP_K = 10
BUCKETS = 1000
BUILD_WIDTH = 200
DEGREE = 16

told = json.loads(sys.argv[1])


def read_rows(path):
    return np.fromfile(path, dtype="<f4").reshape(-1, told["dim"])


def buckets(count):
    return (np.arange(count, dtype=np.int64) * 7919) % BUCKETS


def rss_mb(process):
    with open(f"/proc/{process}/status") as status:
        kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return round(kilobytes * 1024 / 1e6)


def drive(build, search, process="self"):
    """`search(command, queries)` gives a function of (first, end) that gives lists of ids.

    `process` is the one whose memory counts.
    """
    queries = read_rows(told["queries"])
    # Lines as they come: iteration over a file would wait for a block of them.
    for line in iter(sys.stdin.readline, ""):
        command = json.loads(line)
        started = time.perf_counter()
        if command["do"] == "build":
            build()
            found = {"buildSeconds": time.perf_counter() - started, "rssMB": rss_mb(process)}
        else:
            answer = search(command, queries)
            rows = []
            step, count = command["batch"], command["queries"]
            started = time.perf_counter()
            for first in range(0, count, step):
                rows.extend(answer(first, min(first + step, count)))
            seconds = time.perf_counter() - started
            found = {"seconds": seconds, "rows": [[int(row) for row in ids if row >= 0] for ids in rows]}
        print(json.dumps(found), flush=True)
