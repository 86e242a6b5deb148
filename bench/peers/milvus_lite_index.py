"""PyPI milvus-lite: HNSW through its client, in this process."""
import os

from pymilvus import DataType, MilvusClient

from driver import BUCKETS, BUILD_WIDTH, DEGREE, TOP_K, buckets, drive, read_rows, told

BATCH_ROWS = 1000
rows = read_rows(told["vectors"])
client = MilvusClient(os.path.join(told["directory"], "milvus_lite.db"))


def build():
    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("bucket", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=told["dim"])
    client.create_collection("vectors", schema=schema)
    bucket = buckets(len(rows))
    for start in range(0, len(rows), BATCH_ROWS):
        end = min(start + BATCH_ROWS, len(rows))
        client.insert(
            "vectors",
            [{"id": i, "bucket": int(bucket[i]), "vector": rows[i].tolist()} for i in range(start, end)],
        )
    # What is not flushed is copied and scanned by every search, index or not.
    client.flush("vectors")
    parameters = client.prepare_index_params()
    parameters.add_index(
        "vector", index_type="HNSW", metric_type="IP", params={"M": DEGREE, "efConstruction": BUILD_WIDTH}
    )
    client.create_index("vectors", parameters)
    client.load_collection("vectors")


def search(command, queries):
    share = command["share"]
    options = {"metric_type": "IP", "params": {"ef": command["width"]}}
    filter = "" if share is None else f"bucket < {round(share * BUCKETS)}"

    def answer(first, end):
        found = client.search(
            "vectors", queries[first:end].tolist(), filter=filter, limit=TOP_K, search_params=options
        )
        return [[hit["id"] for hit in hits] for hits in found]

    return answer


drive(build, search)
