"""One program that asks any of the servers through the official Python client, and times what it does.

Told as JSON: `server` is `address`, `file` (Python milvus-lite) or `milvus` (the server of PyPI, in a network
of its own); `vectors` and `queries` are float32 files. Answers are compared with exact ones, so that every
server is timed at the least width that finds what is wanted.
"""
import itertools
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from pymilvus import Collection, CollectionSchema, DataType, FieldSchema, connections, utility

TOP_K = 10
BUCKETS = 1000
BATCH_ROWS = 1000
SHARE = 0.1
RECALL = 0.95
WIDTHS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]
CALLERS = 4
INDEX_SECONDS_MAX = 900
# Of one measure: slow servers are timed on fewer calls.
SECONDS_MAX = 6

told = json.loads(sys.argv[1])
dim = told["dim"]
rows = np.fromfile(told["vectors"], dtype="<f4").reshape(-1, dim)
queries = np.fromfile(told["queries"], dtype="<f4").reshape(-1, dim)
buckets = (np.arange(len(rows), dtype=np.int64) * 7919) % BUCKETS
# What comes back counts, not how a list is made of what goes out.
asked = queries.tolist()


def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def collection_of():
    fields = [
        FieldSchema("id", DataType.INT64, is_primary=True),
        FieldSchema("bucket", DataType.INT64),
        FieldSchema("vector", DataType.FLOAT_VECTOR, dim=dim),
    ]
    return Collection("vectors", CollectionSchema(fields))


def insert(collection):
    for start in range(0, len(rows), BATCH_ROWS):
        end = min(start + BATCH_ROWS, len(rows))
        collection.insert([list(range(start, end)), buckets[start:end].tolist(), rows[start:end].tolist()])


def build(collection):
    collection.flush()
    params = {"M": 16, "efConstruction": 200}
    collection.create_index("vector", {"index_type": "HNSW", "metric_type": "IP", "params": params})
    until = time.monotonic() + INDEX_SECONDS_MAX
    while told["server"] != "file":
        progress = utility.index_building_progress("vectors")
        if progress["indexed_rows"] >= len(rows) and progress["pending_index_rows"] == 0:
            break
        if time.monotonic() > until:
            sys.exit(f"not indexed in {INDEX_SECONDS_MAX} s: {progress}")
        time.sleep(0.1)
    collection.load()


def searcher(collection, width, share=None):
    options = {"param": {"metric_type": "IP", "params": {"ef": width}}, "limit": TOP_K}
    options["expr"] = None if share is None else f"bucket < {round(share * BUCKETS)}"
    # Strong consistency would wait for a tick of Milvus's clock.
    options["consistency_level"] = "Eventually"
    return lambda first, end: [list(hits.ids) for hits in collection.search(asked[first:end], "vector", **options)]


def least_right(share):
    """Of each query, the least score that is among the best."""
    allowed = rows if share is None else rows[buckets < round(share * BUCKETS)]
    scores = queries @ allowed.T
    return np.partition(scores, -TOP_K, axis=1)[:, -TOP_K]


def recall_of(search, least, count):
    right = 0
    for query in range(count):
        ids = search(query, query + 1)[0]
        scores = rows[ids] @ queries[query] if ids else np.empty(0)
        right += int((scores >= least[query] - 2e-6).sum())
    return right / (count * TOP_K)


def at_recall(collection, share):
    """A search that finds enough, by the least width that does; the recall that it has."""
    if told.get("isStub"):
        return searcher(collection, told["width"], share), told["width"], 0.0
    least = least_right(share)
    for width in WIDTHS:
        search = searcher(collection, width, share)
        recall = recall_of(search, least, 200)
        if recall >= RECALL:
            break
    return search, width, recall


def times(count, work):
    """Calls per second of `work`, one after the other."""
    started = time.perf_counter()
    done = 0
    while done < count and time.perf_counter() - started < SECONDS_MAX:
        work(done)
        done += 1
    return done / (time.perf_counter() - started)


def times_beside(count, work):
    """The same by several callers."""
    numbers = itertools.count()
    started = time.perf_counter()

    def call():
        done = 0
        for i in iter(numbers.__next__, None):
            if i >= count or time.perf_counter() - started >= SECONDS_MAX:
                return done
            work(i)
            done += 1

    with ThreadPoolExecutor(CALLERS) as pool:
        calls = [pool.submit(call) for _ in range(CALLERS)]
        done = sum(one.result() for one in calls)
    return done / (time.perf_counter() - started)


def asked_by_others(width):
    """What other clients find of the same server: `programs` are commands that take their settings last."""
    settings = {"address": server_address(), "queries": told["queries"], "dim": dim, "width": width}
    found = {}
    for command in told.get("programs", []):
        call = [*command, json.dumps({**settings, "rowCount": len(rows)})]
        environment = {**os.environ, "NODE_ENV": "production"}
        done = subprocess.run(call, check=True, stdout=subprocess.PIPE, env=environment)
        found.update(json.loads(done.stdout.decode().strip().splitlines()[-1]))
    return found


def server_address():
    if told["server"] == "milvus":
        return f"127.0.0.1:{milvus_port}"
    if told["server"] == "address":
        return told["address"].removeprefix("http://")
    # The server of Python's milvus-lite is a thread of this process.
    from milvus_lite.server_manager import server_manager_instance

    return server_manager_instance.start_and_get_uri(database_file()).removeprefix("http://")


def database_file():
    return os.path.join(told["directory"], "milvus_lite.db")


def measured(collection):
    found = {}
    search, width, recall = at_recall(collection, None)
    found["width"], found["recall"] = width, recall
    found["search"] = times(len(queries), lambda i: search(i, i + 1))
    found["search4"] = times_beside(len(queries), lambda i: search(i, i + 1))
    filtered, _, found["filteredRecall"] = at_recall(collection, SHARE)
    found["filtered"] = times(len(queries) // 2, lambda i: filtered(i, i + 1))
    found["batched"] = len(queries) * times(3, lambda _: search(0, len(queries)))
    step = len(rows) // 500
    get = lambda i: collection.query(f"id in [{i * step}]", output_fields=["bucket", "vector"])
    assert len(get(7)) == 1
    found["get"] = times(500, get)
    found.update(asked_by_others(width))
    if told.get("isStub"):
        return found
    count = int((buckets < 10).sum())
    found["delete"] = count / timed(lambda: collection.delete("bucket < 10"))
    left = collection.query("bucket < 10", output_fields=["id"], consistency_level="Strong")
    assert left == [], left[:3]
    return found


def run():
    collection = Collection("vectors") if told.get("isStub") else collection_of()
    found = {}
    if not told.get("isStub"):
        found["insert"] = len(rows) / timed(lambda: insert(collection))
        found["buildSeconds"] = timed(lambda: build(collection))
    found.update(measured(collection))
    print(json.dumps(found), flush=True)


def run_in_milvus():
    # Importing the driver of the comparison would start it.
    from milvus import MilvusServer, MilvusServerConfig

    import fcntl
    import socket
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
    server = MilvusServer(MilvusServerConfig(data_dir=os.path.join(told["directory"], "milvus")))
    server.start()
    global milvus_port
    milvus_port = server.listen_port
    try:
        connections.connect(host="127.0.0.1", port=server.listen_port)
        run()
    finally:
        server.stop()


if told["server"] == "milvus":
    run_in_milvus()
elif told["server"] == "file":
    connections.connect(uri=database_file())
    run()
else:
    connections.connect(uri=told["address"])
    run()
