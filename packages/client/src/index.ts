export { pushPath } from '@artemis/core';
