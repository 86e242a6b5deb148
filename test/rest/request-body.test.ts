import { describe, expect, it } from 'vitest';
import { RequestBody } from '../../src/rest/request-body.ts';

describe('a request', () => {
  it('may write names in other cases, and the exact one counts first', () => {
    const body = new RequestBody({ jobID: '7', COLLECTIONNAME: 'a', collectionName: 'b' });
    expect(body.text('jobId')).toBe('7');
    expect(body.text('collectionName')).toBe('b');
    expect(body.has('JOBID')).toBe(true);
    expect(body.has('job')).toBe(false);
    expect(new RequestBody({ Schema: { AutoID: true } }).body('schema').boolean('autoId')).toBe(
      true,
    );
  });

  it('of very many members is read by exact names', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`m${i}`, i]));
    const body = new RequestBody({ ...many, LIMIT: 3 });
    expect(body.integer('m299')).toBe(299);
    expect(body.integer('limit', 5)).toBe(5);
  });

  it('knows nothing of what every object has', () => {
    const body = new RequestBody({});
    expect([body.value('toString'), body.value('__proto__'), body.value('constructor')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
