"""Haystack's document store and retriever over a server."""

import sys

from haystack import Document
from haystack.document_stores.types import DuplicatePolicy
from milvus_haystack import MilvusDocumentStore
from milvus_haystack.milvus_embedding_retriever import MilvusEmbeddingRetriever

ADDRESS = sys.argv[1]
DOCUMENTS = [
    Document(id=f"d{i}", content=f"text {i}", meta={"size": i, "section": "even" if i % 2 == 0 else "odd"},
             embedding=[float(i), 1.0, 0.0, 0.0])
    for i in range(6)
]


def documents():
    store = MilvusDocumentStore(connection_args={"uri": ADDRESS}, collection_name="documents", drop_old=True)
    assert store.write_documents(DOCUMENTS, policy=DuplicatePolicy.NONE) == 6
    assert store.count_documents() == 6
    where = {
        "operator": "AND",
        "conditions": [
            {"field": "meta.section", "operator": "==", "value": "even"},
            {"field": "meta.size", "operator": ">", "value": 1},
        ],
    }
    assert sorted(one.id for one in store.filter_documents(where)) == ["d2", "d4"]
    retriever = MilvusEmbeddingRetriever(document_store=store, top_k=2)
    found = retriever.run(query_embedding=[3.1, 1.0, 0.0, 0.0])["documents"]
    assert [one.id for one in found] == ["d3", "d4"], found
    found = retriever.run(query_embedding=[3.1, 1.0, 0.0, 0.0], filters=where)["documents"]
    assert [one.id for one in found] == ["d4", "d2"], found
    store.delete_documents(["d0", "d1"])
    assert store.count_documents() == 4


documents()
print("documents")
