/** `/indexes/*`. */
import { IndexState } from '../wire/generated/milvus.ts';
import { indexesOf, indexPairs } from './indexes.ts';
import { nameOf, pairsFrom } from './plain-text.ts';
import { DONE, namedCollection, type RestAnswer, type RestCall, type Routes } from './rest-call.ts';
import { missingParameter } from './rest-errors.ts';

export const indexRoutes: Routes = {
  '/indexes/list': list,
  '/indexes/describe': describe,
  '/indexes/create': create,
  '/indexes/drop': drop,
  '/indexes/alter_properties': alterProperties,
  '/indexes/drop_properties': dropProperties,
};

async function list(call: RestCall): Promise<RestAnswer> {
  const found = await indexesOf(call);
  return { data: found.map(({ indexName }) => indexName) };
}

async function describe(call: RestCall): Promise<RestAnswer> {
  const { indexDescriptions } = await call.call('DescribeIndex', namedIndex(call));
  return {
    data: indexDescriptions.map((index) => {
      const param = (name: string): string =>
        index.params.find(({ key }) => key === name)?.value ?? '';
      return {
        indexName: index.indexName,
        fieldName: index.fieldName,
        indexType: param('index_type'),
        metricType: param('metric_type'),
        'mmap.enabled': param('mmap.enabled'),
        'indexoffsetcache.enabled': param('indexoffsetcache.enabled'),
        warmup: param('warmup'),
        totalRows: index.totalRows,
        pendingRows: index.pendingIndexRows,
        indexedRows: index.indexedRows,
        indexState: nameOf(IndexState, index.state),
        failReason: index.indexStateFailReason,
        minIndexVersion: index.minIndexVersion,
        maxIndexVersion: index.maxIndexVersion,
        indexParams: index.params,
      };
    }),
  };
}

async function create(call: RestCall): Promise<RestAnswer> {
  const collection = namedCollection(call);
  if (!call.body.has('indexParams')) throw missingParameter('indexParams');
  for (const index of call.body.bodies('indexParams')) {
    await call.call('CreateIndex', {
      ...collection,
      fieldName: index.requiredText('fieldName'),
      indexName: index.text('indexName'),
      extraParams: indexPairs(index),
    });
  }
  return DONE;
}

async function drop(call: RestCall): Promise<RestAnswer> {
  await call.call('DropIndex', namedIndex(call));
  return DONE;
}

async function alterProperties(call: RestCall): Promise<RestAnswer> {
  const extraParams = pairsFrom(call.body.object('properties'));
  await call.call('AlterIndex', { ...namedIndex(call), extraParams });
  return DONE;
}

async function dropProperties(call: RestCall): Promise<RestAnswer> {
  const deleteKeys = call.body.texts('propertyKeys');
  await call.call('AlterIndex', { ...namedIndex(call), deleteKeys });
  return DONE;
}

function namedIndex(call: RestCall): ReturnType<typeof namedCollection> & { indexName: string } {
  return { ...namedCollection(call), indexName: call.body.requiredText('indexName') };
}
