"""One case of VectorDBBench: its Milvus client loads, optimizes and searches a small data set.

   vectordbbench_program.py FOLDER ADDRESS COMMAND [OPTION...]

   Prints the recall that the benchmark measured. FOLDER is its own: data, results and logs are put there."""
import glob
import json
import os
import sys

ROWS, QUERIES, DIM = 3000, 20, 32


def write_data(folder):
    import numpy
    import pyarrow
    import pyarrow.parquet

    random = numpy.random.default_rng(1)
    vectors = random.normal(size=(ROWS, DIM)).astype(numpy.float32)
    queries = random.normal(size=(QUERIES, DIM)).astype(numpy.float32)
    distances = ((queries[:, None] - vectors[None]) ** 2).sum(-1)
    neighbors = numpy.argsort(distances, axis=1)[:, :100]

    def write(name, columns):
        pyarrow.parquet.write_table(pyarrow.table(columns), os.path.join(folder, name))

    write("train.parquet", {"id": numpy.arange(ROWS), "emb": list(vectors)})
    write("test.parquet", {"id": numpy.arange(QUERIES), "emb": list(queries)})
    write("neighbors.parquet", {"id": numpy.arange(QUERIES), "neighbors_id": list(neighbors)})


def main():
    folder, address, command, *options = sys.argv[1:]
    data = os.path.join(folder, "data")
    os.makedirs(data)
    write_data(data)
    # It reads these when it is imported.
    os.environ["RESULTS_LOCAL_DIR"] = os.path.join(folder, "results")
    os.environ["LOG_FILE"] = os.path.join(folder, "log.txt")
    os.chdir(folder)
    from vectordb_bench.cli.vectordbbench import cli

    case = {
        "--case-type": "PerformanceCustomDataset",
        "--uri": address,
        "--k": "10",
        "--concurrency-duration": "1",
        "--num-concurrency": "1,2",
        "--custom-case-name": "small",
        "--custom-dataset-name": "small",
        "--custom-dataset-dir": data,
        "--custom-dataset-size": str(ROWS),
        "--custom-dataset-dim": str(DIM),
        "--custom-dataset-metric-type": "L2",
        "--custom-dataset-file-count": "1",
    }
    given = [part for option in case.items() for part in option]
    cli([command, *given, *options], standalone_mode=False)
    (path,) = glob.glob(os.path.join(folder, "results", "*", "*.json"))
    with open(path) as file:
        (result,) = json.load(file)["results"]
    if result["label"] != ":)":
        raise SystemExit(f"the case ended as {result['label']}")
    print(result["metrics"]["recall"])


if __name__ == "__main__":
    main()
