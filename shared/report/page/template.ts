/** The page as one file: data, style and script in it, and a policy that lets it load and run nothing else. */
import { createHash } from 'node:crypto';
import type { PageData } from './data.ts';
import { packed } from './packed.ts';

/** Made of browser/ by scripts/page-assets.ts. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** @throws Error when an asset would end its own element: a bundler keeps that from happening. */
export function pageHtml(data: PageData, { script, style }: PageAssets): string {
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style))
    throw new Error('the script or style of the page would end its own element');
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(data.title)}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page draws itself with the script it carries, and loads nothing: allow scripts to read it.</noscript>
<script type="application/json" id="data">${embedded(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** JSON in which no character could end the element or begin a comment, and which is a script's text in any engine. */
const embedded = (data: PageData): string =>
  JSON.stringify(packed(data)).replace(/[<>&\u2028\u2029]/g, mark => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);

const escaped = (text: string): string => text.replace(/[&<>"']/g, mark => `&#${mark.charCodeAt(0)};`);
