/** One request of the management port, and what is answered. */

export interface ManagementRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** A small body, '' where there is none. */
  readonly body: string;
}

export interface ManagementAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export type ManagementHandler = (request: ManagementRequest) => Promise<ManagementAnswer>;

/** By path. */
export type ManagementRoutes = Readonly<Record<string, ManagementHandler>>;

const JSON_TYPE = 'application/json';

export function jsonAnswer(status: number, value: unknown): ManagementAnswer {
  const withoutBigInt = (_key: string, member: unknown): unknown =>
    typeof member === 'bigint' ? String(member) : member;
  return { status, type: JSON_TYPE, text: JSON.stringify(value, withoutBigInt) };
}

export function textAnswer(status: number, text: string): ManagementAnswer {
  return { status, type: 'text/plain', text };
}

export function isJson({ contentType }: ManagementRequest): boolean {
  return contentType.startsWith(JSON_TYPE);
}
