import { describe, expect, it } from 'vitest';
import { checkRequest } from '../../src/core/request-shape.ts';

const ref = { databaseName: '', collectionName: 'c' };

describe('a request', () => {
  it('passes when each part has its type, and parts that may be left out are', () => {
    checkRequest({ ...ref, rows: [{}], filter: undefined, limit: 5, outputFields: ['a'] });
    checkRequest({ ...ref, ids: [1n], snapshotTimestamp: 1n, timezone: 'Asia/Tokyo' });
    checkRequest({ ...ref, ids: BigInt64Array.of(1n), data: null, anythingElse: Symbol('x') });
  });

  it.each([
    [{ rows: undefined }, 'rows must be a list of objects: invalid parameter[actual=undefined]'],
    [{ rows: [1] }, 'rows must be a list of objects'],
    [{ rows: {} }, 'rows must be a list of objects: invalid parameter[actual=object]'],
    [{ filter: null }, 'filter must be a string: invalid parameter[actual=null]'],
    [{ outputFields: [5] }, 'outputFields must be a list of strings'],
    [{ partitionNames: 'p' }, 'partitionNames must be a list of strings'],
    [{ limit: '5' }, 'limit must be a number: invalid parameter[actual=string]'],
    [{ snapshotTimestamp: 5 }, 'snapshotTimestamp must be a bigint'],
    [{ ignoreGrowing: 1 }, 'ignoreGrowing must be true or false'],
    [{ parameters: 'x' }, 'parameters must be an object'],
    [{ ids: 5n }, 'ids must be a list'],
    [{ collectionName: 7 }, 'collectionName must be a string'],
    [{ timezone: 'Mars/X' }, 'unknown or invalid IANA Time Zone ID: Mars/X'],
  ])('is refused with the part that is wrong: %o', (part, message) => {
    expect(() => checkRequest({ ...ref, ...part })).toThrow(message);
  });
});
