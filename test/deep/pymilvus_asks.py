"""Groups, orders, aggregates, buckets and keys to search by, as the official client asks for them."""

from pymilvus import DataType, MilvusException, SearchAggregation, TopHits

NAME = "asks"
COLORS = ["red", "green", "blue", None]


def row(key):
    return {
        "id": key,
        "vector": [float(key), 0.0],
        "color": COLORS[key % 4],
        "shop": key % 3,
        "price": key % 10 + 0.5,
        "meta": {"kind": key % 5, "name": f"n{key % 2}"},
        "extra": key % 7,
    }


def create(client):
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("color", DataType.VARCHAR, max_length=16, nullable=True)
    schema.add_field("shop", DataType.INT32)
    schema.add_field("price", DataType.DOUBLE)
    schema.add_field("meta", DataType.JSON)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="L2", M=8, efConstruction=64)
    client.create_collection(NAME, schema=schema, index_params=index, num_shards=2)
    client.insert(NAME, [row(key) for key in range(3000)])
    client.flush(NAME)
    client.insert(NAME, [row(key) for key in range(3000, 3200)])
    client.delete(NAME, ids=[0, 1])


def ids_of(hits):
    return [hit["id"] for hit in hits]


def groups(client):
    found = client.search(
        NAME,
        data=[[0, 0], [100, 0]],
        limit=3,
        group_by_field="color",
        group_size=2,
        strict_group_size=True,
        output_fields=["color"],
    )
    assert ids_of(found[0]) == [2, 6, 3, 7, 4, 8], found[0]
    assert len(found[1]) == 6 and len({hit["entity"]["color"] for hit in found[1]}) == 3
    rest = client.search(NAME, data=[[0, 0]], limit=3, offset=2, group_by_field="color")
    assert ids_of(rest[0]) == [4, 5], rest[0]
    several = client.search(NAME, data=[[0, 0]], limit=100, group_by_fields=["color", "shop"])
    assert ids_of(several[0]) == list(range(2, 14)), several[0]
    by_path = client.search(
        NAME,
        data=[[0, 0]],
        limit=100,
        group_by_field='meta["kind"]',
        json_type=DataType.INT8,
        strict_cast=True,
    )
    assert ids_of(by_path[0]) == [2, 3, 4, 5, 6]
    dynamic = client.search(NAME, data=[[0, 0]], limit=100, group_by_field="extra")
    assert ids_of(dynamic[0]) == [2, 3, 4, 5, 6, 7, 8]
    refused(
        lambda: client.search(NAME, data=[[0, 0]], limit=3, group_by_field="color", group_size=11),
        "input group size:11 exceeds configured max group size:10",
    )


def orders(client):
    found = client.search(
        NAME,
        data=[[10, 0]],
        limit=5,
        order_by_fields=[{"field": "price", "order": "desc"}],
        output_fields=["price"],
    )
    assert ids_of(found[0]) == [9, 8, 12, 11, 10], found[0]
    rows = client.query(
        NAME,
        filter="shop == 1",
        order_by=["color:desc:nulls_last", "price:asc"],
        output_fields=["color", "price"],
        limit=3,
    )
    assert [one["color"] for one in rows] == ["red"] * 3 and rows[0]["price"] == 0.5, rows
    refused(
        lambda: client.query(NAME, filter="shop == 1", order_by=["extra"], limit=3),
        "order_by field 'extra' does not exist in collection schema",
    )
    refused(
        lambda: client.search(
            NAME, data=[[0, 0]], limit=3, order_by_fields=[{"field": "vector", "order": "asc"}]
        ),
        "order_by field 'vector' has unsortable type FloatVector",
    )


def aggregates(client):
    kept = [row(key) for key in range(2, 3200)]
    assert client.query(NAME, filter="", output_fields=["count(*)"]) == [{"count(*)": 3198}]
    rows = client.query(
        NAME,
        filter="",
        group_by_fields=["color"],
        output_fields=["color", "count(*)", "sum(shop)", "avg(price)", "MAX(price)"],
    )
    assert [one["color"] for one in rows] == ["blue", "green", "red", None], rows
    for one in rows:
        group = [other for other in kept if other["color"] == one["color"]]
        assert one["count(*)"] == len(group)
        assert one["sum(shop)"] == sum(other["shop"] for other in group)
        assert abs(one["avg(price)"] - sum(other["price"] for other in group) / len(group)) < 1e-9
        assert one["MAX(price)"] == max(other["price"] for other in group)
    refused(
        lambda: client.query(NAME, filter="", output_fields=["sum(color)"]),
        "aggregation operator sum does not support data type VarChar",
    )
    refused(
        lambda: client.query(NAME, filter="", output_fields=["count(*)"], limit=3),
        "count entities with pagination is not allowed",
    )


def buckets(client):
    aggregation = SearchAggregation(
        fields=["color"],
        size=4,
        metrics={"rows": {"count": "*"}, "near": {"min": "_score"}, "total": {"sum": "price"}},
        order=[{"near": "asc"}],
        top_hits=TopHits(size=2, sort=[{"price": "desc"}]),
        sub_aggregation=SearchAggregation(fields=["shop"], size=3),
    )
    found = client.search(
        NAME, data=[[0, 0], [50, 0]], search_aggregation=aggregation, output_fields=["price"]
    )
    assert len(found.agg_buckets) == 2
    first = found.agg_buckets[0]
    assert [one.key[0]["value"] for one in first] == ["blue", None, "red", "green"], first
    assert first[0].count == 6 and first[0].metrics["rows"] == 6
    assert first[0].metrics["near"] == 4.0
    assert [hit.fields["price"] for hit in first[0].hits] == [8.5, 6.5], first[0].hits
    assert sorted(one.key[0]["value"] for one in first[0].sub_groups) == [0, 1, 2]


def keys(client):
    by_keys = client.search(NAME, ids=[7, 2000], limit=2, filter="id > 7")
    by_vectors = client.search(NAME, data=[[7, 0], [2000, 0]], limit=2, filter="id > 7")
    assert [ids_of(hits) for hits in by_keys] == [ids_of(hits) for hits in by_vectors]
    refused(lambda: client.search(NAME, ids=[0, 7], limit=2), "missing IDs = [0]")
    late = client.search(
        NAME,
        data=[[7, 0]],
        limit=2,
        filter="id > 7",
        search_params={"hints": "iterative_filter", "params": {"ef": 64}},
    )
    assert ids_of(late[0]) == [8, 9]


def refused(work, text):
    try:
        work()
    except MilvusException as failure:
        assert text in failure.message, failure.message
        return
    raise AssertionError(f"it was not refused: {text}")


def asks(client):
    create(client)
    for part in (groups, orders, aggregates, buckets, keys):
        part(client)
    client.drop_collection(NAME)
