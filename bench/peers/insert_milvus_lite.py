"""As bench/programs/insert.ts, with PyPI milvus-lite: acknowledged before the device has it."""
import json
import sys
import time

import numpy as np
from pymilvus import DataType, MilvusClient

told = json.loads(sys.argv[1])
dim, batch_rows = told["dim"], told["batchRows"]
values = np.fromfile(told["vectorPath"], dtype="<f4").reshape(-1, dim)
# Lists are what its client sends fastest.
batches = [
    [{"id": row, "vector": values[row].tolist()} for row in range(start, min(start + batch_rows, len(values)))]
    for start in range(0, len(values), batch_rows)
]
client = MilvusClient(told["path"])
schema = MilvusClient.create_schema(auto_id=False)
schema.add_field("id", DataType.INT64, is_primary=True)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
client.create_collection("vectors", schema=schema)
started = time.perf_counter()
for batch in batches:
    client.insert("vectors", batch)
elapsed_ms = (time.perf_counter() - started) * 1000
client.close()
# As peakRssMB of bench/processes.ts; its server runs in this process.
with open("/proc/self/status") as status:
    kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({"elapsedMs": elapsed_ms, "rssMB": kilobytes * 1024 / 1e6}))
