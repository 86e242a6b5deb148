"""LangChain's vector store over a server: stores, finds, filters, replaces and deletes texts."""

import asyncio
import sys

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_milvus import Milvus

ADDRESS = sys.argv[1]
WORDS = ["chess", "compiler", "music", "network", "python", "game", "editor", "audio"]


class WordCounts(Embeddings):
    """One dimension a word: near texts share words."""

    def embed_query(self, text):
        return [float(text.lower().count(word)) + 0.01 for word in WORDS]

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


DOCUMENTS = [
    Document(page_content="a chess game", metadata={"section": "games", "size": 10}),
    Document(page_content="a python compiler", metadata={"section": "devel", "size": 200}),
    Document(page_content="an audio editor for music", metadata={"section": "sound", "size": 30}),
    Document(page_content="a network game", metadata={"section": "games", "size": 40}),
]


def store(name, **options):
    return Milvus(
        embedding_function=WordCounts(),
        connection_args={"uri": ADDRESS},
        collection_name=name,
        **options,
    )


def texts(documents):
    return [document.page_content for document in documents]


def plain():
    vectors = store("plain", auto_id=True, drop_old=True)
    keys = vectors.add_documents(DOCUMENTS)
    assert len(keys) == 4
    assert texts(vectors.similarity_search("chess", k=1)) == ["a chess game"]
    found = vectors.similarity_search("game", k=4, expr='section == "games" and size > 20')
    assert texts(found) == ["a network game"], found
    assert found[0].metadata["size"] == 40
    scored = vectors.similarity_search_with_score("python compiler", k=4)
    assert scored[0][0].page_content == "a python compiler"
    assert [score for _, score in scored] == sorted(score for _, score in scored)
    varied = vectors.max_marginal_relevance_search("game", k=2, fetch_k=4)
    assert len(set(texts(varied))) == 2
    assert sorted(vectors.get_pks('section == "games"')) == sorted([keys[0], keys[3]])
    assert vectors.delete(ids=[keys[0]])
    assert texts(vectors.similarity_search("chess", k=1)) != ["a chess game"]
    assert vectors.delete(expr='section == "sound"')
    assert len(vectors.get_pks("size > 0")) == 2


def dynamic():
    vectors = store(
        "dynamic",
        drop_old=True,
        enable_dynamic_field=True,
        consistency_level="Strong",
        index_params={"index_type": "HNSW", "metric_type": "COSINE", "params": {"M": 8, "efConstruction": 64}},
    )
    ids = [f"d{i}" for i in range(4)]
    assert vectors.add_documents(DOCUMENTS, ids=ids) == ids
    retriever = vectors.as_retriever(search_kwargs={"k": 2, "expr": "size < 100"})
    assert texts(retriever.invoke("editor"))[0] == "an audio editor for music"
    vectors.upsert(ids=["d1"], documents=[Document(page_content="a chess compiler", metadata={"size": 7})])
    assert texts(vectors.similarity_search("chess compiler", k=1)) == ["a chess compiler"]
    assert len(vectors.get_pks("size >= 0")) == 4


def partitioned():
    vectors = store(
        "partitioned", auto_id=True, drop_old=True, partition_key_field="section"
    )
    vectors.add_documents(DOCUMENTS)
    found = vectors.similarity_search("game", k=4, expr='section in ["games"]')
    assert sorted(texts(found)) == ["a chess game", "a network game"]


async def awaited():
    vectors = store("awaited", auto_id=True, drop_old=True)
    await vectors.aadd_documents(DOCUMENTS)
    assert texts(await vectors.asimilarity_search("music", k=1)) == ["an audio editor for music"]


for part in (plain, dynamic, partitioned):
    part()
    print(part.__name__)
asyncio.run(awaited())
print("awaited")
