"""Filters asked of Milvus 2.3.5: the rows that each takes, or why it refuses. In a network of its own."""
import fcntl
import json
import os
import socket
import struct
import sys

from milvus import MilvusServer, MilvusServerConfig
from pymilvus import Collection, CollectionSchema, DataType, FieldSchema, MilvusException, connections

SET_FLAGS = 0x8914
UP_AND_RUNNING = 0x41
FIELDS = [
    FieldSchema("id", DataType.INT64, is_primary=True),
    FieldSchema("i", DataType.INT64),
    FieldSchema("i2", DataType.INT64),
    FieldSchema("i8", DataType.INT8),
    FieldSchema("i32", DataType.INT32),
    FieldSchema("f", DataType.FLOAT),
    FieldSchema("d", DataType.DOUBLE),
    FieldSchema("s", DataType.VARCHAR, max_length=100),
    FieldSchema("s2", DataType.VARCHAR, max_length=100),
    FieldSchema("b", DataType.BOOL),
    FieldSchema("j", DataType.JSON),
    FieldSchema("ai", DataType.ARRAY, element_type=DataType.INT64, max_capacity=8),
    FieldSchema("as", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=8, max_length=100),
    FieldSchema("v", DataType.FLOAT_VECTOR, dim=2),
]


def raise_loopback():
    if [name for _, name in socket.if_nameindex()] != ["lo"]:
        sys.exit("run this in a network of its own: unshare --net")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP_AND_RUNNING))


def answer(collection, text):
    try:
        found = collection.query(text, output_fields=["id"], consistency_level="Eventually")
    except MilvusException as error:
        return {"error": error.message}
    return {"ids": sorted(row["id"] for row in found)}


def run(told):
    collection = Collection("rows", CollectionSchema(FIELDS, enable_dynamic_field=True))
    collection.insert([{**row, "id": at, "v": [0.0, 1.0]} for at, row in enumerate(told["rows"])])
    collection.flush()
    collection.create_index("v", {"index_type": "FLAT", "metric_type": "L2", "params": {}})
    collection.load()
    return [answer(collection, text) for text in told["filters"]]


raise_loopback()
with open(sys.argv[1], encoding="utf-8") as file:
    told = json.load(file)
server = MilvusServer(MilvusServerConfig(data_dir=os.path.join(told["directory"], "milvus")))
server.start()
try:
    connections.connect(host="127.0.0.1", port=server.listen_port)
    print(json.dumps(run(told)))
finally:
    server.stop()
