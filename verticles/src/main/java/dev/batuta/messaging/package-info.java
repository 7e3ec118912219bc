/** Replicated chat. */
@NullMarked
package dev.batuta.messaging;

import org.jspecify.annotations.NullMarked;
