// A collection's life through the official Go SDK; prints a line for each part that went well.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"github.com/milvus-io/milvus/client/v2/column"
	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
)

const (
	name = "go_books"
	rows = 200
)

type program struct {
	context context.Context
	client  *milvusclient.Client
}

func main() {
	background := context.Background()
	client, failure := milvusclient.New(background, &milvusclient.ClientConfig{Address: os.Args[1]})
	must(failure)
	one := program{background, client}
	one.create()
	one.insert()
	one.index()
	one.load()
	one.search()
	one.query()
	one.upsert()
	one.delete()
	one.drop()
	must(client.Close(background))
}

func must(failure error) {
	if failure != nil {
		panic(failure)
	}
}

func check(part string, wanted, got any) {
	if !reflect.DeepEqual(wanted, got) {
		panic(fmt.Sprintf("%s: wanted %v, got %v", part, wanted, got))
	}
}

func (p program) create() {
	schema := entity.NewSchema().WithName(name).WithDynamicFieldEnabled(true).
		WithField(entity.NewField().WithName("id").WithDataType(entity.FieldTypeInt64).WithIsPrimaryKey(true)).
		WithField(entity.NewField().WithName("v").WithDataType(entity.FieldTypeFloatVector).WithDim(2)).
		WithField(entity.NewField().WithName("title").WithDataType(entity.FieldTypeVarChar).WithMaxLength(50)).
		WithField(entity.NewField().WithName("facts").WithDataType(entity.FieldTypeJSON))
	option := milvusclient.NewCreateCollectionOption(name, schema).WithConsistencyLevel(entity.ClStrong)
	must(p.client.CreateCollection(p.context, option))
	described, failure := p.client.DescribeCollection(p.context, milvusclient.NewDescribeCollectionOption(name))
	must(failure)
	check("fields", 4, len(described.Schema.Fields))
	fmt.Println("created")
}

func vector(id int64) []float32 { return []float32{float32(id), 1} }

func (p program) insert() {
	ids, vectors, titles := []int64{}, [][]float32{}, []string{}
	facts, kinds := [][]byte{}, []string{}
	for id := int64(0); id < rows; id++ {
		ids = append(ids, id)
		vectors = append(vectors, vector(id))
		titles = append(titles, fmt.Sprintf("book %d", id))
		facts = append(facts, fmt.Appendf(nil, `{"size": %d}`, id*10))
		kinds = append(kinds, []string{"even", "odd"}[id%2])
	}
	option := milvusclient.NewColumnBasedInsertOption(name).
		WithInt64Column("id", ids).WithFloatVectorColumn("v", 2, vectors).WithVarcharColumn("title", titles).
		WithColumns(column.NewColumnJSONBytes("facts", facts), column.NewColumnVarChar("kind", kinds))
	inserted, failure := p.client.Insert(p.context, option)
	must(failure)
	check("inserted", int64(rows), inserted.InsertCount)
	flush, failure := p.client.Flush(p.context, milvusclient.NewFlushOption(name))
	must(failure)
	must(flush.Await(p.context))
	fmt.Println("inserted")
}

func (p program) index() {
	option := milvusclient.NewCreateIndexOption(name, "v", index.NewHNSWIndex(entity.L2, 16, 100)).WithIndexName("by_v")
	task, failure := p.client.CreateIndex(p.context, option)
	must(failure)
	must(task.Await(p.context))
	described, failure := p.client.DescribeIndex(p.context, milvusclient.NewDescribeIndexOption(name, "by_v"))
	must(failure)
	check("index type", string(index.HNSW), described.Params()["index_type"])
	fmt.Println("indexed")
}

