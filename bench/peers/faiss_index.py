"""faiss-cpu: HNSW over float32, or with `kind` flat the exact scan. Built on one thread or several, searched on one."""
import faiss
import numpy as np

from driver import BUCKETS, BUILD_WIDTH, DEGREE, TOP_K, buckets, drive, read_rows, told

rows = read_rows(told["vectors"])
is_flat = told.get("kind") == "flat"
metric = faiss.METRIC_INNER_PRODUCT
index = faiss.IndexFlat(told["dim"], metric) if is_flat else faiss.IndexHNSWFlat(told["dim"], DEGREE, metric)


def build():
    faiss.omp_set_num_threads(told["threads"])
    if not is_flat:
        index.hnsw.efConstruction = BUILD_WIDTH
    index.add(rows)


def search(command, queries):
    faiss.omp_set_num_threads(1)
    options = {}
    if command["share"] is not None:
        allowed = buckets(len(rows)) < command["share"] * BUCKETS
        options["sel"] = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
    if is_flat:
        parameters = faiss.SearchParameters(**options) if options else None
    else:
        parameters = faiss.SearchParametersHNSW(efSearch=command["width"], **options)
    return lambda first, end: index.search(queries[first:end], TOP_K, params=parameters)[1]


drive(build, search)
