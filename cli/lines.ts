import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Lines of JSON as they come. Readline would end one at U+2028 too, which may stand within a JSON text. */
export async function* linesOf(input: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const lines = `${rest}${typeof chunk === 'string' ? chunk : decoder.write(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest + decoder.end();
}