func (p program) load() {
	must(p.client.ReleaseCollection(p.context, milvusclient.NewReleaseCollectionOption(name)))
	_, failure := p.client.Query(p.context, milvusclient.NewQueryOption(name).WithFilter("id >= 0"))
	check("refusal", true, failure != nil && strings.Contains(failure.Error(), "collection not loaded"))
	task, failure := p.client.LoadCollection(p.context, milvusclient.NewLoadCollectionOption(name))
	must(failure)
	must(task.Await(p.context))
	state, failure := p.client.GetLoadState(p.context, milvusclient.NewGetLoadStateOption(name))
	must(failure)
	check("loaded", entity.LoadStateLoaded, state.State)
	fmt.Println("loaded")
}

func (p program) search() {
	asked := []entity.Vector{entity.FloatVector(vector(7))}
	option := milvusclient.NewSearchOption(name, 3, asked).WithANNSField("v").
		WithFilter(`facts["size"] <= {size}`).WithTemplateParam("size", 70).
		WithOutputFields("title", "kind").WithAnnParam(index.NewHNSWAnnParam(64))
	found, failure := p.client.Search(p.context, option)
	must(failure)
	check("nearest", []int64{7, 6, 5}, found[0].IDs.FieldData().GetScalars().GetLongData().GetData())
	check("distance", float32(0), found[0].Scores[0])
	title, failure := found[0].GetColumn("title").GetAsString(0)
	must(failure)
	check("title", "book 7", title)
	kind, failure := found[0].GetColumn("kind").GetAsString(0)
	must(failure)
	check("dynamic key", "odd", kind)
	fmt.Println("searched")
}

func (p program) query() {
	option := milvusclient.NewQueryOption(name).WithFilter(`id < 5 and kind == "even"`).WithOutputFields("id", "v")
	found, failure := p.client.Query(p.context, option)
	must(failure)
	check("rows", []int64{0, 2, 4}, found.GetColumn("id").FieldData().GetScalars().GetLongData().GetData())
	first, failure := found.GetColumn("v").Get(0)
	must(failure)
	check("vector", entity.FloatVector(vector(0)), first)
	pages, failure := p.client.SearchIterator(p.context,
		milvusclient.NewSearchIteratorOption(name, entity.FloatVector(vector(0))).WithBatchSize(64))
	must(failure)
	seen := 0
	for {
		page, failure := pages.Next(p.context)
		if errors.Is(failure, io.EOF) {
			break
		}
		must(failure)
		seen += page.Len()
	}
	check("rows of all pages", rows, seen)
	fmt.Println("queried")
}

func (p program) upsert() {
	option := milvusclient.NewColumnBasedInsertOption(name).
		WithInt64Column("id", []int64{3}).WithFloatVectorColumn("v", 2, [][]float32{vector(3)}).
		WithVarcharColumn("title", []string{"changed"}).
		WithColumns(column.NewColumnJSONBytes("facts", [][]byte{[]byte(`{}`)}))
	_, failure := p.client.Upsert(p.context, option)
	must(failure)
	ids := column.NewColumnInt64("id", []int64{3})
	found, failure := p.client.Get(p.context, milvusclient.NewQueryOption(name).WithIDs(ids).WithOutputFields("title"))
	must(failure)
	title, failure := found.GetColumn("title").GetAsString(0)
	must(failure)
	check("title", "changed", title)
	fmt.Println("upserted")
}

func (p program) delete() {
	_, failure := p.client.Delete(p.context, milvusclient.NewDeleteOption(name).WithInt64IDs("id", []int64{0, 2}))
	must(failure)
	_, failure = p.client.Delete(p.context, milvusclient.NewDeleteOption(name).WithExpr("id >= 100"))
	must(failure)
	counted, failure := p.client.Query(p.context, milvusclient.NewQueryOption(name).WithOutputFields("count(*)"))
	must(failure)
	left, failure := counted.GetColumn("count(*)").GetAsInt64(0)
	must(failure)
	check("rows left", int64(98), left)
	fmt.Println("deleted")
}

func (p program) drop() {
	must(p.client.DropCollection(p.context, milvusclient.NewDropCollectionOption(name)))
	is, failure := p.client.HasCollection(p.context, milvusclient.NewHasCollectionOption(name))
	must(failure)
	check("there", false, is)
	fmt.Println("dropped")
}
