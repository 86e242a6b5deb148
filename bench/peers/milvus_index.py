"""Milvus 2.3.5: the whole server from PyPI in a process of its own, asked through its client.

It listens on every interface there is. So this runs in a network of its own, which has the loopback only.
"""
import fcntl
import os
import socket
import struct
import sys
import time

from milvus import MilvusServer, MilvusServerConfig
from pymilvus import Collection, CollectionSchema, DataType, FieldSchema, connections, utility

from driver import BUCKETS, BUILD_WIDTH, DEGREE, TOP_K, buckets, drive, read_rows, told

BATCH_ROWS = 1000
SET_FLAGS = 0x8914
UP_AND_RUNNING = 0x41
POLL_SECONDS = 0.1
INDEX_SECONDS_MAX = 900


def raise_loopback():
    if [name for _, name in socket.if_nameindex()] != ["lo"]:
        sys.exit("run this in a network of its own: unshare --net")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP_AND_RUNNING))


def collection_of(dim):
    fields = [
        FieldSchema("id", DataType.INT64, is_primary=True),
        FieldSchema("bucket", DataType.INT64),
        FieldSchema("vector", DataType.FLOAT_VECTOR, dim=dim),
    ]
    return Collection("vectors", CollectionSchema(fields))


def wait_for_index(count):
    """The client waits for the segments it knows of; here every row has to be in an index."""
    until = time.monotonic() + INDEX_SECONDS_MAX
    while True:
        progress = utility.index_building_progress("vectors")
        if progress["indexed_rows"] == count and progress["pending_index_rows"] == 0:
            return
        if time.monotonic() > until:
            sys.exit(f"not indexed in {INDEX_SECONDS_MAX} s: {progress}")
        time.sleep(POLL_SECONDS)


def build():
    collection = collection_of(told["dim"])
    bucket = buckets(len(rows))
    for start in range(0, len(rows), BATCH_ROWS):
        end = min(start + BATCH_ROWS, len(rows))
        collection.insert([list(range(start, end)), bucket[start:end].tolist(), rows[start:end].tolist()])
    # Loaded before its index is there, it is searched by a coarser one for a while.
    collection.flush()
    collection.create_index(
        "vector",
        {"index_type": "HNSW", "metric_type": "IP", "params": {"M": DEGREE, "efConstruction": BUILD_WIDTH}},
    )
    wait_for_index(len(rows))
    collection.load()


def search(command, queries):
    share = command["share"]
    collection = Collection("vectors")
    # Strong consistency would wait for a tick of its clock.
    options = {"param": {"metric_type": "IP", "params": {"ef": command["width"]}}, "limit": TOP_K}
    options["expr"] = None if share is None else f"bucket < {round(share * BUCKETS)}"
    options["consistency_level"] = "Eventually"

    def answer(first, end):
        return [hits.ids for hits in collection.search(queries[first:end].tolist(), "vector", **options)]

    return answer


raise_loopback()
rows = read_rows(told["vectors"])
server = MilvusServer(MilvusServerConfig(data_dir=os.path.join(told["directory"], "milvus")))
server.start()
try:
    connections.connect(host="127.0.0.1", port=server.listen_port)
    drive(build, search, process=server.server_proc.pid)
finally:
    server.stop()
