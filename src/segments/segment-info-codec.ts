/**
 * SegmentInfo as JSON, inside manifests. int64 is decimal text; a bound of a zone is a number, or
 * { int64 } or { text } around a text. `indexes` is left out where there are none.
 */
import type { JsonValue } from './strict-json.ts';
import type { Zone } from './segment.ts';
import type {
  DeleteReference,
  ObjectReference,
  SegmentIndex,
  SegmentInfo,
} from './segment-info.ts';

export function encodeSegmentInfo(info: SegmentInfo): object {
  const zones = [...info.zones].map(([fieldId, zone]) => ({
    fieldId,
    ...(zone.min === undefined ? {} : { min: encodeBound(zone.min) }),
    ...(zone.max === undefined ? {} : { max: encodeBound(zone.max) }),
    nullCount: zone.nullCount,
    rowCount: zone.rowCount,
  }));
  return {
    id: info.id,
    partitionId: info.partitionId,
    level: info.level,
    rowCount: info.rowCount,
    byteLength: info.byteLength,
    schemaVersion: info.schemaVersion,
    minTimestamp: String(info.minTimestamp),
    maxTimestamp: String(info.maxTimestamp),
    descriptor: encodeReference(info.descriptor),
    objects: info.objects.map(encodeReference),
    deletes: info.deletes === null ? null : encodeDeletes(info.deletes),
    ...(info.indexes.length === 0 ? {} : { indexes: info.indexes.map(encodeIndex) }),
    zones,
  };
}

/** @throws MalformedBytes */
export function decodeSegmentInfo(value: JsonValue): SegmentInfo {
  const json = value.object(
    'id',
    'partitionId',
    'level',
    'rowCount',
    'byteLength',
    'schemaVersion',
    'minTimestamp',
    'maxTimestamp',
    'descriptor',
    'objects',
    'deletes',
    'indexes?',
    'zones',
  );
  const deletes = json.get('deletes');
  return {
    id: json.get('id').count(),
    partitionId: json.get('partitionId').count(),
    level: json.get('level').count(),
    rowCount: json.get('rowCount').count(),
    byteLength: json.get('byteLength').count(),
    schemaVersion: json.get('schemaVersion').count(),
    minTimestamp: json.get('minTimestamp').big(),
    maxTimestamp: json.get('maxTimestamp').big(),
    descriptor: decodeReference(json.get('descriptor')),
    objects: json.get('objects').list().map(decodeReference),
    deletes: deletes.isNull() ? null : decodeDeletes(deletes),
    indexes: json.get('indexes')?.list().map(decodeIndex) ?? [],
    zones: new Map(json.get('zones').list().map(decodeZone)),
  };
}

export function encodeReference({ key, byteLength, checksum }: ObjectReference): object {
  return { key, byteLength, checksum };
}

/** @throws MalformedBytes */
export function decodeReference(value: JsonValue): ObjectReference {
  const json = value.object('key', 'byteLength', 'checksum');
  return {
    key: json.get('key').text(),
    byteLength: json.get('byteLength').count(),
    checksum: json.get('checksum').count(),
  };
}

function encodeDeletes(deletes: DeleteReference): object {
  const { rowCount, timestamp } = deletes;
  return { ...encodeReference(deletes), rowCount, timestamp: String(timestamp) };
}

function decodeDeletes(value: JsonValue): DeleteReference {
  const json = value.object('key', 'byteLength', 'checksum', 'rowCount', 'timestamp');
  return {
    key: json.get('key').text(),
    byteLength: json.get('byteLength').count(),
    checksum: json.get('checksum').count(),
    rowCount: json.get('rowCount').count(),
    timestamp: json.get('timestamp').big(),
  };
}

function encodeIndex(index: SegmentIndex): object {
  const { indexId, fieldId, fingerprint, rowCount, builder, image, descriptor } = index;
  return {
    indexId,
    fieldId,
    fingerprint,
    rowCount,
    builder,
    image: encodeReference(image),
    descriptor: encodeReference(descriptor),
  };
}

function decodeIndex(value: JsonValue): SegmentIndex {
  const json = value.object(
    'indexId',
    'fieldId',
    'fingerprint',
    'rowCount',
    'builder',
    'image',
    'descriptor',
  );
  return {
    indexId: json.get('indexId').count(),
    fieldId: json.get('fieldId').count(),
    fingerprint: json.get('fingerprint').text(),
    rowCount: json.get('rowCount').count(),
    builder: json.get('builder').text(),
    image: decodeReference(json.get('image')),
    descriptor: decodeReference(json.get('descriptor')),
  };
}

function encodeBound(bound: bigint | number | string): unknown {
  if (typeof bound === 'bigint') return { int64: String(bound) };
  return typeof bound === 'string' ? { text: bound } : bound;
}

function decodeBound(value: JsonValue): bigint | number | string {
  if (value.isNumber()) return value.number();
  const json = value.object('int64?', 'text?');
  return json.get('int64')?.big() ?? json.get('text')?.text() ?? value.number();
}

function decodeZone(value: JsonValue): [number, Zone] {
  const json = value.object('fieldId', 'min?', 'max?', 'nullCount', 'rowCount');
  const min = json.get('min');
  const max = json.get('max');
  const zone: Zone = {
    ...(min === undefined ? {} : { min: decodeBound(min) }),
    ...(max === undefined ? {} : { max: decodeBound(max) }),
    nullCount: json.get('nullCount').count(),
    rowCount: json.get('rowCount').count(),
  };
  return [json.get('fieldId').count(), zone];
}
