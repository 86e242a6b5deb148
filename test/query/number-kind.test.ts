import { expect, it } from 'vitest';
import { NUMBER_KIND, numberKind } from '../../src/query/number-kind.ts';
import { newFixedValues } from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';

it('knows the arrays of all types of numbers, and none of Bool', () => {
  const { int64, int32, int16, int8, float32, float64 } = NUMBER_KIND;
  const types = [
    [DataType.Int64, int64],
    [DataType.Timestamptz, int64],
    [DataType.Int32, int32],
    [DataType.Int16, int16],
    [DataType.Int8, int8],
    [DataType.Float, float32],
    [DataType.Double, float64],
    [DataType.Bool, null],
  ] as const;
  for (const [type, kind] of types) expect(numberKind(newFixedValues(type, 1))).toBe(kind);
});
