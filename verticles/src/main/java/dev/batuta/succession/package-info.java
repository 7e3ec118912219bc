/** Who lives, and who carries on the queues of servers that do not. */
@NullMarked
package dev.batuta.succession;

import org.jspecify.annotations.NullMarked;
