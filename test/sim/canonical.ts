/** Values as text that is equal exactly when the values are: keys of objects sorted, bigints and bytes marked. */

export function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (ArrayBuffer.isView(value)) return `<${[...(value as Uint8Array)].join()}>`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined';
  const object = value as Record<string, unknown>;
  const parts = Object.keys(object)
    .sort()
    .map((key) => `${key}:${canonical(object[key])}`);
  return `{${parts.join()}}`;
}
