/**
 * An HTTP service around one collection:
 *
 *   POST   /notes          { text, vector }              201 { id }
 *   GET    /notes/:id                                    200 { id, text }, or 404
 *   POST   /notes/search   { vector, limit?, contains? } 200 [{ id, text, score }]
 *   DELETE /notes/:id                                    204
 *
 * A request that its client gives up cancels its search; an error says what was wrong, with Milvus's code.
 */
/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 waits for them, and passes what they throw on */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { f, MilvusError, type MilvusLite } from 'milvus-lite';

export const DIM = 4;
const HITS_DEFAULT = 5;

/** Ids are bigint in the database, and text in JSON. */
interface NoteJson {
  readonly id: string;
  readonly text: string;
}

/** The routes over an open database, which stays the caller's to close. */
export async function createService(db: MilvusLite): Promise<Express> {
  const notes = await db.collection('notes', {
    schema: {
      id: f.int64({ primary: true, autoId: true }),
      text: f.varChar({ maxLength: 2000 }),
      vector: f.floatVector(DIM),
    },
  });
  const app = express();
  app.use(express.json());

  app.post('/notes', async (request: Request, response: Response) => {
    const { text, vector } = request.body as { text: string; vector: number[] };
    const { ids } = await notes.insert([{ text, vector }]);
    response.status(201).json({ id: String(ids[0]) });
  });

  app.post('/notes/search', async (request: Request, response: Response) => {
    const { vector, limit, contains } = request.body as {
      vector: number[];
      limit?: number;
      contains?: string;
    };
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const hits = await notes.search({
      data: vector,
      limit: limit ?? HITS_DEFAULT,
      outputFields: ['text'],
      signal: gone.signal,
      // A parameter, not a piece of the filter: no text of a client is read as a filter.
      ...(contains === undefined
        ? {}
        : { filter: 'text like {pattern}', params: { pattern: `%${contains}%` } }),
    });
    response.json(
      hits.map(({ id, score, fields }) => ({ id: String(id), text: fields.text, score })),
    );
  });

  app.get('/notes/:id', async (request: Request<{ id: string }>, response: Response) => {
    const [note] = await notes.get(BigInt(request.params.id), { outputFields: ['text'] });
    if (note === undefined) {
      response.status(404).json({ error: `there is no note ${request.params.id}` });
      return;
    }
    const json: NoteJson = { id: String(note.id), text: note.text };
    response.json(json);
  });

  app.delete('/notes/:id', async (request: Request<{ id: string }>, response: Response) => {
    await notes.delete({ ids: [BigInt(request.params.id)] });
    response.status(204).end();
  });

  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const isInput = error instanceof MilvusError && error.kind === 'InvalidInput';
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof MilvusError ? error.code : null;
    response
      .status(isInput || error instanceof SyntaxError ? 400 : 500)
      .json({ error: message, code });
  });
  return app;
}
