/** Comma-separated values (RFC 4180) that a spreadsheet reads as data, whoever wrote them. */

/** A number is written as it is; a text that a spreadsheet would take for a formula begins with an apostrophe. */
export type Cell = string | number | null;

/** @param head names of the columns; `null` is an empty cell: unknown, and not 0 */
export const csv = (head: readonly string[], rows: Iterable<readonly Cell[]>): string =>
  [head, ...rows].map(row => `${row.map(cell).join(',')}\r\n`).join('');

function cell(value: Cell): string {
  if (value === null) return '';
  const text = typeof value === 'number' ? String(value) : inert(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Excel, Calc and Sheets take these beginnings for formulas (owasp.org/www-community/attacks/CSV_Injection); white space before them too. */
const inert = (text: string): string => (/^\s*[=+\-@\t\r\n|%]/.test(text) || /^[\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text);
