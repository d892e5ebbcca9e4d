/** The door for osls, which reads CommonJS only: everything behind it is TypeScript. */
module.exports = async ({ resolveVariable }) => {
  const { stack } = await import('./stack.ts');
  return stack({ stage: await resolveVariable('sls:stage'), region: await resolveVariable('aws:region') });
};
