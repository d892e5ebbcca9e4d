/** `--prices FILE`: read when somebody names one, and said what of it is not used. */

/** @throws Refusal naming file, place and remedy. */
export async function usePrices(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const [{ readPriceFile }, { usePriceTable }] = await Promise.all([import('./price-file.ts'), import('../shared/observe/prices.ts')]);
  const { table, notes } = readPriceFile(path, new Date());
  usePriceTable(table);
  for (const note of notes) process.stderr.write(`note: ${path}: ${note}\n`);
}
