/** Values as text that is equal exactly when the values are: keys of objects sorted, bigints and bytes marked. */

export function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined';
  if (ArrayBuffer.isView(value)) return `<${(value as Uint8Array).join()}>`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const object = value as Record<string, unknown>;
  let text = '{';
  for (const key of Object.keys(object).sort()) {
    if (text !== '{') text += ',';
    text += `${key}:${canonical(object[key])}`;
  }
  return `${text}}`;
}
