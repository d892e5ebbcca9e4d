/** What every part of the script needs: a place for its answers, and the name of an error. */
export type Note = (question: string, answer: unknown) => void;

/** The error's name, or what is made of it; `answered` where there was none. */
export const refusal = <Told = string>(
  asked: Promise<unknown>,
  told: (name: string) => Told | string = name => name,
): Promise<Told | string> =>
  asked.then(
    () => 'answered',
    (error: Error) => told(error.name),
  );
