// A trial of a script: branches as on a call.

import { branch } from './branch.js';

branch();
