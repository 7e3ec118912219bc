/** What a copy of the messaging holds and what it owes the others, as a pure core. */
@NullMarked
package dev.batuta.messaging.replica;

import org.jspecify.annotations.NullMarked;
