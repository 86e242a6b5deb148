"""LlamaIndex's vector store over a server: nodes with metadata, filters, and the ways to remove them."""

import sys

from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
)
from llama_index.vector_stores.milvus import MilvusVectorStore

ADDRESS = sys.argv[1]


def node(number, section):
    vector = [0.0] * 4
    vector[number % 4] = 1.0
    return TextNode(
        id_=f"n{number}",
        text=f"text {number}",
        embedding=vector,
        metadata={"section": section, "size": number * 10},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"doc{number % 2}")},
    )


NODES = [node(0, "games"), node(1, "devel"), node(2, "sound"), node(3, "games")]
QUERY = [0.1, 0.0, 0.0, 0.9]


def store(name, **options):
    return MilvusVectorStore(uri=ADDRESS, collection_name=name, dim=4, overwrite=True, **options)


def found(vectors, **query):
    answer = vectors.query(VectorStoreQuery(query_embedding=QUERY, similarity_top_k=4, **query))
    return [one.node_id for one in answer.nodes]


def plain():
    vectors = store("plain", similarity_metric="L2")
    assert vectors.add(NODES) == ["n0", "n1", "n2", "n3"]
    assert found(vectors)[:2] == ["n3", "n0"]
    games = MetadataFilter(key="section", value="games")
    small = MetadataFilter(key="size", value=20, operator=FilterOperator.LT)
    both = MetadataFilters(filters=[games, small])
    assert found(vectors, filters=both) == ["n0"]
    either = MetadataFilters(filters=[games, small], condition=FilterCondition.OR)
    assert sorted(found(vectors, filters=either)) == ["n0", "n1", "n3"]
    among = MetadataFilter(key="section", value=["devel", "sound"], operator=FilterOperator.IN)
    assert sorted(found(vectors, filters=MetadataFilters(filters=[among]))) == ["n1", "n2"]
    assert sorted(one.node_id for one in vectors.get_nodes(node_ids=["n1", "n2"])) == ["n1", "n2"]


def removal():
    vectors = store("removal", similarity_metric="COSINE")
    vectors.add(NODES)
    vectors.delete("doc1")
    assert sorted(found(vectors)) == ["n0", "n2"]
    vectors.delete_nodes(node_ids=["n0"])
    assert found(vectors) == ["n2"]
    vectors.clear()
    vectors = store("removal", similarity_metric="COSINE")
    assert vectors.add(NODES[:1]) == ["n0"]


def indexed():
    config = {"index_type": "HNSW", "M": 8, "efConstruction": 64}
    vectors = store("indexed", similarity_metric="IP", index_config=config, search_config={"ef": 32})
    vectors.add(NODES)
    assert found(vectors, node_ids=["n1", "n3"])[0] == "n3"


for part in (plain, removal, indexed):
    part()
    print(part.__name__)
