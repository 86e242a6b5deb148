"""faiss-cpu: indexes of codes, as bench/compare/code-families.ts describes them. Prints the ids that they find."""
import json
import sys

import faiss
import numpy as np

TOP_K = 10
told = json.loads(sys.argv[1])
DIM = told["dim"]
METRIC = faiss.METRIC_L2 if told["metric"] == "L2" else faiss.METRIC_INNER_PRODUCT


def read_rows(path):
    return np.fromfile(path, dtype="<f4").reshape(-1, DIM)


def rotated(index):
    rotation = faiss.RandomRotationMatrix(DIM, DIM)
    rotation.init(1)
    return faiss.IndexPreTransform(rotation, index)


def lists_of(family):
    coarse = faiss.IndexFlat(DIM, METRIC)
    lists = family["lists"]
    if family["code"] == "scalar":
        kind = getattr(faiss.ScalarQuantizer, family["type"])
        return faiss.IndexIVFScalarQuantizer(coarse, DIM, lists, kind, METRIC)
    if family["code"] == "product":
        return faiss.IndexIVFPQ(coarse, DIM, lists, family["parts"], 8, METRIC)
    if family["code"] == "bits":
        return rotated(faiss.IndexIVFRaBitQ(coarse, DIM, lists, METRIC))
    return faiss.IndexIVFPQFastScan(coarse, DIM, lists, family["parts"], 4, METRIC)


def graph_of(family):
    degree = family["degree"]
    if family["code"] == "scalar":
        kind = getattr(faiss.ScalarQuantizer, family["type"])
        index = faiss.IndexHNSWSQ(DIM, kind, degree, METRIC)
    elif family["code"] == "product":
        index = faiss.IndexHNSWPQ(DIM, family["parts"], degree, 8, METRIC)
    else:
        codes = faiss.IndexProductResidualQuantizer(DIM, family["parts"], family["layers"], 8, METRIC)
        codes.train(rows)
        index = faiss.IndexHNSW(codes, degree)
    index.hnsw.efConstruction = family["width"]
    return index


def parameters_of(family, point):
    if family["coarse"] == "graph":
        parameters = faiss.SearchParametersHNSW(efSearch=point)
    elif family["code"] == "bits":
        lists = faiss.IVFRaBitQSearchParameters(nprobe=point, qb=family.get("queryBits", 0))
        parameters = faiss.SearchParametersPreTransform(index_params=lists)
    else:
        parameters = faiss.IVFSearchParameters(nprobe=point)
    refined = family.get("refined")
    if refined is None:
        return parameters
    factor = point / TOP_K if refined == "width" else refined
    return faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=parameters)


rows = read_rows(told["vectors"])
queries = read_rows(told["queries"])
faiss.omp_set_num_threads(told["threads"])
found = []
for family in told["families"]:
    index = graph_of(family) if family["coarse"] == "graph" else lists_of(family)
    if "refined" in family:
        index = faiss.IndexRefineFlat(index)
    if not index.is_trained:
        index.train(rows)
    index.add(rows)
    for point in family["points"]:
        ids = index.search(queries, TOP_K, params=parameters_of(family, point))[1]
        found.append([[int(row) for row in each if row >= 0] for each in ids])
print(json.dumps(found))
