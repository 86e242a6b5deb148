"""faiss-cpu: indexes of codes, as bench/trials/quantised-recall.ts names them. Prints the ids that they find."""
import json
import sys

import faiss
import numpy as np

TOP_K = 10
told = json.loads(sys.argv[1])
DIM = told["dim"]
LISTS = told["lists"]
DEGREE = told["degree"]
BUILD_WIDTH = told["buildWidth"]
METRIC = faiss.METRIC_INNER_PRODUCT


def read_rows(path):
    return np.fromfile(path, dtype="<f4").reshape(-1, DIM)


def coarse():
    return faiss.IndexFlat(DIM, METRIC)


def rotated(index):
    rotation = faiss.RandomRotationMatrix(DIM, DIM)
    rotation.init(1)
    return faiss.IndexPreTransform(rotation, index)


def lists_of(family):
    parts = told["parts"]
    if family == "IVF_SQ8":
        return faiss.IndexIVFScalarQuantizer(coarse(), DIM, LISTS, faiss.ScalarQuantizer.QT_8bit, METRIC)
    if family == "IVF_PQ":
        return faiss.IndexIVFPQ(coarse(), DIM, LISTS, parts, 8, METRIC)
    if family == "IVF_RABITQ":
        return rotated(faiss.IndexIVFRaBitQ(coarse(), DIM, LISTS, METRIC))
    return faiss.IndexRefineFlat(faiss.IndexIVFPQFastScan(coarse(), DIM, LISTS, DIM // 2, 4, METRIC))


def graph_of(family):
    if family == "HNSW_SQ":
        index = faiss.IndexHNSWSQ(DIM, faiss.ScalarQuantizer.QT_8bit, DEGREE, METRIC)
    else:
        # Of length 1 distances order vectors as products do, and faiss finds more by them.
        by = METRIC if family.endswith("by products") else faiss.METRIC_L2
        index = faiss.IndexHNSWPQ(DIM, told["parts"], DEGREE, 8, by)
    index.hnsw.efConstruction = BUILD_WIDTH
    return index


def parameters_of(family, point):
    if family.startswith("HNSW"):
        return faiss.SearchParametersHNSW(efSearch=point)
    if family == "SCANN":
        lists = faiss.IVFSearchParameters(nprobe=point)
        return faiss.IndexRefineSearchParameters(k_factor=told["reorder"] / TOP_K, base_index_params=lists)
    if family == "IVF_RABITQ":
        lists = faiss.IVFRaBitQSearchParameters(nprobe=point)
        return faiss.SearchParametersPreTransform(index_params=lists)
    return faiss.IVFSearchParameters(nprobe=point)


rows = read_rows(told["vectors"])
queries = read_rows(told["queries"])
faiss.omp_set_num_threads(told["threads"])
found = []
for family, points in told["families"].items():
    index = graph_of(family) if family.startswith("HNSW") else lists_of(family)
    index.train(rows)
    index.add(rows)
    for point in points:
        ids = index.search(queries, TOP_K, params=parameters_of(family, point))[1]
        found.append([[int(row) for row in each if row >= 0] for each in ids])
print(json.dumps(found))
