/**
 * The bytes of all requests that are being answered, of all connections together: what is more is refused at once,
 * by an error that clients try again after a while. A request that is alone is always taken.
 */
import { milvusError } from '../base/errors.ts';
import { REQUEST_BYTES_UNDER_WAY_MAX } from '../base/limits.ts';
import type { HeldBytes } from '../rest/request-bytes.ts';

export class BytesUnderWay {
  readonly #byteLengthMax: number;
  #byteLength = 0;

  constructor(byteLengthMax: number = REQUEST_BYTES_UNDER_WAY_MAX) {
    this.#byteLengthMax = byteLengthMax;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * Counts a request until `work` is done.
   * @throws MilvusError RateLimitExceeded when there are too many already
   */
  async count<T>(byteLength: number, work: () => Promise<T>): Promise<T> {
    const held = this.hold();
    try {
      held.add(byteLength);
      return await work();
    } finally {
      held.release();
    }
  }

  /** For one request, whose bytes may become known one after the other. */
  hold(): HeldBytes {
    let own = 0;
    return {
      add: (byteLength) => {
        const sum = this.#byteLength + byteLength;
        const isAlone = this.#byteLength === own;
        if (!isAlone && sum > this.#byteLengthMax) {
          throw milvusError('RateLimitExceeded', {
            message: 'the requests under way are too large together',
            fields: { bytes: sum, max: this.#byteLengthMax },
          });
        }
        this.#byteLength = sum;
        own += byteLength;
      },
      release: () => {
        this.#byteLength -= own;
        own = 0;
      },
    };
  }
}
