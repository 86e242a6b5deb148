/** A collection's life through the official Java SDK; prints a line for each part that went well. */

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.milvus.v2.client.ConnectConfig;
import io.milvus.v2.client.MilvusClientV2;
import io.milvus.v2.common.ConsistencyLevel;
import io.milvus.v2.common.DataType;
import io.milvus.v2.common.IndexParam;
import io.milvus.v2.exception.MilvusClientException;
import io.milvus.v2.service.collection.request.AddFieldReq;
import io.milvus.v2.service.collection.request.CreateCollectionReq;
import io.milvus.v2.service.collection.request.DescribeCollectionReq;
import io.milvus.v2.service.collection.request.DropCollectionReq;
import io.milvus.v2.service.collection.request.GetLoadStateReq;
import io.milvus.v2.service.collection.request.HasCollectionReq;
import io.milvus.v2.service.collection.request.LoadCollectionReq;
import io.milvus.v2.service.collection.request.ReleaseCollectionReq;
import io.milvus.v2.service.index.request.CreateIndexReq;
import io.milvus.v2.service.index.request.DescribeIndexReq;
import io.milvus.v2.service.utility.request.FlushReq;
import io.milvus.v2.service.vector.request.DeleteReq;
import io.milvus.v2.service.vector.request.GetReq;
import io.milvus.v2.service.vector.request.InsertReq;
import io.milvus.v2.service.vector.request.QueryIteratorReq;
import io.milvus.v2.service.vector.request.QueryReq;
import io.milvus.v2.service.vector.request.SearchReq;
import io.milvus.v2.service.vector.request.UpsertReq;
import io.milvus.v2.service.vector.request.data.FloatVec;
import io.milvus.v2.service.vector.response.QueryResp;
import io.milvus.v2.service.vector.response.SearchResp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

public class JavaProgram {
  private static final String NAME = "java_books";
  private static final int ROWS = 200;
  private static final String FIRST_FIVE = "id < 5 and kind == \"even\"";

  private final MilvusClientV2 client;

  private JavaProgram(MilvusClientV2 client) {
    this.client = client;
  }

  public static void main(String[] arguments) throws Exception {
    ConnectConfig config = ConnectConfig.builder().uri(arguments[0]).build();
    MilvusClientV2 client = new MilvusClientV2(config);
    JavaProgram program = new JavaProgram(client);
    program.create();
    program.insert();
    program.index();
    program.load();
    program.search();
    program.query();
    program.upsert();
    program.delete();
    program.drop();
    client.close();
    System.exit(0);
  }

  private static void check(String part, Object wanted, Object got) {
    if (!wanted.equals(got)) {
      throw new IllegalStateException(part + ": wanted " + wanted + ", got " + got);
    }
  }

  private static JsonObject row(long id, String title) {
    String kind = id % 2 == 0 ? "even" : "odd";
    String text = "{\"id\":%d,\"v\":[%d,1],\"title\":\"%s\",\"facts\":{\"size\":%d},\"kind\":\"%s\"}";
    return JsonParser.parseString(String.format(text, id, id, title, id * 10, kind))
        .getAsJsonObject();
  }

  private void create() {
    CreateCollectionReq.CollectionSchema schema = client.createSchema();
    schema.setEnableDynamicField(true);
    AddFieldReq key = AddFieldReq.builder().fieldName("id").dataType(DataType.Int64).build();
    key.setIsPrimaryKey(true);
    schema.addField(key);
    schema.addField(
        AddFieldReq.builder().fieldName("v").dataType(DataType.FloatVector).dimension(2).build());
    schema.addField(
        AddFieldReq.builder().fieldName("title").dataType(DataType.VarChar).maxLength(50).build());
    schema.addField(AddFieldReq.builder().fieldName("facts").dataType(DataType.JSON).build());
    client.createCollection(
        CreateCollectionReq.builder()
            .collectionName(NAME)
            .collectionSchema(schema)
            .consistencyLevel(ConsistencyLevel.STRONG)
            .build());
    DescribeCollectionReq about = DescribeCollectionReq.builder().collectionName(NAME).build();
    List<String> fields = client.describeCollection(about).getFieldNames();
    check("fields", Arrays.asList("id", "v", "title", "facts"), fields);
    System.out.println("created");
  }

  private void insert() {
    List<JsonObject> rows = new ArrayList<>();
    for (long id = 0; id < ROWS; id++) {
      rows.add(row(id, "book " + id));
    }
    InsertReq request = InsertReq.builder().collectionName(NAME).data(rows).build();
    check("inserted", (long) ROWS, client.insert(request).getInsertCnt());
    client.flush(FlushReq.builder().collectionNames(Collections.singletonList(NAME)).build());
    System.out.println("inserted");
  }

