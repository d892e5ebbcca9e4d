/** Jest's order of test files, but that those which play whole stories come first: begun last, they would be waited for alone. */
import Sequencer from '@jest/test-sequencer';

const isLong = ({ path }) => path.includes('/test/promises/');

export default class LongFirst extends Sequencer {
  sort(tests) {
    const usual = super.sort(tests);
    return [...usual.filter(isLong), ...usual.filter(test => !isLong(test))];
  }
}
