import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isTemporaryKey,
  logFileName,
  manifestKey,
  parseLogFileName,
  pinContentName,
  pinFileName,
  quarantineKey,
  segmentColumnsKey,
  segmentDeletesKey,
  segmentDescriptorKey,
  segmentKeysKey,
  segmentVectorKey,
  temporaryKey,
} from '../../src/storage/paths.ts';

const id = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('paths', () => {
  it('uses lower-case letters, digits, dot, dash and slash only', () => {
    fc.assert(
      fc.property(id, id, id, (a, b, c) => {
        const names = [
          segmentColumnsKey(a),
          segmentVectorKey(a, b),
          segmentKeysKey(a),
          segmentDescriptorKey(a),
          segmentDeletesKey(a, b),
          manifestKey(a, b, c),
          logFileName(a, b),
          quarantineKey(segmentKeysKey(a), '0123abcd'),
          temporaryKey(segmentKeysKey(a), '0123abcd'),
          pinFileName('0123abcd'),
          pinContentName(pinFileName('0123abcd')),
        ];
        for (const name of names) expect(name).toMatch(/^[a-z0-9./-]+$/);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('reads the name of a log file back', () => {
    fc.assert(
      fc.property(id, id, (term, firstSequence) => {
        expect(parseLogFileName(logFileName(term, firstSequence))).toEqual({ term, firstSequence });
      }),
    );
  });

  it('takes nothing else for a log file', () => {
    for (const name of [
      '',
      'x.log',
      '1-2.log',
      '00000001-0000000000.log.tmp',
      '0000000G-0000000000.log',
    ]) {
      expect(parseLogFileName(name)).toBeNull();
    }
  });

  it('sorts log files by name as by position', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 }), (pairs) => {
        const byPosition = [...pairs].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        const names = pairs.map(([term, first]) => logFileName(term, first)).sort();
        expect(names).toEqual(byPosition.map(([term, first]) => logFileName(term, first)));
      }),
    );
  });

  it('knows temporary names', () => {
    expect(isTemporaryKey(temporaryKey('segments/1.keys', 'ab'))).toBe(true);
    expect(isTemporaryKey('segments/1.keys')).toBe(false);
  });
});
