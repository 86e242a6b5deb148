"""The official Python client against a server at sys.argv[1]: what it writes it finds again.

Prints one line a part; an assertion that fails ends it.
"""

import sys

import numpy as np
import pymilvus
from pymilvus import (
    AsyncMilvusClient,
    Collection,
    CollectionSchema,
    DataType,
    FieldSchema,
    MilvusClient,
    MilvusException,
    connections,
    utility,
)

URI = sys.argv[1]
RANDOM = np.random.default_rng(1)


def quick_start(client):
    client.create_collection("quick", dimension=8)
    rows = [
        {"id": i, "vector": RANDOM.random(8).tolist(), "color": ["red", "blue"][i % 2], "n": i}
        for i in range(1000)
    ]
    assert client.insert("quick", rows)["insert_count"] == 1000
    hits = client.search(
        "quick", data=[rows[5]["vector"]], limit=3, output_fields=["color"], filter="n < 500"
    )
    assert hits[0][0]["id"] == 5 and hits[0][0]["entity"]["color"] == "blue"
    assert client.query("quick", output_fields=["count(*)"])[0]["count(*)"] == 1000
    client.delete("quick", ids=[1, 2])
    found = client.query("quick", filter="id in [1, 2, 3]", output_fields=["color"])
    assert [row["id"] for row in found] == [3]
    client.upsert("quick", [{"id": 3, "vector": [0.5] * 8, "color": "green"}])
    assert client.get("quick", ids=[3])[0]["color"] == "green"
    client.flush("quick")
    assert client.describe_index("quick", "vector")["pending_index_rows"] == 0
    pages = client.query_iterator("quick", batch_size=300, output_fields=["n"])
    assert count(pages) == 998
    nearest = client.search_iterator("quick", data=[rows[7]["vector"]], batch_size=100, limit=350)
    assert count(nearest) == 350


def count(iterator):
    total = 0
    while page := iterator.next():
        total += len(page)
    iterator.close()
    return total


def every_type(client):
    schema = client.create_schema(auto_id=True, enable_dynamic_field=True)
    schema.add_field("pk", DataType.VARCHAR, max_length=40, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=100, nullable=True)
    schema.add_field("array", DataType.ARRAY, element_type=DataType.INT64, max_capacity=5)
    schema.add_field("json", DataType.JSON)
    schema.add_field("ratio", DataType.DOUBLE, default_value=1.5)
    schema.add_field("flag", DataType.BOOL)
    schema.add_field("small", DataType.INT8)
    schema.add_field("half", DataType.FLOAT16_VECTOR, dim=4)
    schema.add_field("bits", DataType.BINARY_VECTOR, dim=16)
    schema.add_field("bytes", DataType.INT8_VECTOR, dim=4)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    indexes = client.prepare_index_params()
    indexes.add_index("half", index_type="HNSW", metric_type="L2", params={"M": 8})
    indexes.add_index("bits", index_type="BIN_FLAT", metric_type="HAMMING")
    indexes.add_index("bytes", index_type="HNSW", metric_type="L2", params={"M": 8})
    client.create_collection("types", schema=schema, index_params=indexes)
    rows = [
        {
            "text": None if i % 3 == 0 else f"t{i}",
            "array": [i, i + 1],
            "json": {"a": [i, None]},
            "flag": i % 2 == 0,
            "small": i,
            "half": np.full(4, i, dtype=np.float16),
            "bits": bytes([i, 1]),
            "bytes": np.full(4, i, dtype=np.int8),
            "sparse": {1: 0.5, i + 2: 0.25},
            "more": f"dynamic {i}",
        }
        for i in range(10)
    ]
    client.insert("types", rows)
    found = client.query("types", filter="small < 4", output_fields=["*"])
    by_small = {row["small"]: row for row in found}
    assert sorted(by_small) == [0, 1, 2, 3]
    for i, row in by_small.items():
        expected = rows[i]
        for name in ("text", "array", "json", "flag", "sparse", "more"):
            assert row[name] == expected[name], (name, row[name], expected[name])
        assert row["ratio"] == 1.5
        assert bytes(row["bits"][0]) == expected["bits"]
        assert np.array_equal(np.frombuffer(row["half"][0], dtype=np.float16), expected["half"])
    hits = client.search("types", data=[rows[4]["half"]], anns_field="half", limit=1)
    assert hits[0][0]["distance"] == 0


def errors(client):
    for code, text, call in (
        (100, "can't find collection", lambda: client.describe_collection("nothing")),
        (1100, "cannot parse expression", lambda: client.query("quick", filter="id <")),
        (1100, "vector dimension mismatch", lambda: client.search("quick", data=[[0.1] * 7])),
        (1100, "not equal to schema dim", lambda: client.insert("quick", [{"id": 1, "vector": [1.0]}])),
        (800, "database not found", lambda: client.describe_database("nowhere")),
    ):
        try:
            call()
        except MilvusException as error:
            assert error.code == code and text in error.message, (text, error)
        else:
            raise AssertionError(f"no error: {text}")


def databases(client):
    client.create_database("other")
    there = MilvusClient(uri=URI, db_name="other")
    there.create_collection("quick", dimension=4)
    assert there.list_collections() == ["quick"]
    assert there.get_collection_stats("quick")["row_count"] == 0
    there.drop_collection("quick")
    client.drop_database("other")
    assert client.list_databases() == ["default"]


def books(_client):
    """The older interface: columns, an index of its own, partitions, aliases."""
    connections.connect(uri=URI)
    fields = [
        FieldSchema("book_id", DataType.INT64, is_primary=True),
        FieldSchema("word_count", DataType.INT64),
        FieldSchema("book_intro", DataType.FLOAT_VECTOR, dim=2),
    ]
    book = Collection("book", CollectionSchema(fields, "books"))
    ids = list(range(1000))
    intros = RANDOM.random((1000, 2)).tolist()
    book.insert([ids, [i + 10_000 for i in ids], intros])
    book.flush()
    assert book.num_entities == 1000
    parameters = {"metric_type": "L2", "index_type": "IVF_FLAT", "params": {"nlist": 16}}
    book.create_index("book_intro", parameters)
    utility.wait_for_index_building_complete("book")
    book.load()
    assert utility.loading_progress("book")["loading_progress"] == "100%"
    result = book.search(
        [intros[3]],
        "book_intro",
        {"metric_type": "L2", "params": {"nprobe": 16}},
        limit=2,
        expr="word_count <= 11000",
        output_fields=["word_count"],
    )
    assert result[0].ids[0] == 3 and result[0][0].entity.get("word_count") == 10_003
    assert len(book.query("book_id in [2, 4]", output_fields=["book_intro"])) == 2
    book.delete("book_id in [0, 1]")
    assert book.query("book_id in [0, 1]") == []
    book.create_partition("novel")
    assert book.has_partition("novel")
    utility.create_alias("book", "publication")
    assert Collection("publication").description == "books"
    utility.drop_alias("publication")
    book.release()
    book.drop()
    assert not utility.has_collection("book")


async def awaited():
    client = AsyncMilvusClient(uri=URI)
    found = await client.query("quick", filter="id == 5", output_fields=["color"])
    assert found[0]["color"] == "blue"
    await client.close()


def main():
    import asyncio

    client = MilvusClient(uri=URI)
    parts = [quick_start, every_type, errors, databases, books]
    if hasattr(pymilvus, "SearchAggregation"):
        from pymilvus_asks import asks

        parts.append(asks)
    for part in parts:
        part(client)
        print(part.__name__)
    asyncio.run(awaited())
    print("awaited")


main()
