"""Fields come and go under the official Python client at sys.argv[1]: it goes on, and says so by one line."""

import sys

from pymilvus import DataType, FieldOp, MilvusClient, MilvusException

URI = sys.argv[1]


def moving_schema(client):
    """Fields come and go under a client that keeps what it knows of the schema."""
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("tag", DataType.VARCHAR, max_length=9)
    schema.add_field("marks", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4)
    params = client.prepare_index_params()
    params.add_index("vector", index_type="HNSW", metric_type="L2")
    client.create_collection(
        "moving", schema=schema, index_params=params, consistency_level="Strong"
    )
    row = {"id": 1, "vector": [1, 2, 3, 4], "tag": "t", "marks": [1, 2, 1]}
    client.insert("moving", [row])
    other = MilvusClient(uri=URI)
    other.drop_collection_field("moving", "tag")
    assert [field["name"] for field in client.describe_collection("moving")["fields"]] == [
        "id",
        "vector",
        "marks",
    ]
    client.insert("moving", [{"id": 2, "vector": [1, 2, 3, 4], "marks": []}])
    other.add_collection_field("moving", "tag", DataType.INT64, nullable=True, default_value=7)
    client.insert("moving", [{"id": 3, "vector": [1, 2, 3, 4], "marks": [], "tag": 8}])
    found = client.query("moving", filter="id > 0", output_fields=["tag"])
    assert [row["tag"] for row in found] == [7, 7, 8], found
    client.upsert("moving", [{"id": 1, "marks": [5]}], field_ops={"marks": FieldOp.array_append()})
    client.upsert("moving", [{"id": 1, "marks": [1]}], field_ops={"marks": FieldOp.array_remove()})
    assert list(client.get("moving", ids=[1])[0]["marks"]) == [2, 5]
    refused(lambda: client.drop_collection_field("moving", "vector"), 1100, "last vector field")
    client.alter_collection_field("moving", "marks", {"max_capacity": 9})
    client.alter_collection_properties("moving", {"collection.ttl.seconds": 3600})
    client.create_database("elsewhere")
    client.rename_collection("moving", "moved", "elsewhere")
    moved = MilvusClient(uri=URI, db_name="elsewhere")
    assert moved.query("moved", output_fields=["count(*)"])[0]["count(*)"] == 3
    moved.drop_collection("moved")
    client.drop_database("elsewhere")


def refused(call, code, text):
    try:
        call()
    except MilvusException as failure:
        assert failure.code == code and text in failure.message, failure
    else:
        raise AssertionError(f"not refused: {text}")


moving_schema(MilvusClient(uri=URI))
print("moving_schema")
