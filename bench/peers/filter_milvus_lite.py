"""As bench/programs/filter-database.ts, with PyPI milvus-lite through its client. Its server runs in this process."""
import json
import sys
import time

from pymilvus import DataType, MilvusClient, MilvusException

BATCH_ROWS = 20_000
MODULUS = 1_000_003
CATEGORIES = 50
told = json.loads(sys.argv[1])
rows, dim, rounds = told["rows"], told["dim"], told["rounds"]


def key_of(row):
    return row * 7919 % MODULUS


def coordinate(row, at):
    return (row * 31 + at * 17) % 1009 / 1009


def row_of(row):
    return {
        "id": row,
        "i": key_of(row) * 1000,
        "n": row * 31 % 1000,
        "d": key_of(row) / 1000,
        "s": f"item-{key_of(row)}",
        "c": f"category {row % CATEGORIES}",
        "v": [coordinate(row, at) for at in range(dim)],
    }


client = MilvusClient(told["path"])
schema = MilvusClient.create_schema(auto_id=False)
schema.add_field("id", DataType.INT64, is_primary=True)
schema.add_field("i", DataType.INT64)
schema.add_field("n", DataType.INT32)
schema.add_field("d", DataType.DOUBLE)
schema.add_field("s", DataType.VARCHAR, max_length=20)
schema.add_field("c", DataType.VARCHAR, max_length=20)
schema.add_field("v", DataType.FLOAT_VECTOR, dim=dim)
client.create_collection("rows", schema=schema)
for start in range(0, rows, BATCH_ROWS):
    client.insert("rows", [row_of(row) for row in range(start, min(start + BATCH_ROWS, rows))])
client.flush("rows")
parameters = client.prepare_index_params()
parameters.add_index("v", index_type="FLAT", metric_type="L2")
client.create_index("rows", parameters)
client.load_collection("rows")


def ask(question, turn):
    filter = question["filter"].replace("$", str(turn))
    if question["kind"] == "count":
        (found,) = client.query("rows", filter=filter, output_fields=["count(*)"])
        return found["count(*)"]
    data = [[coordinate(turn * 13, at) for at in range(dim)]]
    (hits,) = client.search("rows", data, filter=filter, limit=10, search_params={"metric_type": "L2"})
    return len(hits)


def ask_list(turn):
    length = told["listLength"]
    values = ",".join(str(key_of(at * 3) * 1000 + (at + turn & 1)) for at in range(length))
    return ask({"kind": "count", "filter": f"i in [{values}]"}, turn)


def timed(work):
    found = []
    for turn in range(rounds + 1):
        started = time.perf_counter()
        try:
            count = work(turn)
        except MilvusException:
            # It has no such operator.
            return None
        if turn > 0:
            found.append((time.perf_counter() - started) * 1000)
    return {"ms": found, "count": count}


def answer(question):
    # It does not add rows up by groups.
    return None if question["kind"] == "group" else timed(lambda turn: ask(question, turn))


print(json.dumps({"questions": [answer(each) for each in told["questions"]], "list": timed(ask_list)}))
