/** Which task goes to which worker, as a pure core: inputs in, effects out, no clock and no I/O. */
@NullMarked
package dev.batuta.orchestrator.dispatch;

import org.jspecify.annotations.NullMarked;
