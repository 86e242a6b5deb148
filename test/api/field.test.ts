import { describe, expect, it } from 'vitest';
import { describeField, Field } from '../../src/api/field.ts';
import { DataType } from '../../src/schema/data-type.ts';

describe('describeField', () => {
  it('says only what was said', () => {
    expect(describeField(DataType.Bool, {})).toEqual({ type: DataType.Bool });
  });

  it('translates every option', () => {
    const options = {
      description: 'd',
      primary: true,
      autoId: true,
      partitionKey: true,
      clusteringKey: true,
      nullable: true,
      default: 0,
      params: { 'mmap.enabled': 'true' },
      metric: 'L2',
    } as const;
    expect(
      describeField(DataType.Int64, options, { dim: 3, maxLength: 4, maxCapacity: 5 }),
    ).toEqual({
      type: DataType.Int64,
      dim: 3,
      maxLength: 4,
      maxCapacity: 5,
      description: 'd',
      isPrimaryKey: true,
      autoId: true,
      isPartitionKey: true,
      isClusteringKey: true,
      nullable: true,
      defaultValue: 0,
      params: { 'mmap.enabled': 'true', metric_type: 'L2' },
    });
  });
});

describe('Field', () => {
  it('is a value or a struct array', () => {
    const value = new Field({ type: DataType.Bool });
    expect([value.description?.type, value.struct]).toEqual([DataType.Bool, null]);
    const struct = new Field(null, {
      fields: {},
      maxCapacity: 1,
      nullable: false,
      description: '',
    });
    expect([struct.description, struct.struct?.maxCapacity]).toEqual([null, 1]);
  });
});