  private void index() {
    IndexParam index =
        IndexParam.builder()
            .fieldName("v")
            .indexName("by_v")
            .indexType(IndexParam.IndexType.HNSW)
            .metricType(IndexParam.MetricType.L2)
            .extraParams(Map.of("M", 16, "efConstruction", 100))
            .build();
    client.createIndex(
        CreateIndexReq.builder()
            .collectionName(NAME)
            .indexParams(Collections.singletonList(index))
            .build());
    DescribeIndexReq about =
        DescribeIndexReq.builder().collectionName(NAME).fieldName("v").build();
    check(
        "index type",
        IndexParam.IndexType.HNSW,
        client.describeIndex(about).getIndexDescByFieldName("v").getIndexType());
    System.out.println("indexed");
  }

  private void load() {
    client.releaseCollection(ReleaseCollectionReq.builder().collectionName(NAME).build());
    try {
      client.query(QueryReq.builder().collectionName(NAME).filter("id >= 0").build());
      throw new IllegalStateException("a collection that is not loaded was read");
    } catch (MilvusClientException refused) {
      check("refusal", true, refused.getMessage().contains("collection not loaded"));
    }
    client.loadCollection(LoadCollectionReq.builder().collectionName(NAME).build());
    GetLoadStateReq about = GetLoadStateReq.builder().collectionName(NAME).build();
    check("loaded", true, client.getLoadState(about));
    System.out.println("loaded");
  }

  private void search() {
    SearchResp found =
        client.search(
            SearchReq.builder()
                .collectionName(NAME)
                .annsField("v")
                .data(Collections.singletonList(new FloatVec(new float[] {7, 1})))
                .topK(3)
                .filter("facts[\"size\"] <= 70")
                .outputFields(Arrays.asList("title", "kind"))
                .searchParams(Map.of("ef", 64))
                .build());
    List<SearchResp.SearchResult> hits = found.getSearchResults().get(0);
    check("nearest", Arrays.asList(7L, 6L, 5L), Arrays.asList(
        hits.get(0).getId(), hits.get(1).getId(), hits.get(2).getId()));
    check("distance", 0f, hits.get(0).getScore());
    check("title", "book 7", hits.get(0).getEntity().get("title"));
    check("dynamic key", "odd", hits.get(0).getEntity().get("kind"));
    System.out.println("searched");
  }

  private void query() {
    QueryResp found =
        client.query(
            QueryReq.builder()
                .collectionName(NAME)
                .filter(FIRST_FIVE)
                .outputFields(Arrays.asList("id", "v"))
                .build());
    List<Object> ids = new ArrayList<>();
    for (QueryResp.QueryResult one : found.getQueryResults()) {
      ids.add(one.getEntity().get("id"));
    }
    check("rows", Arrays.asList(0L, 2L, 4L), ids);
    check("vector", Arrays.asList(0f, 1f), found.getQueryResults().get(0).getEntity().get("v"));
    QueryIteratorReq pages =
        QueryIteratorReq.builder()
            .collectionName(NAME)
            .expr("id >= 0")
            .outputFields(Collections.singletonList("id"))
            .batchSize(64)
            .build();
    var iterator = client.queryIterator(pages);
    int seen = 0;
    for (var page = iterator.next(); !page.isEmpty(); page = iterator.next()) {
      seen += page.size();
    }
    iterator.close();
    check("rows of all pages", ROWS, seen);
    System.out.println("queried");
  }

  private void upsert() {
    List<JsonObject> rows = Collections.singletonList(row(3, "changed"));
    client.upsert(UpsertReq.builder().collectionName(NAME).data(rows).build());
    GetReq request =
        GetReq.builder().collectionName(NAME).ids(Collections.singletonList(3L)).build();
    check(
        "title",
        "changed",
        client.get(request).getGetResults().get(0).getEntity().get("title"));
    System.out.println("upserted");
  }

  private void delete() {
    List<Object> ids = Arrays.asList(0L, 2L);
    client.delete(DeleteReq.builder().collectionName(NAME).ids(ids).build());
    client.delete(DeleteReq.builder().collectionName(NAME).filter("id >= 100").build());
    QueryReq request =
        QueryReq.builder()
            .collectionName(NAME)
            .filter("")
            .outputFields(Collections.singletonList("count(*)"))
            .build();
    Object left = client.query(request).getQueryResults().get(0).getEntity().get("count(*)");
    check("rows left", 98L, left);
    System.out.println("deleted");
  }

  private void drop() {
    client.dropCollection(DropCollectionReq.builder().collectionName(NAME).build());
    HasCollectionReq about = HasCollectionReq.builder().collectionName(NAME).build();
    check("there", false, client.hasCollection(about));
    System.out.println("dropped");
  }
}
