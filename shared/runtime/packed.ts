/** Values with long rows of numbers, as JSON: the rows in base64, bit for bit. */

const FLOATS = { f32: Float32Array, f64: Float64Array } as const;
type Packed = { readonly f32: string } | { readonly f64: string };

export function pack(value: unknown): unknown {
  if (value instanceof Float32Array) return { f32: base64(value) };
  if (value instanceof Float64Array) return { f64: base64(value) };
  if (Array.isArray(value)) return value.map(pack);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, pack(inner)]));
}

/** @returns what was packed; whoever asks for a type has packed that type. */
export function unpack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpack);
  if (typeof value !== 'object' || value === null) return value;
  if (isPacked(value, 'f32')) return floats('f32', value.f32);
  if (isPacked(value, 'f64')) return floats('f64', value.f64);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpack(inner)]));
}

const isPacked = <K extends keyof typeof FLOATS>(value: object, kind: K): value is Extract<Packed, Record<K, string>> =>
  kind in value && Object.keys(value).length === 1;

const base64 = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

function floats(kind: keyof typeof FLOATS, text: string): Float32Array | Float64Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64')); // a buffer of its own, aligned
  return new FLOATS[kind](bytes.buffer);
}
