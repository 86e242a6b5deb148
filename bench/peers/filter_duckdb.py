"""Filters over a million rows in DuckDB, as bench/trials/filter-scan.ts and filter-database.ts name them."""

import json
import sys
import time

import duckdb

told = json.loads(sys.argv[1])
rows, rounds = told["rows"], told["rounds"]
database = duckdb.connect(":memory:")
database.execute("set threads = 1")
database.execute(
    f"""create table rows as select (k * 7919 % 1000003) * 1000 as i, (k * 31 % 1000)::integer as n,
    (k * 7919 % 1000003) / 1000.0::double as d, 'item-' || (k * 7919 % 1000003) as s,
    'category ' || (k % 50) as c from range({rows}) t(k)"""
)


def timed(sql, has_turns=False):
    found = []
    for turn in range(rounds + 1):
        started = time.perf_counter()
        found_rows = database.execute(sql.replace("$", str(turn)) if has_turns else sql).fetchall()
        if turn > 0:
            found.append((time.perf_counter() - started) * 1000)
    return {"ms": found, "count": len(found_rows) if "group by" in sql else found_rows[0][0]}


questions = [timed(f"select count(*) from rows where {each['duckdb']}") for each in told["questions"]]
lists = []
for length in told["lists"]:
    database.execute(
        f"""create or replace temp table list as
        select (k * 3 * 7919 % 1000003) * 1000 + (k & 1) as value from range({length}) t(k)"""
    )
    lists.append(timed("select count(*) from rows where i in (select value from list)"))
statements = [timed(each, True) for each in told.get("statements", [])]
print(
    json.dumps(
        {"version": duckdb.__version__, "questions": questions, "lists": lists, "statements": statements}
    )
)
