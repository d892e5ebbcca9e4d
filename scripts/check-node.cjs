/** Node of the Lambda runtime comes with `npm install` as an optional dependency; where it is missing, say so before anything else fails. */
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Ebbtide needs Node 24, this is ${process.versions.node}: run \`npm install\` without --omit=optional, or install Node 24.`,
  );
  process.exit(2);
}
