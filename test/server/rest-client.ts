/** Requests of the HTTP interface, and their answers. */
type Json = Record<string, unknown>;

export class RestClient {
  readonly #root: string;

  constructor(port: number, version = 'v2/vectordb') {
    this.#root = `http://127.0.0.1:${port}/${version}`;
  }

  async send(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    return await fetch(`${this.#root}/${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    return (await (await this.send(path, body, headers)).json()) as Json;
  }

  async text(path: string, body: unknown): Promise<string> {
    return await (await this.send(path, body)).text();
  }
}
