/** The box around a geometry, read from its WKB as schema/geometry.ts writes it. */
import { ByteReader, MalformedBytes } from '../base/bytes.ts';
import { GEOMETRY_DEPTH_MAX } from '../base/limits.ts';
import type { Box } from './box-tree.ts';

const POINT = 1;
const LINE_STRING = 2;
const POLYGON = 3;
/** By the thousands of the type code. */
const STRIDES: readonly number[] = [2, 3, 3, 4];

/** @returns null of an empty geometry. @throws MalformedBytes */
export function geometryBox(wkb: Uint8Array): Box | null {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  grow(box, new ByteReader(wkb), 0);
  return box.minX <= box.maxX && box.minY <= box.maxY ? box : null;
}

interface Growing {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

function grow(box: Growing, reader: ByteReader, depth: number): void {
  if (depth > GEOMETRY_DEPTH_MAX + 1) throw new MalformedBytes('geometries nest too deep');
  reader.u8();
  const code = reader.u32();
  const stride = STRIDES[Math.floor(code / 1000)];
  if (stride === undefined) throw new MalformedBytes(`geometry type ${code}`);
  const type = code % 1000;
  if (type === POINT) growRun(box, reader, { points: 1, stride });
  else if (type === LINE_STRING) growRun(box, reader, { points: reader.u32(), stride });
  else {
    const count = reader.u32();
    for (let i = 0; i < count; i++) {
      if (type === POLYGON) growRun(box, reader, { points: reader.u32(), stride });
      else grow(box, reader, depth + 1);
    }
  }
}

/** A point that is NaN is empty. */
function growRun(
  box: Growing,
  reader: ByteReader,
  { points, stride }: { readonly points: number; readonly stride: number },
): void {
  for (let i = 0; i < points; i++) {
    const x = reader.f64();
    const y = reader.f64();
    for (let more = 2; more < stride; more++) reader.f64();
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    box.minX = Math.min(box.minX, x);
    box.minY = Math.min(box.minY, y);
    box.maxX = Math.max(box.maxX, x);
    box.maxY = Math.max(box.maxY, y);
  }
}
