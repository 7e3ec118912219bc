/** The ops of this server on its own disk. */
@NullMarked
package dev.batuta.messaging.log;

import org.jspecify.annotations.NullMarked;
